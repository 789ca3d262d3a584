/** Tile shapes: an exhaustive search under an L1 budget with the kernels' cycle models. */
import { error, Refusal } from "../../../ir/diagnostic.js";
import { slotBytes } from "../../../ir/storage.js";
import { alignUp } from "../../memory.js";
import type { Extent, Layer, LayerLayouts, PackedConstants, TileKernel } from "../contract.js";
import type { Addends } from "./addends.js";
import { boxBytes, tileShape } from "./geometry.js";
import { gap8 } from "./machine.js";
import { layerCycles } from "./tile-cycles.js";

export type Axis = "h" | "w" | "c";

/** A layer with everything that is decided before its tiles are. */
export interface Prepared {
  readonly layer: Layer;
  readonly kernel: TileKernel;
  readonly layouts: LayerLayouts;
  readonly constants: ConstantSizes;
  /** Where tiles read some of the input channels at a time: `layer` is the last addend then. */
  readonly addends?: Addends;
}

/** What is known of packed constants before they are packed. */
export type ConstantSizes = Pick<PackedConstants, "block"> &
  Readonly<Record<"weights" | "channels" | "shared", { readonly length: number }>>;

export interface Tiling {
  /** Output extent of a tile; the last one along an axis may be smaller. */
  readonly size: Extent;
  /** Loops from the outermost in. */
  readonly order: readonly Axis[];
  /** 2 where transfers overlap with the kernel. */
  readonly slots: 1 | 2;
  /** L1 bytes. */
  readonly bytes: number;
  /** Estimated cluster cycles. */
  readonly cycles: number;
}

/** An operand as the pipeline sees it: how often it is loaded, and into how many places. */
export interface Load {
  /** Tiles that pass until the next box is needed. */
  readonly every: number;
  readonly loads: number;
  readonly slots: number;
  /** Of one place in L1. */
  readonly bytes: number;
}

export interface TilePlan {
  readonly counts: Extent;
  /** Tiles of input channels for each of the output. */
  readonly addends: number;
  readonly tiles: number;
  readonly inputs: readonly Load[];
  readonly weights: Load;
  readonly channels: Load;
  readonly shared: number;
  readonly output: Load;
  readonly scratch: number;
}

const align = 16;
const orders: readonly (readonly Axis[])[] = [
  ["c", "h", "w"],
  ["h", "w", "c"],
];

const countsOf = (out: Extent, size: Extent): Extent => ({
  h: Math.ceil(out.h / size.h),
  w: Math.ceil(out.w / size.w),
  c: Math.ceil(out.c / size.c),
});

/** Loops of the output, and the one over input channels inside of them. */
type Loop = Axis | "k";
type Counts = Readonly<Record<Loop, number>>;

function load(
  counts: Counts,
  order: readonly Axis[],
  needs: (loop: Loop) => boolean,
  slots: number,
  bytes: number,
): Load {
  const loops = [...order, "k" as const].filter((a) => counts[a] > 1);
  let every = 1;
  while (loops.length > 0 && !needs(loops.at(-1)!)) every *= counts[loops.pop()!];
  const loads = (counts.h * counts.w * counts.c * counts.k) / every;
  return { every, loads, slots: Math.min(slots, loads), bytes: alignUp(bytes, align) };
}

/** What a tiling asks of L1 and of the DMA. */
export function planTiles(p: Prepared, t: Pick<Tiling, "size" | "order" | "slots">, cores: number): TilePlan {
  const { layer, layouts, constants, kernel } = p;
  const addends = p.addends?.count ?? 1;
  const counts = { ...countsOf(layer.out, t.size), k: addends };
  const shape = tileShape(layer, t.size);
  const inputs = layer.inputs.map((input, i) => {
    const follows = (a: Loop) =>
      a === "c" || a === "k"
        ? a === "k" || input.channels === "same"
        : !["whole", "single"].includes((a === "h" ? input.y : input.x).kind);
    const bytes = boxBytes(layouts.inputs[i]!, shape.inputs[i]!, slotBytes(input.value.type.storage));
    return load(counts, t.order, follows, t.slots, bytes);
  });
  const groups = Math.ceil(t.size.c / constants.block);
  const all = Math.max(1, Math.ceil(layer.out.c / constants.block));
  const perChannel = (bytes: number, needs: readonly Loop[]) =>
    load(counts, t.order, (a) => needs.includes(a), t.slots, groups * bytes);
  const { weights, channels } = constants;
  const output = boxBytes(layouts.output, t.size, slotBytes(layer.output.type.storage));
  return {
    counts,
    addends,
    tiles: counts.h * counts.w * counts.c * addends,
    inputs,
    weights: perChannel(p.addends?.bytes.last ?? weights.length / all, ["c", "k"]),
    channels: perChannel(channels.length / all, ["c"]),
    shared: alignUp(constants.shared.length, align),
    output: load(counts, t.order, (a) => a !== "k", t.slots, output),
    scratch: alignUp(kernel.scratch(layer, layouts, shape, cores), align),
  };
}

