/** Convolutions whose input channels are read range by range: the same integers, with less L1. `RUNS=10` draws ten times as many. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { portableKernels } from "../../../src/backends/c/index.js";
import { type FirmwareProject, makeFirmware } from "../../../src/backends/pulp/firmware/project.js";
import { convPlain } from "../../../src/backends/pulp/kernels/conv-plain.js";
import { tileKernels } from "../../../src/backends/pulp/kernels/index.js";
import {
  addendBytes,
  divided,
  firstChannel,
  isLast,
  type Packed,
} from "../../../src/backends/pulp/planner/addends.js";
import { type PlanOptions, planProgram } from "../../../src/backends/pulp/planner/plan.js";
import { bestTiling } from "../../../src/backends/pulp/planner/tile.js";
import { evaluate } from "../../../src/backends/schedule/expr.js";
import type { Program, Step } from "../../../src/backends/schedule/program.js";
import { randomTensor } from "../../../src/data/random-tensor.js";
import { Refusal } from "../../../src/ir/diagnostic.js";
import type { Graph } from "../../../src/ir/graph.js";
import { interpret } from "../../../src/ir/interpreter.js";
import { seed, suite } from "../../harness.js";
import { type ConvOptions, convGraph } from "./kernels/conv-cases.js";
import { layerOf } from "./kernels/harness.js";
import { wrongOnGap8, wrongOnHost } from "./random-firmware.js";
import { hasCrossCompiler, hasHostCompiler } from "./tools.js";

const test = suite("pulp: input channels in parts");
const built = hasHostCompiler && hasCrossCompiler ? test : test.skip;

const kernels = { tile: tileKernels, portable: portableKernels };
const memory = { l2: 480 * 1024, l3: 8 * 1024 * 1024 };
const plan = (graph: Graph, options: Partial<PlanOptions>): Program =>
  planProgram(graph, { target: "gap8", cores: 8, l1: 44 * 1024, ...memory, kernels, ...options });

const inner = (s: Step): readonly Step[] => ("body" in s ? s.body.flatMap(inner) : [s]);
/** Does a tile not finish its sums? */
const isDivided = ({ layers }: Program): boolean =>
  layers.some((l) => l.steps.flatMap(inner).some((s) => s.kind === "tile" && s.extents.last !== 1));

