/** Hostile text ends in a result, soon: no exception, no hang, no memory by its say-so. */
import * as assert from "uvu/assert";
import { parseModule } from "../../src/frontends/text/index.js";
import { renderDiagnostic } from "../../src/ir/diagnostic.js";
import { ops } from "../../src/ir/ops/index.js";
import { printModule } from "../../src/ir/print.js";
import { randomFrom } from "../../src/ir/random.js";
import { verifyModule } from "../../src/ir/verify.js";
import { allChunks } from "../cases/cases.js";
import { suite } from "../harness.js";
import { mutateText, pick } from "./mutate.js";

const test = suite("text-fuzz");
const mutations = 4000;
/** For a text of a few hundred bytes, on a busy machine. */
const smallLimitMs = 2_000;
/** For a megabyte that is one construct. */
const largeLimitMs = 10_000;

const parse = (text: string) => parseModule(text, { file: "fuzz.pir", ops });

test(`${mutations} damaged texts are accepted or refused`, async () => {
  await parse("");
  const texts = [...ops.flatMap((op) => op.examples.map((e) => e.text)), ...allChunks().map((c) => c.text)];
  const accepted = { read: 0, verified: 0 };
  for (let seed = 1; seed <= mutations; seed++) {
    const random = randomFrom(seed);
    const text = mutateText(pick(random, texts), random);
    const started = performance.now();
    try {
      const result = await parse(text);
      for (const d of result.diagnostics) renderDiagnostic(d, new Map([["fuzz.pir", text]]));
      if (result.ok) {
        accepted.read++;
        const printed = printModule(result.value);
        const again = await parse(printed);
        assert.ok(again.ok, "what is printed is read");
        if (again.ok) assert.is(printModule(again.value), printed);
        if (verifyModule(result.value).length === 0) accepted.verified++;
      } else assert.ok(result.diagnostics.some((d) => d.severity === "error"));
      assert.ok(performance.now() - started < smallLimitMs, "it takes too long");
    } catch (e) {
      throw new Error(`seed ${seed}: ${e}\n${text}`, { cause: e });
    }
  }
  assert.ok(
    accepted.verified > 50 && accepted.read < mutations - 500,
    "damage must neither always nor never show",
  );
});

const node = "%y = conv %x, @w : i32[1x3x1]";
const wrap = (nodes: string) =>
  `param @w : i8[1x3x1] = [1, 2, 3]\n\ngraph @g(%x: u8[1x5x1]) -> (%x: u8[1x5x1]) stage integer {\n${nodes}\n}\n`;
const mega = 2 ** 20;
const fill = (piece: string) => piece.repeat(Math.floor(mega / piece.length));

/** Values whose types name one large param of scales: each check of it must cost nothing. */
function scaledInputs(count: number): string {
  const inputs = Array.from({ length: count }, (_, i) => `%x${i}: u8[100000] * @s axis 0`).join(", ");
  const scales = `param @s : f32[100000] = [${"1,".repeat(99_999)}1]\n`;
  return `${scales}graph @g(${inputs}) -> (%x0: u8[100000] * @s axis 0) stage integer {}`;
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
  "many types with scales": scaledInputs(20_000),
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

for (const [name, text] of Object.entries(hostile)) {
  test(`${name}: an answer within ${largeLimitMs / 1000} s`, async () => {
    const started = performance.now();
    const result = await parse(text);
    if (result.ok) verifyModule(result.value);
    const took = performance.now() - started;
    assert.ok(took < largeLimitMs, `${Math.round(took)} ms`);
    assert.ok(result.diagnostics.length <= 101, `${result.diagnostics.length} diagnostics`);
  });
}

test("more text than anyone writes is refused at once", async () => {
  const result = await parse(" ".repeat(5 * 2 ** 20));
  assert.equal(
    result.diagnostics.map((d) => d.id),
    ["text/too-large"],
  );
});

test.run();
