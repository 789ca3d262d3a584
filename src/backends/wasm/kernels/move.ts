import type { OpDef } from "../../../ir/op.js";
import { concat } from "../../../ir/ops/concat.js";
import { crop } from "../../../ir/ops/crop.js";
import { flatten } from "../../../ir/ops/flatten.js";
import { pad } from "../../../ir/ops/pad.js";
import { reshape } from "../../../ir/ops/reshape.js";
import { slice } from "../../../ir/ops/slice.js";
import { squeeze } from "../../../ir/ops/squeeze.js";
import { range } from "../../../ir/ops/take.js";
import { transpose } from "../../../ir/ops/transpose.js";
import { source } from "../../../ir/ops/window.js";
import { strides } from "../../../ir/tensor.js";
import { type Emission, kernel, type Source, type WasmKernel } from "../kernel.js";
import { copy, dense, view } from "../view.js";
import { take } from "./take.js";

const counted = (shape: readonly number[], axis: number): number => (axis < 0 ? axis + shape.length : axis);

/** `take` with all positions of an axis where `sources` names none. */
function takeAlong(
  e: Emission,
  x: Source,
  y: Source,
  sources: ReadonlyMap<number, readonly number[]>,
  fill = 0,
): void {
  const all = x.shape.map((size, d) => sources.get(d) ?? range(0, size));
  take(e, dense(x.buffer, x.shape), dense(y.buffer, y.shape), all, fill);
}
/** Sources of the spatial dimensions: `of(size, begin, end)` with a dimension's two entries in `edges`. */
function spatial(
  x: Source,
  edges: readonly number[],
  of: (size: number, begin: number, end: number) => readonly number[],
) {
  const half = edges.length / 2;
  return new Map(range(0, half).map((i) => [i + 1, of(x.shape[i + 1]!, edges[i]!, edges[i + half]!)]));
}

const sliceKernel = kernel(slice, (e, { x }, { axis, begin, end, step }, y) =>
  takeAlong(e, x, y, new Map([[counted(x.shape, axis), range(begin, end, step)]])),
);
const cropKernel = kernel(crop, (e, { x }, { edges }, y) =>
  takeAlong(
    e,
    x,
    y,
    spatial(x, edges, (size, begin, end) => range(begin, size - end)),
  ),
);
const padKernel = kernel(pad, (e, { x }, { pads, pad_mode, value }, y) => {
  const shown = spatial(x, pads, (size, begin, end) =>
    range(-begin, size + end).map((p) => source(p, size, pad_mode)),
  );
  takeAlong(e, x, y, shown, value ?? x.zero);
});

const concatKernel = kernel(concat, (e, { xs }, { axis }, y) => {
  const along = counted(y.shape, axis);
  const steps = strides(y.shape);
  let at = 0;
  for (const x of xs) {
    copy(e.code, x.shape, dense(x.buffer, x.shape), view(y.buffer, steps, at * steps[along]!));
    at += x.shape[along]!;
  }
});

const transposeKernel = kernel(transpose, (e, { x }, { perm }, y) => {
  const steps = strides(x.shape);
  copy(
    e.code,
    y.shape,
    view(
      x.buffer,
      perm.map((p) => steps[p]!),
    ),
    dense(y.buffer, y.shape),
  );
});

/** Row-major elements as they are. A param has no memory to share: it is copied. */
const alias = (op: OpDef): WasmKernel => ({
  op,
  alias: true,
  emit({ code }, operands, _, y) {
    const { x } = operands as { readonly x: Source };
    copy(code, y.shape, dense(x.buffer, y.shape), dense(y.buffer, y.shape));
  },
});

export const moveKernels = [
  sliceKernel,
  cropKernel,
  padKernel,
  concatKernel,
  transposeKernel,
  alias(reshape),
  alias(flatten),
  alias(squeeze),
];
