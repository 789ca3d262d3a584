/** Float ONNX export: the file, read back and on onnxruntime, computes what the graph does. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { exportOnnx } from "../../src/backends/onnx/index.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, mainGraph } from "../../src/ir/graph.js";
import type { OpDef } from "../../src/ir/op.js";
import { ops } from "../../src/ir/ops/index.js";
import { printGraph } from "../../src/ir/print.js";
import { type Tensor, tensor } from "../../src/ir/tensor.js";
import { atBatch, tensorType } from "../../src/ir/type.js";
import { suite } from "../harness.js";
import { graphOf, type OneOp } from "../ir/build-one.js";
import { runFloat } from "../ir/float.js";
import { type Case, cases, real } from "../ir/ops-a-cases.js";
import { decoded, exported, near, onRuntime, readBack } from "./onnx-export.js";
import { drawFrom } from "./random-draw.js";
import { asFloats } from "./random-floats.js";
import { scaledNetwork } from "./random-scaled.js";

const test = suite("onnx export");

const parse = async (text: string): Promise<Graph> =>
  mainGraph(unwrap(await parseModule(text, { file: "test.pir", ops })));

/** f32 sums of at most a few hundred terms in another order: 1e-4, relative and absolute. */
const rounding = 1e-4;

async function agrees(
  graph: Graph,
  inputs: readonly Tensor[],
  meant: readonly Tensor[],
  opset?: number,
): Promise<void> {
  const bytes = await exported(graph, opset === undefined ? {} : { opset });
  const runtime = await onRuntime(bytes, graph, inputs);
  const back = await readBack(bytes, graph, inputs);
  for (const [i, m] of meant.entries()) {
    near(runtime.list[i]!, m, rounding, `onnxruntime, output ${i}`);
    near(back[i]!, m, rounding, `read back, output ${i}`);
  }
}

async function agreesWithEngine(graph: Graph, inputs: readonly Tensor[], opset?: number): Promise<void> {
  const { outputs } = await runFloat(
    graph,
    inputs.map((t) => Array.from(t.data, Number)),
  );
  const batch = (inputs[0]?.type.shape[0] ?? 1) as number;
  const meant = graph.outputs.map((v, i) =>
    tensor(
      tensorType(
        "f32",
        v.type.shape.map((d) => (d === "N" ? batch : d)),
      ),
      outputs[i]!,
    ),
  );
  await agrees(graph, inputs, meant, opset);
}

test("the float examples of every op come true on onnxruntime and after reading back", async () => {
  const shown = new Set<string>();
  for (const op of ops)
    for (const { text, inputs, output } of op.examples) {
      const graph = await parse(text);
      if (graph.stage !== "float") continue;
      const [y] = graph.outputs;
      const given = graph.inputs.map((v, i) => tensor(v.type, inputs[i]!));
      await agrees(graph, given, [tensor(y!.type, output)]);
      shown.add(op.name);
    }
  const silent = ops.filter((op) => op.float && !shown.has(op.name)).map((op) => op.name);
  assert.equal(silent, ["flatten", "reduce_sum", "reshape", "squeeze", "transpose"], "shown further down");
});

const float = ({ operands, attrs, floatAttrs }: Case): OneOp => ({
  operands: Object.fromEntries(
    Object.entries(operands).map(([name, o]) => {
      const t = tensorType("f32", o.type.shape);
      return [name, o.param ? ([t, real(o)] as const) : ([t] as const)];
    }),
  ),
  attrs: floatAttrs ?? attrs,
});

const runs = 25;
for (const [op, arbitrary] of cases as readonly (readonly [OpDef, (typeof cases)[number][1]])[])
  test(`${op.name}: any window, group, pad, axis and broadcast`, async () => {
    const property = fc.asyncProperty(fc.gen(), async (g) => {
      const c = arbitrary((a) => g(() => a));
      const graph = graphOf(op, float(c));
      const given = Object.values(c.operands).filter((o) => !o.param);
      const inputs = given.map((o) => tensor(tensorType("f32", o.type.shape), real(o)));
      await agreesWithEngine(graph, inputs);
    });
    await fc.assert(property, { numRuns: runs, endOnFailure: true });
  });

/** Ops that the cases above do not draw, on data of every rank; results in both layouts. */
const views = `graph @views(%x: f32[Nx4x6], %p: f32[Nx2x3x4], %one: f32[Nx1x5x3]) -> (%a: f32[Nx3x8], %b: f32[Nx24], %c: f32[Nx2x12], %d: f32[Nx6x4], %e: f32[Nx4x2x3], %f: f32[Nx5x3], %g: f32[Nx5x3], %h: f32[Nx1x6], %i: f32[Nx3x4], %j: f32[Nx4], %k: f32[Nx2x1x4], %l: f32[Nx1x1x24], %m: f32[Nx24]) stage float {
  %a = reshape %x {shape = [0, 3, 8]} : f32[Nx3x8]
  %b = flatten %p : f32[Nx24]
  %c = flatten %p {axis = 2} : f32[Nx2x12]
  %d = transpose %x {perm = [0, 2, 1]} : f32[Nx6x4]
  %e = transpose %p {perm = [0, 3, 1, 2]} : f32[Nx4x2x3]
  %f = squeeze %one {axes = 1} : f32[Nx5x3]
  %g = reduce_sum %one {axes = 1, keepdims = false} : f32[Nx5x3]
  %h = reduce_mean %x {axes = 1} : f32[Nx1x6]
  %i = reduce_sum %p {axes = -3, keepdims = false} : f32[Nx3x4]
  %j = reduce_mean %p {axes = [1, 2], keepdims = false} : f32[Nx4]
  %k = reduce_mean %p {axes = 2} : f32[Nx2x1x4]
  %l = reshape %b {shape = [0, 1, 1, 24]} : f32[Nx1x1x24]
  %m = flatten %l : f32[Nx24]
}
`;

