/** Sums and products of two tensors, with what is pending on them carried over. */
import { type Affine, at, channelsOf, gcd, identity, isWhole, plus, times } from "../affine.js";
import { axisOrder, rearranged, reshapedView } from "../arrange.js";
import { sound } from "../attributes.js";
import { sourceValue } from "../commit.js";
import type { Context } from "../context.js";
import { channelsLast } from "../layout.js";
import { broadcast, product } from "../shapes.js";
import { barrier, inPerm, type Tensor } from "../tensor.js";

/** Can the map be undone after a product: nothing added, no relu, no floor between? */
const scalesOnly = (t: Tensor): boolean =>
  !t.relu && !(t.floored && !isWhole(t.map)) && t.map.add.every((v) => v === 0n);
/** ... after a sum: one factor for the whole tensor, above 0 as those of IR `add` are. */
const oneFactor = (t: Tensor): boolean =>
  !t.relu && !(t.floored && !isWhole(t.map)) && t.map.mul.length === 1 && t.map.mul[0]! > 0n;

/** Along different axes? Then one of them becomes a value of its own. */
const clashing = (p: Affine, q: Affine): boolean =>
  p.axis !== undefined && q.axis !== undefined && p.axis !== q.axis;

/**
 * Both operands with the rank of the result and in the same axis order, that of the larger one where it has
 * one.
 */
function aligned(
  cx: Context,
  a: Tensor,
  b: Tensor,
): { a: Tensor; b: Tensor; shape: readonly number[]; perm: readonly number[] } {
  const shape = sound(cx, broadcast(a.shape, b.shape));
  const [x, y] = [a, b].map((t) =>
    reshapedView(t, t.name, [...new Array(shape.length - t.shape.length).fill(1), ...t.shape]),
  ) as [Tensor, Tensor];
  const [large, small] = product(x.shape) >= product(y.shape) ? [x, y] : [y, x];
  const perm = axisOrder(cx, large) ?? axisOrder(cx, small) ?? channelsLast(shape.length);
  const [p, q] = [rearranged(cx, x, perm), rearranged(cx, y, perm)];
  return { a: p, b: clashing(p.map, q.map) ? barrier(q) : q, shape, perm };
}

const limit = 2n ** 31n;

/**
 * a + sign * b: IR `add` or `sub` of the sources with integer factors; common factors, offsets and the
 * divisor stay pending.
 */
export function added(cx: Context, left: Tensor, right: Tensor, name: string, sign: 1n | -1n): Tensor {
  const [p, q] = [oneFactor(left) ? left : barrier(left), oneFactor(right) ? right : barrier(right)];
  const { a, b, shape, perm } = aligned(cx, p, q);
  const div = a.map.div * b.map.div;
  const [m, n] = [a.map.mul[0]! * b.map.div, b.map.mul[0]! * a.map.div];
  const common = gcd(gcd(m, n), div);
  const shared = gcd(m, n) || 1n;
  const [f, g] = [m / shared, n / shared];
  if (f >= limit || -f > limit || g >= limit || -g > limit)
    return added(cx, barrier(left), barrier(right), name, sign);
  const sum = cx.main.emit(
    sign > 0n ? "add" : "sub",
    [sourceValue(cx, a), sourceValue(cx, b)],
    { mul: [Number(f), Number(g)] },
    name,
  );
  const scale = times(identity, { num: [shared / common], den: div / common });
  const offsets = [offsetOf(a.map, 1n), offsetOf(b.map, sign)];
  return {
    ...inPerm(name, shape, sum, perm),
    map: offsets.reduce(plus, scale),
    integer: a.integer && b.integer,
  };
}

const offsetOf = (map: Affine, sign: bigint) => ({
  num: map.add.map((v) => v * sign),
  den: map.div,
  ...(map.axis !== undefined && map.add.length > 1 ? { axis: map.axis } : {}),
});

/** a * b: IR `mul` of the sources, both scales pending on it. */
export function multiplied(cx: Context, left: Tensor, right: Tensor, name: string): Tensor {
  const [p, q] = [scalesOnly(left) ? left : barrier(left), scalesOnly(right) ? right : barrier(right)];
  const { a, b, shape, perm } = aligned(cx, p, q);
  const y = cx.main.emit("mul", [sourceValue(cx, a), sourceValue(cx, b)], {}, name);
  const channels = Array.from({ length: channelsOf(b.map) }, (_, c) => at(b.map.mul, c));
  const map = times(a.map, {
    num: channels,
    den: b.map.div,
    ...(b.map.axis === undefined ? {} : { axis: b.map.axis }),
  });
  return { ...inPerm(name, shape, y, perm), map, integer: a.integer && b.integer };
}
