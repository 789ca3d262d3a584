/** Tiles on gap8sim beside the work that the cycle models count in them. */
import type { Layer, LayerLayouts, TileShape } from "../../src/backends/pulp/contract.js";
import { convWork } from "../../src/backends/pulp/kernels/conv-cost.js";
import { copyWork } from "../../src/backends/pulp/kernels/copy.js";
import type { Work } from "../../src/backends/pulp/kernels/cost.js";
import { depthwiseWork } from "../../src/backends/pulp/kernels/depthwise-cost.js";
import { elementwiseWork } from "../../src/backends/pulp/kernels/elementwise.js";
import { globalWork } from "../../src/backends/pulp/kernels/global.js";
import { matmulWork } from "../../src/backends/pulp/kernels/matmul.js";
import { poolWork } from "../../src/backends/pulp/kernels/pool.js";
import { upsampleWork } from "../../src/backends/pulp/kernels/upsample.js";
import { tileShape } from "../../src/backends/pulp/planner/geometry.js";
import { type KernelCase, runCases } from "../../tests/backends/pulp/kernels/harness.js";
import { drawTiles } from "./draw.js";

type WorkOf = (layer: Layer, layouts: LayerLayouts, tile: TileShape, cores: number) => Work;
/** By name of the kernel. */
const works: Readonly<Record<string, WorkOf>> = {
  conv: convWork,
  depthwise: depthwiseWork,
  elementwise: elementwiseWork,
  pool: poolWork,
  "global-sum": globalWork,
  upsample: upsampleWork,
  copy: copyWork,
  matmul: matmulWork,
};

export interface MeasuredTile {
  readonly case: KernelCase;
  readonly work: Work;
  /** Of the second run, in profile gvsoc. */
  readonly cycles: number;
}

/** Functions that one program holds. */
const most = 120;

/** Throws where a kernel is wrong. */
export async function measureTiles(
  seed: number,
  count: number,
  only?: RegExp,
): Promise<readonly MeasuredTile[]> {
  const cases = await drawTiles(seed, count, only);
  const found: MeasuredTile[] = [];
  for (let at = 0; at < cases.length; at += most) {
    const outcomes = await runCases(cases.slice(at, at + most), { profiles: ["gvsoc"], host: false });
    for (const { case: c, out, wrong, cycles } of outcomes) {
      if (wrong.length > 0) throw new Error(`${c.name}: ${wrong.join("; ")}`);
      const work = works[c.kernel.name]!(c.layer, c.layouts, tileShape(c.layer, out), c.cores ?? 8);
      found.push({ case: c, work, cycles: cycles.gvsoc!.warm });
    }
  }
  return found;
}
