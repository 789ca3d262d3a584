/** How a convolution's sums are finished: constants per channel, and which of three formulas they are for. */
import { storages } from "../../../ir/storage.js";
import type { Addend, Layer } from "../contract.js";
import { clampedRequant } from "./clamped.js";
import { type ConvShape, convShape } from "./conv-shape.js";

/**
 * `sum`: a bias is added. `narrow`: 32 bits. `clamped`: the same for sums that are clamped before (clamped.ts).
 * `wide`: the high half of 64 bits, then a shift.
 */
export type FinishKind = "sum" | "narrow" | "clamped" | "wide";

export interface ConvFinish {
  readonly kind: FinishKind;
  /** Of every channel, or none where channels differ. */
  readonly shift: number | undefined;
  /** Sums are 2^lift times too large, because packed weights are. */
  readonly lift: number;
  /** Sums are shifted right by this before anything else. */
  readonly drop: number;
  readonly lo: number;
  readonly hi: number;
  /** Words of one channel, in the order in which they lie, for sums that lack `missing`. */
  words(channel: number, missing?: number): readonly number[];
  /** Is every multiplier 1; is every low half of what is added 0? */
  readonly unscaled: boolean;
  readonly lowZero: boolean;
}

const low = (v: bigint): number => Number(BigInt.asIntN(32, v));
const i32 = (v: bigint): boolean => v >= -(2n ** 31n) && v < 2n ** 31n;
const i64 = (v: bigint): boolean => v >= -(2n ** 63n) && v < 2n ** 63n;

/** Extremes of the sum of stored x times w, per channel. */
function reaches(layer: Layer, shape: ConvShape): readonly { lo: bigint; hi: bigint }[] {
  const { min, max } = storages[layer.inputs[0]!.value.type.storage];
  const taps = shape.weights.data.length / layer.out.c;
  return Array.from({ length: layer.out.c }, (_, o) => {
    let [positive, negative] = [0, 0];
    for (let t = o * taps; t < (o + 1) * taps; t++) {
      const w = Number(shape.weights.data[t]);
      if (w > 0) positive += w;
      else negative += w;
    }
    // A phase of a transposed convolution leaves taps out: zero belongs to either end.
    const lo = Math.min(0, positive * min + negative * max);
    const hi = Math.max(0, positive * max + negative * min);
    return { lo: BigInt(lo), hi: BigInt(hi) };
  });
}

const finishes = new WeakMap<Layer, ConvFinish | null>();
/** Nothing where the packed kernel's formulas do not cover the layer's constants. */
export function convFinish(layer: Layer): ConvFinish | undefined {
  if (layer.addend) return addendFinish(layer.addend);
  const had = finishes.get(layer);
  if (had !== undefined) return had ?? undefined;
  const found = finishOf(layer);
  finishes.set(layer, found ?? null);
  return found;
}

/** The last of them finishes the sums of all: the others need no constants. */
function addendFinish({ of, last }: Addend): ConvFinish | undefined {
  const finish = convFinish(of);
  return last || !finish ? finish : { ...finish, words: () => [] };
}

function finishOf(layer: Layer): ConvFinish | undefined {
  const shape = convShape(layer);
  const lift = Math.max(0, 8 - shape.bits);
  const reach = reaches(layer, shape);
  if (!layer.requant) {
    // Lifted sums must not lose their upper bits where they are shifted back.
    if (lift > 0 && !reach.every((r) => i32(r.lo << BigInt(lift)) && i32(r.hi << BigInt(lift))))
      return undefined;
    const words = (c: number, missing = 0) => [(layer.bias[c]! + missing) | 0];
    return { kind: "sum", shift: 0, lift, drop: lift, lo: 0, hi: 0, words, unscaled: true, lowZero: true };
  }
  if (layer.requant.narrow) return narrow(layer, lift, reach);
  return clamped(layer, lift, reach) ?? wide(layer, shape, lift, reach);
}

type Reach = readonly { lo: bigint; hi: bigint }[];