export const planBytes = (plan: TilePlan): number =>
  [...plan.inputs, plan.weights, plan.channels, plan.output].reduce((n, l) => n + l.slots * l.bytes, 0) +
  plan.shared +
  plan.scratch;

/** Sizes worth trying: for each number of tiles, the smallest multiple of the grain that needs no more. */
function sizesOf(extent: number, grain: number): number[] {
  const found = new Set<number>();
  for (let n = 1; n <= Math.ceil(extent / grain); n++)
    found.add(Math.min(extent, alignUp(Math.ceil(extent / n), grain)));
  return [...found];
}

const common = (a: number, b: number): number => (b === 0 ? a : common(b, a % b));
const multiple = (...all: readonly number[]): number => all.reduce((a, b) => (a * b) / common(a, b), 1);

/** What tiles are multiples of: the kernel's grain, groups of packed channels, and pitches, so that tiles do not meet in one. */
function grainOf({ layer, kernel, layouts, constants }: Prepared): Extent {
  const grain = kernel.grain(layer, layouts);
  const { order, align } = layouts.output;
  return {
    h: grain.h,
    w: order === "chw" ? multiple(grain.w, align) : grain.w,
    c: multiple(grain.c, constants.block, order === "hwc" ? align : 1),
  };
}

/** The tiling with the fewest estimated cycles that fits. Throws a `Refusal` where none does. */
export function searchTiling(p: Prepared, budget: number, cores: number): Tiling {
  const { best, smallest } = bestTiling(p, budget, cores);
  return best ?? tooSmall(p.layer, smallest, budget);
}

/** The layer with cycles of its kernel that are computed once for each extent. */
function remembering(p: Prepared, cores: number): Prepared {
  const known = new Map<string, number>();
  const cycles: TileKernel["cycles"] = (layer, layouts, tile) => {
    const { h, w, c } = tile.out;
    const key = `${h} ${w} ${c}`;
    const found = known.get(key) ?? p.kernel.cycles(layer, layouts, tile, cores);
    known.set(key, found);
    return found;
  };
  return { ...p, kernel: { ...p.kernel, cycles } };
}

/** Cycles that tiles take whatever their kernel does: a bound that is known sooner than the estimate. */
const aroundTiles = (plan: TilePlan): number => plan.tiles * gap8.tile;

/** The tiling with the fewest estimated cycles, below `most`, that fits, and the bytes of the smallest there is. */
export function bestTiling(
  given: Prepared,
  budget: number,
  cores: number,
  most = Infinity,
): { readonly best?: Tiling; readonly smallest: number } {
  const p = remembering(given, cores);
  const { layer, layouts } = p;
  const grain = grainOf(p);
  const onePosition = layer.out.h * layer.out.w === 1;
  const channels = sizesOf(layer.out.c, grain.c).filter(
    (c) => c === layer.out.c || onePosition || layouts.output.order === "chw" || layer.out.c % c === 0,
  );
  const rows = layouts.output.order === "chw" || layouts.inputs.some((l) => l.order === "chw");
  const widths = rows && layer.out.h > 1 ? [layer.out.w] : sizesOf(layer.out.w, grain.w);
  let best: Tiling | undefined;
  let smallest = Infinity;
  for (const h of sizesOf(layer.out.h, grain.h))
    for (const w of widths)
      for (const c of channels) {
        const size = { h, w, c };
        for (const order of orders)
          for (const slots of [1, 2] as const) {
            const plan = planTiles(p, { size, order, slots }, cores);
            const bytes = planBytes(plan);
            smallest = Math.min(smallest, bytes);
            const limit = best?.cycles ?? most;
            if (bytes > budget || aroundTiles(plan) >= limit) continue;
            const cycles = layerCycles(p, plan, { size, slots }, cores);
            if (cycles < limit) best = { size, order, slots, bytes, cycles };
          }
      }
  return { ...(best ? { best } : {}), smallest };
}

function tooSmall(layer: Layer, smallest: number, budget: number): never {
  const place = layer.output.places[0];
  throw new Refusal(
    error("pulp/l1-budget", `%${layer.name}: the smallest tile needs ${smallest} bytes of L1`, {
      ...(place ? { place } : {}),
      found: `a budget of ${budget} bytes`,
      expected: `${smallest - budget} bytes more`,
      help: `--l1 ${smallest}, or l1 in the deploy section, is enough for this layer; so is a narrower one`,
    }),
  );
}
