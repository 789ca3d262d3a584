/**
 * Fits the costs of cost-table.ts to gap8sim: `node calibrate.js [variant]` prints the table, and for each variant how
 * far the model is from the simulator on the tiles that it was fitted to.
 */
import type { LayerLayouts, Layout, TileKernel, TileShape } from "../../../../src/backends/pulp/contract.js";
import { inputBox } from "../../../../src/backends/pulp/geometry.js";
import { copy, copyWork } from "../../../../src/backends/pulp/kernels/copy.js";
import type { Work } from "../../../../src/backends/pulp/kernels/cost.js";
import { depthwise } from "../../../../src/backends/pulp/kernels/depthwise.js";
import { depthwiseWork } from "../../../../src/backends/pulp/kernels/depthwise-cost.js";
import { elementwise, elementwiseWork } from "../../../../src/backends/pulp/kernels/elementwise.js";
import { globalSum, globalWork } from "../../../../src/backends/pulp/kernels/global.js";
import { pool, poolWork } from "../../../../src/backends/pulp/kernels/pool.js";
import { upsample, upsampleWork } from "../../../../src/backends/pulp/kernels/upsample.js";
import type { Graph } from "../../../../src/ir/graph.js";
import { depthwiseGraph } from "./depthwise-cases.js";
import { graphOf, requant, type Wiring } from "./element-cases.js";
import { type KernelCase, layerOf, runCases } from "./harness.js";

type WorkOf = (layer: KernelCase["layer"], l: LayerLayouts, t: TileShape, cores: number) => Work;
interface Sample {
  readonly case: KernelCase;
  readonly work: Work;
}

const [pixels, odd, planes] = [
  { order: "hwc", align: 4 },
  { order: "hwc", align: 1 },
  { order: "chw", align: 4 },
] as const satisfies readonly Layout[];

const samples: Sample[] = [];
function add(
  kernel: TileKernel,
  work: WorkOf,
  graph: Graph,
  layouts: readonly (readonly Layout[])[],
  teams = [8],
) {
  const layer = layerOf(graph);
  for (const [input, output] of layouts as readonly (readonly [Layout, Layout])[])
    for (const cores of teams) {
      const l = { inputs: layer.inputs.map(() => input), output };
      const tile = { out: layer.out, inputs: layer.inputs.map((i) => inputBox(i, layer.out)) };
      const name = `${layer.anchor.op.name} ${input.order}-${output.order}`;
      const c = { name, kernel, graph, layer, layouts: l, cores };
      samples.push({ case: c, work: work(layer, l, tile, cores) });
    }
}

const alike = [
  [pixels, pixels],
  [planes, planes],
] as const;
const mixed = [
  [planes, pixels],
  [odd, odd],
  [pixels, planes],
] as const;

function depthwiseSamples(): void {
  const all = [
    [planes, planes],
    [planes, pixels],
    [pixels, planes],
    [pixels, pixels],
  ] as const;
  const narrow = { finish: "narrow" } as const;
  for (const [channels, length, k, stride] of [
    [32, 100, 3, 1],
    [16, 313, 5, 1],
    [24, 61, 5, 2],
    [8, 40, 9, 1],
    [12, 157, 5, 1],
    [40, 30, 5, 1],
  ] as const)
    add(
      depthwise,
      depthwiseWork,
      depthwiseGraph({
        channels,
        spatial: [(length - 1) * stride + k],
        kernel: [k],
        stride: [stride],
        ...narrow,
      }),
      all,
      [8],
    );
  for (const [channels, size, k, stride] of [
    [16, 16, 3, 1],
    [8, 9, 5, 1],
    [24, 8, 3, 2],
    [12, 12, 3, 1],
  ] as const)
    add(
      depthwise,
      depthwiseWork,
      depthwiseGraph({
        channels,
        spatial: [(size - 1) * stride + k, (size - 1) * stride + k],
        kernel: [k, k],
        stride: [stride, stride],
        ...narrow,
      }),
      all,
      [8],
    );
  add(
    depthwise,
    depthwiseWork,
    depthwiseGraph({ channels: 32, spatial: [100], kernel: [5], finish: "wide" }),
    all,
    [8],
  );
  add(depthwise, depthwiseWork, depthwiseGraph({ channels: 8, spatial: [100], kernel: [5] }), all, [1, 4]);
}

