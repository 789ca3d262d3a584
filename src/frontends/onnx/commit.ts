/** Pending arithmetic becomes IR: one requant, relu or add per committed tensor. */
import { type Bounds, highest, lowest } from "../../ir/bounds.js";
import type { Value } from "../../ir/graph.js";
import { activationStorages, type IntStorage, isInteger, storageFor, storages } from "../../ir/storage.js";
import { tensorType } from "../../ir/type.js";
import { type Affine, at, channelsOf, isIdentity, isWhole, plus } from "./affine.js";
import { type Context, refuse } from "./context.js";
import { asShift, floorDiv, maxShift, type Quotient } from "./divide.js";
import { isFloored, type Tensor } from "./tensor.js";

/** A clamp of the committed integers; `bits` is the width that the file declares for them. */
export interface Clip {
  readonly lo?: number | undefined;
  readonly hi?: number | undefined;
  readonly bits?: number | undefined;
}
interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/** The integers of a tensor as one IR value; fractions are floored. The same value at every call. */
export function commit(cx: Context, t: Tensor): Value {
  const had = cx.committed.get(t);
  if (had) return had;
  const value = clipped(cx, t, {}, t.name);
  cx.committed.set(t, value);
  if (value !== t.source) cx.record(t.name, t.shape, value, t.layout);
  return value;
}

/** `commit`, in at most 16 bits: what convolutions and products take. */
export function activation(cx: Context, t: Tensor): Value {
  const value = commit(cx, t);
  if ((activationStorages as readonly string[]).includes(value.type.storage)) return value;
  const had = cx.narrowed.get(t);
  if (had) return had;
  const interval = { lo: lowest(cx.bounds(value)), hi: highest(cx.bounds(value)) };
  const storage = storageFor(interval.lo, interval.hi, ["u8", "i8", "i16"]);
  if (!storage) {
    const help = "requantise it before this node (Clip, or RequantShift)";
    const found = `[${interval.lo}, ${interval.hi}]`;
    refuse(cx, "onnx/wide-operand", `its operand ${t.name} may need more than 16 bits`, {
      found,
      expected: "an i16 or narrower",
      help,
    });
  }
  const narrow = asStorage(cx, value, storage, t.name);
  cx.narrowed.set(t, narrow);
  return narrow;
}

/** The value that a tensor's map applies to. */
export const sourceValue = (cx: Context, t: Tensor): Value =>
  isFloored(t.source) ? commit(cx, t.source.floorOf) : t.source;

/** The same integers in another storage that holds them all. */
export function asStorage(cx: Context, value: Value, storage: IntStorage, name: string): Value {
  if (value.type.storage === storage) return value;
  return requant(cx, value, { mul: [1n], add: [0n], shift: 0 }, storage, undefined, name);
}

/** The value of max(floor(map(source)), 0 when relu), clamped: one op where the file has a chain of them. */
export function clipped(cx: Context, tensor: Tensor, clip: Clip, name: string): Value {
  const t = rounded(cx, tensor);
  const { source } = t;
  if (isFloored(source) && isIdentity(t.map) && !cx.committed.has(source.floorOf)) {
    const lo = t.relu ? Math.max(clip.lo ?? 0, 0) : clip.lo;
    return clipped(cx, source.floorOf, lo === undefined ? clip : { ...clip, lo }, name);
  }
  const base = sourceValue(cx, t);
  const effective = t.relu ? { ...clip, lo: Math.max(clip.lo ?? 0, 0) } : clip;
  const exact = intervalAfter(t.map, cx.bounds(base), base);
  tellRounding(cx, t, exact, effective);
  if (isIdentity(t.map)) return clippedOnly(cx, base, exact, effective, name);
  if (isWhole(t.map) && effective.lo === undefined && effective.hi === undefined) {
    const sum = offsetOnly(cx, base, t.map, name);
    if (sum) return sum;
  }
  const storage = storageOf(cx, exact, effective);
  const plan = shifted(cx, t.map, base);
  return requant(
    cx,
    base,
    { ...plan, ...(t.map.axis === undefined ? {} : { axis: t.map.axis }) },
    storage,
    effective,
    name,
  );
}

