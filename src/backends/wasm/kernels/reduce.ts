import { reduceMean } from "../../../ir/ops/reduce_mean.js";
import { reduceSum } from "../../../ir/ops/reduce_sum.js";
import { strides } from "../../../ir/tensor.js";
import { add, sub } from "../expr.js";
import { type Emission, kernel, type Source } from "../kernel.js";
import { dense, nest, view } from "../view.js";

/** Both sum (x - zero); the mean's division is in its scale. */
function sumOver(e: Emission, x: Source, axes: readonly number[], y: Source): void {
  const summed = new Set(axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis)));
  const steps = strides(x.shape);
  const dims = x.shape.map((_, d) => d);
  const [outer, inner] = [dims.filter((d) => !summed.has(d)), dims.filter((d) => summed.has(d))];
  const sizes = (list: readonly number[]) => list.map((d) => x.shape[d]!);
  const along = (list: readonly number[]) => list.map((d) => steps[d]!);
  nest(e.code, sizes(outer), [view(x.buffer, along(outer)), dense(y.buffer, sizes(outer))], (from, to) => {
    const sum = e.code.variable(0);
    nest(e.code, sizes(inner), [from!.view(along(inner))], (at) =>
      sum.set(add(sum.value, sub(at!.load(), x.zero))),
    );
    to!.store(e.code, sum.value);
  });
}

export const reduceKernels = [
  kernel(reduceMean, (e, { x }, { axes }, y) => sumOver(e, x, axes, y)),
  kernel(reduceSum, (e, { x }, { axes }, y) => sumOver(e, x, axes, y)),
];
