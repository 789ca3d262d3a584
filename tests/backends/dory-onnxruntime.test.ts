/** onnxruntime computes the integers of DORY's files too, where it knows their operators. */
import { readdirSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import onnxProto from "onnx-proto";
import * as assert from "uvu/assert";
import { exportDory } from "../../src/backends/onnx/dory/index.js";
import { readGoldenFiles, sampleArrays } from "../../src/cli/goldens.js";
import { loadModel } from "../../src/cli/model.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { boundsOf } from "../../src/ir/bounds.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { permute, type Tensor } from "../../src/ir/tensor.js";
import { seed, sharedPath, suite } from "../harness.js";
import { randomDoryGraph } from "./random-dory.js";

const test = suite("export: dory in onnxruntime");
const { onnx } = onnxProto;

/** What Quantlab writes beside ONNX's own attributes: onnxruntime refuses names that it does not know. */
const own = /^(weight|bias|mult|add|out)_bits$/;

function plainOnnx(bytes: Uint8Array): Uint8Array {
  const model = onnx.ModelProto.decode(bytes);
  for (const node of model.graph!.node!) node.attribute = node.attribute!.filter((a) => !own.test(a.name!));
  return onnx.ModelProto.encode(model).finish();
}

/** N ... C to N C ..., and what gets there in that order. */
const firstOf = (rank: number) =>
  [0, rank - 1, ...Array.from({ length: Math.max(0, rank - 2) }, (_, i) => i + 1)].slice(0, rank);
const lastOf = (rank: number) => firstOf(rank).map((_, i, perm) => perm.indexOf(i));

async function sameInRuntime(graph: Graph, input: Tensor): Promise<void> {
  const ort = await import("onnxruntime-node");
  const files = unwrap(await exportDory({ graphs: [graph], meta: {} }, { name: "net", inputs: [input] }));
  const session = await ort.InferenceSession.create(plainOnnx(files.get("net.onnx") as Uint8Array), {
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
  });
  const shape = input.type.shape as readonly number[];
  const perm = firstOf(shape.length);
  const fed = new ort.Tensor(
    "float32",
    Float32Array.from(permute(input.data, shape, perm) as Int32Array),
    perm.map((a) => shape[a]!),
  );
  const results = await session.run({ [session.inputNames[0]!]: fed });
  const theirs = results[session.outputNames[0]!]!;
  const ours = (await interpret(graph).run([input])).get(graph.outputs[0]!.name)!;
  const back = permute(theirs.data as never, theirs.dims, lastOf(theirs.dims.length));
  assert.equal(Array.from(back, Number), Array.from(ours.data, Number));
}

/** Are all sums small enough for floats to hold them, in whatever order they are added? */
const isExactInFloats = (graph: Graph): boolean => {
  const bounds = boundsOf(graph);
  const reach = (v: Value) => Math.max(...(bounds.get(v)!.partial ?? [0]));
  return graph.nodes.every((n) => reach(n.result) < 2 ** 24);
};

for (const folder of ["DVS_CNN_9inputs", "dscnn_test", "eegnetDW_1d_8b_1xW", "eegnet_1d_8b_1xW"]) {
  const dir = sharedPath("fixtures", "dory", folder);
  (dir ? test : test.skip)(folder, async () => {
    const file = path.join(dir!, readdirSync(dir!).find((f) => f.endsWith(".onnx"))!);
    const { graph } = await loadModel(file, undefined, sampleArrays(readGoldenFiles(dir!)));
    assert.ok(isExactInFloats(graph));
    await sameInRuntime(graph, randomTensor(graph.inputs[0]!.type, 1));
  });
}

test("random networks without sums", async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(2 ** 30), fc.integer({ min: 1, max: 4 }), async (number, length) => {
      const graph = randomDoryGraph(number, length);
      // Average pools divide before they multiply: the quotient is rounded where its area is no power of two.
      if (graph.nodes.some((n) => /^add$|avgpool/.test(n.op.name)) || !isExactInFloats(graph)) return;
      await sameInRuntime(graph, randomTensor(graph.inputs[0]!.type, number));
      count++;
    }),
    { numRuns: 60, seed },
  );
  assert.ok(count > 10, `${count} networks`);
});

test.run();
