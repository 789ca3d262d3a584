/** Models as text: what calls, sizes, blocks and names mean. */
import * as assert from "uvu/assert";
import { parsePulse } from "../../src/frontends/dsl/index.js";
import { isSpan } from "../../src/ir/diagnostic.js";
import { isParam, paramsOf } from "../../src/ir/graph.js";
import { defineOp, type OpDef } from "../../src/ir/op.js";
import { ops } from "../../src/ir/ops/index.js";
import { printType } from "../../src/ir/type.js";
import { suite } from "../harness.js";
import { runFloat } from "../ir/float.js";
import { body, graphOf, read } from "./dsl-read.js";

const test = suite("dsl");

/** `op(params) attrs -> type` of the last node. */
async function last(call: string, input?: string): Promise<string> {
  const node = (await graphOf(body(`output y = ${call}`, input))).nodes.at(-1)!;
  const params = node.operands
    .filter(isParam)
    .map((p) => `${p.name.split(".").at(-1)}[${p.type.shape.join("x")}]`);
  return `${node.op.name}(${params.join(" ")}) ${printType(node.result.type)}`;
}
async function attr(call: string, name: string, input?: string) {
  return (await graphOf(body(`output y = ${call}`, input))).nodes.at(-1)!.attrs[name];
}

test("calls make the params that their op needs, sized by the arguments", async () => {
  assert.is(await last("x |> conv(out: 8, kernel: 5)"), "conv(w[8x5x4] b[8]) f32[Nx60x8]");
  assert.is(await last("x |> conv(8, 5)"), "conv(w[8x5x4] b[8]) f32[Nx60x8]");
  assert.is(await last("x |> conv(kernel: 3, groups: 4, bias: false)"), "conv(w[4x3x1]) f32[Nx62x4]");
  assert.is(await last("x |> conv(8, [3, 5])", "[9, 9, 2]"), "conv(w[8x3x5x2] b[8]) f32[Nx7x5x8]");
  assert.is(await last("x |> conv_transpose(8, 4, stride: 2)"), "conv_transpose(w[8x4x4] b[8]) f32[Nx130x8]");
  assert.is(await last("x |> linear(10)"), "linear(w[10x4] b[10]) f32[Nx64x10]");
  assert.is(await last("x |> linear", "[7]"), "linear(w[7x7] b[7]) f32[Nx7]");
  assert.is(await last("x |> batchnorm"), "batchnorm(gamma[4] beta[4] mean[4] var[4]) f32[Nx64x4]");
  assert.is(await last("x |> instancenorm"), "instancenorm(gamma[4] beta[4]) f32[Nx64x4]");
  assert.is(
    await last("x |> instancenorm(statistics: running)"),
    "instancenorm(gamma[4] beta[4] mean[4] var[4]) f32[Nx64x4]",
  );
  assert.is(await last("x |> prelu"), "prelu(alpha[4]) f32[Nx64x4]");
  assert.is(await last("x |> prelu(shared: true)"), "prelu(alpha[1]) f32[Nx64x4]");
});

test("a call without a row takes the op's record as it is", async () => {
  assert.is(await last("x |> softmax(log: true)"), "softmax() f32[Nx64x4]");
  assert.is(await attr("x |> clip(lo: -1.5, hi: 6)", "lo"), -1.5);
  assert.is(await last("x |> slice(2, 1, 3)"), "slice() f32[Nx64x2]");
  assert.is(await last("x |> reduce_mean(axes: [1])"), "reduce_mean() f32[Nx1x4]");
  assert.is(await last("x |> leaky_relu(0.1)"), "leaky_relu() f32[Nx64x4]");
  assert.is(await last("matmul(x |> transpose([0, 2, 1]), x)"), "matmul() f32[Nx4x4]");
  assert.is(await last("add(b: x, a: x |> relu)"), "add() f32[Nx64x4]");
});

