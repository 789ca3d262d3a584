/** What becomes of four sums in a register: stored as they are, or brought back to activations and then stored. */
import type { Known } from "../../ir/bounds.js";
import { requantClamp, requantFits32 } from "../../ir/ops/requant.js";
import { type Data, slotBytes, storages } from "../../ir/storage.js";
import { type TensorType, zeroPoint } from "../../ir/type.js";
import type { Code } from "./code.js";
import { constant, type Expr, type Place } from "./expr.js";
import { add4, further, highHalves, lanes, loadLanes, splat, storeLanes } from "./vector.js";

export interface Finish {
  /** Of what is stored. */
  readonly slot: number;
  /** i32 words per four channels that `apply` reads. */
  readonly words: number;
  /** Channels that `apply` tells apart; 1 where all are treated alike. */
  readonly channels: number;
  /** Writes these words for four channels; those that there are not get zeros. */
  fill(words: Int32Array, at: number, four: readonly number[]): void;
  /** Four results as i32 from four sums; `factors` is where the words lie. */
  apply(sums: Expr, factors: Place): Expr;
  /** Stores `count` (1 to 4) of four results. */
  store(code: Code, to: Place, results: Expr, count: number): void;
  /** Stores eight results. */
  storePair(code: Code, to: Place, low: Expr, high: Expr): void;
}

/** i32 stays i32. */
export const plain: Finish = {
  slot: 4,
  words: 0,
  channels: 1,
  fill() {},
  apply: (sums) => sums,
  store: (code, to, results, count) => storeSome(code, to, results, count, 4),
  storePair(code, to, low, high) {
    storeLanes(code, to, low);
    storeLanes(code, further(to, 16), high);
  },
};

/** The first `count` elements of `slot` bytes. */
function storeSome(code: Code, to: Place, value: Expr, count: number, slot: number): void {
  if (count === 4) {
    storeLanes(code, to, value, (4 * slot) as 4 | 8 | 16);
    return;
  }
  const held = code.let(value);
  for (let i = 0; i < count; i++) storeLanes(code, further(to, i * slot), held, slot as 1 | 2 | 4, i);
}

/** Operands of a requant as a kernel sees them. */
export interface Requant {
  readonly x: Known;
  readonly mul: Known;
  readonly add: Known;
  readonly shift: readonly number[];
  readonly lo?: number | undefined;
  readonly hi?: number | undefined;
  readonly axis: number;
}

const pick = <T>(list: ArrayLike<T>, channel: number): T => list[list.length === 1 ? 0 : channel]!;

/** How four lanes are multiplied, shifted and joined with the zero point. */
type Scaling = Pick<Finish, "words" | "channels" | "fill" | "apply">;

/** The requant in registers; nothing where vectors cannot do it exactly: results of 32 bits, shifts that differ too much. */
export function requantFinish(r: Requant, y: TensorType): Finish | undefined {
  const { storage } = y;
  const slot = slotBytes(storage);
  const lastAxis = r.axis === -1 || r.axis === r.x.type.shape.length - 1;
  const scalar = [r.mul.data!, r.add.data!, r.shift].every((list) => list.length === 1);
  if (slot === 4 || !(lastAxis || scalar)) return undefined;
  const scaling = narrowScaling(r, zeroPoint(y)) ?? wideScaling(r, zeroPoint(y));
  if (!scaling) return undefined;
  const limits = { ...requantClamp(r, y), signed: storages[storage].min < 0 };
  return {
    slot,
    ...scaling,
    store(code, to, results, count) {
      const value = code.let(results);
      storeSome(code, to, saturated(value, value, slot, limits), count, slot);
    },
    storePair: (code, to, low, high) =>
      storeLanes(code, to, saturated(low, high, slot, limits), slot === 2 ? 16 : 8),
  };
}

interface Limits {
  readonly lo: number;
  readonly hi: number;
  /** Of bytes. */
  readonly signed: boolean;
}

