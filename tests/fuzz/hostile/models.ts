/** Hostile models: one construct without end, blocks that multiply, sizes without bounds. */
import type { Hostile } from "./index.js";

const large = 2 ** 17;
const fill = (unit: string, size = large) => unit.repeat(Math.floor(size / unit.length));
const wrap = (statements: string) => `model m {\n input x: [8, 1]\n ${statements}\n}\n`;
const chain = (count: number) =>
  Array.from({ length: count }, (_, i) => `block b${i + 1}(v) = v |> b${i}\n`).join("");

const hostile: Readonly<Record<string, string>> = {
  "open parentheses": wrap(`output y = ${fill("(")}`),
  "open brackets": fill("["),
  "open braces": fill("{"),
  "closing braces": fill("}"),
  "calls in calls": wrap(`output y = ${fill("relu(")}`),
  "nested lists below the limit": wrap(`output y = ${"[".repeat(60)}1${"]".repeat(60)}`),
  "minus signs": wrap(`output y = ${fill("-")}1`),
  "a long sum": wrap(`a = ${fill("1+")}1\noutput y = x |> relu`),
  "a long sum of tensors": wrap(`output y = ${fill("x+")}x`),
  "a long pipe": wrap(`output y = x ${fill("|> relu ")}`),
  "a long pipe of unknown ops": wrap(`output y = x ${fill("|> rely ")}`),
  "one name": fill("a"),
  "one misspelt value": wrap(`output y = ${fill("a")}`),
  "one misspelt op": wrap(`output y = x |> ${fill("a")}`),
  "one number": wrap(`output y = x |> linear(${fill("9")})`),
  "one quantity": `model m { input x: [1]; output x |> relu }\ndeploy m to gap8 { l1 ${fill("9")}KiB }`,
  "one string": `model m { weights "${fill("\\n")}" }`,
  "one open string": `model m { weights "${fill("\\n")}`,
  "one comment": `//${fill("/")}`,
  "many comments": wrap(`output y = x |> relu ${fill("//\n")}`),
  "many values": wrap(Array.from({ length: 10_000 }, (_, i) => `a${i} = x`).join("\n")),
  "many values that nothing uses": wrap(
    `output y = x |> relu\n${Array.from({ length: 10_000 }, (_, i) => `a${i} = x`).join("\n")}`,
  ),
  "many values of one name": wrap(fill("a = x\n")),
  "many unknown values": wrap(fill("a = b\n")),
  "many models": fill("model m { }\n"),
  "many blocks": fill("block a(v) = v\n"),
  "many inputs": wrap(fill("input z: [1]\n")),
  "many dimensions": wrap(`input z: [${fill("1,")}1]`),
  "many arguments": wrap(`output y = concat(${fill("x,")}x)`),
  "many choices": wrap(`search c = choice(${fill("1,")}1)`),
  "many parameters": wrap(
    `block b(${Array.from({ length: 15_000 }, (_, i) => `p${i}`).join(",")}) = p0\noutput y = x |> b`,
  ),
  "many settings": `model m { input x: [1]; output x |> relu }\ntrain m on "a" {\n${fill("batch 1\n")}}`,
  "many unknown settings": `model m { input x: [1]; output x |> relu }\ntrain m on "a" {\n${fill("bacth 1\n")}}`,
  "many strange characters": fill("$ "),
  "a chain of blocks": `block b0(v) = v |> relu\n${chain(4_000)}${wrap("output y = x |> b4000")}`,
  "blocks that double": `block b0(v) = v\n${Array.from({ length: 60 }, (_, i) => `block b${i + 1}(v) = v |> b${i} |> b${i}\n`).join("")}${wrap("output y = x |> b25")}`,
  "huge sizes": wrap("output y = x |> linear(9007199254740991) |> linear(9007199254740991)"),
  "a huge upsample": wrap("output y = x |> upsample(9007199254740991)"),
  "a huge input": "model m { input x: [2147483648, 2147483648]; output x |> relu }",
  "many wide layers": wrap(`output y = x ${fill("|> linear(2000) ", 2000)}`),
};

