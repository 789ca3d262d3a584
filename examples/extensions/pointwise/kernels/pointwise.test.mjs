import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cEngine,
  compareEngines,
  emitProject,
  GraphBuilder,
  intEngine,
  opNamed,
  portableKernels,
  randomTensor,
  tensorType,
  testInputs,
} from "pulsec";
import "pulsec/register";

const { pointwise } = await import("./pointwise.ts");
const kernels = [pointwise, ...portableKernels];

/** A convolution with kernel 1 that this kernel takes, and one with kernel 3 that it leaves alone. */
function network({ storage = "u8", zero = 7, weights = "i8", stride = 1, bias = true, channels = 12 } = {}) {
  const b = new GraphBuilder("net", "integer");
  const x = b.input("x", tensorType(storage, [1, 10, channels], { scale: 0.5, zero }));
  const param = (name, type, seed) => b.param(name, type, randomTensor(type, seed).data);
  const w = param("w", tensorType(weights, [6, 1, channels]), 1);
  const v = param("v", tensorType(weights, [6, 3, channels]), 2);
  const c = b.param("c", tensorType("i32", [6]), new Int32Array([5, -100000, 3, 0, 77, -1]));
  const conv = opNamed("conv");
  const thin = b.add(conv, bias ? [x, w, c] : [x, w], { stride: [stride] }, { name: "thin" });
  return b.finish([thin, b.add(conv, [x, v], {}, { name: "wide" })]);
}

const chosen = (graph) =>
  JSON.parse(emitProject(graph, { kernels }).get("report.json")).layers.map((l) => l.kernel);

test("it replaces ours where it fits, and nowhere else", () => {
  assert.deepEqual(chosen(network()), ["pointwise", "pulsec_conv"]);
  assert.deepEqual(chosen(network({ stride: 2 })), ["pulsec_conv", "pulsec_conv"]);
  assert.deepEqual(chosen(network({ storage: "i16", zero: 0, channels: 2 })), ["pulsec_conv", "pulsec_conv"]);
});

test("the project holds the header, and the weights in 16 bits", () => {
  const files = emitProject(network(), { kernels });
  assert.match(files.get("pointwise.h"), /#ifndef POINTWISE_H/);
  assert.match(files.get("network_weights.c"), /const int16_t net_w/);
});

const forms = [
  {},
  { bias: false },
  { storage: "i8", zero: -3 },
  { storage: "u4", zero: 15, weights: "i2" },
  { weights: "i4", channels: 1 },
];
for (const form of forms)
  test(`to the bit as the specification: ${JSON.stringify(form)}`, async () => {
    const graph = network(form);
    const flags = ["-O2", "-fsanitize=undefined,address", "-fno-sanitize-recover=all"];
    const engine = cEngine({ kernels, flags });
    const report = await compareEngines(graph, intEngine, [engine], testInputs([graph.inputs[0].type], 4, 1));
    assert.deepEqual([report.engines[0].refusals, report.engines[0].differences], [[], []]);
  });
