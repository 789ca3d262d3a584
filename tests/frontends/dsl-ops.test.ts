/** Every op of the list: a model can call it with every attribute of its record, and its float examples print as models. */
import * as assert from "uvu/assert";
import { notCallable } from "../../src/frontends/dsl/call.js";
import { parsePulse, printPulse } from "../../src/frontends/dsl/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { defaultAttr } from "../../src/ir/check.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, mainGraph } from "../../src/ir/graph.js";
import type { AttrSpec } from "../../src/ir/op.js";
import { ops } from "../../src/ir/ops/index.js";
import { suite } from "../harness.js";
import { graphOf, structure } from "./dsl-read.js";

const test = suite("dsl ops");

/** x: [12, 4] and z: [12, 4]; every attribute has another value than its default in one of the calls. */
const calls: Readonly<Record<string, string | readonly string[]>> = {
  add: "add(x, z)",
  avgpool: "avgpool(x, kernel: 3, stride: 2, pads: [1, 0], count_include_pad: true)",
  batchnorm: "batchnorm(x, epsilon: 0.001, momentum: 0.5)",
  clip: "clip(x, lo: -0.5, hi: 1.5)",
  concat: "concat(x, z, axis: 1)",
  conv: "conv(x, 8, 3, stride: 2, dilation: 2, groups: 2, pads: [1, 2], pad_mode: reflect)",
  conv_transpose:
    "conv_transpose(x, 8, 3, stride: 2, dilation: 3, groups: 2, pads: [1, 2], output_padding: 1)",
  crop: "crop(x, edges: [1, 2])",
  dropout: "dropout(x, rate: 0.25, axis: step)",
  flatten: "flatten(x, axis: 2)",
  global_avgpool: "global_avgpool(x)",
  instancenorm: "instancenorm(x, epsilon: 0.001, statistics: running)",
  leaky_relu: "leaky_relu(x, alpha: 0.125)",
  linear: "linear(x, 3)",
  matmul: "matmul(x, z |> transpose([0, 2, 1]))",
  maxpool: "maxpool(x, kernel: 3, stride: 2, dilation: 2, pads: [1, 2])",
  mul: "mul(x, z)",
  pad: ["pad(x, pads: [1, 2], pad_mode: edge)", "pad(x, pads: [1, -2], value: 0.5)"],
  prelu: "prelu(x)",
  reduce_mean: "reduce_mean(x, axes: [1], keepdims: false)",
  reduce_sum: "reduce_sum(x, axes: [1], keepdims: false)",
  relu: "relu(x)",
  reshape: "reshape(x, shape: [0, 8, 6])",
  sigmoid: "sigmoid(x)",
  slice: "slice(x, axis: 1, begin: 2, end: 9, step: 3)",
  softmax: "softmax(x, axis: 1, log: true)",
  squeeze: "squeeze(x |> global_avgpool, axes: [1])",
  sub: "sub(x, z)",
  tanh: "tanh(x)",
  transpose: "transpose(x, perm: [0, 2, 1])",
  upsample: "upsample(x, size: 30, mode: linear, align: align_corners)",
};

/** Attributes that have one value in float graphs. */
const integerOnly: Readonly<Record<string, string>> = { add: "mul", sub: "mul", prelu: "positive" };

const modelOf = (call: string): string =>
  `model m {\n  input x: [12, 4]\n  input z: [12, 4]\n  s = x + z\n  output s\n  output y = ${call}\n}\n`;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

async function comesBack(graph: Graph): Promise<void> {
  const text = await printed(graph);
  const back = await graphOf(text);
  assert.equal(structure(back), structure(graph));
  assert.is(await printed(back), text);
}

async function printed(graph: Graph): Promise<string> {
  return unwrap(await printPulse(graph, ops));
}

test("the table is that of the ops that models can call", () => {
  const callable = ops.filter((op) => notCallable(op) === undefined).map((op) => op.name);
  assert.equal(Object.keys(calls).sort(), callable.toSorted());
});

for (const op of ops) {
  const call = calls[op.name];
  if (call === undefined)
    test(`${op.name} is refused with the reason`, async () => {
      const source = `model m { input x: [12, 4]; output y = x |> ${op.name} }`;
      const { ok, diagnostics } = await parsePulse(source, { file: "net.pulse", ops });
      assert.not(ok);
      assert.is(diagnostics[0]!.id, "dsl/unknown-call");
      assert.match(diagnostics[0]!.text, `${op.name} has no float meaning`);
    });
  else
    test(`${op.name}: all its attributes are written, read and printed`, async () => {
      const written = new Set<string>();
      for (const text of [call].flat()) {
        const graph = await graphOf(modelOf(text));
        const node = graph.nodes.at(-1)!;
        assert.is(node.op.name, op.name);
        for (const [name, kind] of Object.entries(op.attrs as AttrSpec))
          if (!same(node.attrs[name], defaultAttr(kind, node.operands))) written.add(name);
        await comesBack(graph);
      }
      const expected = Object.keys(op.attrs).filter((name) => integerOnly[op.name] !== name);
      assert.equal([...written].sort(), expected.sort());
    });
}

/** Models have a batch: it takes the place of the first dimension of what the example computes. */
const withBatch = (text: string): string =>
  text.replace(/^(graph| {2}%).*$/gm, (line) => line.replaceAll(/f32\[\d+/g, "f32[N"));

for (const op of ops)
  for (const [i, { text }] of op.examples.entries())
    if (text.includes("stage float"))
      test(`${op.name}: float example ${i + 1} prints as a model and comes back as it was`, async () => {
        const graph = mainGraph(unwrap(await parseModule(withBatch(text), { file: "net.pir", ops })));
        await comesBack(graph);
      });

test.run();
