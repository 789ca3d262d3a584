/** Arithmetic of stored integers as ONNX defines it: what does not fit wraps around. */
import { type IntStorage, type Storage, storages } from "../../../ir/storage.js";
import { type Quant, type TensorType, tensorType } from "../../../ir/type.js";
import type { Context } from "../context.js";
import { range } from "../shapes.js";
import type { FloatTensor } from "../tensor.js";
import { unsupported } from "./operands.js";

/** Integers that stand for themselves. */
export const whole: Quant = { scale: 1, zero: 0 };

/** x / 2^shift + add, rounded down, clamped to the storage. */
function shifted(
  cx: Context,
  x: FloatTensor,
  [add, shift]: readonly [number, number],
  type: TensorType,
  name: string,
): FloatTensor {
  const operands = [
    x.value,
    cx.main.param(`${name}.mul`, "i32", [1], [1]),
    cx.main.param(`${name}.add`, "i64", [1], [add]),
  ];
  return { ...x, name, value: cx.main.emit("requant", operands, { shift: [shift] }, name, type) };
}

/** The same stored integers under another type, clamped to it. Requant adds the zero point: it goes first. */
export const retyped = (
  cx: Context,
  x: FloatTensor,
  storage: Storage,
  quant: Quant,
  name: string,
): FloatTensor => shifted(cx, x, [-quant.zero, 0], tensorType(storage, x.value.type.shape, quant), name);

/** The bits of whole numbers that `storage` keeps: x - 2^bits * floor((x - min) / 2^bits). */
export function wrapped(cx: Context, x: FloatTensor, storage: IntStorage, name: string): FloatTensor {
  const { bits, min } = storages[storage];
  const { shape, quant } = x.value.type;
  const turn = quant ? { scale: 2 ** bits, zero: 0 } : undefined;
  const turns = shifted(cx, x, [-min, bits], tensorType("i32", shape, turn), `${name}.turns`);
  const rest = cx.main.emit("sub", [x.value, turns.value], { mul: [1, 2 ** bits] }, name);
  return retyped(cx, { ...x, value: rest }, storage, whole, name);
}

/** min + max - x, which turns the order of integers around within their storage. */
export function complement(cx: Context, x: FloatTensor, name: string): FloatTensor {
  const { storage, shape } = x.value.type;
  const { min, max } = storages[storage];
  const ends = cx.main.param(
    `${name}.ends`,
    "i32",
    shape.map(() => 1),
    [min + max],
  );
  const turned = { ...x, name, value: cx.main.emit("sub", [ends, x.value], {}, name) };
  return retyped(cx, turned, storage, whole, name);
}

/** Whether each element differs from 0, of integers in a byte. */
export function asTruth(cx: Context, x: FloatTensor, name: string): FloatTensor {
  const { storage, shape } = x.value.type;
  const { min, bits } = storages[storage];
  if (bits > 8) return unsupported(cx, `a cast from ${storage} to bool compares numbers`);
  const table = range(2 ** bits).map((i) => Number(i + min !== 0));
  const operands = [x.value, cx.main.param(`${name}.table`, "u8", [table.length], table)];
  return { ...x, name, value: cx.main.emit("lut", operands, {}, name, tensorType("u8", shape, whole)) };
}