/** Can (sum * 2^lift * mul + add * 2^lift) >> (shift + lift) be computed in 32 bits? */
function narrow(layer: Layer, lift: number, reach: Reach): ConvFinish | undefined {
  const { mul, add, shift, lo, hi } = layer.requant!;
  const up = BigInt(lift);
  const absorbs =
    lift === 0 ||
    reach.every((r, c) => {
      const ends = [r.lo, r.hi].map((v) => (v * BigInt(mul[c]!) + add[c]!) << up);
      return shift[c]! + lift < 32 && ends.every(i32);
    });
  if (!absorbs && !reach.every((r) => i32(r.lo << up) && i32(r.hi << up))) return undefined;
  const by = absorbs ? lift : 0;
  const uniform = shift.every((s) => s === shift[0]);
  return {
    kind: "narrow",
    shift: uniform ? shift[0]! + by : undefined,
    lift,
    drop: lift - by,
    lo,
    hi,
    words: (c, missing = 0) => {
      const added = add[c]! + BigInt(missing) * BigInt(mul[c]!);
      return [mul[c]!, low(added << BigInt(by)), ...(uniform ? [] : [shift[c]! + by])];
    },
    unscaled: mul.every((m) => m === 1),
    lowZero: true,
  };
}

/** Sums clamped before they are multiplied, lifted ones if those still fit. */
function clamped({ requant }: Layer, lift: number, reach: Reach): ConvFinish | undefined {
  if (!reach.every((r) => i32(r.lo << BigInt(lift)) && i32(r.hi << BigInt(lift)))) return undefined;
  const absorbed = clampedRequant(requant!, reach, lift);
  const by = absorbed ? lift : 0;
  const channels = absorbed ?? clampedRequant(requant!, reach);
  if (!channels) return undefined;
  const { shift, lo, hi } = requant!;
  const uniform = shift.every((s) => s === shift[0]);
  return {
    kind: "clamped",
    shift: uniform ? shift[0]! + by : undefined,
    lift,
    drop: lift - by,
    lo,
    hi,
    words: (c, missing = 0) => {
      const { from, to, mul, add } = channels[c]!;
      const less = missing * 2 ** by;
      const ends = [from, to].map((v) => Math.min(Math.max(v - less, -(2 ** 31)), 2 ** 31 - 1));
      return [...ends, mul, (add + Math.imul(less, mul)) | 0, ...(uniform ? [] : [shift[c]! + by])];
    },
    unscaled: false,
    lowZero: true,
  };
}

/** Multipliers and addends scaled so that at least 32 bits are shifted out: the low half of the product is dropped. */
function wide(layer: Layer, shape: ConvShape, lift: number, reach: Reach): ConvFinish | undefined {
  const { mul, add, shift, lo, hi } = layer.requant!;
  const up = BigInt(lift);
  if (!reach.every((r) => i32(r.lo << up) && i32(r.hi << up))) return undefined;
  const scaled = (by: number) =>
    reach.map((r, c) => {
      const extra = BigInt(Math.max(0, 32 - shift[c]! - by));
      const m = BigInt(mul[c]!) << extra;
      const a = add[c]! << (extra + BigInt(by));
      const ends = [r.lo, r.hi].map((v) => (v << BigInt(by)) * m + a);
      const after = shift[c]! + by + Number(extra) - 32;
      return { m, a, after, fits: i32(m) && i64(a) && ends.every(i64) && after < 32 };
    });
  const absorbed = scaled(lift);
  const absorbs = absorbed.every((s) => s.fits);
  const each = absorbs ? absorbed : scaled(0);
  if (!each.every((s) => s.fits)) return undefined;
  const uniform = each.every((s) => s.after === each[0]!.after);
  return {
    kind: "wide",
    shift: uniform ? each[0]!.after : undefined,
    lift,
    drop: absorbs ? 0 : lift,
    lo,
    hi,
    words: (c, missing = 0) => {
      const { m, a, after } = each[c]!;
      const added = a + ((BigInt(missing) * m) << BigInt(absorbs ? lift : 0));
      return [Number(m), low(added), low(added >> 32n), ...(uniform ? [] : [after])];
    },
    unscaled: false,
    lowZero: shape.zero === 0 && each.every((s) => low(s.a) === 0),
  };
}
