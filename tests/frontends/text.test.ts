/** IR text: what is printed reads back, what is written otherwise becomes canonical. */
import * as assert from "uvu/assert";
import { parseModule, type TextOptions } from "../../src/frontends/text/index.js";
import { GraphBuilder } from "../../src/ir/build.js";
import { isSpan, renderDiagnostic } from "../../src/ir/diagnostic.js";
import { type Module, paramsOf } from "../../src/ir/graph.js";
import { contentHash } from "../../src/ir/hash.js";
import { moduleHash } from "../../src/ir/module-hash.js";
import { conv } from "../../src/ir/ops/conv.js";
import { ops } from "../../src/ir/ops/index.js";
import { printModule } from "../../src/ir/print.js";
import type { Data } from "../../src/ir/storage.js";
import { tensorType } from "../../src/ir/type.js";
import { verifyModule } from "../../src/ir/verify.js";
import { suite } from "../harness.js";

const test = suite("text");

async function parse(text: string, options: Partial<TextOptions> = {}): Promise<Module> {
  const result = await parseModule(text, { file: "net.pir", ops, ...options });
  if (result.ok) return result.value;
  const sources = new Map([["net.pir", text]]);
  throw new Error(result.diagnostics.map((d) => renderDiagnostic(d, sources)).join("\n"));
}
const formatted = async (text: string): Promise<string> => printModule(await parse(text));

const canonical = `// A network that uses all of the language.

meta "a key" = "with \\"escapes\\" and \\\\"
meta producer = "hand"

param @add : i64[1] = [-9223372036854775808]
param @mul : i32[2] = [1, -2147483648]
// The scales of the weights.
// One per output channel.
param @s : f32[2] trainable = [0.1, 1e-20]
param @table : f32[6] = [0, -0, Infinity, -Infinity, 3.40282e+38, 16777216]
param @w : i8[2x3x1] * 0.5 * @s axis 0 trainable from {"param":"big","kept":[[0,1],[2]],"bits":4} = [1, 2, 3, -128, 127, 0]

range @main %x = [-1.5, 1e+21]

// The main graph.
graph @main(%x: (i8[1x5x1] + 5) * 0.02) -> (%y: (u8[1x5x2] - 128) * 0.5, %acc: i32[1x5x2] * 0.01 * @s axis 2) stage quantised {
  // The only convolution.
  %acc = conv %x, @w {pads = [1, 1], pad_mode = edge} : i32[1x5x2] * 0.01 * @s axis 2
  %y = requant %acc, @mul, @add {shift = [1, 62], lo = 3} : (u8[1x5x2] - 128) * 0.5
}

graph @floats(%x: f32[Nx6]) -> (%y: f32[Nx6]) stage float {
  %y = probe %x, @table : f32[Nx6]
}
`;

/** An op that takes anything, so that the text of every type can stand in a graph. */
const probe = {
  ...conv,
  name: "probe",
  operands: { x: { storage: ["f32"] }, y: { storage: ["f32"] } },
  attrs: {
    flag: { kind: "bool", default: false },
    size: { kind: "float", default: 0.5 },
    one: { kind: "ints", length: 1, default: 1 },
  },
  infer: ({ x }: { x: unknown }) => x,
  examples: [],
} as unknown as (typeof ops)[number];

test("canonical text is printed as it was", async () => {
  assert.is(printModule(await parse(canonical, { ops: [...ops, probe] })), canonical);
});

test("white space, order and defaults do not matter", async () => {
  const text = `graph@g(%x:u8[1x5x1])->(%y:i8[1x5x1])stage
    integer{%a=conv %x,@w{pad_mode=constant,pads=[1,1],stride=[1],groups=1}:i32[1x5x1]%y=requant
    %a,@mul , @add{lo=-128,shift=[2]}:i8[1x5x1]}param@w:i8[1x3x1]=[1,2e0,3]param @mul:i32[1]=[1]param @add:i64[1]=[2]`;
  assert.is(
    await formatted(text),
    `param @add : i64[1] = [2]
param @mul : i32[1] = [1]
param @w : i8[1x3x1] = [1, 2, 3]

graph @g(%x: u8[1x5x1]) -> (%y: i8[1x5x1]) stage integer {
  %a = conv %x, @w {pads = [1, 1]} : i32[1x5x1]
  %y = requant %a, @mul, @add {shift = 2, lo = -128} : i8[1x5x1]
}
`,
  );
});

test("types may be written in several ways", async () => {
  const typed = async (type: string) =>
    (
      await formatted(
        `param @s : f32[1] = [1]\ngraph @g(%x: ${type}) -> (%x: ${type}) stage quantised {\n}\n`,
      )
    )
      .split("%x: ")[1]!
      .split(")  ")[0]!;
  const same = async (written: string, printed: string) =>
    assert.is((await typed(written)).startsWith(`${printed})`), true, `${written}: ${await typed(written)}`);
  await same("( u8 [ 1x2 ] -3 ) * .5e0", "(u8[1x2] - 3) * 0.5");
  await same("(i8[1x2] - -3) * 1", "(i8[1x2] + 3) * 1");
  await same("(i8[1x2] + 0) * 1e-7", "i8[1x2] * 1e-7");
  await same("i8[1x2] * 1 * @s axis 0", "i8[1x2] * @s axis 0");
  await same("f32[]", "f32[]");
  await same("f32[N]", "f32[N]");
});

