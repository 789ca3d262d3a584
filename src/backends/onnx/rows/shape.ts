/** Ops that move elements: joins, slices and other views. */
import type { Value } from "../../../ir/graph.js";
import { axisOf } from "../../../ir/ops/axes.js";
import { axesIn, type Layout, onnxAxis, sameRows, shapeIn } from "../layout.js";
import { commonLayout, emit, ints, isHeld, type Lowering, real, type Writer } from "../writer.js";
import { layoutsWithout } from "./sums.js";

const concat: Lowering = (cx, { operands, attrs, result }) => {
  const layout = commonLayout(cx, operands);
  const axis = onnxAxis(result.type.shape.length, layout, attrs.axis as number);
  emit(
    cx,
    layout,
    "Concat",
    operands.map((x) => real(cx, x, layout)),
    { axis },
  );
};

const slice: Lowering = (cx, { operands: [x], attrs }) => {
  const layout = commonLayout(cx, [x!]);
  const axis = onnxAxis(x!.type.shape.length, layout, attrs.axis as number);
  const operand = (what: string, v: unknown) => ints(cx, what, [v as number]);
  emit(cx, layout, "Slice", [
    real(cx, x!, layout),
    operand("starts", attrs.begin),
    operand("ends", attrs.end),
    operand("axes", axis),
    operand("steps", attrs.step),
  ]);
};

const transpose: Lowering = (cx, { operands: [x], attrs, result }) => {
  const from = commonLayout(cx, [x!]);
  const rank = result.type.shape.length;
  const moved = attrs.perm as readonly number[];
  const perm = axesIn(rank, "first").map((axis) => onnxAxis(rank, from, moved[axis]!));
  emit(cx, "first", "Transpose", [real(cx, x!, from)], { perm });
};

/** x with its elements in the IR's order, whatever its axes are called. */
const inRows = (cx: Writer, x: Value): string =>
  real(cx, x, !isHeld(cx, x, "last") && sameRows(x.type.shape) ? "first" : "last");

/** The layout in which a result that comes out in the IR's order is said. */
const rowsAs = (value: Value): Layout => (sameRows(value.type.shape) ? "first" : "last");

const reshape: Lowering = (cx, { operands: [x], result }) => {
  const to = rowsAs(result);
  const shape = shapeIn(result.type.shape, to).map((d) => (d === "N" ? 0 : d));
  emit(cx, to, "Reshape", [inRows(cx, x!), ints(cx, "shape", shape)]);
};

const flatten: Lowering = (cx, node) => {
  const [x] = node.operands;
  const flat = axisOf(x!.type.shape.length, node.attrs.axis as number) === 1;
  if (flat) emit(cx, "last", "Flatten", [inRows(cx, x!)], { axis: 1 });
  else reshape(cx, node);
};

const squeeze: Lowering = (cx, { operands: [x], attrs }) => {
  const rank = x!.type.shape.length;
  const axes = (attrs.axes as readonly number[]).map((axis) => axisOf(rank, axis));
  const [from, to] = layoutsWithout(cx, axes);
  const onnx = axes.map((axis) => onnxAxis(rank, from, axis)).toSorted((a, b) => a - b);
  emit(cx, to, "Squeeze", [real(cx, x!, from), ints(cx, "axes", onnx)]);
};

export const shapeRows: Readonly<Record<string, Lowering>> = {
  concat,
  flatten,
  reshape,
  slice,
  squeeze,
  transpose,
};
