/** Constants that come to L1 while the layer before works, and kernels that layers share. */
import * as assert from "uvu/assert";
import { portableKernels } from "../../../src/backends/c/index.js";
import { tileKernels } from "../../../src/backends/pulp/kernels/index.js";
import { planProgram } from "../../../src/backends/pulp/planner/plan.js";
import type { Program, Step } from "../../../src/backends/schedule/program.js";
import { verifyProgram } from "../../../src/backends/schedule/verify.js";
import { GraphBuilder } from "../../../src/ir/build.js";
import type { Graph } from "../../../src/ir/graph.js";
import { conv } from "../../../src/ir/ops/conv.js";
import { requant } from "../../../src/ir/ops/requant.js";
import { tensorType } from "../../../src/ir/type.js";
import { suite } from "../../harness.js";

const test = suite("pulp constants ahead");

const memory = { l1: 44 * 1024, l2: 400 * 1024, l3: 8 * 1024 * 1024 };
const plan = (graph: Graph, l1 = memory.l1): Program =>
  planProgram(graph, {
    target: "gap8",
    cores: 8,
    ...memory,
    l1,
    kernels: { tile: tileKernels, portable: portableKernels },
  });

/** Convolutions of one shape, one behind the other. */
function chain(layers: number): Graph {
  const b = new GraphBuilder("chain", "integer");
  const type = tensorType("i8", [1, 40, 16]);
  let x = b.input("x", type);
  const ones = (name: string, n: number) => b.param(name, tensorType("i32", [n]), new Int32Array(n).fill(3));
  const add = b.param("add", tensorType("i64", [1]), new BigInt64Array(1));
  for (let i = 0; i < layers; i++) {
    const weights = Int8Array.from({ length: 16 * 3 * 16 }, (_, k) => ((k * 7 + i) % 31) - 15);
    const w = b.param(`y${i}.weights`, tensorType("i8", [16, 3, 16]), weights);
    const sum = b.add(conv, [x, w], { pads: [1, 1] }, { name: `y${i}.sum` });
    x = b.add(requant, [sum, ones(`y${i}.mul`, 1), add], { shift: [9] }, { name: `y${i}`, type });
  }
  return b.finish([x]);
}

/** Every start among the steps, with the number of its layer. */
const starts = ({ layers }: Program) =>
  layers.flatMap((l, i) => {
    const inside = (steps: readonly Step[]): readonly Step[] =>
      steps.flatMap((s) => (s.kind === "loop" || s.kind === "when" ? inside(s.body) : [s]));
    return inside(l.steps).flatMap((s) => (s.kind === "start" ? [{ ...s, layer: i }] : []));
  });

test("a layer starts the transfer of the next one's weights, to where neither of them works", () => {
  const program = plan(chain(3));
  assert.equal(verifyProgram(program), []);
  for (const i of [1, 2]) {
    const weights = program.blocks.find((b) => b.name === `y${i}.w`)!;
    assert.equal([weights.level, weights.from, weights.to], ["l1", i - 1, i]);
    const coming = starts(program).filter((s) => s.near.block === weights.name);
    assert.equal(
      coming.map((s) => s.layer),
      [i - 1],
    );
  }
  const own = program.layers[0]!.blocks.map((b) => b.name);
  assert.ok(own.includes("y0.w"), "nobody is before the first layer");
});

test("where L1 is short, a layer brings its own weights", () => {
  const program = plan(chain(2), 1200);
  assert.equal(verifyProgram(program), []);
  assert.not.ok(program.blocks.some((b) => b.level === "l1"));
});

test("the verifier sees early constants in the way of the layer before, and those that nobody waits for", () => {
  const program = plan(chain(2));
  const moved = program.blocks.map((b) => (b.name === "y1.w" ? { ...b, offset: 0 } : b));
  const ids = (p: Program) => verifyProgram(p).map((d) => d.id);
  assert.ok(ids({ ...program, blocks: moved }).includes("schedule/overlap"));
  const impatient = program.layers.map((l) => ({
    ...l,
    steps: l.steps.filter((s) => s.kind !== "wait" || s.channel !== "y1.w"),
  }));
  assert.ok(ids({ ...program, layers: impatient }).includes("schedule/unwaited"));
  const late = program.layers.map((l, i) =>
    i === 0 ? { ...l, steps: withoutStartsOf("y1.w", l.steps) } : l,
  );
  assert.ok(ids({ ...program, layers: late }).includes("schedule/undefined"));
});

const withoutStartsOf = (block: string, steps: readonly Step[]): Step[] =>
  steps
    .filter((s) => s.kind !== "start" || s.near.block !== block)
    .map((s) =>
      s.kind === "loop" || s.kind === "when" ? { ...s, body: withoutStartsOf(block, s.body) } : s,
    );

test("layers whose kernels differ in nothing but their names share one function", () => {
  const names = plan(chain(3)).layers.map((l) => l.source!.name);
  assert.equal(new Set(names).size, 1);
  const calls = plan(chain(3)).layers.flatMap(
    (l) => JSON.stringify(l.steps).match(/"kernel":"[^"]*"/g) ?? [],
  );
  assert.equal(new Set(calls).size, 1);
});

test.run();
