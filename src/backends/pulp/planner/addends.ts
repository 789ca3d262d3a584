/** Layers whose tiles read some of the input channels at a time: sums over all of them are added up in L1. */
import type { Param } from "../../../ir/graph.js";
import type { Data } from "../../../ir/storage.js";
import { sizes } from "../../../ir/type.js";
import { type Expr, least, minus, most, plus, rest, times } from "../../schedule/expr.js";
import type { Layer, LayerLayouts, PackedConstants, TileKernel } from "../contract.js";
import { tileShape } from "./geometry.js";
import { bestTiling, type Prepared, type Tiling } from "./tile.js";

/** Input channels in `count` ranges of `channels` each; the last one may begin in the one before. */
interface Division {
  readonly layer: Layer;
  readonly count: number;
  readonly channels: number;
}

export interface Addends extends Division {
  readonly blocks: number;
  /** Bytes that a block of output channels has in the weights of the last addend, and in those of each before it. */
  readonly bytes: { readonly earlier: number; readonly last: number };
}

/** Ranges are multiples of this. */
const grain = 4;

/** The first input channel of addend `k`. */
export function firstChannel({ layer, count, channels }: Division, k: Expr): Expr {
  const all = layer.inputs[0]!.extent.c;
  return all === count * channels ? times(k, channels) : least(times(k, channels), all - channels);
}

/** 1 where tile `t` is that of the last addend, 0 where it is one before. */
export const isLast = ({ count }: Division, t: Expr): Expr => most(0, minus(rest(t, count), count - 2));

/** Bytes of a block of output channels in the weights of tile `t`, and of all that lies before them. */
export const addendBytes = (a: Addends, t: Expr): { readonly each: Expr; readonly before: Expr } => ({
  each: plus(a.bytes.earlier, times(isLast(a, t), a.bytes.last - a.bytes.earlier)),
  before: times(rest(t, a.count), a.blocks * a.bytes.earlier),
});

/** The weights of a range: 0 for channels that the range before has as well. */
function cut(w: Param, d: Division, k: number): Data {
  const all = sizes(w.type).at(-1)!;
  const from = firstChannel(d, k) as number;
  const rows = w.data.length / all;
  const data = w.data.slice(0, rows * d.channels);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < d.channels; c++)
      data[r * d.channels + c] = from + c < k * d.channels ? 0 : w.data[r * all + from + c]!;
  return data;
}

/** Addend `k` as a layer, with the inputs and weights of its channels. */
function addendOf(d: Division, k: number): Layer {
  const { anchor, inputs } = d.layer;
  const [x, w, ...others] = anchor.operands as readonly [Param, Param];
  let data: Data | undefined;
  const weights: Param = {
    ...w,
    type: { ...w.type, shape: [...sizes(w.type).slice(0, -1), d.channels] },
    // Most divisions are only measured.
    get data() {
      data ??= cut(w, d, k);
      return data;
    },
  };
  return {
    ...d.layer,
    anchor: { ...anchor, operands: [x, weights, ...others] },
    inputs: inputs.map((i) => ({ ...i, extent: { ...i.extent, c: d.channels } })),
    addend: { of: d.layer, last: k === d.count - 1 },
  };
}

/** Ways to divide the input channels, from few ranges to many: of many, those that differ by a tenth. */
function divisions(layer: Layer): readonly Division[] {
  const all = layer.inputs[0]!.extent.c;
  const found: Division[] = [];
  for (let n = 2; n <= Math.ceil(all / grain); n = Math.ceil(n * 1.1)) {
    const channels = grain * Math.ceil(all / n / grain);
    if (channels < (found.at(-1)?.channels ?? all))
      found.push({ layer, count: Math.ceil(all / channels), channels });
  }
  return found;
}

/** The layer in addends, its constants measured only; nothing where its kernel takes none. */
function measured(d: Division, p: Prepared): Prepared | undefined {
  const { kernel, layouts, constants } = p;
  const last = addendOf(d, d.count - 1);
  const [earlier, end] = [addendOf(d, 0), last].map((l) => kernel.addendBytes?.(l, layouts));
  if (earlier === undefined || end === undefined) return undefined;
  const blocks = Math.ceil(d.layer.out.c / constants.block);
  const length = blocks * ((d.count - 1) * earlier + end);
  return {
    ...p,
    layer: last,
    constants: { ...constants, weights: { length } },
    addends: { ...d, blocks, bytes: { earlier, last: end } },
  };
}

/** A layer with its constants. */
export interface Packed extends Prepared {
  readonly constants: PackedConstants;
}

/** Weights of all addends, one behind the other. */
function weightsOf(a: Addends, kernel: TileKernel, layouts: LayerLayouts): Uint8Array {
  const packed = Array.from({ length: a.count }, (_, k) => kernel.pack(addendOf(a, k), layouts).weights);
  const all = new Uint8Array(packed.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of packed) {
    all.set(p, at);
    at += p.length;
  }
  return all;
}

/** A division is taken where the rest costs this part of the cycles at most: small gains may be errors of the estimate. */
const worthwhile = 0.95;

/** A layer with the fastest tiles that fit, if any does. */
interface Tiled {
  readonly prepared: Prepared;
  readonly best?: Tiling;
}

/**
 * With its input channels divided where no tile of all of them fits, or where tiles of some of them are faster. Where
 * nothing fits, the division with the smallest tile.
 */
export function fastest(p: Prepared, budget: number, cores: number): Tiled {
  const { layer, kernel, layouts } = p;
  const whole = bestTiling(p, budget, cores);
  let found: Tiled = { prepared: p, ...(whole.best ? { best: whole.best } : {}) };
  if (!kernel.addendBytes || layer.inputs.length !== 1 || layer.inputs[0]!.channels !== "all") return found;
  let most = whole.best ? worthwhile * whole.best.cycles : Infinity;
  if (most <= kernel.cycles(layer, layouts, tileShape(layer, layer.out), cores)) return found;
  let { smallest } = whole;
  for (const d of divisions(layer)) {
    const prepared = measured(d, p);
    if (!prepared) return found;
    const { best, smallest: bytes } = bestTiling(prepared, budget, cores, most);
    if (best) [most, found] = [best.cycles, { prepared, best }];
    else if (most === Infinity && bytes < smallest) [smallest, found] = [bytes, { prepared }];
  }
  return found;
}

/** The layer as its fastest tiles want it, with its constants. */
export function divided(p: Packed, budget: number, cores: number): Packed {
  const { addends, ...prepared } = fastest(p, budget, cores).prepared;
  if (!addends) return p;
  const weights = weightsOf(addends, p.kernel, p.layouts);
  return { ...prepared, addends, constants: { ...p.constants, weights } };
}
