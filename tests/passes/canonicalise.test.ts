import fc from "fast-check";
import * as assert from "uvu/assert";
import { GraphBuilder } from "../../src/ir/build.js";
import type { Pass } from "../../src/ir/contracts.js";
import type { Graph } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { clip } from "../../src/ir/ops/clip.js";
import { dropout } from "../../src/ir/ops/dropout.js";
import { ops } from "../../src/ir/ops/index.js";
import { relu } from "../../src/ir/ops/relu.js";
import { requant } from "../../src/ir/ops/requant.js";
import { slice } from "../../src/ir/ops/slice.js";
import { printGraph } from "../../src/ir/print.js";
import { type Rule, rewrite } from "../../src/ir/rewrite.js";
import { bytesOf, type Tensor } from "../../src/ir/tensor.js";
import { tensorType } from "../../src/ir/type.js";
import { canonicalise } from "../../src/passes/canonicalise.js";
import { type Draw, drawFrom, drawTensor } from "../backends/random-draw.js";
import { suite } from "../harness.js";
import { runOn } from "./run-on.js";
import { scenarios } from "./scenarios.js";

const test = suite("canonicalise");

const rules: readonly Rule[] = ops.flatMap((op) => op.canonical ?? []);
const floatOnly = ["dropout-nothing"];

const alone = (rule: Rule): Pass => ({
  name: rule.name,
  summary: rule.equation,
  run: (g) => rewrite(g, [rule]),
});

/** The scenario's graph; a slice of everything keeps the rule's root off the outputs. */
function drawGraph(d: Draw, name: string): Graph {
  const b = new GraphBuilder(name.replaceAll("-", "_"), name.includes("quantize") ? "quantised" : "integer");
  const root = scenarios[name]!(d, b);
  return b.finish([b.add(slice, [root], { axis: 0, end: root.type.shape[0] as number }, { name: "end" })]);
}

async function outputBytes(graph: Graph, inputs: readonly Tensor[]): Promise<Uint8Array[]> {
  const values = await interpret(graph).run(inputs);
  return graph.outputs.map((v) => bytesOf(values.get(v.name)!.data));
}

async function sameAfter(pass: Pass, graph: Graph, inputs: readonly Tensor[]): Promise<Graph> {
  const done = await runOn(graph, [pass]);
  assert.ok(done.ok, done.diagnostics.map((x) => x.text).join("\n") + printGraph(graph));
  const after = done.ok ? done.value : graph;
  assert.equal(await outputBytes(after, inputs), await outputBytes(graph, inputs), printGraph(graph));
  return after;
}

test("every rule has a name of its own and a scenario", () => {
  const names = rules.map((r) => r.name);
  assert.equal([...new Set(names)], names);
  assert.equal([...Object.keys(scenarios), ...floatOnly].sort(), names.toSorted());
});

for (const rule of rules.filter((r) => scenarios[r.name])) {
  test(`${rule.name} fires and changes no byte: ${rule.equation}`, () =>
    fc.assert(
      fc.asyncProperty(fc.gen(), async (g) => {
        const d = drawFrom(g);
        const graph = drawGraph(d, rule.name);
        const inputs = graph.inputs.map((v) => drawTensor(d, v.type));
        const after = await sameAfter(alone(rule), graph, inputs);
        assert.is.not(after, graph, `${rule.name} did not fire:\n${printGraph(graph)}`);
        await sameAfter(canonicalise(ops), graph, inputs);
      }),
      { numRuns: 40 },
    ));
}

test("what cannot be seen from the equation alone stays as it is", () => {
  const type = tensorType("i8", [1, 2]);
  const unchanged = (build: (b: GraphBuilder) => Graph) => {
    const graph = build(new GraphBuilder("kept", "integer"));
    assert.is(canonicalise(ops).run(graph), graph, printGraph(graph));
  };
  const params = (b: GraphBuilder, mul: number, add: bigint) => [
    b.param("mul", tensorType("i32", [1]), Int32Array.of(mul)),
    b.param("add", tensorType("i64", [1]), BigInt64Array.of(add)),
  ];
  // An output keeps its name, so it cannot become x.
  unchanged((b) => b.finish([b.add(clip, [b.input("x", type)])]));
  // The requant's result is read twice.
  unchanged((b) => {
    const y = b.add(requant, [b.input("x", type), ...params(b, 3, 0n)], { shift: [1] }, { type });
    return b.finish([y, b.add(relu, [y])]);
  });
  // A negative multiplier turns the order round; a huge add would leave 64 bits below zero.
  for (const [mul, add] of [
    [-1, 0n],
    [1, -(2n ** 63n)],
  ] as const)
    unchanged((b) => {
      const y = b.add(relu, [b.input("x", type)]);
      return b.finish([b.add(requant, [y, ...params(b, mul, add)], { shift: [1] }, { type })]);
    });
  // It narrows.
  unchanged((b) => {
    const x = b.input("x", tensorType("i32", [1, 2]));
    return b.finish([b.add(requant, [x, ...params(b, 1, 0n)], { shift: [0] }, { type })]);
  });
});

test("dropout that drops nothing goes", () => {
  const b = new GraphBuilder("calm", "float");
  const x = b.input("x", tensorType("f32", ["N", 2]));
  const y = b.add(relu, [b.add(dropout, [x], { rate: 0 })], {}, { name: "y" });
  const after = canonicalise(ops).run(b.finish([y]));
  assert.equal(
    after.nodes.map((n) => [n.op.name, n.operands[0]]),
    [["relu", x]],
  );
});

test.run();
