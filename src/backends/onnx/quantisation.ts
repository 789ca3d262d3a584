/** How stored integers and their scales are said in ONNX. */
import { type Storage, storages } from "../../ir/storage.js";
import type { TensorType } from "../../ir/type.js";
import { type Layout, onnxAxis } from "./layout.js";
import type { ElementType, ModelBuilder, OnnxNode } from "./model.js";

/** 16-bit integers and 4-bit ones came into QuantizeLinear with this opset. */
export const narrowOpset = 21;

/**
 * The ONNX type that elements are held in. Values below 8 bits are held in bytes, which every runtime computes on;
 * weights of 4 bits are packed where the opset has such a type.
 */
export function carrierOf(storage: Storage, opset: number, role: "values" | "weights"): ElementType {
  if (storage === "i4" && role === "weights" && opset >= narrowOpset) return "i4";
  if (storages[storage].bits < 8) return storages[storage].min < 0 ? "i8" : "u8";
  return storage;
}

/** Elements of any storage as numbers. */
export const numbers = (data: ArrayLike<number | bigint>): number[] => Array.from(data, Number);

/** Scale and zero point inputs, with the axis they run along; `given` where the type does not say it. */
export function quantOperands(
  builder: ModelBuilder,
  type: TensorType,
  layout: Layout,
  given: { readonly type?: ElementType; readonly axis?: number | undefined } = {},
): { readonly inputs: readonly string[]; readonly attributes: OnnxNode["attributes"] } {
  const { scale, zero, channels, axis = 0 } = type.quant!;
  const element = given.type ?? carrierOf(type.storage, builder.opset, "values");
  const vector = channels && numbers(channels.data).map((c) => c * scale);
  const shape = vector ? [vector.length] : [];
  const inputs = [
    sharedConstant(builder, "scale", "f32", shape, vector ?? [scale]),
    sharedConstant(
      builder,
      "zero",
      element,
      shape,
      (vector ?? [0]).map(() => zero),
    ),
  ];
  const along = given.axis ?? onnxAxis(type.shape.length, layout, axis);
  return { inputs, attributes: vector ? { axis: along } : {} };
}

const shared = new WeakMap<ModelBuilder, Map<string, string>>();

/** Scales and zero points repeat through a network: each is written once. */
function sharedConstant(
  builder: ModelBuilder,
  what: string,
  type: ElementType,
  shape: readonly number[],
  data: readonly number[],
): string {
  const known = shared.get(builder) ?? new Map<string, string>();
  shared.set(builder, known);
  const key = `${what} ${type} ${shape.join()} ${data.join()}`;
  const name = known.get(key) ?? builder.constant(what, { type, shape, data });
  known.set(key, name);
  return name;
}

/** Stored limits. */
export interface Clamp {
  readonly lo: number;
  readonly hi: number;
}

/** The limits as real numbers that QuantizeLinear does not keep by itself; zero below alone is a rectifier. */
export function realLimits(
  type: TensorType,
  opset: number,
  clamp?: Clamp,
): { readonly lo: number | undefined; readonly hi: number | undefined } {
  const own = storages[type.storage];
  const { lo, hi } = clamp ?? { lo: own.min, hi: own.max };
  const held = storages[carrierOf(type.storage, opset, "values") as Storage];
  const { scale, zero } = type.quant!;
  return {
    lo: lo > held.min ? (lo - zero) * scale : undefined,
    hi: hi < held.max ? (hi - zero) * scale : undefined,
  };
}