/** Fractions that nothing floors, where the dialect rounds to the nearest: half up is half more, floored. */
function rounded(cx: Context, t: Tensor): Tensor {
  if (t.implied === "floor" || t.floored || isWhole(t.map)) return t;
  const base = sourceValue(cx, t);
  const negativeTies = t.map.div % 2n === 0n && intervalAfter(t.map, cx.bounds(base), base).lo < 0;
  if (t.implied === "half-away" && negativeTies) {
    const help = "requantise a sum instead of the mean: ReduceSum, then RequantShift";
    refuse(
      cx,
      "onnx/rounding",
      `the division by ${t.map.div} rounds halves away from zero, which is no multiply and shift`,
      { help },
    );
  }
  cx.note(
    "onnx/implied-rounding",
    "the file divides without saying how it rounds; imported to the nearest integer, halves up",
  );
  const half = t.map.div / 2n;
  return { ...t, map: plus(t.map, { num: [half], den: t.map.div }), floored: true };
}

function clippedOnly(cx: Context, base: Value, exact: Interval, clip: Clip, name: string): Value {
  const idle = (clip.lo ?? -Infinity) <= exact.lo && (clip.hi ?? Infinity) >= exact.hi;
  if (clip.lo === undefined && clip.hi === undefined) return base;
  if (clip.lo === 0 && clip.hi === undefined) return idle ? base : cx.main.emit("relu", [base], {}, name);
  const storage = storageOf(cx, exact, clip);
  if (idle && storages[storage].bits >= storages[base.type.storage].bits) return base;
  return requant(cx, base, { mul: [1n], add: [0n], shift: 0 }, storage, clip, name);
}

/** A bias: `add` with a param keeps the sum in i32. */
function offsetOnly(cx: Context, base: Value, map: Affine, name: string): Value | undefined {
  const { min, max } = storages.i32;
  if (map.mul.some((m) => m !== 1n) || map.add.some((v) => v < min || v > max)) return undefined;
  const shape = base.type.shape.map((_, i) => (i === map.axis ? map.add.length : 1));
  const bias = cx.main.param(`${name}.add`, "i32", shape, map.add.map(Number));
  return cx.main.emit("add", [base, bias], {}, name);
}

/** What floor(map(x)) can be. */
export function intervalAfter(map: Affine, bounds: Bounds, base: Value): Interval {
  const ends = quotients(map, bounds, base)
    .flatMap((q) => [q.lo, q.hi].map((x) => floorDiv(x * q.mul + q.add, q.div)))
    .toSorted((a, b) => (a < b ? -1 : 1));
  return { lo: Number(ends[0]), hi: Number(ends.at(-1)) };
}

/** One quotient per channel of the map, with the narrowest interval known for it. */
function quotients(map: Affine, bounds: Bounds, base: Value): Quotient[] {
  const last = map.axis === base.type.shape.length - 1;
  return Array.from({ length: channelsOf(map) }, (_, c) => {
    const own = last && bounds.lo.length > 1;
    const [lo, hi] = own ? [bounds.lo[c]!, bounds.hi[c]!] : [lowest(bounds), highest(bounds)];
    return { mul: at(map.mul, c), add: at(map.add, c), div: map.div, lo: BigInt(lo), hi: BigInt(hi) };
  });
}

interface ShiftPlan {
  readonly mul: readonly bigint[];
  readonly add: readonly bigint[];
  readonly shift: number;
  readonly axis?: number;
}

const log2 = (div: bigint): number | undefined => {
  const bits = div.toString(2).length - 1;
  return div === 1n << BigInt(bits) ? bits : undefined;
};
const fits = (list: readonly bigint[], bits: bigint): boolean =>
  list.every((v) => v >= -(1n << (bits - 1n)) && v < 1n << (bits - 1n));

