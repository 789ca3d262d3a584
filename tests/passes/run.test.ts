import * as assert from "uvu/assert";
import { randomTensor } from "../../src/data/random-tensor.js";
import { GraphBuilder, makeNode, makeParam } from "../../src/ir/build.js";
import { definePass, type Pass } from "../../src/ir/contracts.js";
import { error, Refusal, unwrap } from "../../src/ir/diagnostic.js";
import type { Graph } from "../../src/ir/graph.js";
import { intEngine } from "../../src/ir/interpreter.js";
import { add } from "../../src/ir/ops/add.js";
import { clip } from "../../src/ir/ops/clip.js";
import { dropout } from "../../src/ir/ops/dropout.js";
import { ops } from "../../src/ir/ops/index.js";
import { reduceSum } from "../../src/ir/ops/reduce_sum.js";
import { relu } from "../../src/ir/ops/relu.js";
import { printGraph } from "../../src/ir/print.js";
import { type Rule, rewrite } from "../../src/ir/rewrite.js";
import { tensorType } from "../../src/ir/type.js";
import { deadCode } from "../../src/passes/dead-code.js";
import { deduplicate } from "../../src/passes/deduplicate.js";
import { allPasses, parsePipeline, runPasses, valueCheck } from "../../src/passes/index.js";
import { suite } from "../harness.js";
import { runOn } from "./run-on.js";

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

test("runs in order and tells of every pass", async () => {
  const seen: string[] = [];
  const graph = simple();
  const done = await runOn(graph, allPasses(ops), {
    onPass: (run) => seen.push(`${run.pass.name} ${run.before === run.after} ${run.milliseconds >= 0}`),
  });
  assert.ok(done.ok && done.value === graph);
  assert.equal(
    seen,
    allPasses(ops).map((p) => `${p.name} true true`),
  );
});

test("refuses an invalid graph before the first pass", async () => {
  const graph = simple();
  const invalid = { ...graph, nodes: [] };
  const done = await runOn(invalid, [pass("never", () => assert.unreachable() as never)]);
  assert.equal(
    done.diagnostics.map((d) => d.id),
    ["ir/undefined-value"],
  );
});

test("a pass that leaves an invalid graph is named, with the op and what reproduces it", async () => {
  const broken = pass("widen", (graph) => {
    const [node] = graph.nodes;
    const result = { ...node!.result, type: tensorType("i16", [1, 4]) };
    return { ...graph, nodes: [{ ...node!, result }], outputs: [result] };
  });
  let reproducer: string | undefined;
  const done = await runOn(simple(), [deadCode, broken], {
    onFailure: (before, step) => (reproducer = `${step}\n${printGraph(before.graphs[0]!)}`),
  });
  assert.not(done.ok);
  const [first, second] = done.diagnostics;
  assert.is(first!.id, "pass/invalid-result");
  assert.is(first!.text, "widen left @simple invalid at %y (relu)");
  assert.match(first!.found!, "ir/type: %y: relu gives another type");
  assert.equal(first!.place, place("Relu_0"));
  assert.is(second!.id, "ir/type");
  assert.is(reproducer, `widen\n${printGraph(simple())}`);
});

test("what a pass refuses is a diagnostic, and no failure to reproduce", async () => {
  const picky = pass("picky", () => {
    throw new Refusal(error("quant/range", "%y: no calibration range"));
  });
  const refused = await runOn(simple(), [picky], { onFailure: () => assert.unreachable() });
  assert.equal(
    refused.diagnostics.map((d) => d.id),
    ["pass/refused", "quant/range"],
  );
  assert.is(refused.diagnostics[0]!.text, "picky cannot be applied to @simple");
});

test("what breaks inside a pass is a diagnostic with file and line", async () => {
  const crashing = pass("crashing", () => {
    throw new TypeError("undefined is not a function");
  });
  const done = await runOn(simple(), [crashing]);
  assert.is(done.diagnostics[0]!.id, "pass/failed");
  assert.is(done.diagnostics[0]!.text, "crashing failed on @simple");
  assert.match(
    done.diagnostics[0]!.found!,
    /^undefined is not a function, thrown at .*tests\/passes\/run\.test\.js:\d+:\d+$/,
  );
});

test("what breaks inside a rule names rule and node", async () => {
  const rule: Rule = {
    name: "hasty",
    equation: "relu(x) = ?",
    root: "relu",
    rewrite: () => {
      throw new RangeError("too far");
    },
  };
  const done = await runOn(simple(), [pass("hurry", (graph) => rewrite(graph, [rule]))]);
  assert.is(done.diagnostics[0]!.text, "hurry failed on @simple at %y (relu)");
  assert.match(done.diagnostics[0]!.found!, /^too far, in its rule hasty, thrown at /);
  assert.equal(done.diagnostics[0]!.place, place("Relu_0"));
});

const check = valueCheck({
  engine: async () => intEngine,
  inputs: (graph) => [graph.inputs.map((v) => randomTensor(v.type, 3))],
});

test("check-values names the pass that changed the function", async () => {
  const silent = pass("silent", (graph) => {
    const [x] = graph.inputs;
    const y = makeNode(clip, [x!], { lo: 5 }, { name: "y" });
    return { ...graph, nodes: [y], outputs: [y.result] };
  });
  const done = await runOn(simple(), [deadCode, silent], { check });
  assert.is(done.diagnostics[0]!.id, "pass/changed-function");
  assert.is(done.diagnostics[0]!.text, "silent changed what @simple computes");
  assert.match(done.diagnostics[0]!.found!, /^%y\[\d\] was 0, is 5, on inputs 0$/);
  const open = { ...silent, changesFunction: "everything is at least 5" };
  const allowed = await runOn(simple(), [open], { check });
  assert.equal(
    allowed.diagnostics.map((d) => d.id),
    ["pass/changes-function"],
  );
});

test("options reach the pass with their defaults; what it observes stays with the module", async () => {
  const seen: unknown[] = [];
  const watch = definePass({
    name: "watch",
    summary: "",
    options: {
      bits: { kind: "int", default: 8, min: 2, max: 8 },
      method: { kind: "enum", of: ["minmax", "mse"], default: "minmax" },
      file: { kind: "text", optional: true },
    },
    run(graph, { options, ranges }) {
      const bits: number = options.bits;
      seen.push([bits, options.method, options.file, ranges.map((r) => r.high)]);
      return { graph, ranges: [{ graph: graph.name, value: "y", low: 0, high: bits }] };
    },
  });
  const steps = unwrap(parsePipeline('watch{bits=4 file="a b.json"},watch', [watch]));
  const done = unwrap(await runPasses({ graphs: [simple()], meta: {} }, steps));
  assert.equal(seen, [
    [4, "minmax", "a b.json", []],
    [8, "minmax", undefined, [4]],
  ]);
  assert.equal(done.ranges, [{ graph: "simple", value: "y", low: 0, high: 8 }]);
});

test("what a pass makes in two graphs has two names", async () => {
  const twice = definePass({
    name: "twice",
    summary: "",
    run(graph) {
      const data = Int8Array.of(graph.name === "simple" ? 1 : 2);
      const one = makeParam("one", tensorType("i8", [1, 1]), data);
      const y = makeNode(add, [graph.inputs[0]!, one], {}, { name: "y" });
      return { ...graph, nodes: [y], outputs: [y.result] };
    },
  });
  const graphs = [simple(), { ...simple(), name: "other" }];
  const done = unwrap(await runPasses({ graphs, meta: {} }, [twice]));
  assert.equal(
    done.graphs.map((g) => g.nodes[0]!.operands[1]!.name),
    ["one", "one_1"],
  );
});

test.run();
