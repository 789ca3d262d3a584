/** Tensor types: storage, shape and the meaning of the stored integers. */
import type { Param } from "./graph.js";
import type { Storage } from "./storage.js";

/** A size, or the symbolic leading batch dimension that `to-integer` fixes to 1. */
export type Dim = number | "N";
/** Sizes, outermost first; channels last. */
export type Shape = readonly Dim[];

/**
 * real = (stored - zero) * scale * channels[i], where i runs along dimension `axis`.
 * `channels` is an f32 param, so that a search can train it and a type stays one line.
 */
export interface Quant {
  readonly scale: number;
  readonly zero: number;
  readonly channels?: Param;
  readonly axis?: number;
}

/** Storage, shape, and what stored integers mean. */
export interface TensorType {
  readonly storage: Storage;
  readonly shape: Shape;
  /** Absent on floats and on integers whose scale nobody knows: storage alone decides the arithmetic. */
  readonly quant?: Quant;
}

/** A type from its parts. */
export const tensorType = (storage: Storage, shape: Shape, quant?: Quant): TensorType =>
  quant ? { storage, shape, quant } : { storage, shape };

const maxRank = 8;
/** No memory of ours holds more elements; readers check it before they allocate. */
const maxElements = 2 ** 31;

/** Why a shape, read or made, is none. */
export function wrongShape(shape: Shape): string | undefined {
  if (shape.length > maxRank) return `${shape.length} dimensions; at most ${maxRank} are supported`;
  if (shape.lastIndexOf("N") > 0) return "only the leading dimension may be the symbolic batch N";
  const bad = shape.findIndex((d) => d !== "N" && !(Number.isInteger(d) && d >= 1));
  if (bad >= 0) return `dimension ${bad} is not a positive whole number`;
  const count = shape.reduce<number>((product, d) => product * (d === "N" ? 1 : d), 1);
  return count > maxElements ? `${count} elements; a tensor holds at most 2^31` : undefined;
}

/** The concrete sizes of a shape. Throws on the symbolic batch: only typed-in graphs before `to-integer` have it. */
export function sizes(type: TensorType): readonly number[] {
  return type.shape.map((d) => {
    if (d === "N") throw new Error(`the symbolic batch of ${printType(type)} has no size`);
    return d;
  });
}

/** The type with a size for the symbolic batch. */
export const atBatch = (type: TensorType, batch: number): TensorType =>
  type.shape[0] === "N" ? { ...type, shape: type.shape.with(0, batch) } : type;

/** How many elements a tensor of this type has. Throws on the symbolic batch. */
export const elements = (type: TensorType): number => sizes(type).reduce((a, b) => a * b, 1);
/** The stored integer that means zero; 0 where the type says none. */
export const zeroPoint = (type: TensorType): number => type.quant?.zero ?? 0;

/** An activation of 1-D or 2-D data, channels last: N L C or N H W C. */
export function activation(type: TensorType): { n: Dim; spatial: readonly number[]; channels: number } {
  const [n, ...rest] = type.shape;
  const inner = rest as number[];
  return { n: n as Dim, spatial: inner.slice(0, -1), channels: inner.at(-1) as number };
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

export function sameQuant(a: Quant | undefined, b: Quant | undefined): boolean {
  if (!a || !b) return a === b;
  if (a.scale !== b.scale || a.zero !== b.zero || a.axis !== b.axis) return false;
  if (!a.channels || !b.channels) return a.channels === b.channels;
  return a.channels === b.channels || a.channels.name === b.channels.name;
}

export const sameType = (a: TensorType, b: TensorType): boolean =>
  a.storage === b.storage && sameShape(a.shape, b.shape) && sameQuant(a.quant, b.quant);

/** `u8[1x64x8] * 0.03125`, `(u8[1x64x8] - 128) * 0.02`, `i8[8x3x4] * @enc.s axis 0`. */
export function printType(type: TensorType): string {
  const array = `${type.storage}[${type.shape.join("x")}]`;
  const { quant } = type;
  if (!quant) return array;
  const stored = quant.zero === 0 ? array : `(${array} - ${quant.zero})`.replace("- -", "+ ");
  const vector = quant.channels ? `@${quant.channels.name} axis ${quant.axis}` : "";
  const scale = quant.channels && quant.scale === 1 ? [] : [String(quant.scale)];
  return [stored, ...scale, ...(vector ? [vector] : [])].join(" * ");
}
