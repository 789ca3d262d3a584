/** Pending arithmetic: (x * mul[c] + add[c]) / div, exact, c along one axis of the tensor. */

export interface Affine {
  /** One element, or one per index of `axis`; `mul` and `add` may differ in that. */
  readonly mul: readonly bigint[];
  readonly add: readonly bigint[];
  /** Positive. */
  readonly div: bigint;
  /** Axis of the IR value; absent when nothing varies. */
  readonly axis?: number;
}

/** Rationals with one positive denominator, along `axis` when they vary. */
export interface Ratios {
  readonly num: readonly bigint[];
  readonly den: bigint;
  readonly axis?: number;
}

export const identity: Affine = { mul: [1n], add: [0n], div: 1n };
export const isIdentity = (a: Affine): boolean =>
  isWhole(a) && a.mul.every((m) => m === 1n) && a.add.every((v) => v === 0n);
/** Integers stay integers: flooring changes nothing. */
export const isWhole = (a: Affine): boolean => a.div === 1n;

export const at = (list: readonly bigint[], c: number): bigint => list[list.length === 1 ? 0 : c]!;
export const channelsOf = (a: Affine): number => Math.max(a.mul.length, a.add.length);
const abs = (a: bigint): bigint => (a < 0n ? -a : a);
export const gcd = (a: bigint, b: bigint): bigint => {
  let [p, q] = [abs(a), abs(b)];
  while (q !== 0n) [p, q] = [q, p % q];
  return p;
};
const lcm = (a: bigint, b: bigint): bigint => (a / gcd(a, b)) * b;

/** Element by element; a lone element meets all of the other list. */
function zip(a: readonly bigint[], b: readonly bigint[], f: (x: bigint, y: bigint) => bigint): bigint[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, c) => f(at(a, c), at(b, c)));
}
const narrowed = (list: readonly bigint[]): readonly bigint[] =>
  list.every((v) => v === list[0]) ? [list[0]!] : list;

function reduced(
  mul: readonly bigint[],
  add: readonly bigint[],
  div: bigint,
  axis: number | undefined,
): Affine {
  const common = [...mul, ...add].reduce(gcd, div);
  const small = {
    mul: narrowed(mul.map((m) => m / common)),
    add: narrowed(add.map((v) => v / common)),
    div: div / common,
  };
  return axis !== undefined && channelsOf(small) > 1 ? { ...small, axis } : small;
}

/** Do both vary, along different axes? Then they cannot be one map. */
export const clash = (a: Affine, r: Ratios): boolean =>
  a.axis !== undefined && r.axis !== undefined && a.axis !== r.axis;

/** The map, then times r. */
export const times = (a: Affine, r: Ratios): Affine =>
  reduced(
    zip(a.mul, r.num, (m, n) => m * n),
    zip(a.add, r.num, (v, n) => v * n),
    a.div * r.den,
    a.axis ?? r.axis,
  );

/** The map, then plus r. */
export function plus(a: Affine, r: Ratios): Affine {
  const div = lcm(a.div, r.den);
  const [mine, theirs] = [div / a.div, div / r.den];
  const add = zip(a.add, r.num, (v, n) => v * mine + n * theirs);
  return reduced(
    a.mul.map((m) => m * mine),
    add,
    div,
    a.axis ?? r.axis,
  );
}

/** 1 / r, or nothing when r holds a zero. */
export function inverse(r: Ratios): Ratios | undefined {
  if (r.num.includes(0n)) return undefined;
  const num = r.num.reduce((a, b) => lcm(a, abs(b)), 1n);
  return { ...r, num: r.num.map((n) => (num / n) * r.den), den: num };
}

export const negated = (r: Ratios): Ratios => ({ ...r, num: r.num.map((n) => -n) });

/** A fraction with more significant bits is a real number that a float rounds, no fixed-point constant. */
const fractionDigits = 16;
/** Finest fraction: 2^-40. */
const finest = 40;

function fractionBits(v: number): number | undefined {
  if (!Number.isFinite(v) || Math.abs(v) > Number.MAX_SAFE_INTEGER) return undefined;
  for (let bits = 0; bits <= finest; bits++) {
    const scaled = v * 2 ** bits;
    if (Number.isInteger(scaled))
      return bits === 0 || Math.abs(scaled) < 2 ** fractionDigits ? bits : undefined;
  }
  return undefined;
}

/** Doubles as ratios over one power of two, exact; nothing when one of them is no fixed-point number. */
export function ratios(values: readonly number[], axis?: number): Ratios | undefined {
  const all = values.map(fractionBits);
  if (!all.every((b) => b !== undefined)) return undefined;
  const bits = all.reduce((a, b) => Math.max(a, b), 0);
  const num = values.map((v) => BigInt(v * 2 ** bits));
  return { num, den: 1n << BigInt(bits), ...(axis === undefined || values.length === 1 ? {} : { axis }) };
}
