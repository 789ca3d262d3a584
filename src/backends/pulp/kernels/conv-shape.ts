/** Convolutions as kernels compute them: windows of taps over input rows, one per phase of the output positions. */

import { isParam, type Param } from "../../../ir/graph.js";
import { slotBytes, storages } from "../../../ir/storage.js";
import { sizes, zeroPoint } from "../../../ir/type.js";
import { alignUp } from "../../memory.js";
import type { Access, Layer, LayerLayouts, Layout } from "../contract.js";

/** Taps along one axis for the output positions o where (o + before) mod stride = phase, by rising input position. */
export interface Taps {
  readonly phase: number;
  readonly taps: readonly number[];
  /** Input positions from tap to tap. */
  readonly dilation: number;
  /** Input position of the first tap, less floor((o + before) / stride). */
  readonly offset: number;
}

export interface ConvShape {
  readonly transposed: boolean;
  /** Of the output positions for a window; of phases for a transposed convolution. */
  readonly stride: readonly [number, number];
  readonly before: readonly [number, number];
  readonly kernel: readonly [number, number];
  /** Groups as they are computed: so many of the convolution's own that outputs come in fours, other weights being 0. */
  readonly groups: number;
  /** Channels per group. */
  readonly ci: number;
  readonly co: number;
  /** The convolution's own. */
  readonly own: Grouping;
  readonly phases: readonly (readonly [Taps, Taps])[];
  readonly weights: Param;
  /** Of a packed weight: 16 where x has elements of 16 bits, for there is no product of unlike ones. */
  readonly bits: 16 | 8 | 4 | 2;
  /** Of an element of x. */
  readonly xBytes: number;
  readonly signed: boolean;
  /** Zero point of x where sums leave taps out, of which the bias says that they met it; 0 elsewhere. */
  readonly zero: number;
}

/** Groups, with input and output channels of each. */
export interface Grouping {
  readonly groups: number;
  readonly ci: number;
  readonly co: number;
}

type Sliding = Extract<Access, { kind: "window" | "transposed" }>;
const sliding = (access: Access): Sliding => {
  if (access.kind !== "window" && access.kind !== "transposed") throw new Error(`no window: ${access.kind}`);
  return access;
};

/** Taps t with t * dilation = phase (mod stride) meet the inputs floor((o + before) / stride) + (phase - t * dilation) / stride. */
function phasesOf(a: Sliding): readonly Taps[] {
  if (a.kind === "window")
    return [{ phase: 0, taps: [...Array(a.kernel).keys()], dilation: a.dilation, offset: 0 }];
  return Array.from({ length: a.stride }, (_, phase) => {
    const met = [...Array(a.kernel).keys()].filter(
      (t) => (((phase - t * a.dilation) % a.stride) + a.stride) % a.stride === 0,
    );
    const taps = met.toReversed();
    const at = (t: number) => (phase - t * a.dilation) / a.stride;
    const dilation = taps.length > 1 ? at(taps[1]!) - at(taps[0]!) : 1;
    return { phase, taps, dilation, offset: taps.length > 0 ? at(taps[0]!) : 0 };
  });
}

export const convOps: ReadonlySet<string> = new Set(["conv", "conv_transpose", "linear"]);

const shapes = new WeakMap<Layer, ConvShape>();
/** The layer's anchor is one of `convOps`. */
export function convShape(layer: Layer): ConvShape {
  const had = shapes.get(layer);
  if (had) return had;
  const shape = shapeOf(layer);
  shapes.set(layer, shape);
  return shape;
}

function shapeOf({ anchor, inputs, out }: Layer): ConvShape {
  const [input] = inputs;
  const w = anchor.operands[1]!;
  if (!input || !isParam(w)) throw new Error(`%${anchor.result.name} is no convolution`);
  const [y, x] = [sliding(input.y), sliding(input.x)];
  const groups = (anchor.attrs.groups as number | undefined) ?? 1;
  const own: Grouping = { groups, ci: sizes(w.type).at(-1)!, co: out.c / groups };
  return {
    transposed: x.kind === "transposed",
    stride: [y.stride, x.stride],
    before: [y.before, x.before],
    kernel: [y.kernel, x.kernel],
    ...merged(own),
    own,
    phases: phasesOf(y).flatMap((py) => phasesOf(x).map((px) => [py, px] as const)),
    weights: w,
    bits: (slotBytes(input.value.type.storage) === 2
      ? 16
      : storages[w.type.storage].bits) as ConvShape["bits"],
    xBytes: slotBytes(input.value.type.storage),
    signed: storages[input.value.type.storage].min < 0,
    zero: x.kind === "transposed" ? zeroPoint(input.value.type) : 0,
  };
}

