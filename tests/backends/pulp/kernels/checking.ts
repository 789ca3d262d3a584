/** Cases of a kernel in many layouts, and what every test asserts of them. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import type { Extent, LayerLayouts, TileKernel } from "../../../../src/backends/pulp/contract.js";
import { tileShape } from "../../../../src/backends/pulp/planner/geometry.js";
import type { Graph } from "../../../../src/ir/graph.js";
import { seed } from "../../../harness.js";
import { fits, type HarnessOptions, type KernelCase, layerOf, runCases } from "./harness.js";
import type { Region } from "./job.js";

export interface CaseOptions {
  /** Every how many of the layouts; default all of them. */
  readonly every?: number;
  readonly from?: number;
  readonly cores?: number;
  readonly region?: Region;
  readonly seed?: number;
}

export const layoutName = (l: LayerLayouts): string =>
  [...l.inputs, l.output].map((x) => `${x.order}${x.align}`).join("-");

/** The graph's layer in the layouts of the kernel, which must not refuse it. */
export function casesOf(
  name: string,
  kernel: TileKernel,
  graph: Graph,
  options: CaseOptions = {},
): KernelCase[] {
  const layer = layerOf(graph);
  const { every = 1, from = 0, ...more } = options;
  assert.is(kernel.refuses(layer, { bounds: new Map(), cores: more.cores ?? 8 }), undefined, name);
  return kernel
    .layouts(layer)
    .filter((_, i) => i >= from && (i - from) % every === 0)
    .map((layouts) => ({ name: `${name} ${layoutName(layouts)}`, kernel, graph, layer, layouts, ...more }));
}

/** Every byte right, on the host and on gap8sim, and nothing written that is not the kernel's. */
export async function allRight(
  cases: readonly KernelCase[],
  options: HarnessOptions = { profiles: ["gvsoc"] },
): Promise<void> {
  const folder = process.env.KEEP;
  const outcomes = await runCases(cases, { ...options, ...(folder ? { folder } : {}) });
  const wrong = outcomes.flatMap((o) =>
    o.wrong.map((w) => `${o.case.name} ${JSON.stringify(o.case.region ?? {})}: ${w}`),
  );
  assert.equal(wrong, [], `seed ${seed}`);
}

/** What a random tile is drawn from: layouts, cores, and which part of the output it is. */
export const tile = fc.record({
  layouts: fc.nat(1000),
  cores: fc.constantFrom(1, 5, 8, 8),
  whole: fc.boolean(),
  from: fc.double({ min: 0, max: 0.6, noNaN: true }),
  length: fc.double({ min: 0.1, max: 1, noNaN: true }),
  seed: fc.nat(1000),
});
type Tile = typeof tile extends fc.Arbitrary<infer T> ? T : never;

/** A part of the output that begins at a multiple of four channels. */
function regionOf({ whole, from, length }: Tile, out: Extent): Region | undefined {
  if (whole) return undefined;
  const cut = (n: number, to: number) => {
    const begin = Math.floor((n * from) / to) * to;
    return [begin, Math.min(n - begin, Math.ceil(((n - begin) * length) / to) * to)] as const;
  };
  const [[y, h], [x, w], [c, channels]] = [cut(out.h, 1), cut(out.w, 1), cut(out.c, 4)];
  return { y, x, c, h, w, channels };
}

/** The graph's layer as one random tile; nothing where that does not fit L1. */
export async function randomCase(
  name: string,
  kernel: TileKernel,
  graph: Graph,
  drawn: Tile,
): Promise<readonly KernelCase[]> {
  const layer = layerOf(graph);
  const region = regionOf(drawn, layer.out);
  const all = kernel.layouts(layer).length;
  const from = drawn.layouts % all;
  const { cores, seed } = drawn;
  const [found] = casesOf(name, kernel, graph, {
    from,
    every: all,
    cores,
    seed,
    ...(region ? { region } : {}),
  });
  return found && (await fits(found)) ? [found] : [];
}

/** The cycle model has costs for the graph's layer in whatever layouts, and more of them for fewer cores. */
export function assertCosts(name: string, kernel: TileKernel, graph: Graph): void {
  const layer = layerOf(graph);
  const shape = tileShape(layer, layer.out);
  for (const layouts of kernel.layouts(layer)) {
    const [all, one] = [8, 1].map((cores) => kernel.cycles(layer, layouts, shape, cores)) as [number, number];
    assert.ok(
      all > 0 && one >= all,
      `${name} ${layoutName(layouts)}: ${all} cycles on 8 cores, ${one} on one`,
    );
  }
}

/** `runs` values of the arbitrary, the same for the same seed. */
export const drawn = <T>(of: fc.Arbitrary<T>, runs: number): readonly T[] =>
  fc.sample(of, { seed, numRuns: Number(process.env.RUNS ?? runs) });
