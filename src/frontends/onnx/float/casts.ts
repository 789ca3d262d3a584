/** Casts: floats lose their fractions, stored integers the bits that do not fit. */
import { type IntStorage, storages } from "../../../ir/storage.js";
import { type Quant, tensorType } from "../../../ir/type.js";
import { intOf } from "../attributes.js";
import type { Context } from "../context.js";
import { type Lowering, outputName } from "../lower/operands.js";
import { type ElementType, elementTypes } from "../raw.js";
import type { FloatTensor } from "../tensor.js";
import { combined, emitted, number, scaled } from "./elementwise.js";
import { type FloatRows, knownAt, storageOf, tensorAt, unsupported } from "./operands.js";
import { asTruth, retyped, whole, wrapped } from "./wrap.js";

const isWhole = (q: Quant | undefined): boolean => !q || (q.scale === 1 && q.zero === 0 && !q.channels);

/** Integers as the floats of the same value. */
export function asFloats(cx: Context, x: FloatTensor, name: string): FloatTensor {
  const { storage, quant } = x.value.type;
  if (storage === "f32") return x;
  if (!isWhole(quant)) return unsupported(cx, `its operand has a scale of its own, ${quant!.scale}`);
  return emitted(cx, "dequantize", quant ? x : retyped(cx, x, storage, whole, name), name);
}

/** Drops the fractions: floor(max(x, 0)) - floor(max(-x, 0)), as quantize rounds x - 1/2 down. */
function truncated(cx: Context, x: FloatTensor, name: string): FloatTensor {
  const part = (side: FloatTensor) => {
    const half = combined(cx, "sub", emitted(cx, "relu", side, name), number(`${name}.half`, 0.5), name);
    const type = tensorType("i32", half.value.type.shape, whole);
    return cx.main.emit("quantize", [half.value], {}, name, type);
  };
  return { ...x, name, value: cx.main.emit("sub", [part(x), part(scaled(cx, x, -1, name))], {}, name) };
}

/** Integers of more than 30 bits are not told apart, so that every sum on the way fits i32. */
const mostWhole = 2 ** 30 - 1;

/** Floats lose their fractions, then integers the bits that do not fit. */
function castTo(cx: Context, x: FloatTensor, type: ElementType, name: string): FloatTensor {
  if (type === "bf16") return unsupported(cx, "its result is rounded to bf16");
  if (type === "bool") return asTruth(cx, x, name);
  const [from, to] = [x.value.type.storage, storageOf(cx, type, "its result")];
  if (to === "f32") return { ...asFloats(cx, x, name), name };
  if (type === "u16" && from !== "u8") return unsupported(cx, `a cast from ${from} to u16 wraps around`);
  if (from === "f32") {
    const integers = truncated(cx, x, name);
    if (to === "i32") return integers;
    const bounded = emitted(cx, "clip", integers, name, { lo: -mostWhole, hi: mostWhole });
    return wrapped(cx, bounded, to as IntStorage, name);
  }
  const fits = storages[from].min >= storages[to].min && storages[from].max <= storages[to].max;
  if (fits) return widened(cx, x, to as IntStorage, name);
  if (!isWhole(x.value.type.quant)) return unsupported(cx, `its operand has a scale of its own`);
  if (from === "i32") return unsupported(cx, `a cast from ${from} to ${to} wraps around`);
  return wrapped(cx, x, to as IntStorage, name);
}

/** The stored integers, whatever their scale, in a type that holds them all. */
function widened(cx: Context, x: FloatTensor, to: IntStorage, name: string): FloatTensor {
  const y = retyped(cx, x, to, whole, name);
  if (storages[x.value.type.storage].bits <= 8) cx.castFrom.set(y.value, x.value);
  return y;
}

const cast: Lowering = (cx, node, inputs) => {
  const type = elementTypes[intOf(cx, node, "to", 0)] ?? "undefined";
  return castTo(cx, tensorAt(cx, inputs, 0), type, outputName(node));
};

const castLike: Lowering = (cx, node, inputs) => {
  const type = knownAt(cx, inputs, 1, "type")?.type ?? "undefined";
  return castTo(cx, tensorAt(cx, inputs, 0), type, outputName(node));
};

const casts =
  "nothing, dequantize, requant, lut; relu, sub, quantize, sub for floats; requant, sub to wrap around";
const wraps = "i32 to fewer bits; floats to bool, u16, bf16; u32, i64, u64 and 8-bit floats";

export const castRows: FloatRows = {
  Cast: { lower: cast, known: [], becomes: casts, limits: wraps },
  CastLike: { lower: castLike, known: [1], becomes: casts, limits: wraps },
};