/** Eight i32 as i16 or, in the low half, as bytes: each the nearest of lo to hi. */
export function saturated(low: Expr, high: Expr, slot: number, { lo, hi, signed }: Limits): Expr {
  const halves = lanes("i16x8.narrow_i32x4_s", low, high);
  const whole = storages[slot === 2 ? "i16" : signed ? "i8" : "u8"];
  // On 16 bits for bytes too: the narrowing that follows then changes nothing.
  const all = (v: number) => splat(((v & 0xffff) << 16) | (v & 0xffff));
  const above = lo > whole.min ? lanes("i16x8.max_s", halves, all(lo)) : halves;
  const inside = hi < whole.max ? lanes("i16x8.min_s", above, all(hi)) : above;
  if (slot === 2) return inside;
  return lanes(signed ? "i8x16.narrow_i16x8_s" : "i8x16.narrow_i16x8_u", inside, splat(0));
}

/** (x * mul + add) >> shift in 32 bits, where that is proven and all channels shift alike. */
function narrowScaling(r: Requant, zero: number): Scaling | undefined {
  const [shift] = r.shift;
  if (r.shift.some((s) => s !== shift) || shift! > 31) return undefined;
  // The zero point joins before the shift: floor((v + zero * 2^s) / 2^s) = floor(v / 2^s) + zero.
  const add = BigInt64Array.from(r.add.data as BigInt64Array, (a) => a + (BigInt(zero) << BigInt(shift!)));
  if (!requantFits32(r.x, r.mul, { ...r.add, data: add }, r.axis)) return undefined;
  return {
    words: 8,
    channels: Math.max(r.mul.data!.length, add.length),
    fill(words, at, four) {
      for (const [i, channel] of four.entries()) {
        words[at + i] = Number(channelOf(r.mul.data!, channel));
        words[at + 4 + i] = Number(channelOf(add, channel));
      }
    },
    apply(sums, factors) {
      const scaled = lanes("i32x4.mul", sums, loadLanes(factors));
      return lanes("i32x4.shr_s", add4(scaled, loadLanes(further(factors, 16))), constant(shift!));
    },
  };
}

/** One number for all channels, the channel's own, or 0 for a channel that there is not. */
const channelOf = (list: Data, channel: number): number | bigint =>
  list.length === 1 || channel < list.length ? pick<number | bigint>(list, channel) : 0;

/**
 * In 64 bits, with mul and add scaled up so that every channel shifts by at least 32: the high half is what
 * remains. |x * mul| <= 2^62 and |add| < 2^62 cannot wrap.
 */
function wideScaling(r: Requant, zero: number): Scaling | undefined {
  const channels = Math.max(r.mul.data!.length, r.add.data!.length, r.shift.length);
  const shift = r.shift.reduce((a, b) => Math.max(a, b), 32);
  const mul = new BigInt64Array(channels);
  const add = new BigInt64Array(channels);
  for (let c = 0; c < channels; c++) {
    const own = pick(r.shift, c);
    const [m, a] = [pick<number | bigint>(r.mul.data!, c), pick<number | bigint>(r.add.data!, c)];
    const up = BigInt(shift - own);
    const [times, plus] = [BigInt(m) << up, (BigInt(a) + (BigInt(zero) << BigInt(own))) << up];
    if (!within(times, 31n) || !within(plus, 62n)) return undefined;
    mul[c] = times;
    add[c] = plus;
  }
  return {
    words: 12,
    channels,
    fill(words, at, four) {
      for (const [i, channel] of four.entries()) {
        const plus = BigInt(channelOf(add, channel));
        words[at + i] = Number(channelOf(mul, channel));
        words[at + 4 + 2 * i] = Number(BigInt.asIntN(32, plus));
        words[at + 5 + 2 * i] = Number(plus >> 32n);
      }
    },
    apply(sums, factors) {
      const half = (part: "low" | "high", offset: number) =>
        lanes(
          "i64x2.add",
          lanes(`i64x2.extmul_${part}_i32x4_s`, sums, loadLanes(factors)),
          loadLanes(further(factors, offset)),
        );
      const scaled = highHalves(half("low", 16), half("high", 32));
      return shift === 32 ? scaled : lanes("i32x4.shr_s", scaled, constant(shift - 32));
    },
  };
}

const within = (v: bigint, bits: bigint): boolean => v >= -(1n << bits) && v < 1n << bits;
