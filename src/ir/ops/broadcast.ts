/** What add, sub and mul share: two operands of equal rank whose sizes are equal or 1. */
import { at, type Bounds, type Known, scaled } from "../bounds.js";
import { allocate, forEachIndex, strides, type Tensor } from "../tensor.js";
import { type Dim, elements, type Quant, sizes, type TensorType, tensorType, zeroPoint } from "../type.js";

/** The shape of an elementwise result, or why there is none. */
function broadcastShape(a: TensorType, b: TensorType): readonly Dim[] | string {
  if (a.shape.length !== b.shape.length)
    return `a has rank ${a.shape.length}, b has rank ${b.shape.length}; reshape one of them`;
  const bad = a.shape.findIndex((d, i) => d !== b.shape[i] && d !== 1 && b.shape[i] !== 1);
  if (bad >= 0)
    return `axis ${bad} has ${a.shape[bad]} in a and ${b.shape[bad]} in b: equal sizes or 1 are needed`;
  return a.shape.map((d, i) => (d === 1 ? b.shape[i]! : d));
}

/** f32 of two floats, i32 with `quant` of two integers, or a refusal. */
export function broadcastType(
  a: TensorType,
  b: TensorType,
  quant: Quant | string | undefined,
): TensorType | string {
  if ((a.storage === "f32") !== (b.storage === "f32"))
    return `a is ${a.storage} and b is ${b.storage}: both float or both integer`;
  const shape = broadcastShape(a, b);
  if (typeof shape === "string") return shape;
  if (typeof quant === "string") return quant;
  return a.storage === "f32" ? tensorType("f32", shape) : tensorType("i32", shape, quant);
}

/** Scale of (a - za) * mul[0] +- (b - zb) * mul[1]; a refusal where mul contradicts the operands' scales. */
export function sumQuant(a: TensorType, b: TensorType, mul: readonly number[]): Quant | string | undefined {
  if (a.storage === "f32" && mul.some((m) => m !== 1))
    return "mul is for integers: floats are added as they are";
  if (!a.quant || !b.quant) return undefined;
  if (a.quant.channels?.name !== b.quant.channels?.name || a.quant.axis !== b.quant.axis)
    return "a and b must share their scales per channel; put requant to one scale on both";
  const wanted = (b.quant.scale * mul[0]!) / a.quant.scale;
  if (Math.abs(mul[1]! - wanted) > 0.5) {
    const way = wanted < 0.5 ? "raise mul[0]" : `the nearest mul[1] is ${Math.round(wanted)}, not ${mul[1]}`;
    return `a has scale ${a.quant.scale} and b ${b.quant.scale}: for mul[0] = ${mul[0]} ${way}`;
  }
  return { ...a.quant, scale: a.quant.scale / mul[0]!, zero: 0 };
}

/** Scale of (a - za) * (b - zb). */
export function factorQuant(a: TensorType, b: TensorType): Quant | string | undefined {
  if (!a.quant || !b.quant) return undefined;
  const scale = a.quant.scale * b.quant.scale;
  if (a.quant.channels && b.quant.channels) return "only one of a and b may have scales per channel";
  const vector = a.quant.channels ? a : b;
  const { channels, axis } = vector.quant!;
  if (!channels) return { scale, zero: 0 };
  const other = vector === a ? b : a;
  if (vector.shape[axis!] === 1 && other.shape[axis!] !== 1)
    return `@${channels.name} holds a scale per channel of an axis that is broadcast`;
  return { scale, zero: 0, channels, axis: axis! };
}

/** i32 result of `of` on stored elements, sizes of 1 repeated. */
export function broadcastInt(
  a: Tensor,
  b: Tensor,
  out: TensorType,
  of: (a: number, b: number) => number,
): Int32Array {
  const steps = (t: Tensor) => {
    const shape = sizes(t.type);
    return strides(shape).map((step, d) => (shape[d] === 1 ? 0 : step));
  };
  const [sa, sb] = [steps(a), steps(b)];
  const y = allocate("i32", elements(out)) as Int32Array;
  forEachIndex(sizes(out), (index, to) => {
    let [pa, pb] = [0, 0];
    for (let d = 0; d < index.length; d++) {
      pa += index[d]! * sa[d]!;
      pb += index[d]! * sb[d]!;
    }
    y[to] = of(Number(a.data[pa]), Number(b.data[pb]));
  });
  return y;
}

/** (a - za) * mul[0] + sign * (b - zb) * mul[1], in i32. */
export function sumInt(
  a: Tensor,
  b: Tensor,
  out: TensorType,
  mul: readonly number[],
  sign: 1 | -1,
): Int32Array {
  const [za, zb] = [zeroPoint(a.type), zeroPoint(b.type)];
  return broadcastInt(a, b, out, (x, y) => Math.imul(x - za, mul[0]!) + sign * Math.imul(y - zb, mul[1]!));
}

interface Interval {
  readonly lo: number;
  readonly hi: number;
}
const magnitude = ({ lo, hi }: Interval): number => Math.max(Math.abs(lo), Math.abs(hi));

/** Per channel of the last axis: `of` on the intervals of a - za and b - zb; `partial` covers those too. */
function combine(
  a: Known,
  b: Known,
  of: (a: Interval, b: Interval) => Interval & { partial: number },
): Bounds {
  const less = (x: Known, c: number): Interval => {
    const zero = zeroPoint(x.type);
    const { lo, hi } = at(x.bounds, c);
    return { lo: lo - zero, hi: hi - zero };
  };
  const channels = Math.max(a.bounds.lo.length, b.bounds.lo.length);
  const each = Array.from({ length: channels }, (_, c) => {
    const [x, y] = [less(a, c), less(b, c)];
    const result = of(x, y);
    return { ...result, partial: Math.max(result.partial, magnitude(x), magnitude(y)) };
  });
  return { lo: each.map((e) => e.lo), hi: each.map((e) => e.hi), partial: each.map((e) => e.partial) };
}

export function sumBounds(a: Known, b: Known, mul: readonly number[], sign: 1 | -1): Bounds {
  return combine(a, b, (x, y) => {
    const left = scaled(x.lo, x.hi, mul[0]!);
    const right = scaled(y.lo, y.hi, mul[1]! * sign);
    return { lo: left.lo + right.lo, hi: left.hi + right.hi, partial: magnitude(left) + magnitude(right) };
  });
}

export function factorBounds(a: Known, b: Known): Bounds {
  return combine(a, b, (x, y) => {
    const corners = [x.lo * y.lo, x.lo * y.hi, x.hi * y.lo, x.hi * y.hi];
    return { lo: Math.min(...corners), hi: Math.max(...corners), partial: magnitude(x) * magnitude(y) };
  });
}
