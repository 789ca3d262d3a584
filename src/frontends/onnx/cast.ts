/** Casts of tensors that are known while importing. */
import { type Constant, constant } from "./constant.js";
import { type ElementType, isFloatType } from "./raw.js";

/** Integers keep the low bits of their width, floats those of f32; wider ones keep what a double holds. */
const casts: Partial<Readonly<Record<ElementType, (v: number) => number>>> = {
  f32: Math.fround,
  f64: (v) => v,
  bool: (v) => Number(v !== 0),
  i32: (v) => v | 0,
  u32: (v) => v >>> 0,
  i16: (v) => (v << 16) >> 16,
  u16: (v) => v & 0xffff,
  i8: (v) => (v << 24) >> 24,
  u8: (v) => v & 0xff,
};

/** The constant as another element type. */
export const castTo = (x: Constant, type: ElementType, name: string): Constant => {
  const cast = casts[type] ?? (isFloatType(type) ? (v: number) => v : Math.trunc);
  return constant(name, type, x.shape, x.data.map(cast));
};