const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const axis = fc.record({
  length: fc.integer({ min: 1, max: 9 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  pad: fc.integer({ min: 0, max: 2 }),
});
const layers: fc.Arbitrary<ConvOptions> = fc
  .record({
    op: pick("conv" as const, "conv" as const, "conv_transpose" as const, "linear" as const),
    axes: fc.oneof(
      axis.map((a) => [{ ...a, length: 3 * a.length }]),
      fc.tuple(axis, axis),
    ),
    ci: fc.integer({ min: 24, max: 120 }),
    co: fc.integer({ min: 1, max: 18 }),
    x: pick("u8" as const, "i8" as const, "i16" as const),
    w: pick("i8" as const, "i4" as const, "i2" as const),
    zero: pick(0, 0, 3),
    finish: pick("narrow" as const, "clamped" as const, "wide" as const, "sum" as const),
    shifts: fc.boolean(),
    seed: fc.nat(1000),
  })
  .map(({ op, axes, ...o }) => {
    if (op === "linear") return { ...o, op, size: [], ci: 10 * o.ci };
    const transposed = op === "conv_transpose";
    const reach = (a: (typeof axes)[number]) => (a.kernel - 1) * a.dilation + 1;
    const pads = axes.map((a) => (transposed ? Math.min(a.pad, Math.floor((reach(a) - 1) / 2)) : a.pad));
    return {
      ...o,
      op,
      size: axes.map((a) => (transposed ? a.length : Math.max(a.length, reach(a)))),
      kernel: axes.map((a) => a.kernel),
      stride: axes.map((a) => a.stride),
      dilation: axes.map((a) => a.dilation),
      pads: [...pads, ...pads],
    };
  });

type FirmwareOptions = Omit<Parameters<typeof makeFirmware>[1], "vectors" | "prefix">;
async function firmware(graph: Graph, options: FirmwareOptions) {
  const session = interpret(graph);
  const vectors = [];
  for (const seed of [3, 4]) {
    const inputs = graph.inputs.map((v) => randomTensor(v.type, seed));
    vectors.push({ inputs, values: await session.run(inputs) });
  }
  return makeFirmware(graph, { vectors, prefix: "parts", ...options });
}

const tooSmall = new Set(["pulp/l1-budget", "pulp/l2-budget"]);
async function possible(...of: Parameters<typeof firmware>): Promise<FirmwareProject | undefined> {
  try {
    return await firmware(...of);
  } catch (e) {
    if (e instanceof Refusal && e.diagnostics.every((d) => tooSmall.has(d.id))) return undefined;
    throw e;
  }
}

built(
  "random layers with little L1 give the same integers, with 1 to 8 cores and with values in L3",
  async () => {
    const runs = 10 * Number(process.env.RUNS ?? 1);
    const l2 = pick(480 * 1024, 480 * 1024, 6 * 1024);
    const budgets = fc.record({ cores: fc.integer({ min: 1, max: 8 }), l1: pick(700, 1000, 1600, 2600), l2 });
    const cases = fc.sample(fc.record({ layer: layers, options: budgets }), { seed, numRuns: 4 * runs });
    let [host, simulated] = [0, 0];
    for (const { layer, options } of cases) {
      const project = await possible(convGraph(layer), options);
      if (!project || !isDivided(project.emission.program)) continue;
      const where = `seed ${seed}: ${JSON.stringify({ layer, options })}`;
      assert.is(await wrongOnHost(project), undefined, where);
      host++;
      if (host % 4 === 1) {
        assert.is(await wrongOnGap8(project), undefined, where);
        simulated++;
      }
      if (host === runs) break;
    }
    assert.ok(host >= runs / 2 && simulated > 0, `${host} of ${cases.length} layers were divided`);
  },
);

for (const layer of [
  { size: [20], ci: 70, co: 6, kernel: [3], pads: [1, 1], finish: "wide", x: "i16" },
  {
    op: "conv_transpose",
    size: [5, 6],
    ci: 40,
    co: 7,
    kernel: [3, 3],
    stride: [2, 2],
    finish: "sum",
    zero: 5,
  },
] satisfies ConvOptions[])
  built(`the plain kernel adds up parts of a ${layer.op ?? "conv"} as well`, async () => {
    const project = await firmware(convGraph(layer), {
      cores: 5,
      l1: 700,
      ...memory,
      tileKernels: [convPlain],
    });
    assert.ok(isDivided(project.emission.program));
    assert.is(await wrongOnHost(project), undefined);
  });

/** A layer with its constants, as the planner has it before its tiles are chosen. */
function whole(options: ConvOptions): Packed {
  const layer = layerOf(convGraph(options));
  const kernel = tileKernels.find((k) => k.refuses(layer, { bounds: new Map(), cores: 8 }) === undefined)!;
  const layouts = kernel.layouts(layer)[0]!;
  return { layer, kernel, layouts, constants: kernel.pack(layer, layouts) };
}

const pointwise: ConvOptions = { size: [8, 8], ci: 1024, co: 256, kernel: [1, 1], finish: "wide" };
const square: ConvOptions = {
  size: [8, 8],
  ci: 512,
  co: 64,
  kernel: [3, 3],
  pads: [1, 1, 1, 1],
  finish: "wide",
};

for (const [name, options] of [
  ["1 x 1, 1024 to 256 channels", pointwise],
  ["3 x 3, 512 to 64 channels", square],
] as const)
  test(`${name}: fits 3, 16 and 44 KiB, and parts are taken where they are faster`, () => {
    const p = whole(options);
    const cycles = [3, 16, 44].map((kib) => {
      const program = plan(convGraph(options), { l1: kib * 1024 });
      assert.ok(program.levels.find((l) => l.level === "l1")!.bytes <= kib * 1024);
      assert.ok(kib === 44 || isDivided(program));
      const { best } = bestTiling(p, kib * 1024, 8);
      const { estimate } = program.layers[0]!;
      if (best)
        assert.ok(estimate <= Math.round(best.cycles), `${estimate} cycles in parts, ${best.cycles} in one`);
      return estimate;
    });
    assert.ok(cycles[0]! > cycles[1]! && cycles[1]! >= cycles[2]!, cycles.join());
  });

test("a layer that is as fast in one is left in one", () => {
  const p = whole({ size: [16, 16], ci: 32, co: 32, kernel: [1, 1], finish: "wide" });
  assert.is(divided(p, 44 * 1024, 8), p);
});

test("where nothing fits, the smallest tile is one of a range", () => {
  const graph = convGraph({ size: [8, 8], ci: 64, co: 8, kernel: [3, 3], finish: "wide" });
  let text = "";
  try {
    plan(graph, { l1: 200 });
  } catch (e) {
    assert.ok(e instanceof Refusal);
    text = e.diagnostics[0]!.text;
  }
  const bytes = Number(/needs (\d+) bytes/.exec(text)?.[1]);
  assert.ok(bytes > 200 && bytes < 4 * 9 * 64, text);
});

test("ranges lie side by side, and the weights of each where they are looked for", () => {
  const { addends, constants } = divided(whole({ ...square, ci: 510 }), 3 * 1024, 8);
  assert.ok(addends);
  const at = (k: number) => evaluate(firstChannel(addends, "t"), new Map([["t", k]]));
  for (let k = 0; k < addends.count; k++) {
    assert.ok(at(k) <= k * addends.channels && at(k) + addends.channels <= 510);
    if (k > 0) assert.ok(at(k) <= at(k - 1) + addends.channels);
    assert.is(
      evaluate(isLast(addends, "t"), new Map([["t", k + addends.count]])),
      Number(k === addends.count - 1),
    );
  }
  assert.is(at(addends.count - 1) + addends.channels, 510);
  const { each, before } = addendBytes(addends, addends.count - 1);
  assert.is((before as number) + addends.blocks * (each as number), constants.weights.length);
});

test.run();
