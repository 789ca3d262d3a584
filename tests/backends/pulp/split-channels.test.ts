import * as assert from "uvu/assert";
import { splitChannels } from "../../../src/backends/pulp/planner/split-channels.js";
import { randomTensor } from "../../../src/data/random-tensor.js";
import { interpret } from "../../../src/ir/interpreter.js";
import { suite } from "../../harness.js";
import { type ConvOptions, convGraph } from "./kernels/conv-cases.js";

const test = suite("pulp channels in parts");

const cases: readonly (readonly [string, ConvOptions])[] = [
  ["pointwise, shifts of their own", { size: [9], ci: 20, co: 22, shifts: true }],
  ["2-D with zero point", { size: [5, 6], ci: 12, co: 13, kernel: [3, 3], pads: [1, 1, 1, 1], zero: 3 }],
  ["transposed, without requantisation", { op: "conv_transpose", size: [7], ci: 24, co: 10, finish: "sum" }],
  ["linear, 4-bit weights", { op: "linear", size: [], ci: 120, co: 17, w: "i4", finish: "wide" }],
];

for (const [name, o] of cases)
  test(`${name}: parts of the channels give the same integers`, async () => {
    const graph = convGraph(o);
    const cut = splitChannels(graph, 200);
    assert.ok(cut.nodes.filter((n) => n.op.name === graph.nodes[0]!.op.name).length > 1);
    const inputs = graph.inputs.map((v) => randomTensor(v.type, 3));
    const [output] = graph.outputs;
    assert.is(cut.outputs[0]!.name, output!.name);
    assert.equal(cut.outputs[0]!.type.shape, output!.type.shape);
    const [whole, joined] = [await interpret(graph).run(inputs), await interpret(cut).run(inputs)];
    assert.equal(joined.get(output!.name)!.data, whole.get(output!.name)!.data);
  });

test("groups and what fits are left alone", () => {
  const grouped = convGraph({ size: [9], ci: 20, co: 20, groups: 2 });
  assert.is(splitChannels(grouped, 10), grouped);
  const small = convGraph({ size: [9], ci: 20, co: 20 });
  assert.is(splitChannels(small, 400), small);
});

test.run();