test("pad: same keeps ceil(size / stride) positions, the odd one at the end; causal looks back only", async () => {
  assert.equal(await attr("x |> conv(8, 5, pad: same)", "pads"), [2, 2]);
  assert.equal(await attr("x |> conv(8, 4, pad: same)", "pads"), [1, 2]);
  assert.equal(await attr("x |> conv(8, 3, pad: same, dilation: 4)", "pads"), [4, 4]);
  assert.equal(await attr("x |> conv(8, 5, pad: same, stride: 2)", "pads"), [1, 2]);
  assert.is(await last("x |> conv(8, 5, pad: same, stride: 3)"), "conv(w[8x5x4] b[8]) f32[Nx22x8]");
  assert.equal(
    await attr("x |> conv(8, [3, 4], pad: same, stride: [2, 1])", "pads", "[8, 8, 1]"),
    [0, 1, 1, 2],
  );
  assert.equal(await attr("x |> conv(8, 3, pad: causal, dilation: 4)", "pads"), [8, 0]);
  assert.equal(await attr("x |> conv(8, 3, pad: 2)", "pads"), [2, 2]);
  assert.equal(await attr("x |> conv(8, 3, pad: [1, 2])", "pads", "[8, 8, 1]"), [1, 2, 1, 2]);
  assert.is(
    await last("x |> conv_transpose(8, 5, stride: 2, pad: same)"),
    "conv_transpose(w[8x5x4] b[8]) f32[Nx128x8]",
  );
  assert.is(
    await last("x |> conv_transpose(8, 2, stride: 3, pad: same)"),
    "conv_transpose(w[8x2x4] b[8]) f32[Nx192x8]",
  );
});

test("a causal convolution does not see the future", async () => {
  const graph = await graphOf(body("output y = x |> conv(2, 3, pad: causal, dilation: 2)", "[8, 1]"));
  const early = await runFloat(graph, [[1, 2, 3, 4, 5, 6, 7, 8]]);
  const changed = await runFloat(graph, [[1, 2, 3, 4, 5, -9, 9, -9]]);
  const [a, b] = [early.outputs[0]!, changed.outputs[0]!];
  assert.equal(a.slice(0, 10), b.slice(0, 10));
  assert.not.equal(a.slice(10), b.slice(10));
});

test("pools move by their kernel, upsample takes a factor, concat joins channels", async () => {
  assert.equal(await attr("x |> maxpool(2)", "stride"), [2]);
  assert.equal(await attr("x |> maxpool(3, stride: 1, pad: same)", "pads"), [1, 1]);
  assert.is(await last("x |> avgpool(4, 2)"), "avgpool() f32[Nx31x4]");
  assert.is(await last("x |> maxpool(2)", "[8, 6, 3]"), "maxpool() f32[Nx4x3x3]");
  assert.equal(await attr("x |> upsample(2)", "size"), [128]);
  assert.equal(await attr("x |> upsample([2, 3], mode: linear)", "size", "[8, 6, 3]"), [16, 18]);
  assert.equal(await attr("x |> upsample(size: 100)", "size"), [100]);
  assert.is(await last("concat(x, x, x)"), "concat() f32[Nx64x12]");
  assert.is(await last("concat(x, x, axis: 1)"), "concat() f32[Nx128x4]");
});

test("sizes are computed: exact division, % with the sign of its divisor, functions of shapes", async () => {
  const out = async (size: string) => (await last(`x |> conv(${size}, 1)`)).split("x").at(-1);
  assert.is(await out("2 * 3 + 4"), "10]");
  assert.is(await out("2 * (3 + 4)"), "14]");
  assert.is(await out("20 - 4 - 3"), "13]");
  assert.is(await out("24 / 4 / 2"), "3]");
  assert.is(await out("-7 % 4"), "1]");
  assert.is(await out("--5"), "5]");
  assert.is(await out("channels(x) * 2"), "8]");
  assert.is(await out("length(x) / 16"), "4]");
  assert.is(await out("size(x, 1) - size(x, -1)"), "60]");
});

/** The numbers that the model gives for x = 1, 2, 3, 4. */
async function values(expression: string): Promise<readonly number[]> {
  const graph = await graphOf(body(`mean = 0.5\noutput y = ${expression}`, "[4]"));
  return (await runFloat(graph, [[1, 2, 3, 4]])).outputs[0]!;
}

test("numbers beside tensors are broadcast: in operators, in calls, on either side", async () => {
  assert.equal(await values("0.5 * x + mean"), [1, 1.5, 2, 2.5]);
  assert.equal(await values("x - mean"), [0.5, 1.5, 2.5, 3.5]);
  assert.equal(await values("1 - x + mean"), [0.5, -0.5, -1.5, -2.5]);
  assert.equal(await values("x / 4 - mean"), [-0.25, 0, 0.25, 0.5]);
  assert.equal(await values("-x * mean"), [-0.5, -1, -1.5, -2]);
  assert.equal(await values("x |> sub(mean) |> mul(2)"), [1, 3, 5, 7]);
  assert.equal(await values("sub(mean, x) |> add(b: 1)"), [0.5, -0.5, -1.5, -2.5]);
  assert.equal(await values("x + 1 |> relu |> mul(mean)"), [1, 1.5, 2, 2.5]);
});