test("views, transposes and reductions of every rank, for any batch", async () => {
  const graph = await parse(views);
  for (const batch of [1, 3])
    await agreesWithEngine(
      graph,
      graph.inputs.map((v, i) => randomTensor(atBatch(v.type, batch), i)),
    );
});

test("random float networks, in several opsets", async () => {
  const network = fc.gen().map((g) => {
    const d = drawFrom(g);
    const graph = asFloats(scaledNetwork(d));
    const [seed, opset] = [d.int(0, 1000), d.pick([13, 15, 17, 18, 21])];
    return { graph, seed, opset, [fc.toStringMethod]: () => printGraph(graph) };
  });
  await fc.assert(
    fc.asyncProperty(network, async ({ graph, seed, opset }) => {
      const inputs = graph.inputs.map((v, i) => randomTensor(v.type, seed + i));
      await agreesWithEngine(graph, inputs, opset);
    }),
    { numRuns: 40, endOnFailure: true },
  );
});

const unet = `param @w1 : f32[2x3x1] = [1, 2, 3, 4, 5, 6]
param @w2 : f32[2x3x2] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
param @w3 : f32[1x1x4] = [1, -1, 1, -1]
param @alpha : f32[2] = [0.1, 0.2]
param @g : f32[2] = [1, 2]

graph @unet(%x: f32[Nx6x1]) -> (%y: f32[Nx7x1]) stage float {
  %c1 = conv %x, @w1 {pads = [1, 1]} : f32[Nx6x2]
  %n1 = batchnorm %c1, @g, @g, @g, @g : f32[Nx6x2]
  %r1 = prelu %n1, @alpha : f32[Nx6x2]
  %p1 = maxpool %r1 {kernel = 2, stride = 2} : f32[Nx3x2]
  %c2 = conv %p1, @w2 {pads = [1, 1], pad_mode = reflect} : f32[Nx3x2]
  %r2 = relu %c2 : f32[Nx3x2]
  %d2 = dropout %r2 : f32[Nx3x2]
  %u2 = upsample %d2 {size = 6} : f32[Nx6x2]
  %s2 = upsample %d2 {size = 7, mode = linear} : f32[Nx7x2]
  %k2 = crop %s2 {edges = [0, 1]} : f32[Nx6x2]
  %m2 = mul %u2, %k2 : f32[Nx6x2]
  %cat = concat %m2, %r1 {axis = -1} : f32[Nx6x4]
  %wide = pad %cat {pads = [0, 1], value = 0.5} : f32[Nx7x4]
  %y = conv %wide, @w3 : f32[Nx7x1]
}
`;

test("a convolutional network needs no Transpose, keeps its names and its open batch", async () => {
  const graph = await parse(unet);
  const { nodes, inputs, outputs } = await decoded(await exported(graph));
  const ops = nodes.map((n) => n.op);
  assert.not.ok(ops.includes("Transpose"), ops.join(" "));
  const made = new Set(nodes.flatMap((n) => n.outputs));
  assert.equal(
    graph.nodes.filter((n) => !made.has(n.result.name)).map((n) => n.result.name),
    [],
  );
  assert.equal(inputs, [{ name: "x", type: "f32", shape: ["N", 1, 6] }]);
  assert.equal(outputs, [{ name: "y", type: "f32", shape: ["N", 1, 7] }]);
  for (const batch of [1, 2])
    await agreesWithEngine(graph, [randomTensor(tensorType("f32", [batch, 6, 1]), 1)]);
});

test("outputs that are inputs, or are listed twice, are copies", async () => {
  const graph = await parse(`graph @g(%x: f32[1x2x3]) -> (%x: f32[1x2x3], %y: f32[1x2x3]) stage float {
  %y = relu %x : f32[1x2x3]
}
`);
  const twice = { ...graph, outputs: [...graph.outputs, graph.outputs[1]!] };
  const x = randomTensor(graph.inputs[0]!.type, 1);
  const { list } = await onRuntime(await exported(twice), twice, [x]);
  const y = { ...x, data: (x.data as Float32Array).map((v) => Math.max(v, 0)) };
  for (const [i, meant] of [x, y, y].entries()) near(list[i]!, meant, 0, `output ${i}`);
});

test("what is not there is said", async () => {
  const graph = await parse(`graph @g(%x: u8[1x2]) -> (%y: u8[1x2]) stage integer {
  %y = relu %x : u8[1x2]
}
`);
  const module = { graphs: [graph], meta: {} };
  const ids = async (options: Parameters<typeof exportOnnx>[1]) =>
    (await exportOnnx(module, options)).diagnostics.map((d) => d.id);
  assert.equal(await ids({ dialect: "onnx" }), ["export/integers"]);
  assert.equal(await ids({ dialect: "qdq" }), ["export/no-scale"]);
  assert.equal(await ids({ dialect: "onnx", graph: "h" }), ["export/no-graph"]);
});

test.run();