/** The map as written where it fits a shift; otherwise one that is equal on the interval of the base. */
function shifted(cx: Context, map: Affine, base: Value): ShiftPlan {
  const bits = log2(map.div);
  if (bits !== undefined && bits <= maxShift && fits(map.mul, 32n) && fits(map.add, 64n))
    return { mul: map.mul, add: map.add, shift: bits };
  const found = asShift(quotients(map, cx.bounds(base), base));
  if (!found) {
    const help = "a power of two as divisor is always exact";
    refuse(cx, "onnx/inexact-division", `dividing by ${map.div} has no exact multiply-and-shift in 64 bits`, {
      found: describe(map),
      help,
    });
  }
  return { mul: found.channels.map((c) => c.mul), add: found.channels.map((c) => c.add), shift: found.shift };
}

const describe = (map: Affine): string => {
  const first = (list: readonly bigint[]) =>
    `${list[0]}${list.length > 1 ? ` (and ${list.length - 1} more)` : ""}`;
  return `(x * ${first(map.mul)} + ${first(map.add)}) / ${map.div}`;
};

function requant(
  cx: Context,
  base: Value,
  plan: ShiftPlan,
  storage: IntStorage,
  clip: Clip | undefined,
  name: string,
): Value {
  const mul = cx.main.param(`${name}.mul`, "i32", [plan.mul.length], plan.mul);
  const add = cx.main.param(`${name}.add`, "i64", [plan.add.length], plan.add);
  const { min, max } = storages[storage];
  const lo = clip?.lo === undefined || clip.lo <= min ? {} : { lo: Math.ceil(clip.lo) };
  const hi = clip?.hi === undefined || clip.hi >= max ? {} : { hi: Math.floor(clip.hi) };
  const last = plan.axis === undefined || plan.axis === base.type.shape.length - 1;
  const attrs = { shift: [plan.shift], ...lo, ...hi, ...(last ? {} : { axis: plan.axis }) };
  return cx.main.emit("requant", [base, mul, add], attrs, name, tensorType(storage, base.type.shape));
}

const subByte: readonly IntStorage[] = ["u2", "i2", "u4", "i4"];

/**
 * Storage of the declared bits, of a clamp that fills a sub-byte range, or of what clamp and interval
 * leave.
 */
function storageOf(cx: Context, exact: Interval, clip: Clip): IntStorage {
  const lo = clip.lo === undefined ? exact.lo : Math.ceil(clip.lo);
  const hi = clip.hi === undefined ? exact.hi : Math.floor(clip.hi);
  const declared = (["u", "i"] as const)
    .map((sign) => `${sign}${clip.bits}`)
    .filter((s): s is IntStorage => Object.hasOwn(storages, s));
  const fits = (s: IntStorage) => isInteger(s) && lo >= storages[s].min && hi <= storages[s].max;
  const full = (s: IntStorage) => clip.bits === undefined && lo === storages[s].min && hi === storages[s].max;
  const found = declared.find(fits) ?? subByte.find(full) ?? storageFor(lo, hi);
  if (!found)
    refuse(cx, "onnx/wide-result", "its result may need more than 32 bits", {
      found: `[${lo}, ${hi}]`,
      help: "clip it to a narrower range",
    });
  return found;
}

/** Rounding that the file does not write, or writes differently where it matters. */
function tellRounding(cx: Context, t: Tensor, exact: Interval, clip: Clip): void {
  if (isWhole(t.map)) return;
  if (!t.floored)
    cx.note(
      "onnx/implicit-floor",
      "the file divides without a Floor or Cast; imported with floor, as integer kernels do",
    );
  const negative = exact.lo < 0 && (clip.lo === undefined || clip.lo < 0);
  if (t.floored && t.truncates && negative)
    cx.note(
      "onnx/truncation",
      "the file rounds negative quotients toward zero; imported with floor, as DORY and NEMO do",
    );
}
