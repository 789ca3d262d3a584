/** Types and bounds of weighted sums: conv, conv_transpose and linear, weights [Co, ..., C]. */
import { type Bounds, centred, type Known, weightedSum } from "../bounds.js";
import type { Num } from "../op.js";
import { type Dim, type Quant, type TensorType, tensorType, zeroPoint } from "../type.js";

/** scale(x) * scale(w), per output channel where w has a scale per channel; none where either is unknown. */
function productQuant(x: TensorType, w: TensorType, channelAxis: number): Quant | undefined {
  if (!x.quant || !w.quant) return undefined;
  const scale = x.quant.scale * w.quant.scale;
  return w.quant.channels
    ? { scale, zero: 0, channels: w.quant.channels, axis: channelAxis }
    : { scale, zero: 0 };
}

/** Why a weight's quantisation cannot be multiplied out of the sum. */
function wrongWeightQuant(x: TensorType, w: TensorType): string | undefined {
  if (zeroPoint(w) !== 0) return "w must be symmetric (zero point 0)";
  if (x.quant?.channels) return "x must have one scale for the whole tensor; put requant to one scale before";
  if (w.quant?.channels && w.quant.axis !== 0)
    return "the scales of w must run along its output channels (axis 0)";
  return undefined;
}

/** Frameworks store scales as f32: a bias scale may differ from the product by its rounding. */
const biasTolerance = 1e-6;

/** The bias is added to the sum as it is, so it must count in the same units. */
function wrongBiasQuant(b: TensorType | undefined, sum: Quant | undefined): string | undefined {
  if (!b?.quant || !sum) return undefined;
  if (b.quant.zero !== 0) return "b must be symmetric (zero point 0)";
  const scale = (q: Quant, c: number) => q.scale * Number(q.channels?.data[c] ?? 1);
  for (let c = 0; c < (b.shape[0] as number); c++) {
    const [found, wanted] = [scale(b.quant, c), scale(sum, c)];
    if (Math.abs(found - wanted) > biasTolerance * wanted)
      return `b has scale ${found} in channel ${c}, the sum it joins has scale(x) * scale(w) = ${wanted}`;
  }
  return undefined;
}

/** f32 or the i32 accumulator of `shape`, channels last; or why x, w and b do not go together. */
export function accumulatorType(
  x: TensorType,
  w: TensorType,
  b: TensorType | undefined,
  shape: readonly Dim[],
): TensorType | string {
  const given = Object.entries({ x, w, b }).filter((e): e is [string, TensorType] => e[1] !== undefined);
  if (b && b.shape[0] !== w.shape[0]) return `b has ${b.shape[0]} elements for ${w.shape[0]} output channels`;
  if (new Set(given.map(([, t]) => t.storage === "f32")).size > 1)
    return `${given.map(([name, t]) => `${name} is ${t.storage}`).join(", ")}: all float or all integer`;
  if (x.storage === "f32") return tensorType("f32", shape);
  const quant = productQuant(x, w, shape.length - 1);
  return wrongWeightQuant(x, w) ?? wrongBiasQuant(b, quant) ?? tensorType("i32", shape, quant);
}

/** Bounds of b[o] + sum of (x - zero) * w[o, ...] over all taps and channels of w, or any part of them. */
export const weightBounds = (x: Known, w: Known, b: Known | undefined): Bounds =>
  weightedSum(w.type.shape[0] as number, centred(x), w.data as Int8Array, (o) => Number(b?.data?.[o] ?? 0));

/** Multiply-accumulates of a window over `spatial` dimensions: positions of the result times taps, channels in and out. */
export function windowWork<N>(k: Num<N>, dim: (of: "w" | "y", axis: number) => N, spatial: number): N {
  let macs = k.mul(dim("w", 0), dim("w", spatial + 1));
  for (let i = 1; i <= spatial; i++) macs = k.mul(macs, k.mul(dim("y", i), dim("w", i)));
  return macs;
}
