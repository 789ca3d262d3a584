/** The operators that quantise: stored integers with a scale and a zero point. */
import { isInteger, isStorage, type Storage, storageFor } from "../../../ir/storage.js";
import { type Quant, tensorType } from "../../../ir/type.js";
import { intOf, sound } from "../attributes.js";
import { type Constant, constant, extremes, onGrid } from "../constant.js";
import { type Context, refuse } from "../context.js";
import { channelsLast } from "../layout.js";
import { type Lowering, outputName } from "../lower/operands.js";
import { elementTypes, type RawNode } from "../raw.js";
import { axisIn, product, range } from "../shapes.js";
import type { FloatTensor, Imported } from "../tensor.js";
import { asFloats } from "./casts.js";
import { combined, emitted } from "./elementwise.js";
import { convolved, matmul, times } from "./linear.js";
import {
  type FloatRow,
  type FloatRows,
  floatAt,
  knownAt,
  paramOf,
  spatialResult,
  tensorAt,
  unsupported,
} from "./operands.js";
import { retyped, whole } from "./wrap.js";

type Inputs = readonly (Imported | undefined)[];

export interface Scale {
  readonly scale: Constant;
  readonly zero: Constant | undefined;
  /** The axis that vectors of scales run along. */
  readonly axis: number;
  /** How many elements along the axis share a scale; 0: one scale per index. */
  readonly block: number;
}

/** A constant of scales so that it broadcasts to `shape`; blocks are written out. */
function along(cx: Context, c: Constant, shape: readonly number[], s: Scale): Constant {
  if (product(c.shape) === 1) return { ...c, shape: [] };
  if (s.block > 0) return blockwise(c, shape, s);
  if (c.shape.length !== 1 || c.shape[0] !== shape[s.axis])
    return refuse(cx, "onnx/shape", `${c.name} has the shape [${c.shape.join("x")}]`);
  return { ...c, shape: [...c.shape, ...range(shape.length - s.axis - 1).map(() => 1)] };
}

function blockwise(c: Constant, shape: readonly number[], { axis, block }: Scale): Constant {
  const [size, inner] = [shape[axis]!, product(shape.slice(axis + 1))];
  const blocks = c.shape[axis]!;
  const at = (i: number) => {
    const [outer, position] = [Math.floor(i / inner / size), Math.floor(i / inner) % size];
    return (outer * blocks + Math.floor(position / block)) * inner + (i % inner);
  };
  return constant(
    c.name,
    c.type,
    shape,
    range(product(shape)).map((i) => c.data[at(i)]!),
  );
}

const asFloat = (c: Constant): Constant => ({ ...c, type: "f32" });
const single = ({ scale, zero }: Scale): Quant | undefined =>
  product(scale.shape) === 1 && product(zero?.shape ?? []) === 1
    ? { scale: scale.data[0]!, zero: zero?.data[0] ?? 0 }
    : undefined;

/** (x - zero) * scale. */
function dequantised(cx: Context, x: FloatTensor, s: Scale, name: string): FloatTensor {
  const [own, wanted] = [x.value.type.quant, single(s)];
  if (own && wanted && own.scale === wanted.scale && own.zero === wanted.zero)
    return emitted(cx, "dequantize", x, name);
  const stored = asFloats(cx, x, name);
  const moved = s.zero?.data.some((v) => v !== 0)
    ? combined(cx, "sub", stored, asFloat(along(cx, s.zero, x.shape, s)), name)
    : stored;
  return combined(cx, "mul", moved, asFloat(along(cx, s.scale, x.shape, s)), name);
}