const nestedBlocks = (depth: number) =>
  `model m {\n input x: [8, 1]\n ${Array.from({ length: depth }, (_, i) => `block b${i}(v) = `).join("")}v |> relu\n output x |> b0\n}\n`;

const more: Readonly<Record<string, () => string>> = {
  "blocks in blocks, 10000 deep": () => nestedBlocks(10_000),
  "a block that calls itself": () => `block b(v) = v |> b\n${wrap("output y = x |> b")}`,
  "blocks that call each other": () =>
    `block a(v) = v |> b\nblock b(v) = v |> a\n${wrap("output y = x |> a")}`,
  "blocks that double 60 times": () =>
    `block b0(v) = v |> relu\n${Array.from({ length: 60 }, (_, i) => `block b${i + 1}(v) = v |> b${i} |> b${i}\n`).join("")}${wrap("output y = x |> b60")}`,
  "sums that double 60 times": () =>
    wrap(
      `a0 = x\n${Array.from({ length: 60 }, (_, i) => `a${i + 1} = a${i} + a${i}`).join("\n")}\noutput y = a60`,
    ),
  "lists that double 40 times": () =>
    wrap(
      `a0 = [1, 1]\n${Array.from({ length: 40 }, (_, i) => `a${i + 1} = [a${i}, a${i}]`).join("\n")}\noutput y = x |> reshape(a40)`,
    ),
  "concatenations that double 40 times": () =>
    wrap(
      `a0 = x\n${Array.from({ length: 40 }, (_, i) => `a${i + 1} = concat(a${i}, a${i})`).join("\n")}\noutput y = a40`,
    ),
  "products beyond all numbers": () =>
    wrap(`output y = x |> linear(${Array.from({ length: 200 }, () => "9007199254740991").join(" * ")})`),
  "a division by nothing": () => wrap("output y = x |> linear(8 / 0) |> linear(0 / 0) |> linear(5 % 0)"),
  "powers in sizes": () => wrap("output y = x |> upsample(99999 * 99999 * 99999)"),
  "upsamples that double 40 times": () => wrap(`output y = x ${"|> upsample(2) ".repeat(40)}`),
  "weights of 2^31": () => wrap("output y = x |> linear(65536) |> linear(65536)"),
  "weights just below the limit, often": () =>
    wrap(`output y = x ${"|> conv(2048, 3, pad: same) ".repeat(50)}`),
  "blocks of many models": () =>
    `block b0(v) = v |> relu\n${Array.from({ length: 11 }, (_, i) => `block b${i + 1}(v) = v |> b${i} |> b${i}\n`).join("")}${Array.from({ length: 3000 }, (_, i) => `model m${i} { input x: [8, 1]; output x |> b11 }\n`).join("")}`,
  "weights of many models": () =>
    Array.from(
      { length: 200 },
      (_, i) => `model m${i} { input x: [8, 1000]; output x |> linear(1000) |> linear(1000) }\n`,
    ).join(""),
  "names that every object has": () =>
    "model __proto__ {\n input constructor: [8, 1]\n block toString(v) = v |> relu\n hasOwnProperty = constructor |> toString |> __proto__\n output valueOf = hasOwnProperty |> constructor\n}\n",
  "settings that every object has": () =>
    'model m { input x: [1]; output x |> relu }\ntrain m on "a" { __proto__ 1; constructor 2; phase toString { valueOf 3 } }',
  "weights of a folder above": () =>
    'model m { weights "../../../../etc/passwd"; input x: [8, 1]; output x |> relu }',
  "weights of a device": () => 'model m { weights "/dev/zero"; input x: [8, 1]; output x |> relu }',
  "weights of the folder": () => 'model m { weights "."; input x: [8, 1]; output x |> relu }',
  "weights of no name": () => 'model m { weights "\\u0000"; input x: [8, 1]; output x |> relu }',
  "more text than anyone writes": () => " ".repeat(2 ** 18 + 1),
  "no text": () => "",
};

export function* hostileModels(): Generator<Hostile> {
  const bytes = (text: string) => new TextEncoder().encode(text);
  for (const [name, text] of Object.entries(hostile)) yield { format: "pulse", name, bytes: bytes(text) };
  for (const [name, make] of Object.entries(more)) yield { format: "pulse", name, bytes: bytes(make()) };
}
