/** Hostile IR text: one construct without end, sizes that lie. */
import type { Hostile } from "./index.js";

const node = "%y = conv %x, @w : i32[1x3x1]";
const wrap = (nodes: string) =>
  `param @w : i8[1x3x1] = [1, 2, 3]\n\ngraph @g(%x: u8[1x5x1]) -> (%x: u8[1x5x1]) stage integer {\n${nodes}\n}\n`;
const mega = 2 ** 18;
const fill = (piece: string) => piece.repeat(Math.floor(mega / piece.length));

/** Values whose types name one large param of scales: each check of it must cost nothing. */
function scaledInputs(count: number): string {
  const inputs = Array.from({ length: count }, (_, i) => `%x${i}: u8[20000] * @s axis 0`).join(", ");
  const scales = `param @s : f32[20000] = [${"1,".repeat(19_999)}1]\n`;
  return `${scales}graph @g(${inputs}) -> (%x0: u8[20000] * @s axis 0) stage integer {}`;
}

const hostile: Readonly<Record<string, string>> = {
  "parentheses without end": fill("("),
  "braces in braces": wrap(fill("{")),
  "brackets in brackets": `param @w : i8[1] = ${fill("[")}`,
  "an origin of brackets": `param @w : i8[1] from {"kept": ${fill("[")}`,
  "a type in parentheses": wrap(`%y = conv %x : ${fill("(")}`),
  "one line of nodes": wrap(fill(`${node} `)),
  "one word": fill("a"),
  "one number": `param @w : i8[1] = [${fill("9")}]`,
  "a number with a long exponent": `param @w : i64[1] = [1e${fill("9")}]`,
  "one string": `meta a = "${fill("\\n")}"`,
  "one open string": `meta a = "${fill("\\n")}`,
  "one comment": `//${fill("/")}`,
  "one name": wrap(`%y = conv %${fill("a")}, @w : i32[1x3x1]`),
  "one op": wrap(`%y = ${fill("conv")} %x, @w : i32[1x3x1]`),
  "one attribute": wrap(`%y = conv %x, @w {${fill("stride")} = 1} : i32[1x3x1]`),
  "one shape": wrap(`%y = conv %x, @w : i32[${fill("1x")}1]`),
  "many operands": wrap(`%y = concat ${fill("%x, ")}%x {axis = 2} : u8[1x5x${Math.floor(mega / 4) + 1}]`),
  "many unknown values": wrap(fill("%a = conv %b, @c : u8[1]\n")),
  "many comments": wrap(fill("//\n")),
  "many signs": fill("$ "),
  "many statements": fill("param @a : i8[1] = [1]\n"),
  "many types with scales": scaledInputs(5_000),
  "a huge value": wrap(
    "%y = maxpool %x {kernel = 9007199254740991, pads = [9007199254740991, 9007199254740991]} : u8[1x1x1]",
  ),
  "a huge pool": wrap(
    "%a = upsample %x {size = 1000000000} : u8[1x1000000000x1]\n%b = avgpool %a {kernel = 3, pads = [1, 1]} : i32[1x1000000000x1]\n%c = maxpool %a {kernel = 500000000, pads = [400000000, 400000000]} : u8[1x1300000001x1]",
  ),
  "a huge upsample": wrap("%y = upsample %x {size = 2147483647} : u8[1x2147483647x1]"),
  "huge params":
    "param @a : i64[2147483648] = []\nparam @b : i2[9007199254740991] = []\nparam @c : f32[46340x46341] = [1]\ngraph @g() -> () stage integer {}",
};

const more: Readonly<Record<string, () => string>> = {
  "brackets below the limit": () => `param @w : i8[1] = ${"[".repeat(60)}1${"]".repeat(60)}`,
  "a size of 2^31 and few elements": () =>
    "param @w : i8[2147483648] = [1, 2, 3]\ngraph @g() -> () stage integer {}",
  "sizes whose product is beyond 2^53": () =>
    "graph @g(%x: u8[1x2147483647x2147483647x2147483647]) -> (%x: u8[1x2147483647x2147483647x2147483647]) stage integer {}",
  "a value that reads itself": () => wrap("%y = relu %y : u8[1x5x1]"),
  "values that read each other": () => wrap("%y = relu %z : u8[1x5x1]\n%z = relu %y : u8[1x5x1]"),
  "a scale that scales itself": () =>
    "param @s : f32[1] * @s axis 0 = [1]\ngraph @g(%x: u8[1x5x1] * @s axis 2) -> (%x: u8[1x5x1] * @s axis 2) stage integer {}",
  "names that every object has": () =>
    'meta __proto__ = "a"\nmeta "constructor" = "b"\nparam @__proto__ : i8[1x3x1] = [1, 2, 3]\ngraph @constructor(%__proto__: u8[1x5x1]) -> (%toString: i32[1x3x1]) stage integer {\n%toString = conv %__proto__, @__proto__ {__proto__ = 1} : i32[1x3x1]\n}\n',
  "an op that every object has": () =>
    wrap("%y = constructor %x : u8[1x5x1]\n%z = __proto__ %x {toString = 1} : u8[1x5x1]"),
  "an upsample that doubles 27 times": () =>
    wrap(
      Array.from(
        { length: 27 },
        (_, i) =>
          `%v${i} = upsample %${i === 0 ? "x" : `v${i - 1}`} {size = ${5 * 2 ** (i + 1)}} : u8[1x${5 * 2 ** (i + 1)}x1]`,
      ).join("\n"),
    ),
  "a hash of elements that are nowhere": () =>
    `param @w : i8[1000000] = #${"0".repeat(64)}\ngraph @g() -> () stage integer {}`,
  "more text than anyone writes": () => " ".repeat(5 * 2 ** 20),
  "comments at the head": () => `${fill("//\n")}${wrap(node)}`,
  "half of a surrogate pair": () => `meta a = "\\ud800"\n${wrap(node)}`,
  "no text": () => "",
};

export function* hostileText(): Generator<Hostile> {
  const bytes = (text: string) => new TextEncoder().encode(text);
  for (const [name, text] of Object.entries(hostile)) yield { format: "pir", name, bytes: bytes(text) };
  for (const [name, make] of Object.entries(more)) yield { format: "pir", name, bytes: bytes(make()) };
}