/** `dequantised`, which weights are while importing. */
export function dequantisedOrKnown(cx: Context, x: Imported | undefined, s: Scale, name: string): Imported {
  if (x?.kind !== "constant") return dequantised(cx, tensorAt(cx, [x], 0), s, name);
  const spread = (c: Constant) => {
    const wide = along(cx, c, x.shape, s);
    const last = product(wide.shape.slice(1));
    const inner = product(x.shape.slice(s.axis + 1));
    if (wide.data.length === 1) return () => wide.data[0]!;
    if (last !== 1) return (i: number) => wide.data[i]!;
    return (i: number) => wide.data[Math.floor(i / inner) % x.shape[s.axis]!]!;
  };
  const [scale, zero] = [spread(s.scale), s.zero ? spread(s.zero) : () => 0];
  const data = x.data.map((v, i) => (v - zero(i)) * scale(i));
  return onGrid(constant(name, "f32", x.shape, data), s.block > 0 ? undefined : { steps: [...s.scale.data] });
}

/** round(x / scale) + zero, clamped: halves go up, ONNX's to the even neighbour. */
export function quantised(
  cx: Context,
  x: FloatTensor,
  s: Scale,
  storage: Storage,
  name: string,
): FloatTensor {
  const one = single(s);
  const stored = (t: FloatTensor, quant: Quant): FloatTensor => {
    const type = tensorType(storage, t.value.type.shape, quant);
    return { ...t, name, value: cx.main.emit("quantize", [t.value], {}, name, type) };
  };
  if (one) return stored(x, one);
  const steps = along(cx, s.scale, x.shape, s);
  const inverse = asFloat({ ...steps, data: steps.data.map((v) => 1 / v) });
  const levels = combined(cx, "mul", x, inverse, name);
  const moved = s.zero ? combined(cx, "add", levels, asFloat(along(cx, s.zero, x.shape, s)), name) : levels;
  return stored(moved, whole);
}

const shapeOf = (x: Imported | undefined): readonly number[] => (x && "shape" in x ? x.shape : []);

function scaleAt(cx: Context, node: RawNode, inputs: Inputs, index: number, x: Imported | undefined): Scale {
  const scale = knownAt(cx, inputs, index, "scale");
  if (!scale) return refuse(cx, "onnx/operands", "it has no scale");
  const rank = shapeOf(x).length;
  const vector = scale.shape.length === 1 && scale.shape[0]! > 1;
  const axis = vector || scale.shape.length > 1 ? sound(cx, axisIn(intOf(cx, node, "axis", 1), rank)) : 0;
  const zero = knownAt(cx, inputs, index + 1, "zero point");
  return { scale, zero, axis, block: intOf(cx, node, "block_size", 0) };
}

/** The storage that a zero point says, or the attribute of newer opsets. */
export function storedAs(cx: Context, node: RawNode, zero: Constant | undefined): Storage {
  const said = elementTypes[intOf(cx, node, "output_dtype", 0)];
  const type = zero?.type ?? (said && said !== "undefined" ? said : "u8");
  if (isStorage(type) && isInteger(type)) return type;
  return unsupported(cx, `its result is of element type ${type}`);
}

const quantizeLinear: Lowering = (cx, node, inputs) => {
  const x = floatAt(cx, inputs, 0);
  const s = scaleAt(cx, node, inputs, 1, x);
  return quantised(cx, x, s, storedAs(cx, node, s.zero), outputName(node));
};

const dequantizeLinear: Lowering = (cx, node, inputs) =>
  dequantisedOrKnown(cx, inputs[0], scaleAt(cx, node, inputs, 1, inputs[0]), outputName(node));

/** The scale of operand `index`, one for all or along `axis`. */
export function operandScale(cx: Context, inputs: Inputs, index: number, axis: number): Scale {
  const scale = knownAt(cx, inputs, index, "scale");
  if (!scale) return refuse(cx, "onnx/operands", "it has no scale");
  return { scale, zero: knownAt(cx, inputs, index + 1, "zero point"), axis, block: 0 };
}

const qLinearMatMul: Lowering = (cx, node, inputs) => {
  const name = outputName(node);
  const [ranks, y] = [[0, 3].map((i) => shapeOf(inputs[i]).length), operandScale(cx, inputs, 6, 0)];
  const a = dequantisedOrKnown(cx, inputs[0], operandScale(cx, inputs, 1, ranks[0]! - 2), `${name}.a`);
  const b = dequantisedOrKnown(cx, inputs[3], operandScale(cx, inputs, 4, ranks[1]! - 1), `${name}.b`);
  return quantised(cx, times(cx, a, b, name), y, storedAs(cx, node, y.zero), name);
};

