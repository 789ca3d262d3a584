import { conv } from "../../../ir/ops/conv.js";
import { convTranspose } from "../../../ir/ops/conv_transpose.js";
import { twoD, twoDBegins } from "../../../ir/ops/window.js";
import { sizes, type TensorType, zeroPoint } from "../../../ir/type.js";
import { call, type Field, kernelType } from "../text.js";
import { extents, kernel } from "./kernel.js";

interface ConvAttrs {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly pads: readonly number[];
  readonly pad_mode?: string;
}

function convShape(x: TensorType, w: TensorType, y: TensorType, a: ConvAttrs): Record<string, Field> {
  const out = extents(y);
  const [kernel_height, kernel_width] = twoD(sizes(w).slice(1, -1), 1);
  const [stride_y, stride_x] = twoD(a.stride, 1);
  const [dilation_y, dilation_x] = twoD(a.dilation, 1);
  const [top, left] = twoDBegins(a.pads);
  return {
    x_type: kernelType(x.storage),
    w_type: kernelType(w.storage),
    zero: zeroPoint(x),
    ...extents(x),
    out_height: out.height,
    out_width: out.width,
    out_channels: out.channels,
    ...{
      groups: a.groups,
      kernel_height,
      kernel_width,
      stride_y,
      stride_x,
      dilation_y,
      dilation_x,
      top,
      left,
    },
    border: `PULSEC_${(a.pad_mode ?? "constant").toUpperCase()}`,
  };
}

export const convKernels = [
  kernel("pulsec_conv", conv, "conv", ({ x, attrs, y, at, to }) =>
    call("pulsec_conv", [at.x, at.w, at.b ?? "NULL", to], "pulsec_conv_shape", convShape(x.x, x.w, y, attrs)),
  ),
  kernel("pulsec_conv_transpose", convTranspose, "conv", ({ x, attrs, y, at, to }) =>
    call(
      "pulsec_conv_transpose",
      [at.x, at.w, at.b ?? "NULL", to],
      "pulsec_conv_shape",
      convShape(x.x, x.w, y, attrs),
    ),
  ),
];
