/** Tensors whose elements are known while importing: initialisers and what is computed from them. */
import type { ElementType, RawTensor } from "./raw.js";
import { product } from "./shapes.js";

export interface Constant {
  readonly kind: "constant";
  /** The ONNX tensor it came from. */
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Doubles hold every element type but the far end of 64-bit integers, where only slice bounds lie. */
  readonly data: Float64Array;
  /** What a dequantised constant is made of. */
  readonly grid?: Grid;
}

/** The elements are whole multiples of steps: of one for all, or of one per output channel. */
export interface Grid {
  readonly steps: readonly number[];
  /** The width that the file declares for the integers. */
  readonly bits?: number;
}

export const onGrid = (c: Constant, grid: Grid | undefined): Constant => (grid ? { ...c, grid } : c);

export const constant = (
  name: string,
  type: ElementType,
  shape: readonly number[],
  data: ArrayLike<number>,
): Constant => ({
  kind: "constant",
  name,
  type,
  shape,
  data: data instanceof Float64Array ? data : Float64Array.from(data),
});

/** Throws a `Refusal` when the tensor's data cannot be read. */
export function constantOf(raw: RawTensor, name = raw.name): Constant {
  const data = raw.data();
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return constant(name, raw.type, raw.shape, Float64Array.from(data, Number));
  }
  return constant(name, raw.type, raw.shape, Float64Array.from(data as ArrayLike<number>));
}

/** Position of the first element that is no exact integer. */
export function firstFraction(c: Constant): number | undefined {
  const at = c.data.findIndex((v) => !Number.isSafeInteger(v));
  return at < 0 ? undefined : at;
}

export function extremes(data: ArrayLike<number | bigint>): { lo: number; hi: number } {
  let [lo, hi] = [Infinity, -Infinity];
  for (let i = 0; i < data.length; i++) {
    const v = Number(data[i]);
    if (v < lo) lo = v;
    if (v > hi) hi = v;
  }
  return { lo, hi };
}

/** The only value of a constant, if all its elements are equal. */
export function uniform(c: Constant): number | undefined {
  const first = c.data[0];
  return first !== undefined && c.data.every((v) => v === first) ? first : undefined;
}

/**
 * Elements along the one axis (of `rank` right-aligned axes) that a constant varies along; no axis when it
 * is uniform.
 */
export function variation(c: Constant, rank: number): { axis?: number; values: number[] } | undefined {
  const same = uniform(c);
  if (same !== undefined) return { values: [same] };
  const wide = c.shape.flatMap((d, i) => (d > 1 ? [i] : []));
  if (wide.length !== 1 || product(c.shape) === 0) return undefined;
  return { axis: wide[0]! + rank - c.shape.length, values: [...c.data] };
}