const shapes = [
  [1, 96, 64],
  [1, 31, 16],
  [1, 200, 12],
] as const;
/** Sums that only C finishes. */
function exactSamples(): void {
  for (const [channels, length, k] of [
    [8, 40, 3],
    [16, 100, 5],
    [5, 30, 9],
  ] as const)
    add(
      depthwise,
      depthwiseWork,
      depthwiseGraph({ channels, spatial: [length], kernel: [k], finish: "exact" }),
      [
        [planes, planes],
        [planes, pixels],
      ],
    );
}

function elementSamples(): void {
  const each = (
    f: (w: Wiring, shape: readonly number[]) => ReturnType<Wiring["op"]>,
    layouts: readonly (readonly Layout[])[] = [...alike, ...mixed],
  ) => {
    for (const shape of shapes)
      add(
        elementwise,
        elementwiseWork,
        graphOf((w) => f(w, shape)),
        layouts,
      );
  };
  const sum = (w: Wiring, s: readonly number[], m: number[], b: "i8" | "u8", mul: number) =>
    requant(w, w.op("add", [w.input("i8", s), w.input(b, s)], { mul: m }), [mul], [64], 12, "i8");
  each((w, s) => sum(w, s, [1, 1], "i8", 40), alike);
  each((w, s) => sum(w, s, [3, 5], "i8", 400), alike);
  each((w, s) => sum(w, s, [3, 5], "u8", 400));
  each((w, s) =>
    requant(w, w.op("mul", [w.input("i8", s), w.input("u8", [1, 1, s[2]!])]), [3], [0], 9, "i8"),
  );
  each((w, s) =>
    requant(
      w,
      w.input("i8", s),
      Array.from({ length: s[2]! }, (_, i) => i + 1),
      [0],
      9,
      "i8",
    ),
  );
  each((w, s) => w.op("relu", [w.input("i8", s)]));
  each((w, s) => w.op("lut", [w.input("i8", s), w.param("u8", [256], new Uint8Array(256))], {}, "u8"));
  each((w, s) =>
    requant(
      w,
      w.op("prelu", [w.input("i8", s), w.param("i8", [1], new Int8Array(1))], { positive: 8 }),
      [1],
      [4],
      3,
      "i8",
    ),
  );
  each((w, s) => requant(w, w.input("i32", s), [2 ** 28], [2n ** 40n], 44, "i8"));
}

function spatialSamples(): void {
  const means = (f: (w: Wiring) => ReturnType<Wiring["op"]>, wide: boolean) =>
    graphOf((w) =>
      wide ? requant(w, f(w), [2 ** 30], [2n ** 35n], 44, "u8") : requant(w, f(w), [3], [128], 12, "u8"),
    );
  for (const [h, w, c] of [
    [12, 10, 64],
    [7, 9, 20],
    [1, 120, 32],
    [1, 50, 12],
    [8, 8, 16],
    [1, 313, 8],
  ] as const) {
    const shape = h === 1 ? [1, w, c] : [1, h, w, c];
    const two = h === 1 ? [2] : [2, 2];
    const three = h === 1 ? [3] : [3, 3];
    add(
      pool,
      poolWork,
      graphOf((g) => g.op("maxpool", [g.input("i8", shape)], { kernel: two, stride: two })),
      [...alike, ...mixed],
    );
    add(
      pool,
      poolWork,
      graphOf((g) => g.op("maxpool", [g.input("i8", shape)], { kernel: three })),
      [...alike, ...mixed],
    );
    for (const wide of [false, true]) {
      add(
        pool,
        poolWork,
        means((g) => g.op("avgpool", [g.input("u8", shape)], { kernel: two, stride: two }), wide),
        [...alike, ...mixed],
      );
      add(
        pool,
        poolWork,
        means((g) => g.op("avgpool", [g.input("u8", shape)], { kernel: three }), wide),
        [...alike, ...mixed],
      );
      add(
        globalSum,
        globalWork,
        means((g) => g.op("global_avgpool", [g.input("u8", shape)]), wide),
        [
          [pixels, pixels],
          [planes, odd],
          [odd, odd],
        ],
      );
    }
    const size = h === 1 ? [2 * w] : [2 * h, 2 * w];
    add(
      upsample,
      upsampleWork,
      graphOf((g) => g.op("upsample", [g.input("i8", shape)], { size })),
      [...alike, mixed[0], mixed[2]],
    );
    add(
      upsample,
      upsampleWork,
      graphOf((g) => g.op("upsample", [g.input("i8", shape)], { size, mode: "linear" })),
      [...alike, mixed[0], mixed[2]],
    );
    const edges = h === 1 ? [1, 1] : [1, 1, 1, 1];
    add(
      copy,
      copyWork,
      graphOf((g) => g.op("crop", [g.input("i8", shape)], { edges })),
      [...alike, ...mixed, [odd, pixels], [pixels, odd]],
    );
  }
}