test("numbers beside tensors become params that nothing trains, called after their operand", async () => {
  const graph = await graphOf(body("a = 0.1 * x\noutput y = a |> relu |> sub(2) |> tanh"));
  assert.equal(
    paramsOf([graph]).map((p) => `${p.name} ${printType(p.type)} ${p.data[0]} ${p.trainable}`),
    [`a.a f32[1x1x1] ${Math.fround(0.1)} false`, "y.sub.b f32[1x1x1] 2 false"],
  );
});

test("a file of weights does not replace numbers of the text", async () => {
  const source = body('weights "w.pmod"\noutput y = 2 * x');
  const graph = (
    await read(source, { weights: async () => ({ ok: true, value: new Map(), diagnostics: [] }) })
  ).module.graphs[0]!;
  assert.equal([...paramsOf([graph])[0]!.data], [2]);
});

test("blocks: defaults, words, names of the model, statements in braces", async () => {
  const graph = await graphOf(
    body(`
  width = 6
  block up(v, m = nearest) = v |> upsample(2, mode: m)
  block enc(v, c = width, k = c - 1) { a = v |> conv(c, k, pad: same); output a + (a |> relu) }
  output y = x |> enc |> up(m: linear) |> up |> enc(k: 3)`),
  );
  assert.equal(
    graph.nodes.map((n) => `${n.result.name} ${n.attrs.mode ?? n.result.type.shape.join("x")}`),
    [
      "y.a Nx64x6",
      "y.relu Nx64x6",
      "y.add Nx64x6",
      "y.upsample linear",
      "y.upsample_1 nearest",
      "y.a_1 Nx256x6",
      "y.relu_1 Nx256x6",
      "y Nx256x6",
    ],
  );
  assert.equal(
    paramsOf([graph]).map((p) => `${p.name}[${p.type.shape.join("x")}]`),
    ["y.a.w[6x5x4]", "y.a.b[6]", "y.a_1.w[6x3x6]", "y.a_1.b[6]"],
  );
});

test("values are called as in the text, those on the way after their op", async () => {
  const graph = await graphOf(
    body("a = x |> relu |> relu |> sigmoid\nrelu = a |> relu\noutput relu\noutput a * relu"),
  );
  assert.equal(
    graph.nodes.map((n) => n.result.name),
    ["a.relu", "a.relu_1", "a", "relu", "y"],
  );
  assert.equal(
    graph.outputs.map((v) => v.name),
    ["relu", "y"],
  );
  assert.ok(graph.nodes.every((n) => n.result.places.every((p) => isSpan(p) && p.end > p.start)));
});

test("a name that somebody writes is theirs, whatever a pipe would have called its values", async () => {
  const graph = await graphOf(
    body("a = x |> relu |> tanh\na.relu = a |> relu\noutput x |> tanh\noutput a.relu\noutput y = a |> tanh"),
  );
  assert.equal(
    graph.nodes.map((n) => n.result.name),
    ["a.relu_1", "a", "a.relu", "output", "y"],
  );
});

test("an op of the user's own is called without a change to the language", async () => {
  const x = { storage: ["f32"] } as const;
  const scaled = defineOp({
    name: "scaled",
    summary: "x times a number.",
    operands: { x },
    attrs: { by: { kind: "float", default: 1 }, mode: { kind: "enum", of: ["up", "down"], default: "up" } },
    traits: [],
    infer: (o) => o.x,
    float: (f, o, a) => ({ y: f.mul(o.x, a.by) }),
    examples: [],
  });
  const own = { ...scaled, name: "own", operands: { x, k: { ...x, param: true } } } as unknown as OpDef;
  const source = body("output y = x |> scaled(2.5, mode: down)");
  const { module } = await read(source, { ops: [...ops, scaled] });
  assert.equal(module.graphs[0]!.nodes[0]!.attrs, { by: 2.5, mode: "down" });
  const misspelt = await parsePulse(source.replace("scaled", "scaledd"), {
    file: "f",
    ops: [...ops, scaled],
  });
  assert.is(misspelt.diagnostics[0]!.help, "did you mean scaled?");
  const unsized = await parsePulse(body("output y = x |> own"), { file: "f", ops: [...ops, own] });
  assert.is(unsized.diagnostics[0]!.text, "nothing says how large the param k of own is");
});

test.run();
