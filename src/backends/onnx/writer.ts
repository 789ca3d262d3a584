/** What lowerings write into: which ONNX tensor holds a value, in which layout, as real numbers or stored integers. */
import { describePlace, error, isSpan, Refusal } from "../../ir/diagnostic.js";
import { type Graph, isParam, type Node, type Param, type Value } from "../../ir/graph.js";
import { isInteger, type Storage } from "../../ir/storage.js";
import { permute } from "../../ir/tensor.js";
import { sizes, type TensorType } from "../../ir/type.js";
import { axesIn, isSpatial, type Layout, permBetween } from "./layout.js";
import type { ElementType, ModelBuilder, OnnxNode } from "./model.js";
import { type Clamp, carrierOf, quantOperands, realLimits } from "./quantisation.js";

type Form = "real" | "stored";
type Held = Partial<Record<`${Form} ${Layout}`, string>>;
type Attributes = OnnxNode["attributes"];

export interface Writer {
  readonly builder: ModelBuilder;
  readonly outputs: ReadonlySet<Value>;
  readonly held: Map<Value, Held>;
  /** Params that were written, by what they were written as. */
  readonly params: Map<string, string>;
  /** The node that is being lowered. */
  node: Node | undefined;
}

export const createWriter = (builder: ModelBuilder, graph: Graph): Writer => ({
  builder,
  outputs: new Set(graph.outputs),
  held: new Map(),
  params: new Map(),
  node: undefined,
});

export type Lowering = (cx: Writer, node: Node) => void;

/** Says why the node cannot be written. */
export function unsupported(cx: Writer, why: string): never {
  const { op, result } = cx.node!;
  const [place] = result.places;
  throw new Refusal(
    error("export/unsupported", `%${result.name}: ${op.name} cannot be written: ${why}`, {
      ...(place ? { place } : {}),
    }),
  );
}

/** Are its elements stored as integers that QuantizeLinear gives? Accumulators are real numbers. */
export const isStored = ({ type }: Value): boolean => isInteger(type.storage) && type.storage !== "i32";

const layoutOf = (value: Value, layout: Layout): Layout =>
  isSpatial(value.type.shape.length) ? layout : "first";

export const isHeld = (cx: Writer, value: Value, layout: Layout): boolean => {
  const held = cx.held.get(value);
  const l = layoutOf(value, layout);
  return held?.[`real ${l}`] !== undefined || held?.[`stored ${l}`] !== undefined;
};

/** The layout that all values have already, else channels-first. Params have any. */
export function commonLayout(cx: Writer, values: readonly Value[]): Layout {
  const moving = values.filter((v) => !isParam(v));
  const all = (layout: Layout) => moving.every((v) => isHeld(cx, v, layout));
  return !all("first") && all("last") ? "last" : "first";
}

export function hold(cx: Writer, value: Value, form: Form, layout: Layout, name: string): string {
  const held = cx.held.get(value) ?? {};
  held[`${form} ${layoutOf(value, layout)}`] = name;
  cx.held.set(value, held);
  return name;
}

/** The value's own name; of an output only in the layout that others see. */
function ownName(cx: Writer, value: Value, layout: Layout): string {
  const hidden = layoutOf(value, layout) === "last" && cx.outputs.has(value);
  return hidden ? cx.builder.fresh(`${value.name}.channels_last`) : value.name;
}

/** Adds a node of one result, with the place that the IR node came from. */
export function addNode(
  cx: Writer,
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes = {},
): string {
  const places = (cx.node?.result.places ?? []).filter((p) => !isSpan(p)).map((p) => describePlace(p));
  const doc = places.length > 0 ? { doc: places.join(", ") } : {};
  cx.builder.node({ op, inputs, outputs: [output], attributes, ...doc });
  return output;
}

/** A node on the way to the result of the lowered one. */
export const step = (
  cx: Writer,
  op: string,
  inputs: readonly string[],
  what: string,
  attributes?: Attributes,
): string => addNode(cx, op, inputs, cx.builder.fresh(`${cx.node!.result.name}.${what}`), attributes);

/** The same tensor in the other layout, which of an output bears the value's name. */
function transposed(cx: Writer, value: Value, form: Form, to: Layout): string {
  const from = to === "first" ? "last" : "first";
  const shown = to === "first" && cx.outputs.has(value) && form === (isStored(value) ? "stored" : "real");
  const name = shown ? value.name : cx.builder.fresh(`${value.name}.channels_${to}`);
  const perm = permBetween(value.type.shape.length, from, to);
  addNode(cx, "Transpose", [cx.held.get(value)![`${form} ${from}`]!], name, { perm });
  return hold(cx, value, form, to, name);
}

/** The stored integers of a value. */
export function stored(cx: Writer, value: Value, layout: Layout): string {
  const own = layoutOf(value, layout);
  return cx.held.get(value)?.[`stored ${own}`] ?? transposed(cx, value, "stored", own);
}

/** The real numbers that a value stands for. */
export function real(cx: Writer, value: Value, layout: Layout): string {
  if (isParam(value)) return realParam(cx, value, axesIn(value.type.shape.length, layout));
  const own = layoutOf(value, layout);
  const held = cx.held.get(value) ?? {};
  const there = held[`real ${own}`];
  if (there !== undefined) return there;
  const moved = held[`real ${own === "first" ? "last" : "first"}`];
  if (moved !== undefined && held[`stored ${own}`] === undefined) return transposed(cx, value, "real", own);
  return hold(cx, value, "real", own, dequantised(cx, value, own, cx.builder.fresh(`${value.name}.real`)));
}