const qLinearConv: Lowering = (cx, node, inputs) => {
  const name = outputName(node);
  const [sx, sw, sy] = [1, 4, 6].map((i) => operandScale(cx, inputs, i, 0)) as [Scale, Scale, Scale];
  const x = dequantised(cx, tensorAt(cx, inputs, 0), sx, `${name}.x`);
  const w = dequantisedOrKnown(cx, knownAt(cx, inputs, 3, "weights"), sw, `${name}.w`) as Constant;
  const b = knownAt(cx, inputs, 8, "bias");
  const unit = (i: number) => sx.scale.data[0]! * (sw.scale.data[i] ?? sw.scale.data[0]!);
  const bias =
    b &&
    onGrid(
      constant(
        b.name,
        "f32",
        b.shape,
        b.data.map((v, i) => v * unit(i)),
      ),
      { steps: range(b.data.length).map(unit) },
    );
  const y = spatialResult(convolved(cx, node, { x, w, bias }), name);
  return quantised(cx, y, sy, storedAs(cx, node, sy.zero), name);
};

/** The zero point of operand `index`, one for all. */
function zeroAt(cx: Context, inputs: Inputs, index: number): number {
  const zero = knownAt(cx, inputs, index, "zero point");
  if (zero && product(zero.shape) !== 1) return unsupported(cx, "it has several zero points");
  return zero?.data[0] ?? 0;
}

/** The stored integers, whatever their scale, around another zero point. */
function centred(cx: Context, x: FloatTensor, zero: number, name: string): FloatTensor {
  const { storage } = x.value.type;
  if (storage === "f32") return unsupported(cx, "its operands are no integers");
  return retyped(cx, x, storage, { scale: 1, zero }, name);
}

const matMulInteger: Lowering = (cx, node, inputs) => {
  const name = outputName(node);
  const a = centred(cx, tensorAt(cx, inputs, 0), zeroAt(cx, inputs, 2), `${name}.a`);
  const b = centred(cx, tensorAt(cx, inputs, 1), zeroAt(cx, inputs, 3), `${name}.b`);
  return matmul(cx, a, b, name);
};

const convInteger: Lowering = (cx, node, inputs) => {
  const name = outputName(node);
  const x = centred(cx, tensorAt(cx, inputs, 0), zeroAt(cx, inputs, 2), `${name}.x`);
  const w = knownAt(cx, inputs, 1, "weights");
  if (!w) return refuse(cx, "onnx/operands", "it has no weights");
  const zero = zeroAt(cx, inputs, 3);
  const data = w.data.map((v) => v - zero);
  const { lo, hi } = extremes(data);
  const narrow = constant(w.name, storageFor(lo, hi, ["i8", "i16"]) ?? "i16", w.shape, data);
  const param = paramOf(cx, narrow, channelsLast(w.shape.length));
  const y = spatialResult(convolved(cx, node, { x, w: narrow, param }), name);
  return retyped(cx, y, "i32", whole, name);
};

const formats = "u16, u32, i64, u64, bool and 8-bit floats";
const row = (lower: Lowering, known: readonly number[], becomes: string, limits = formats): FloatRow => ({
  lower,
  known,
  becomes,
  limits,
});

export const quantisedRows: FloatRows = {
  QuantizeLinear: row(quantizeLinear, [1, 2], "quantize; mul, add, quantize for several scales"),
  DequantizeLinear: row(dequantizeLinear, [1, 2], "dequantize, sub, mul"),
  QLinearConv: row(qLinearConv, [1, 2, 3, 4, 5, 6, 7, 8], "dequantize, conv, quantize"),
  QLinearMatMul: row(qLinearMatMul, [1, 2, 4, 5, 6, 7], "dequantize, matmul or linear, quantize"),
  MatMulInteger: row(matMulInteger, [2, 3], "requant, matmul", "zero points per row or column"),
  ConvInteger: row(convInteger, [1, 2, 3], "requant, conv", "zero points per channel"),
};