/** Least squares of relative errors; a cost below zero is none. */
function fit(rows: readonly (readonly number[])[], cycles: readonly number[]): number[] {
  let live = rows[0]!.map((_, i) => i).filter((i) => rows.some((r) => r[i] !== 0));
  for (;;) {
    const found = solve(
      rows.map((r, k) => live.map((i) => r[i]! / cycles[k]!)),
      rows.map(() => 1),
    );
    const least = Math.min(...found);
    if (least >= 0 || live.length === 1) {
      const costs = new Array<number>(rows[0]!.length).fill(0);
      for (const [k, i] of live.entries()) costs[i] = Math.round(found[k]! * 1000) / 1000;
      return costs;
    }
    live = live.filter((_, k) => found[k] !== least);
  }
}

function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const n = a[0]!.length;
  const m = Array.from({ length: n }, (_, i) => [
    ...Array.from(
      { length: n },
      (_, j) => a.reduce((s, r) => s + r[i]! * r[j]!, 0) * (i === j ? 1 + 1e-9 : 1),
    ),
    a.reduce((s, r, k) => s + r[i]! * b[k]!, 0),
  ]);
  for (let i = 0; i < n; i++) {
    const pivot = m
      .slice(i)
      .reduce((best, r, k) => (Math.abs(r[i]!) > Math.abs(m[best]![i]!) ? k + i : best), i);
    [m[i], m[pivot]] = [m[pivot]!, m[i]!];
    for (let j = 0; j < n; j++) {
      if (j === i || m[i]![i] === 0) continue;
      const f = m[j]![i]! / m[i]![i]!;
      for (let k = i; k <= n; k++) m[j]![k]! -= f * m[i]![k]!;
    }
  }
  return m.map((r, i) => (r[i] === 0 ? 0 : r[n]! / r[i]!));
}

depthwiseSamples();
exactSamples();
elementSamples();
spatialSamples();
const [wanted] = process.argv.slice(2);
const chosen = samples.filter((s) => !wanted || s.work.variant.startsWith(wanted));
const outcomes = await runCases(
  chosen.map((s) => s.case),
  { host: false, profiles: ["gvsoc"] },
);
for (const variant of [...new Set(chosen.map((s) => s.work.variant))].sort()) {
  const mine = chosen.flatMap((s, i) =>
    s.work.variant === variant ? [{ ...s, cycles: outcomes[i]!.cycles.gvsoc!.warm }] : [],
  );
  const costs = fit(
    mine.map((s) => s.work.counts),
    mine.map((s) => s.cycles),
  );
  const errors = mine.map((s) => s.work.counts.reduce((n, v, i) => n + v * costs[i]!, 0) / s.cycles - 1);
  const percent = (v: number) => `${(100 * v).toFixed(1)} %`;
  const mean = errors.reduce((n, e) => n + Math.abs(e), 0) / errors.length;
  const worst = errors.reduce((n, e) => Math.max(n, Math.abs(e)), 0);
  console.log(`  // ${mine.length} tiles: ${percent(mean)} off on average, ${percent(worst)} at most.`);
  console.log(`  "${variant}": [${costs.join(", ")}],`);
}
const wrong = outcomes.flatMap((o) => o.wrong.map((w) => `${o.case.name}: ${w}`));
if (wrong.length > 0) throw new Error(wrong.join("\n"));
