import * as assert from "uvu/assert";
import { withSlicedSums } from "../../../src/backends/pulp/slices.js";
import { randomTensor } from "../../../src/data/random-tensor.js";
import { interpret } from "../../../src/ir/interpreter.js";
import { suite } from "../../harness.js";
import { convGraph } from "./kernels/conv-cases.js";

const test = suite("pulp slices of fully connected layers");

for (const [ci, x] of [
  [1540, "u8"],
  [10_000, "i8"],
  [96, "i16"],
] as const)
  test(`${ci} inputs of ${x}: slices add up to the same integers`, async () => {
    const graph = convGraph({
      op: "linear",
      size: [],
      ci,
      co: 5,
      x,
      zero: x === "u8" ? 3 : 0,
      finish: "wide",
    });
    const cut = withSlicedSums(graph, 3000);
    assert.is(cut.nodes.filter((n) => n.op.name === "conv").length > 1, ci > 96);
    const inputs = graph.inputs.map((v) => randomTensor(v.type, 3));
    const name = graph.outputs[0]!.name;
    const [whole, sum] = [await interpret(graph).run(inputs), await interpret(cut).run(inputs)];
    assert.equal(sum.get(name)!.data, whole.get(name)!.data);
    for (const n of graph.nodes) assert.ok(sum.has(n.result.name), n.result.name);
  });

test("a layer that fits is left alone", () => {
  const graph = convGraph({ op: "linear", size: [], ci: 400, co: 5 });
  assert.is(withSlicedSums(graph, 44 * 1024), graph);
});

test.run();
