/**
 * The float tail: what follows the last integer node and has no integer meaning. It becomes a graph of its
 * own.
 */
import type { Value } from "../../../ir/graph.js";
import { tensorType } from "../../../ir/type.js";
import { isWhole } from "../affine.js";
import { inOrder, presented } from "../arrange.js";
import { intOf, intsOf, sound } from "../attributes.js";
import { type Constant, variation } from "../constant.js";
import { type Context, refuse } from "../context.js";
import { rowMajor } from "../layout.js";
import { axisIn, broadcast, permIn, product, range, sameList } from "../shapes.js";
import type { FloatTensor, Imported, Tensor } from "../tensor.js";
import { type Lowering, outputName } from "./operands.js";

/**
 * The tail's input for an integer tensor: the same numbers as floats. Marks the tensor as an output of the
 * integer graph.
 */
function entering(cx: Context, t: Tensor): FloatTensor {
  cx.tailStart ??= cx.node;
  const { value, layout, as } = presented(cx, t);
  const input =
    cx.boundary.get(value)?.input ??
    cx.tail().input(value.name, tensorType("f32", value.type.shape), cx.node?.name ?? t.name);
  cx.boundary.set(value, { input, as });
  return { kind: "float", name: t.name, shape: t.shape, value: input, layout };
}

const asFloat = (cx: Context, x: Imported | undefined): FloatTensor => {
  if (x?.kind === "float") return x;
  if (x?.kind === "tensor") return entering(cx, x);
  refuse(cx, "onnx/operands", "it computes on constants only");
};

const elementwise =
  (op: "sigmoid" | "tanh"): Lowering =>
  (cx, node, inputs) => {
    const x = asFloat(cx, inputs[0]);
    return { ...x, name: outputName(node), value: cx.tail().emit(op, [x.value], {}, outputName(node)) };
  };

/** Until opset 13, all axes from `axis` on count as one. */
const softmax =
  (log: boolean): Lowering =>
  (cx, node, inputs) => {
    const x = asFloat(cx, inputs[0]);
    const old = cx.opset < 13;
    const axis = sound(cx, axisIn(intOf(cx, node, "axis", old ? 1 : -1), x.shape.length));
    const joined = old && product(x.shape.slice(axis + 1)) > 1;
    const shape = joined ? [product(x.shape.slice(0, axis)), product(x.shape.slice(axis))] : x.shape;
    const value = inOrder(cx.tail(), { ...x, shape }, range(shape.length));
    const y = cx.tail().emit("softmax", [value], { axis: joined ? 1 : axis, log }, outputName(node));
    return inOnnxOrder(y, x.shape, outputName(node));
  };

/** Integer operands enter the tail. */
export const floatConcat: Lowering = (cx, node, inputs) => {
  const xs = inputs.map((x) => asFloat(cx, x));
  const axis = sound(cx, axisIn(intOf(cx, node, "axis", 0), xs[0]!.shape.length));
  const shape = xs[0]!.shape.with(
    axis,
    xs.reduce((sum, x) => sum + x.shape[axis]!, 0),
  );
  const values = xs.map((x) => inOrder(cx.tail(), x, range(x.shape.length)));
  return inOnnxOrder(cx.tail().emit("concat", values, { axis }, outputName(node)), shape, outputName(node));
};

export const floatTranspose: Lowering = (cx, node, inputs) => {
  const x = asFloat(cx, inputs[0]);
  const perm = sound(cx, permIn(intsOf(cx, node, "perm"), x.shape.length));
  const value = inOrder(cx.tail(), x, perm);
  return inOnnxOrder(
    value,
    perm.map((a) => x.shape[a]!),
    outputName(node),
  );
};

const inOnnxOrder = (value: Value, shape: readonly number[], name: string): FloatTensor => ({
  kind: "float",
  name,
  shape,
  value,
  layout: rowMajor(shape),
});

const ops = { Add: "add", Sub: "sub", Mul: "mul", Div: "mul" } as const;

/** x op c in floats: a scale or offset that is no exact integer arithmetic (a dequantisation, say). */
export function floatArithmetic(
  cx: Context,
  op: keyof typeof ops,
  input: Tensor | FloatTensor,
  c: Constant,
  name: string,
): FloatTensor {
  if (input.kind === "tensor" && !isWhole(input.map) && !input.floored)
    refuse(
      cx,
      "onnx/float-network",
      `it scales by ${c.name}, which is no fixed-point number, before anything is rounded`,
      {
        help: "import a network that was made integer by DORY's tools (NEMO, Quantlab), PLiNIO or Deeploy",
      },
    );
  const x = asFloat(cx, input);
  const varied = variation(c, x.shape.length);
  if (!varied || !sameList(sound(cx, broadcast(x.shape, c.shape)), x.shape))
    refuse(cx, "onnx/float-network", `its constant ${c.name} varies along several axes of a float tensor`);
  const value = inOrder(cx.tail(), x, range(x.shape.length));
  const numbers = op === "Div" ? varied.values.map((v) => 1 / v) : varied.values;
  const param = cx.tail().param(
    c.name,
    "f32",
    x.shape.map((_, i) => (i === varied.axis ? numbers.length : 1)),
    numbers,
  );
  const y = cx.tail().emit(ops[op], [value, param], {}, name);
  return inOnnxOrder(y, x.shape, name);
}

export const tailRows: Readonly<Record<string, Lowering>> = {
  Sigmoid: elementwise("sigmoid"),
  Tanh: elementwise("tanh"),
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
};
