/** Products with weights, products of values, sums along axes. */
import type { Param, Value } from "../../../ir/graph.js";
import { axisOf } from "../../../ir/ops/axes.js";
import { range } from "../../../ir/ops/take.js";
import { axesIn, isSpatial, type Layout, onnxAxis } from "../layout.js";
import {
  arrangedParam,
  emit,
  ints,
  isHeld,
  type Lowering,
  real,
  realParam,
  step,
  type Writer,
} from "../writer.js";

/** The bias as an operand, if there is one. It counts in the units of the sum, with or without a scale of its own. */
export function biasOf(cx: Writer, shape?: readonly number[]): readonly string[] {
  const { operands, result } = cx.node!;
  const bias = operands[2] as Param | undefined;
  if (!bias) return [];
  const count = bias.data.length;
  const scale = result.type.quant;
  const type =
    bias.type.storage === "f32" || !scale ? bias.type : { ...bias.type, quant: { ...scale, axis: 0 } };
  const units = scale ? ` in ${scale.scale} ${scale.channels?.name ?? ""}` : "";
  const how = `bias ${(shape ?? [count]).join("x")}${units}`;
  return [arrangedParam(cx, { ...bias, type }, how, { shape: shape ?? [count], data: bias.data, axis: 0 })];
}

const linear: Lowering = (cx, { operands }) => {
  const [x, w] = operands as [Param, Param];
  if (x.type.shape.length === 2) {
    const inputs = [real(cx, x, "last"), realParam(cx, w, [0, 1]), ...biasOf(cx)];
    return emit(cx, "last", "Gemm", inputs, { transB: 1 });
  }
  if (x.type.storage !== "f32" && isSpatial(x.type.shape.length)) return perPosition(cx, x, w);
  const inputs = [real(cx, x, "last"), realParam(cx, w, [1, 0])];
  const bias = biasOf(cx);
  if (bias.length === 0) return emit(cx, "last", "MatMul", inputs);
  emit(cx, "last", "Add", [step(cx, "MatMul", inputs, "product"), ...bias]);
};

/** Runtimes have integer kernels for a convolution of one tap with its bias, not for MatMul and Add. */
function perPosition(cx: Writer, x: Value, w: Param): void {
  const taps = new Array<number>(x.type.shape.length - 2).fill(1);
  const shape = [...(w.type.shape as readonly number[]), ...taps];
  const weights = arrangedParam(cx, w, `taps ${shape.join("x")}`, { shape, data: w.data, axis: 0 });
  emit(cx, "first", "Conv", [real(cx, x, "first"), weights, ...biasOf(cx)], { kernel_shape: taps });
}

const matmul: Lowering = (cx, { operands: [a, b] }) =>
  emit(cx, "last", "MatMul", [real(cx, a!, "last"), real(cx, b!, "last")]);

/**
 * Layouts of operand and result for an op that takes axes away: one that x has and whose order the result
 * keeps.
 */
export function layoutsWithout(cx: Writer, axes: readonly number[]): readonly [from: Layout, to: Layout] {
  const { operands, result } = cx.node!;
  const [x] = operands;
  const rank = x!.type.shape.length;
  const kept = range(0, rank).filter((axis) => !axes.includes(axis));
  for (const from of ["first", "last"] as const) {
    const order = axesIn(rank, from).flatMap((axis) => (axes.includes(axis) ? [] : [kept.indexOf(axis)]));
    const to = (["first", "last"] as const).find((l) =>
      axesIn(result.type.shape.length, l).every((axis, i) => axis === order[i]),
    );
    if (to && isHeld(cx, x!, from)) return [from, to];
  }
  return ["last", "last"];
}

const reduction =
  (op: string): Lowering =>
  (cx, { operands: [x], attrs }) => {
    const rank = x!.type.shape.length;
    const axes = (attrs.axes as readonly number[]).map((axis) => axisOf(rank, axis));
    const keepdims = attrs.keepdims === true;
    const held = isHeld(cx, x!, "first") ? "first" : "last";
    const [from, to] = keepdims ? ([held, held] as const) : layoutsWithout(cx, axes);
    const onnx = axes.map((axis) => onnxAxis(rank, from, axis)).toSorted((a, b) => a - b);
    const input = real(cx, x!, from);
    const keep = { keepdims: keepdims ? 1 : 0 };
    if (op === "ReduceSum" || cx.builder.opset >= axesAsInput)
      emit(cx, to, op, [input, ints(cx, "axes", onnx)], keep);
    else emit(cx, to, op, [input], { axes: onnx, ...keep });
  };

/** Opset from which ReduceMean takes its axes as an operand; ReduceSum did so long before. */
const axesAsInput = 18;

export const sumRows: Readonly<Record<string, Lowering>> = {
  linear,
  matmul,
  reduce_mean: reduction("ReduceMean"),
  reduce_sum: reduction("ReduceSum"),
};
