import * as assert from "uvu/assert";
import { GraphBuilder } from "../../src/ir/build.js";
import type { Pass } from "../../src/ir/contracts.js";
import { error, Refusal } from "../../src/ir/diagnostic.js";
import type { Graph } from "../../src/ir/graph.js";
import { add } from "../../src/ir/ops/add.js";
import { dropout } from "../../src/ir/ops/dropout.js";
import { ops } from "../../src/ir/ops/index.js";
import { reduceSum } from "../../src/ir/ops/reduce_sum.js";
import { relu } from "../../src/ir/ops/relu.js";
import { printGraph } from "../../src/ir/print.js";
import { tensorType } from "../../src/ir/type.js";
import { deadCode } from "../../src/passes/dead-code.js";
import { deduplicate } from "../../src/passes/deduplicate.js";
import { allPasses, runPasses } from "../../src/passes/index.js";
import { suite } from "../harness.js";

const test = suite("passes");
const type = tensorType("i8", [1, 4]);
const place = (node: string) => ({ file: "net.onnx", node });

function simple(): Graph {
  const b = new GraphBuilder("simple", "integer");
  return b.finish([b.add(relu, [b.input("x", type)], {}, { name: "y", places: [place("Relu_0")] })]);
}
const pass = (name: string, run: Pass["run"]): Pass => ({ name, summary: "", run });

test("dead-code keeps what an output needs, and every input", () => {
  const b = new GraphBuilder("half_dead", "integer");
  const [x, unused] = [b.input("x", type), b.input("unused", type)];
  b.add(relu, [b.add(relu, [unused])]);
  const graph = b.finish([b.add(relu, [x], {}, { name: "y" })]);
  const after = deadCode.run(graph);
  assert.equal(
    after.nodes.map((n) => n.result.name),
    ["y"],
  );
  assert.equal(after.inputs, graph.inputs);
  assert.is(deadCode.run(after), after, "an unchanged graph is the same graph");
});

test("deduplicate merges chains of twins, their readers and their places", () => {
  const b = new GraphBuilder("twins", "integer");
  const x = b.input("x", type);
  const branch = (node: string) => {
    const sum = b.add(reduceSum, [b.add(relu, [x], {}, { places: [place(node)] })], { axes: [1] });
    return b.add(reduceSum, [sum], { axes: [0] });
  };
  const other = b.add(reduceSum, [b.add(relu, [x], {}, { places: [place("C")] })], { axes: [-1] });
  const graph = b.finish([b.add(add, [b.add(add, [branch("A"), branch("B")]), other], {}, { name: "y" })]);
  const after = deduplicate.run(graph);
  assert.is(
    printGraph(after),
    `graph @twins(%x: i8[1x4]) -> (%y: i32[1x1]) stage integer {
  %relu = relu %x : i8[1x4]
  %reduce_sum = reduce_sum %relu {axes = -1} : i32[1x1]
  %reduce_sum_1 = reduce_sum %relu {axes = 1} : i32[1x1]
  %reduce_sum_2 = reduce_sum %reduce_sum_1 {axes = 0} : i32[1x1]
  %add = add %reduce_sum_2, %reduce_sum_2 : i32[1x1]
  %y = add %add, %reduce_sum : i32[1x1]
}
`,
  );
  assert.equal(
    after.nodes[0]!.result.places.map((p) => "node" in p && p.node),
    ["C", "A", "B"],
  );
  assert.is(after.nodes[1]!.operands[0], after.nodes[0]!.result);
  assert.is(deduplicate.run(after), after);
  assert.ok(runPasses(graph, [deduplicate]).ok);
});

test("deduplicate leaves outputs their names and noise its independence", () => {
  const b = new GraphBuilder("outputs", "integer");
  const x = b.input("x", type);
  const twins = b.finish([b.add(relu, [x]), b.add(relu, [x])]);
  assert.is(deduplicate.run(twins), twins);
  const f = new GraphBuilder("noise", "float");
  const v = f.input("v", tensorType("f32", [1, 4]));
  const noisy = f.finish([f.add(add, [f.add(dropout, [v]), f.add(dropout, [v])])]);
  assert.is(deduplicate.run(noisy), noisy);
});

test("runs in order and tells of every pass", () => {
  const seen: string[] = [];
  const graph = simple();
  const done = runPasses(graph, allPasses(ops), {
    onPass: (p, before, after, ms) => seen.push(`${p.name} ${before === after} ${ms >= 0}`),
  });
  assert.ok(done.ok && done.value === graph);
  assert.equal(
    seen,
    allPasses(ops).map((p) => `${p.name} true true`),
  );
});

test("refuses an invalid graph before the first pass", () => {
  const graph = simple();
  const invalid = { ...graph, nodes: [] };
  const done = runPasses(invalid, [pass("never", () => assert.unreachable() as never)]);
  assert.equal(
    done.diagnostics.map((d) => d.id),
    ["ir/undefined-value"],
  );
});

test("a pass that leaves an invalid graph is named, with the op", () => {
  const broken = pass("widen", (graph) => {
    const [node] = graph.nodes;
    const result = { ...node!.result, type: tensorType("i16", [1, 4]) };
    return { ...graph, nodes: [{ ...node!, result }], outputs: [result] };
  });
  const done = runPasses(simple(), [deadCode, broken]);
  assert.not(done.ok);
  const [first, second] = done.diagnostics;
  assert.is(first!.id, "pass/invalid-result");
  assert.is(first!.text, "widen left @simple invalid at %y (relu)");
  assert.match(first!.found!, "ir/type: %y: relu gives another type");
  assert.equal(first!.place, place("Relu_0"));
  assert.is(second!.id, "ir/type");
});

test("what a pass refuses is a diagnostic; what breaks inside it is an error that names it", () => {
  const picky = pass("picky", () => {
    throw new Refusal(error("quant/range", "%y: no calibration range"));
  });
  const refused = runPasses(simple(), [picky]);
  assert.equal(
    refused.diagnostics.map((d) => d.id),
    ["pass/refused", "quant/range"],
  );
  assert.is(refused.diagnostics[0]!.text, "picky cannot be applied to @simple");
  const crashing = pass("crashing", () => {
    throw new TypeError("undefined is not a function");
  });
  assert.throws(() => runPasses(simple(), [crashing]), "pass crashing failed on @simple");
});

test.run();