/** DequantizeLinear of the stored integers. */
export function dequantised(cx: Writer, value: Value, layout: Layout, name: string): string {
  const from = stored(cx, value, layout);
  const { inputs, attributes } = quantOperands(cx.builder, value.type, layoutOf(value, layout));
  return addNode(cx, "DequantizeLinear", [from, ...inputs], name, attributes);
}

/** A param as a constant of real numbers whose axis i is the param's axis perm[i]. */
export function realParam(cx: Writer, param: Param, perm: readonly number[]): string {
  const shape = perm.map((axis) => param.type.shape[axis] as number);
  const data = permute(param.data, sizes(param.type), perm);
  const axis = param.type.quant?.axis === undefined ? undefined : perm.indexOf(param.type.quant.axis);
  return arrangedParam(cx, param, `perm ${perm.join(" ")}`, { shape, data, axis });
}

export interface Arranged {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number | bigint>;
  /** Where the scales per channel run along, if there are any. */
  readonly axis?: number | undefined;
}

/** A param whose elements were put into another order, as real numbers. `how` names the order. */
export function arrangedParam(
  cx: Writer,
  param: Param,
  how: string,
  { shape, data, axis }: Arranged,
): string {
  const key = `${param.name} ${how}`;
  const known = cx.params.get(key);
  if (known !== undefined) return known;
  const type = carrierOf(param.type.storage, cx.builder.opset, "weights");
  const name = cx.builder.constant(param.name, { type, shape, data });
  const made = param.type.storage === "f32" ? name : realConstant(cx, param, name, type, axis);
  cx.params.set(key, made);
  return made;
}

function realConstant(cx: Writer, param: Param, name: string, type: ElementType, axis: number | undefined) {
  if (!param.type.quant) return unsupported(cx, `@${param.name} has no scale`);
  const { inputs, attributes } = quantOperands(cx.builder, param.type, "last", { type, axis });
  return addNode(
    cx,
    "DequantizeLinear",
    [name, ...inputs],
    cx.builder.fresh(`${param.name}.real`),
    attributes,
  );
}

/** A float constant of this export, such as a limit. */
export const floats = (cx: Writer, what: string, data: readonly number[], shape = [data.length]): string =>
  cx.builder.constant(`${cx.node!.result.name}.${what}`, { type: "f32", shape, data });
export const float = (cx: Writer, what: string, value: number): string => floats(cx, what, [value], []);
export const ints = (cx: Writer, what: string, data: readonly number[]): string =>
  cx.builder.constant(`${cx.node!.result.name}.${what}`, { type: "i64", shape: [data.length], data });

/** The op's result as real numbers; where the IR stores integers, QuantizeLinear follows. */
export function emit(
  cx: Writer,
  layout: Layout,
  op: string,
  inputs: readonly string[],
  attributes?: Attributes,
): void {
  const { result } = cx.node!;
  if (!isStored(result)) {
    const name = addNode(cx, op, inputs, ownName(cx, result, layout), attributes);
    hold(cx, result, "real", layout, name);
  } else quantised(cx, layout, step(cx, op, inputs, "float", attributes));
}

/** The lowered node's result from real numbers, clamped to stored limits that its element type does not have. */
export function quantised(cx: Writer, layout: Layout, from: string, clamp?: Clamp): void {
  const { op, result } = cx.node!;
  const within = op.traits.includes("reads") ? from : clamped(cx, from, result.type, clamp);
  const { inputs, attributes } = quantOperands(cx.builder, result.type, layoutOf(result, layout));
  const name = ownName(cx, result, layout);
  hold(cx, result, "stored", layout, addNode(cx, "QuantizeLinear", [within, ...inputs], name, attributes));
}

function clamped(cx: Writer, from: string, type: TensorType, clamp?: Clamp): string {
  const { lo, hi } = realLimits(type, cx.builder.opset, clamp);
  if (lo === undefined && hi === undefined) return from;
  if (type.quant!.channels) return unsupported(cx, "its limits differ per channel");
  if (lo === 0 && hi === undefined) return step(cx, "Relu", [from], "clamped");
  const limits = [lo === undefined ? "" : float(cx, "lo", lo), hi === undefined ? "" : float(cx, "hi", hi)];
  return step(cx, "Clip", [from, ...limits], "clamped");
}

/** The real numbers of stored integers as the lowered node's result. */
export function emitDequantised(cx: Writer, layout: Layout, x: Value): void {
  const { result } = cx.node!;
  hold(cx, result, "real", layout, dequantised(cx, x, layout, ownName(cx, result, layout)));
}

/** A result that is stored integers from the start. */
export function emitStored(
  cx: Writer,
  layout: Layout,
  op: string,
  inputs: readonly string[],
  attributes?: Attributes,
): void {
  const { result } = cx.node!;
  const name = addNode(cx, op, inputs, ownName(cx, result, layout), attributes);
  hold(cx, result, "stored", layout, name);
}

/** The element type that a value has in the file. */
export const elementTypeOf = (storage: Storage, opset: number): ElementType =>
  storage === "i32" ? "f32" : carrierOf(storage, opset, "values");