test("a comment stays with its item", async () => {
  const text = `// head

// of w
param @w : i8[1x3x1] = [1, // in the list
  2, 3] // behind the list
meta a = "1" // of the meta
graph @g(%x: u8[1x5x1]) -> (%y: i32[1x3x1]) stage integer { // behind the head
  //   above the node
  //
  %y = conv %x, @w : i32[1x3x1] //no space
  // below all nodes
}
// at the end`;
  const expected = `// head
// of the meta

meta a = "1"

// of w
// in the list
param @w : i8[1x3x1] = [1, 2, 3] // behind the list

graph @g(%x: u8[1x5x1]) -> (%y: i32[1x3x1]) stage integer { // behind the head
  //   above the node
  //
  // below all nodes
  // at the end
  %y = conv %x, @w : i32[1x3x1] // no space
}
`;
  assert.is(await formatted(text), expected);
  assert.is(await formatted(expected), expected);
});

test("a value's place is its definition, or what loc says", async () => {
  const text = `param @w : i8[1x3x1] = [1, 2, 3] loc("net.onnx: initializer: w")

graph @g(%x: u8[1x5x1]) -> (%y: i32[1x3x1]) stage integer {
  %y = conv %x, @w : i32[1x3x1] loc("net.onnx: Conv_0", "net.pulse:7-12")
}
`;
  const module = await parse(text);
  const [graph] = module.graphs;
  assert.equal(paramsOf(module.graphs)[0]!.places, [{ file: "net.onnx", node: "initializer: w" }]);
  assert.equal(graph!.nodes[0]!.result.places, [
    { file: "net.onnx", node: "Conv_0" },
    { file: "net.pulse", start: 7, end: 12 },
  ]);
  const [place] = graph!.inputs[0]!.places;
  assert.is(place && isSpan(place) && text.slice(place.start, place.end), "%x: u8[1x5x1]");
  const located = printModule(module, { locations: true });
  assert.is(printModule(await parse(located), { locations: true }), located);
  assert.is(moduleHash(await parse(located)), moduleHash(module));
});

test("large params are found by their hash", async () => {
  const b = new GraphBuilder("g", "integer");
  const x = b.input("x", tensorType("u8", [1, 70, 1]));
  const w = b.param(
    "w",
    tensorType("i8", [1, 70, 1], { scale: 0.5, zero: 0 }),
    Int8Array.from({ length: 70 }, (_, i) => i - 35),
  );
  const module: Module = { meta: {}, graphs: [b.finish([b.add(conv, [x, w], {}, { name: "y" })])] };
  const text = printModule(module);
  assert.match(text, `= #${contentHash(w)}\n`);
  const params = (sha256: string): Data | undefined => (sha256 === contentHash(w) ? w.data : undefined);
  assert.is(printModule(await parse(text, { params })), text);

  const refusal = async (changed: string, source: typeof params) => {
    const result = await parseModule(changed, { file: "net.pir", ops, params: source });
    return result.ok ? "none" : result.diagnostics.map((d) => `${d.id} ${d.help}`).join();
  };
  assert.match(await refusal(text, () => undefined), /text\/missing-values .*\.pmod given/);
  assert.match(await refusal(text.replace("* 0.5", "* 0.25"), params), /text\/hash/);
  assert.match(await refusal(text.replace("i8[1x70x1] * 0.5 =", "i8[1x7x1] * 0.5 ="), params), /text\/hash/);
  assert.match(await refusal(text, () => new Int16Array(70)), /text\/hash/);
});

test("an unused param is warned of, since it will not be kept", async () => {
  const text = "param @w : i8[1] = [1]\n\ngraph @g(%x: u8[1]) -> (%x: u8[1]) stage integer {\n}\n";
  const result = await parseModule(text, { file: "net.pir", ops });
  assert.ok(result.ok);
  assert.equal(
    result.diagnostics.map((d) => [d.severity, d.id, d.text]),
    [["warning", "text/unused-param", "nothing uses @w: it is not kept"]],
  );
});

test("one mistake gives one message", async () => {
  const text = `param @w : i8[1x3x1] = [1, 2, 300]
param @b i32[1] = [1]

graph @g(%x: u8[1x5x1], %v: u9[1]) -> (%y: i32[1x1x1]) stage integer {
  %a = conv %x, @w : i32[1x3x1]
  %b = conv %x, @w, @b : i32[1x3x1]
  %c = conv %v, @w : i32[1x3x1]
  %d = conv %a @w : i32[1x3x1]
  %e = conv %d, @w : i32[1x1x1]
  %y = conv %e, @k : i32[1x1x1]
}
`;
  const result = await parseModule(text, { file: "net.pir", ops });
  const lines = result.diagnostics.map(
    (d) => `${text.slice(0, (d.place as { start: number }).start).split("\n").length} ${d.id}`,
  );
  assert.equal(lines, [
    "1 ir/param-range",
    "2 text/syntax",
    "4 text/unknown-storage",
    "8 text/syntax",
    "10 text/unknown-param",
  ]);
});

test("reading stops after a hundred errors", async () => {
  const nodes = Array.from({ length: 5000 }, (_, i) => `  %v${i} = nonsense %u${i} : i8[1]\n`).join("");
  const result = await parseModule(`graph @g() -> () stage integer {\n${nodes}}\n`, { file: "net.pir", ops });
  assert.is(result.diagnostics.filter((d) => d.id !== "text/too-many-errors").length, 100);
  assert.is(result.diagnostics.filter((d) => d.id === "text/too-many-errors").length, 1);
});

test("types are checked before the verifier sees them", async () => {
  const module = await parse(canonical, { ops: [...ops, probe] });
  assert.equal(
    verifyModule(module)
      .filter((d) => d.id !== "ir/stage")
      .map((d) => d.text),
    [],
  );
});

test.run();
