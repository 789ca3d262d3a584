/** Depthwise convolutions that are computed tile by tile with the pointwise ones behind them, where that is faster. */
import { type Graph, usersOf, type Value } from "../../../ir/graph.js";
import { slotBytes } from "../../../ir/storage.js";
import { elements } from "../../../ir/type.js";
import type { Access, Layer, LayerLayouts } from "../contract.js";
import { inSequence } from "../kernels/fused.js";
import { fastest } from "./addends.js";
import { chooseLayouts, type Layouts, layoutsKey } from "./layouts.js";
import type { TiledUnit, Unit } from "./units.js";

/** Units with the layouts of all values. */
export interface Arrangement {
  readonly units: readonly Unit[];
  readonly layouts: Layouts;
}

interface Budget {
  readonly cores: number;
  readonly l1: number;
}

/** Two units, and what they are as one. */
export interface Pair {
  readonly first: TiledUnit;
  readonly second: TiledUnit;
  readonly fused: TiledUnit;
}

const isPoint = (a: Access): boolean =>
  a.kind === "window" && a.kernel === 1 && a.stride === 1 && a.before === 0;

/** Does the layer slide a window over each channel by itself? */
const isDepthwise = ({ anchor, inputs }: Layer): boolean =>
  anchor.op.name === "conv" && inputs.length === 1 && inputs[0]!.channels === "same";

/** Does the layer mix the channels of each position, which is where its output is? */
function isPointwise({ anchor, inputs: [x], out }: Layer): boolean {
  if (anchor.op.name !== "conv" || x?.channels !== "all") return false;
  return isPoint(x.y) && isPoint(x.x) && x.extent.h === out.h && x.extent.w === out.w;
}

function joined(first: Layer, second: Layer): Layer {
  return {
    ...second,
    nodes: [...first.nodes, ...second.nodes],
    inputs: first.inputs.map((i) => ({ ...i, channels: "all" })),
    parts: [first, second],
  };
}

/** Depthwise layers whose results only a pointwise one reads. */
export function pairsOf(graph: Graph, units: readonly Unit[]): readonly Pair[] {
  const users = usersOf(graph);
  const outputs = new Set(graph.outputs);
  const tiled = units.filter((u) => u.kind === "tiled");
  const makers = new Map(tiled.map((u) => [u.output, u]));
  return tiled.flatMap((second): Pair[] => {
    const first = isPointwise(second.layer) ? makers.get(second.layer.inputs[0]!.value) : undefined;
    if (!first || !isDepthwise(first.layer) || outputs.has(first.output)) return [];
    if (users.get(first.output)!.length !== 1) return [];
    const layer = joined(first.layer, second.layer);
    const kernel = inSequence(first.kernel, second.kernel);
    return [
      { first, second, fused: { kind: "tiled", nodes: layer.nodes, output: layer.output, layer, kernel } },
    ];
  });
}

/** Estimated cycles of units in given layouts; infinite where no tile fits. */
type Estimate = (unit: TiledUnit, layouts: LayerLayouts) => number;

function estimator({ l1, cores }: Budget): Estimate {
  const known = new Map<TiledUnit, Map<string, number>>();
  const search = ({ layer, kernel }: TiledUnit, layouts: LayerLayouts): number => {
    const constants = kernel.pack(layer, layouts);
    return fastest({ layer, kernel, layouts, constants }, l1, cores).best?.cycles ?? Infinity;
  };
  return (unit, layouts) => {
    const own = known.get(unit) ?? new Map<string, number>();
    known.set(unit, own);
    const key = layoutsKey(unit.layer, layouts);
    const cycles = own.get(key) ?? search(unit, layouts);
    own.set(key, cycles);
    return cycles;
  };
}

/** Cycles of a pair as two. `far`: the value between may lie in L3 then. */
function apartCycles({ first, second }: Pair, { units }: Layouts, estimate: Estimate, far: boolean): number {
  const { type } = first.output;
  const moved = far ? 2 * elements(type) * slotBytes(type.storage) : 0;
  return estimate(first, units.get(first)!) + moved + estimate(second, units.get(second)!);
}

/** Layouts of a pair as one that are those of the two at both ends. */
function alike(
  { first, second, fused: { kernel, layer } }: Pair,
  { units }: Layouts,
): LayerLayouts | undefined {
  const ends = layoutsKey(layer, { inputs: units.get(first)!.inputs, output: units.get(second)!.output });
  return kernel.layouts(layer).find((l) => layoutsKey(layer, l) === ends);
}

function withPairs(units: readonly Unit[], pairs: readonly Pair[]): readonly Unit[] {
  const gone = new Set<Unit>(pairs.map((p) => p.first));
  const instead = new Map<Unit, Unit>(pairs.map((p) => [p.second, p.fused]));
  return units.filter((u) => !gone.has(u)).map((u) => instead.get(u) ?? u);
}

interface Options {
  /** Values that keep the callers' layout. */
  readonly fixed: ReadonlySet<Value>;
  readonly fuse: boolean;
  /** May values lie in L3? */
  readonly far: boolean;
  readonly budget: Budget;
}

/** The layouts of all values, and pairs of layers as one where that pays. */
export function arrange(
  graph: Graph,
  units: readonly Unit[],
  { fixed, fuse, far, budget }: Options,
): Arrangement {
  const apart = { units, layouts: chooseLayouts(units, fixed, budget.cores) };
  if (!fuse) return apart;
  const estimate = estimator(budget);
  const pays = (p: Pair, at: LayerLayouts | undefined): boolean =>
    at !== undefined && estimate(p.fused, at) < apartCycles(p, apart.layouts, estimate, far);
  let pairs = pairsOf(graph, units).filter((p) => pays(p, alike(p, apart.layouts)));
  while (pairs.length > 0) {
    const together = withPairs(units, pairs);
    const layouts = chooseLayouts(together, fixed, budget.cores);
    const still = pairs.filter((p) => pays(p, layouts.units.get(p.fused)));
    if (still.length === pairs.length) return { units: together, layouts };
    pairs = still;
  }
  return apart;
}