/** Neighbouring groups as one until their output channels are a multiple of four, or there is one group left. */
function merged({ groups, ci, co }: Grouping): Grouping {
  const together = Math.min(groups, [1, 4, 2, 4][co % 4]!);
  return { groups: Math.ceil(groups / together), ci: ci * together, co: co * together };
}

/** The first of its own groups that the group of output channel `o` begins with; the last group ends with the channels. */
export function firstOwnGroup({ own, co }: ConvShape, o: number): number {
  const together = co / own.co;
  return Math.min(Math.floor(o / co) * together, own.groups - together);
}

/** Bytes from one position of x to the next. */
export const xPitch = (layer: Layer, layout: Layout): number =>
  alignUp(layer.inputs[0]!.extent.c, layout.align) * slotBytes(layer.inputs[0]!.value.type.storage);
/** Layouts, and how many channels the box of a result has: those of the layer, or of its tiles. */
export interface TileLayouts extends LayerLayouts {
  readonly channels?: number;
}
export const yPitch = (layer: Layer, { output, channels = layer.out.c }: TileLayouts): number =>
  alignUp(channels, output.align) * slotBytes(layer.output.type.storage);

/** Stretches of x under a phase's taps: `rows` times `pieces`, each `bytes` long (padded to whole words of weights). */
export interface Stretches {
  readonly rows: number;
  readonly pieces: number;
  readonly bytes: number;
  /** Bytes from a piece to the next; the piece's own length where there is one. */
  readonly step: number;
}

/** Weights that a packed word holds. */
export const perWord = (bits: number): number => 32 / bits;

export function stretches(shape: ConvShape, [y, x]: readonly [Taps, Taps], pitch: number): Stretches {
  const whole = shape.groups === 1 && x.dilation === 1;
  const pieces = whole ? Math.min(1, x.taps.length) : x.taps.length;
  const bytes = alignUp(
    whole ? x.taps.length * pitch : shape.ci * shape.xBytes,
    perWord(shape.bits) * shape.xBytes,
  );
  const rows = pieces > 0 ? y.taps.length : 0;
  return { rows, pieces: rows > 0 ? pieces : 0, bytes, step: pieces > 1 ? x.dilation * pitch : bytes };
}

/** Weight of channel `o` at element `at` of a stretch; 0 in the padding. `pitch` in bytes. */
export function weightAt(
  shape: ConvShape,
  [y, x]: readonly [Taps, Taps],
  pitch: number,
  o: number,
  row: number,
  piece: number,
  at: number,
): number {
  const whole = shape.groups === 1 && x.dilation === 1;
  const wide = pitch / shape.xBytes;
  const [kx, c] = whole ? [x.taps[Math.floor(at / wide)], at % wide] : [x.taps[piece], at];
  if (kx === undefined || c >= shape.ci) return 0;
  const [kh, kw] = shape.kernel;
  const { own } = shape;
  const channel = c - (Math.floor(o / own.co) - firstOwnGroup(shape, o)) * own.ci;
  if (channel < 0 || channel >= own.ci) return 0;
  return Number(shape.weights.data[((o * kh + y.taps[row]!) * kw + kx) * own.ci + channel]);
}

/** What the taps that a phase leaves out would have added to the sums of channel `o`. */
export function missing(shape: ConvShape, [y, x]: readonly [Taps, Taps], o: number): number {
  if (shape.zero === 0) return 0;
  const [kh, kw] = shape.kernel;
  let sum = 0;
  for (let ky = 0; ky < kh; ky++)
    for (let kx = 0; kx < kw; kx++) {
      if (y.taps.includes(ky) && x.taps.includes(kx)) continue;
      const from = ((o * kh + ky) * kw + kx) * shape.own.ci;
      for (let c = 0; c < shape.own.ci; c++) sum += Number(shape.weights.data[from + c]);
    }
  return shape.zero * sum;
}
