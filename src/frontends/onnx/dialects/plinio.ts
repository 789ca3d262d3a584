/**
 * PLiNIO and MATCH: Conv or MatMul, Mul, Add, Div, Floor, Clip with `out_bits`; weights may be stored as u8
 * or i8 behind a Cast.
 */
import { commonRows, type Dialect, someAttribute } from "./dialect.js";

export const plinio: Dialect = {
  name: "plinio",
  detects: (model) => someAttribute(model, ["out_bits", "mult_bits", "weight_bits"]),
  rows: commonRows,
};
