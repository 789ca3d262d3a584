import fc from "fast-check";
import * as assert from "uvu/assert";
import { portableKernels } from "../../../src/backends/c/index.js";
import { tileKernels } from "../../../src/backends/pulp/kernels/index.js";
import { type PlanOptions, planProgram } from "../../../src/backends/pulp/planner/plan.js";
import { printProgram } from "../../../src/backends/schedule/print.js";
import type { Program, Step } from "../../../src/backends/schedule/program.js";
import { verifyProgram } from "../../../src/backends/schedule/verify.js";
import { Refusal } from "../../../src/ir/diagnostic.js";
import type { Graph } from "../../../src/ir/graph.js";
import { seed, suite } from "../../harness.js";
import { layerArbitrary, layerNames, networkArbitrary } from "../random-layers.js";

const test = suite("pulp plan");

const kernels = { tile: tileKernels, portable: portableKernels };
const roomy = { l1: 44 * 1024, l2: 400 * 1024, l3: 8 * 1024 * 1024 };
const plan = (graph: Graph, options: Partial<PlanOptions> = {}): Program =>
  planProgram(graph, { target: "gap8", cores: 8, ...roomy, kernels, ...options });

/** The program, or the id of the refusal. */
function attempt(graph: Graph, options: Partial<PlanOptions>): Program | string {
  try {
    return plan(graph, options);
  } catch (e) {
    if (e instanceof Refusal) return e.diagnostics[0]!.id;
    throw e;
  }
}

const fits = new Set(["pulp/l1-budget", "pulp/l2-budget"]);

function sound(graph: Graph, options: Partial<PlanOptions>): void {
  const program = attempt(graph, options);
  if (typeof program === "string") assert.ok(fits.has(program), program);
  else {
    assert.equal(verifyProgram(program), []);
    for (const l of program.levels) assert.ok(l.bytes <= l.budget, printProgram(program));
  }
}

for (const name of layerNames)
  test(`layers of ${name} have sound schedules, whatever the budgets`, () => {
    const budgets = fc.record({
      l1: fc.constantFrom(44 * 1024, 1024, 256),
      l2: fc.constantFrom(400 * 1024, 512),
      cores: fc.constantFrom(1, 3, 8),
    });
    fc.assert(
      fc.property(layerArbitrary(name), budgets, ({ graph }, options) => sound(graph, options)),
      { seed, numRuns: 12 },
    );
  });

test("networks have sound schedules, whatever the budgets", () => {
  const budgets = fc.record({
    l1: fc.constantFrom(44 * 1024, 2048, 512),
    l2: fc.constantFrom(400 * 1024, 4096, 1024),
  });
  fc.assert(
    fc.property(networkArbitrary, budgets, ({ graph }, options) => sound(graph, options)),
    { seed, numRuns: 50 },
  );
});

/** The program without the steps that `drop` picks. */
function without(p: Program, drop: (s: Step) => boolean): Program {
  const keep = (steps: readonly Step[]): Step[] =>
    steps
      .filter((s) => !drop(s))
      .map((s) => (s.kind === "loop" || s.kind === "when" ? { ...s, body: keep(s.body) } : s));
  return { ...p, layers: p.layers.map((l) => ({ ...l, steps: keep(l.steps) })) };
}

const some = (list: readonly { readonly id: string }[], id: string): boolean => list.some((d) => d.id === id);

test("the verifier misses no wait, start or border that a program needs", () => {
  let [waits, starts] = [0, 0];
  fc.assert(
    fc.property(networkArbitrary, ({ graph }) => {
      const program = attempt(graph, { l1: 2048 });
      if (typeof program === "string" || !program.layers.some((l) => l.channels.length > 0)) return;
      waits++;
      assert.ok(some(verifyProgram(without(program, (s) => s.kind === "wait")), "schedule/unwaited"));
      const deaf = without(program, (s) => s.kind === "start" && s.direction === "in");
      if (!program.layers.some((l) => l.channels.some((c) => c.name.startsWith("x")))) return;
      starts++;
      assert.ok(some(verifyProgram(deaf), "schedule/undefined"));
    }),
    { seed, numRuns: 20 },
  );
  assert.ok(waits > 5 && starts > 5, `${waits} and ${starts} programs were tried`);
});

test("the verifier sees blocks that meet and memories that are too small", () => {
  const programs = fc.sample(layerArbitrary("conv"), { seed, numRuns: 20 }).map(({ graph }) => plan(graph));
  const program = programs.find((p) => p.layers[0]!.blocks.length > 2)!;
  const [first] = program.layers;
  const stacked = first!.blocks.map((b) => ({ ...b, offset: 0 }));
  assert.ok(
    some(verifyProgram({ ...program, layers: [{ ...first!, blocks: stacked }] }), "schedule/overlap"),
  );
  const levels = program.levels.map((l) => ({ ...l, budget: l.bytes - 1 }));
  assert.ok(some(verifyProgram({ ...program, levels }), "schedule/budget"));
  const short = first!.blocks.map((b) => ({ ...b, bytes: 1 }));
  assert.ok(
    some(verifyProgram({ ...program, layers: [{ ...first!, blocks: short }] }), "schedule/out-of-block"),
  );
});

test.run();
