import { avgpool } from "../../../ir/ops/avgpool.js";
import { axisOf } from "../../../ir/ops/axes.js";
import { globalAvgpool } from "../../../ir/ops/global_avgpool.js";
import { maxpool } from "../../../ir/ops/maxpool.js";
import { reduceMean } from "../../../ir/ops/reduce_mean.js";
import { reduceSum } from "../../../ir/ops/reduce_sum.js";
import { upsample } from "../../../ir/ops/upsample.js";
import { twoD, twoDBegins } from "../../../ir/ops/window.js";
import { storages } from "../../../ir/storage.js";
import { strides } from "../../../ir/tensor.js";
import { elements, sizes, type TensorType, zeroPoint } from "../../../ir/type.js";
import { call, type Field, kernelType } from "../text.js";
import { extents, kernel, walk, wrongRank } from "./kernel.js";

interface PoolAttrs {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation?: readonly number[];
  readonly pads: readonly number[];
}

function poolShape(x: TensorType, y: TensorType, a: PoolAttrs, start: number): Record<string, Field> {
  const out = extents(y);
  const [kernel_height, kernel_width] = twoD(a.kernel, 1);
  const [stride_y, stride_x] = twoD(a.stride, 1);
  const [dilation_y, dilation_x] = twoD(a.dilation ?? a.kernel.map(() => 1), 1);
  const [top, left] = twoDBegins(a.pads);
  return {
    type: kernelType(x.storage),
    ...extents(x),
    out_height: out.height,
    out_width: out.width,
    ...{ kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x, top, left, start },
  };
}

/** A walk over x that stands still in y along the summed axes. */
function summing(x: TensorType, axes: readonly number[]) {
  const shape = sizes(x);
  const along = axes.map((axis) => axisOf(shape.length, axis));
  const kept = strides(shape.map((d, i) => (along.includes(i) ? 1 : d)));
  return walk(
    shape,
    shape.map((_, i) => (along.includes(i) ? 0 : kept[i]!)),
  );
}

function sum(x: TensorType, y: TensorType, axes: readonly number[], from: string, to: string): string {
  const { fields, steps } = summing(x, axes);
  return call("pulsec_sum", [from, to], "pulsec_sum_shape", {
    x_type: kernelType(x.storage),
    zero: zeroPoint(x),
    count: elements(y),
    ...fields,
    y_step: steps[0]!,
  });
}

const spatialAxes = (x: TensorType): readonly number[] => x.shape.map((_, i) => i).slice(1, -1);

const reduction = (op: typeof reduceMean | typeof reduceSum) =>
  kernel("pulsec_sum", op, "pool", ({ x, attrs, y, at, to }) => sum(x.x, y, attrs.axes, at.x, to), {
    refuses: ({ operands: [x], attrs }) => wrongRank(summing(x!.type, attrs.axes as readonly number[])),
  });

export const poolKernels = [
  kernel("pulsec_maxpool", maxpool, "pool", ({ x, attrs, y, at, to }) =>
    call(
      "pulsec_maxpool",
      [at.x, to],
      "pulsec_pool_shape",
      poolShape(x.x, y, attrs, storages[y.storage].min),
    ),
  ),
  kernel("pulsec_avgpool", avgpool, "pool", ({ x, attrs, y, at, to }) => {
    const varies = !attrs.count_include_pad && attrs.pads.some((p) => p > 0);
    const args = [at.x, to, varies ? "1" : "0"];
    return call("pulsec_avgpool", args, "pulsec_pool_shape", poolShape(x.x, y, attrs, zeroPoint(x.x)));
  }),
  kernel("pulsec_sum", globalAvgpool, "pool", ({ x, y, at, to }) => sum(x.x, y, spatialAxes(x.x), at.x, to)),
  reduction(reduceMean),
  reduction(reduceSum),
];

export const upsampleKernels = [
  kernel("pulsec_upsample", upsample, "upsample", ({ x, attrs, y, at, to }) => {
    const out = extents(y);
    return call(`pulsec_upsample_${attrs.mode}`, [at.x, to], "pulsec_upsample_shape", {
      type: kernelType(y.storage),
      ...extents(x.x),
      out_height: out.height,
      out_width: out.width,
      align_corners: attrs.align === "align_corners" ? 1 : 0,
    });
  }),
];
