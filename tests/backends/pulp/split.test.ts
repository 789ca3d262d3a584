import * as assert from "uvu/assert";
import { splitSums } from "../../../src/backends/pulp/planner/split.js";
import { randomTensor } from "../../../src/data/random-tensor.js";
import { interpret } from "../../../src/ir/interpreter.js";
import { suite } from "../../harness.js";
import { convGraph } from "./kernels/conv-cases.js";

const test = suite("pulp sums in parts");

for (const [ci, x] of [
  [1540, "u8"],
  [10_000, "i8"],
  [96, "i16"],
] as const)
  test(`${ci} inputs of ${x}: parts add up to the same integers`, async () => {
    const graph = convGraph({
      op: "linear",
      size: [],
      ci,
      co: 5,
      x,
      zero: x === "u8" ? 3 : 0,
      finish: "wide",
    });
    const cut = splitSums(graph, () => 600);
    assert.is(cut.nodes.filter((n) => n.op.name === "linear").length > 1, ci > 96);
    const inputs = graph.inputs.map((v) => randomTensor(v.type, 3));
    const name = graph.outputs[0]!.name;
    const [whole, sum] = [await interpret(graph).run(inputs), await interpret(cut).run(inputs)];
    assert.equal(sum.get(name)!.data, whole.get(name)!.data);
    for (const n of graph.nodes) assert.ok(sum.has(n.result.name), n.result.name);
  });

test("a layer that fits is left alone", () => {
  const graph = convGraph({ op: "linear", size: [], ci: 400, co: 5 });
  assert.is(
    splitSums(graph, () => 400),
    graph,
  );
});

test.run();
