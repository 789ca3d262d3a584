/** Hostile models end in a result, soon: no exception, no hang, no memory by their say-so. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { formatPulse, parsePulse } from "../../src/frontends/dsl/index.js";
import { renderDiagnostic } from "../../src/ir/diagnostic.js";
import { ops } from "../../src/ir/ops/index.js";
import { randomFrom } from "../../src/ir/random.js";
import { verifyModule } from "../../src/ir/verify.js";
import { root, suite } from "../harness.js";
import { mutateText, pick } from "./mutate.js";

const test = suite("dsl-fuzz");
const mutations = 3000;
/** For a text of a thousand bytes, on a busy machine. */
const smallLimitMs = 2_000;
/** For a hundred thousand characters that are one construct, half of what is read. */
const largeLimitMs = 8_000;

const parse = (text: string) => parsePulse(text, { file: "fuzz.pulse", ops });

const folder = path.join(root, "examples");
const seeds = [
  ...readdirSync(folder)
    .filter((f) => f.endsWith(".pulse"))
    .map((f) => readFileSync(path.join(folder, f), "utf8")),
  "model m { input x: [9, 9, 2]; a = x |> conv(4, [3, 2], pad: same) |> prelu; output a + (a |> relu); output x - x }",
];
const fragments =
  "|> |> relu conv(8, 3) (x) [1, -2] = : ; { } block b(v) = v search s = choice(1, 2) output y = 1e9 -1 /0 % 48KiB by layer";

test(`${mutations} damaged models: an answer each, which renders, formats and is sound where it is accepted`, async () => {
  let accepted = 0;
  for (let seed = 1; seed <= mutations; seed++) {
    const random = randomFrom(seed);
    const piece = pick(random, fragments.split(/(?<=\s)/));
    const base = pick(random, seeds);
    const at = Math.floor(random() * base.length);
    const text = random() < 0.5 ? mutateText(base, random) : base.slice(0, at) + piece + base.slice(at);
    const started = performance.now();
    try {
      const result = await parse(text);
      for (const d of result.diagnostics) renderDiagnostic(d, new Map([["fuzz.pulse", text]]));
      const formatted = await formatPulse(text);
      if (result.ok) {
        accepted++;
        assert.equal(verifyModule(result.value.module), []);
        assert.ok(formatted.ok, "what is accepted can be formatted");
      } else
        assert.ok(
          result.diagnostics.some((d) => d.severity === "error"),
          "a refusal says why",
        );
      if (formatted.ok)
        assert.is(((await formatPulse(formatted.value)) as { value?: string }).value, formatted.value);
    } catch (e) {
      throw new Error(`seed ${seed}: ${(e as Error).stack}\n${text}`);
    }
    const took = performance.now() - started;
    assert.ok(took < smallLimitMs, `seed ${seed} took ${Math.round(took)} ms`);
  }
  assert.ok(accepted > mutations / 50, `${accepted} accepted: the damage is too heavy to reach deep`);
  assert.ok(accepted < mutations, "all accepted: there is no damage");
});

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

for (const [name, text] of Object.entries(hostile))
  test(`${name}: an answer within ${largeLimitMs / 1000} s`, async () => {
    const started = performance.now();
    const result = await parse(text);
    await formatPulse(text);
    const took = performance.now() - started;
    assert.ok(took < largeLimitMs, `${Math.round(took)} ms`);
    assert.ok(result.diagnostics.length <= 101, `${result.diagnostics.length} diagnostics`);
  });

test("more text than anyone writes is refused at once", async () => {
  const result = await parse(" ".repeat(2 ** 18 + 1));
  assert.equal(
    result.diagnostics.map((d) => d.id),
    ["dsl/too-large"],
  );
});

test.run();
