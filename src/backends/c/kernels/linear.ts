import { linear } from "../../../ir/ops/linear.js";
import { matmul } from "../../../ir/ops/matmul.js";
import { elements, sizes, zeroPoint } from "../../../ir/type.js";
import { call, kernelType } from "../text.js";
import { kernel } from "./kernel.js";

export const linearKernels = [
  kernel("pulsec_linear", linear, "linear", ({ x, at, to }) => {
    const [out, inner] = sizes(x.w) as [number, number];
    return call("pulsec_linear", [at.x, at.w, at.b ?? "NULL", to], "pulsec_linear_shape", {
      x_type: kernelType(x.x.storage),
      w_type: kernelType(x.w.storage),
      zero: zeroPoint(x.x),
      rows: elements(x.x) / inner,
      in: inner,
      out,
    });
  }),
  kernel("pulsec_matmul", matmul, "linear", ({ x, y, at, to }) => {
    const [rows, columns] = sizes(y).slice(-2) as [number, number];
    return call("pulsec_matmul", [at.a, at.b, to], "pulsec_matmul_shape", {
      a_type: kernelType(x.a.storage),
      b_type: kernelType(x.b.storage),
      a_zero: zeroPoint(x.a),
      b_zero: zeroPoint(x.b),
      batch: elements(y) / (rows * columns),
      rows,
      inner: sizes(x.a).at(-1)!,
      columns,
    });
  }),
];
