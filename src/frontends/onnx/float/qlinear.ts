/** onnxruntime's quantised operators (domain com.microsoft): dequantised operands, the float operator, quantize. */
import { intOf } from "../attributes.js";
import { constant, onGrid } from "../constant.js";
import { type Context, refuse } from "../context.js";
import { type Lowering, outputName } from "../lower/operands.js";
import type { RawNode } from "../raw.js";
import type { FloatTensor, Imported } from "../tensor.js";
import { elementwiseRows } from "./elementwise.js";
import { linearRows } from "./linear.js";
import { type FloatRow, type FloatRows, knownAt, unsupported } from "./operands.js";
import { poolRows } from "./pool.js";
import { dequantisedOrKnown, operandScale, quantised, storedAs } from "./quantised.js";
import { shapeRows } from "./shape.js";

type Inputs = readonly (Imported | undefined)[];

/** The operand at `index`, whose scale and zero point follow it. */
function operand(cx: Context, node: RawNode, inputs: Inputs, index: number): Imported {
  const x = inputs[index];
  if (!x) return refuse(cx, "onnx/operands", `operand ${index} is missing`);
  return dequantisedOrKnown(cx, x, operandScale(cx, inputs, index + 1, 0), `${outputName(node)}.x${index}`);
}

/** The result, whose scale and zero point are the operands at `index`. */
function result(cx: Context, node: RawNode, inputs: Inputs, index: number, y: FloatTensor): FloatTensor {
  const scale = operandScale(cx, inputs, index, 0);
  return quantised(cx, y, scale, storedAs(cx, node, scale.zero), outputName(node));
}

/** `row` on the operands at `operands`; the scale of the result stands at `at`. */
const around =
  (row: FloatRow | undefined, operands: readonly number[], at: number): Lowering =>
  (cx, node, inputs) => {
    if (intOf(cx, node, "channels_last", 0) === 1) unsupported(cx, "its channels come last");
    const xs = operands.map((i) => operand(cx, node, inputs, i));
    return result(cx, node, inputs, at, row!.lower(cx, node, xs) as FloatTensor);
  };

const concat: Lowering = (cx, node, inputs) => {
  const places = inputs.slice(2).flatMap((_, i) => (i % 3 === 0 ? [i + 2] : []));
  return around(shapeRows.Concat, places, 0)(cx, node, inputs);
};

/** The bias counts in steps of both scales multiplied. */
function biasAt(cx: Context, inputs: Inputs): Imported | undefined {
  const c = knownAt(cx, inputs, 6, "bias");
  const [a, b] = [1, 4].map((i) => operandScale(cx, inputs, i, 0).scale.data);
  const step = (i: number) => a![0]! * (b!.length > 1 ? b![i % b!.length]! : b![0]!);
  const data = c?.data.map((v, i) => v * step(i));
  return c && onGrid(constant(c.name, "f32", c.shape, data!), { steps: [...b!].map((_, i) => step(i)) });
}

/** Its weights may have a scale per column. */
const gemm: Lowering = (cx, node, inputs) => {
  const name = outputName(node);
  const columns = intOf(cx, node, "transB", 0) === 1 ? 0 : 1;
  const a = operand(cx, node, inputs, 0);
  const b = dequantisedOrKnown(cx, inputs[3], operandScale(cx, inputs, 4, columns), `${name}.b`);
  const y = linearRows.Gemm!.lower(cx, node, [a, b, biasAt(cx, inputs)]) as FloatTensor;
  return inputs[7] ? result(cx, node, inputs, 7, y) : y;
};

const row = (lower: Lowering, known: readonly number[], op: string): FloatRow => ({
  lower,
  known,
  becomes: `dequantize, ${op}, quantize`,
  limits: "scales that are computed while the network runs",
});
const two = (of: FloatRow | undefined, op: string) => row(around(of, [0, 3], 6), [1, 2, 4, 5, 6, 7], op);
const one = (of: FloatRow | undefined, op: string) => row(around(of, [0], 3), [1, 2, 3, 4], op);

export const qlinearRows: FloatRows = {
  QLinearAdd: two(elementwiseRows.Add, "add"),
  QLinearMul: two(elementwiseRows.Mul, "mul"),
  QLinearConcat: row(concat, [0, 1], "concat"),
  QLinearGlobalAveragePool: one(poolRows.GlobalAveragePool, "global_avgpool"),
  QLinearAveragePool: one(poolRows.AveragePool, "avgpool"),
  QLinearSigmoid: one(elementwiseRows.Sigmoid, "sigmoid"),
  QLinearLeakyRelu: one(elementwiseRows.LeakyRelu, "leaky_relu"),
  QGemm: row(gemm, [1, 2, 4, 5, 6, 7, 8], "linear"),
};
