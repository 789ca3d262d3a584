/** What float lowerings take from their node: values in an axis order, constants as params, results. */
import type { Value } from "../../../ir/graph.js";
import { isInteger, isStorage, type Storage, storages } from "../../../ir/storage.js";
import { permute } from "../../../ir/tensor.js";
import { inOrder } from "../arrange.js";
import { type Constant, constant, extremes, onGrid, uniform } from "../constant.js";
import { type Context, refuse } from "../context.js";
import { channelsLast, type Layout, naturalPerm, permOf, permuted, refined } from "../layout.js";
import type { Lowering } from "../lower/operands.js";
import { type ElementType, isFloatType } from "../raw.js";
import { product, range } from "../shapes.js";
import type { FloatTensor, Imported } from "../tensor.js";

/** How one ONNX op type is read. */
export interface FloatRow {
  readonly lower: Lowering;
  /** Operands whose elements must be known while importing: weights, axes, shapes. */
  readonly known?: readonly number[];
  /** The IR ops that it becomes, for the coverage table. */
  readonly becomes: string;
  /** Forms that are refused, for the coverage table. */
  readonly limits?: string;
}
export type FloatRows = Readonly<Record<string, FloatRow>>;

/** Refuses a form of the current node that our ops do not express. */
export const unsupported = (cx: Context, what: string): never => refuse(cx, "onnx/unsupported", what);

/** f32 for every kind of float; integers as they are where we have their storage, bool in a byte. */
export function storageOf(cx: Context, type: ElementType, what: string): Storage {
  if (["f32", "f16", "f64", "bf16"].includes(type)) {
    if (type !== "f32") cx.note("onnx/float-width", `elements of type ${type} are computed as f32`);
    return "f32";
  }
  if (isStorage(type) && isInteger(type)) return type;
  if (type === "bool") return "u8";
  return type === "u16" ? "i32" : unsupported(cx, `${what} is of element type ${type}`);
}

/** Wider integers are i32 where they are known to fit. */
function storageOfConstant(cx: Context, c: Constant): Storage {
  const wide = c.type === "i64" || c.type === "u32" || c.type === "u64";
  const { lo, hi } = extremes(c.data);
  return wide && lo >= storages.i32.min && hi <= storages.i32.max ? "i32" : storageOf(cx, c.type, c.name);
}

const shapeOf = (v: Value): readonly number[] => v.type.shape as readonly number[];

/** The axis order in which a tensor lies, or one that it takes without moving elements. */
export function axesThere(x: FloatTensor): readonly number[] | undefined {
  const fine = refined(x.layout, x.shape);
  return fine && (permOf(fine, x.shape, shapeOf(x.value)) ?? naturalPerm(fine, x.shape));
}
/** `axesThere`, or channels-last where there is none. */
export const axesOr = (x: FloatTensor): readonly number[] => axesThere(x) ?? channelsLast(x.shape.length);

export const valueIn = (cx: Context, x: FloatTensor, perm: readonly number[]): Value =>
  inOrder(cx.main, x, perm);
/** Its elements in ONNX's order. */
export const valueAsIs = (cx: Context, x: FloatTensor): Value => valueIn(cx, x, range(x.shape.length));

const floatTensor = (name: string, shape: readonly number[], value: Value, layout: Layout): FloatTensor => ({
  kind: "float",
  name,
  shape,
  value,
  layout,
});
/** A value whose axis i is ONNX axis perm[i]. */
export const inPerm = (name: string, shape: readonly number[], value: Value, perm: readonly number[]) =>
  floatTensor(name, shape, value, permuted(shape, perm));
export const asIs = (name: string, shape: readonly number[], value: Value): FloatTensor =>
  inPerm(name, shape, value, range(shape.length));

/** Data of rank 5 and more with its positions in one axis, for ops that take them all alike. */
export const flatPositions = (x: FloatTensor): FloatTensor => {
  const [n, c, ...rest] = x.shape as [number, number, ...number[]];
  return rest.length > 2 ? { ...x, shape: [n, c, product(rest)] } : x;
};

/** A channels-last value with ONNX's shape. */
export function spatialResult(value: Value, name: string): FloatTensor {
  const [n, ...rest] = shapeOf(value);
  return inPerm(name, [n!, rest.at(-1)!, ...rest.slice(0, -1)], value, channelsLast(rest.length + 1));
}

/** An operand as a tensor; a constant becomes a param. */
export function tensorAt(cx: Context, inputs: readonly (Imported | undefined)[], index: number): FloatTensor {
  const input = inputs[index];
  if (input?.kind === "float") return input;
  if (input?.kind === "constant") return asIs(input.name, input.shape, paramOf(cx, input));
  return refuse(cx, "onnx/operands", `operand ${index} is missing`);
}

/** `tensorAt`, of floats. */
export function floatAt(cx: Context, inputs: readonly (Imported | undefined)[], index: number): FloatTensor {
  const x = tensorAt(cx, inputs, index);
  if (x.value.type.storage === "f32") return x;
  return unsupported(cx, `it computes on ${x.value.type.storage}, where ONNX's integers wrap around`);
}

/** An operand that must be known while importing; nothing where it is left out. */
export function knownAt(
  cx: Context,
  inputs: readonly (Imported | undefined)[],
  index: number,
  what: string,
): Constant | undefined {
  const input = inputs[index];
  if (input === undefined || input.kind === "constant") return input;
  return unsupported(cx, `its ${what} is computed while the network runs`);
}

/** The constant as a param, its axes in the order `perm`. */
export function paramOf(
  cx: Context,
  c: Constant,
  perm: readonly number[] = range(c.shape.length),
  trainable = false,
): Value {
  if (c.data.length === 0) unsupported(cx, `${c.name} is empty`);
  const storage = storageOfConstant(cx, c);
  const sorted = perm.every((p, i) => p === i);
  const data = sorted ? c.data : (permute(c.data as never, c.shape, perm) as ArrayLike<number>);
  const shape = c.shape.length === 0 ? [1] : perm.map((a) => c.shape[a]!);
  const param = cx.main.param(c.name, storage, shape, data, trainable && isFloatType(c.type));
  if (c.grid) cx.exact.set(param, { data: Float64Array.from(data), ...c.grid });
  return param;
}

/** One number per channel, or one for all, as a param of rank 1. */
export function channelParam(cx: Context, c: Constant, channels: number, trainable = true): Value {
  if (c.data.length !== 1 && c.data.length !== channels)
    refuse(cx, "onnx/shape", `${c.name} has ${c.data.length} elements for ${channels} channels`);
  const data = c.data.length === channels ? c.data : new Float64Array(channels).fill(c.data[0]!);
  return paramOf(cx, onGrid(constant(c.name, c.type, [channels], data), c.grid), [0], trainable);
}

/** The same elements with leading axes of size 1, so that the rank is `rank`. */
export const widened = <T extends FloatTensor | Constant>(x: T, rank: number): T => ({
  ...x,
  shape: [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape],
});

/** A tensor, or a constant as a param, in an axis order. A uniform constant is one element. */
export function operandIn(cx: Context, x: FloatTensor | Constant, perm: readonly number[]): Value {
  if (x.kind === "float") return valueIn(cx, x, perm);
  const same = product(x.shape) > 1 ? uniform(x) : undefined;
  if (same === undefined) return paramOf(cx, x, perm);
  return paramOf(
    cx,
    constant(
      x.name,
      x.type,
      x.shape.map(() => 1),
      [same],
    ),
    perm,
  );
}
