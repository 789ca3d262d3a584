/** Conv, ConvTranspose, MatMul and Gemm: the ops with weights. */
import type { Value } from "../../../ir/graph.js";
import { type IntStorage, storages } from "../../../ir/storage.js";
import { inOrder, reshapedTo, transposedView } from "../arrange.js";
import { constantInput, type Inputs, intOf, intsOf, numberOf, sound, stringOf } from "../attributes.js";
import { activation } from "../commit.js";
import { type Constant, constant, onGrid, uniform } from "../constant.js";
import { type Context, refuse } from "../context.js";
import { axisFactors, channelsLast, permuted, refined, runIndices } from "../layout.js";
import type { RawNode } from "../raw.js";
import { broadcast, product, range, sameList, samePads, type WindowShape } from "../shapes.js";
import { type Imported, inPerm, type Tensor } from "../tensor.js";
import { arithmeticRows } from "./arithmetic.js";
import { identityPerm, type Lowering, outputName, paramOf, tensorInput } from "./operands.js";

/** i8 unless the file declares fewer bits or the data needs more. */
function weightStorages(cx: Context, node: RawNode): readonly IntStorage[] {
  const bits = numberOf(cx, node, "weight_bits") ?? 8;
  return (["i2", "i4", "i8", "i16"] as const).filter((s) => storages[s].bits >= Math.min(bits, 16));
}

function weights(cx: Context, inputs: Inputs, index: number): Constant {
  const input = inputs[index];
  if (input?.kind === "constant") return input;
  refuse(
    cx,
    "onnx/dynamic-weights",
    "its weights are computed while the network runs; they must be constants",
  );
}

/** The bias as an i32 param, or nothing where it is absent or all zero. */
function bias(cx: Context, c: Constant | undefined, channels: number): Value[] {
  if (!c || uniform(c) === 0) return [];
  const same =
    c.data.length === 1 && channels > 1
      ? constant(c.name, c.type, [channels], new Float64Array(channels).fill(c.data[0]!))
      : c;
  return [paramOf(cx, { ...same, shape: [same.data.length] }, [0], ["i32"])];
}

/** The spatial attributes of a window, of ONNX's convolutions and pools. */
export function windowOf(
  cx: Context,
  node: RawNode,
  shape: readonly number[],
  kernel: readonly number[],
): WindowShape {
  const spatial = shape.slice(2);
  if (spatial.length < 1 || spatial.length > 2)
    refuse(cx, "onnx/rank", `it works on data of rank ${shape.length}`, {
      expected: "rank 3 (1-D data) or rank 4 (2-D data)",
    });
  const ones = spatial.map(() => 1);
  return {
    spatial,
    kernel,
    stride: intsOf(cx, node, "strides") ?? ones,
    dilation: intsOf(cx, node, "dilations") ?? ones,
  };
}

/** Begins, then ends: as written, or as auto_pad says. */
export function padsOf(cx: Context, node: RawNode, window: WindowShape): readonly number[] {
  const none = [...window.spatial, ...window.spatial].map(() => 0);
  const mode = stringOf(cx, node, "auto_pad", "NOTSET");
  if (mode === "VALID") return none;
  if (mode === "SAME_UPPER" || mode === "SAME_LOWER") return samePads(window, mode === "SAME_LOWER");
  return intsOf(cx, node, "pads") ?? none;
}

/** The operand of an op on channels-last data. */
export const spatialOperand = (cx: Context, t: Tensor, value: Value): Value =>
  inOrder(cx.main, { ...t, value }, channelsLast(t.shape.length));

/** The result of an op on channels-last data. */
export function spatialResult(value: Value, name: string): Tensor {
  const [n, ...rest] = value.type.shape as readonly number[];
  return inPerm(name, [n!, rest.at(-1)!, ...rest.slice(0, -1)], value, channelsLast(rest.length + 1));
}

const conv: Lowering = (cx, node, inputs) => {
  const t = tensorInput(cx, inputs, 0);
  const w = weights(cx, inputs, 1);
  const window = windowOf(cx, node, t.shape, w.shape.slice(2));
  const param = paramOf(cx, w, channelsLast(w.shape.length), weightStorages(cx, node));
  const b = bias(cx, constantInput(cx, inputs, 2, "bias"), w.shape[0]!);
  const x = spatialOperand(cx, t, activation(cx, t));
  const { stride, dilation } = window;
  const attrs = { stride, dilation, groups: intOf(cx, node, "group", 1), pads: padsOf(cx, node, window) };
  return spatialResult(cx.main.emit("conv", [x, param, ...b], attrs, outputName(node)), outputName(node));
};

/** ONNX's [Ci, Co/g, K...] to [Co, Ci/g, K...]. */
export function transposedWeights(w: Constant, groups: number): Constant {
  const [ci, cog, ...kernel] = w.shape as [number, number, ...number[]];
  const [cig, taps] = [ci / groups, product(kernel)];
  const data = new Float64Array(w.data.length);
  for (let c = 0; c < ci; c++)
    for (let o = 0; o < cog; o++) {
      const [from, to] = [c * cog + o, (Math.floor(c / cig) * cog + o) * cig + (c % cig)];
      data.set(w.data.subarray(from * taps, (from + 1) * taps), to * taps);
    }
  return onGrid(constant(w.name, w.type, [cog * groups, cig, ...kernel], data), w.grid);
}

const convTranspose: Lowering = (cx, node, inputs) => {
  const t = tensorInput(cx, inputs, 0);
  const groups = intOf(cx, node, "group", 1);
  const w = transposedWeights(weights(cx, inputs, 1), groups);
  const window = windowOf(cx, node, t.shape, w.shape.slice(2));
  const { stride, dilation } = window;
  const output_padding = intsOf(cx, node, "output_padding") ?? stride.map(() => 0);
  const param = paramOf(cx, w, channelsLast(w.shape.length), weightStorages(cx, node));
  const b = bias(cx, constantInput(cx, inputs, 2, "bias"), w.shape[0]!);
  const x = spatialOperand(cx, t, activation(cx, t));
  const attrs = {
    stride,
    dilation,
    groups,
    pads: transposedPads(cx, node, window, output_padding),
    output_padding,
  };
  return spatialResult(
    cx.main.emit("conv_transpose", [x, param, ...b], attrs, outputName(node)),
    outputName(node),
  );
};

/**
 * Written, or what reaches `output_shape` or the SAME size; ONNX gives the odd element to the begin unless
 * SAME_UPPER.
 */
export function transposedPads(
  cx: Context,
  node: RawNode,
  w: WindowShape,
  extra: readonly number[],
): readonly number[] {
  const mode = stringOf(cx, node, "auto_pad", "NOTSET");
  const same = mode.startsWith("SAME") ? w.spatial.map((size, i) => size * w.stride[i]!) : undefined;
  const wanted = intsOf(cx, node, "output_shape")?.slice(-w.spatial.length) ?? same;
  if (!wanted) return padsOf(cx, node, w);
  const total = wanted.map(
    (size, i) =>
      w.stride[i]! * (w.spatial[i]! - 1) + extra[i]! + (w.kernel[i]! - 1) * w.dilation[i]! + 1 - size,
  );
  const half = total.map((v) => Math.floor(v / 2));
  const rest = total.map((v, i) => v - half[i]!);
  return mode === "SAME_UPPER" ? [...half, ...rest] : [...rest, ...half];
}

/**
 * An operand [..., K] and, for each position along its last axis, the ONNX index: weights follow the data,
 * not the reverse.
 */
function rows(cx: Context, t: Tensor): { value: Value; index: readonly number[] } {
  const value = activation(cx, t);
  const fine = refined(t.layout, t.shape);
  const lead = fine ? axisFactors(fine, t.shape).slice(0, -1).flat() : [];
  if (fine && sameList(fine.order.slice(0, lead.length), lead))
    return {
      value: reshapedTo(cx.main, value, t.shape, t.name),
      index: runIndices(fine, fine.order.slice(lead.length)),
    };
  return { value: inOrder(cx.main, { ...t, value }, identityPerm(t.shape)), index: range(t.shape.at(-1)!) };
}

/** x [..., K] times constant w, whose element (k, n) is at w.data[k * step.k + n * step.n]. */
function linear(
  cx: Context,
  node: RawNode,
  t: Tensor,
  w: Constant,
  step: { k: number; n: number; size: number },
  b: Constant | undefined,
): Tensor {
  const { value, index } = rows(cx, t);
  const [depth, width] = [index.length, step.size];
  if (w.data.length !== depth * width)
    refuse(cx, "onnx/shape", `[${t.shape.join("x")}] does not multiply with [${w.shape.join("x")}]`);
  const data = new Float64Array(depth * width);
  for (let n = 0, at = 0; n < width; n++)
    for (const k of index) data[at++] = w.data[k * step.k + n * step.n]!;
  const param = paramOf(cx, constant(w.name, w.type, [width, depth], data), [0, 1], weightStorages(cx, node));
  const name = outputName(node);
  const y = cx.main.emit("linear", [value, param, ...bias(cx, b, width)], {}, name);
  const shape = [...t.shape.slice(0, -1), width];
  return inPerm(name, shape, y, identityPerm(shape));
}

/** An operand of matmul: a tensor in ONNX's order, or a constant as a param. */
function factor(cx: Context, input: Imported | undefined): { value: Value; shape: readonly number[] } {
  if (input?.kind === "constant")
    return { value: paramOf(cx, input, identityPerm(input.shape), ["i8", "u8", "i16"]), shape: input.shape };
  const t = tensorInput(cx, [input], 0);
  return {
    value: inOrder(cx.main, { ...t, value: activation(cx, t) }, identityPerm(t.shape)),
    shape: t.shape,
  };
}

function requireMatrix(cx: Context, shape: readonly number[]): void {
  if (shape.length < 2)
    refuse(cx, "onnx/rank", "it multiplies a vector", { help: "give both operands rank 2 or more" });
}

/** Leading axes of both operands made equal by views; products that would repeat a tensor are refused. */
function matmul(cx: Context, a: Imported | undefined, b: Imported | undefined, name: string): Tensor {
  const [p, q] = [factor(cx, a), factor(cx, b)];
  for (const { shape } of [p, q]) requireMatrix(cx, shape);
  const lead = sound(cx, broadcast(p.shape.slice(0, -2), q.shape.slice(0, -2)));
  const shape = [...lead, p.shape.at(-2)!, q.shape.at(-1)!];
  const joined = product(q.shape.slice(0, -2)) === 1 && product(lead) > 1;
  const left = joined ? [product(p.shape.slice(0, -1)), p.shape.at(-1)!] : [...lead, ...p.shape.slice(-2)];
  const right = joined ? q.shape.slice(-2) : [...lead, ...q.shape.slice(-2)];
  if (product(left) !== product(p.shape) || product(right) !== product(q.shape))
    refuse(cx, "onnx/shape", `[${p.shape.join("x")}] times [${q.shape.join("x")}] repeats an operand`, {
      help: "expand the operand first",
    });
  const operands = [
    reshapedTo(cx.main, p.value, left, `${name}.a`),
    reshapedTo(cx.main, q.value, right, `${name}.b`),
  ];
  const y = reshapedTo(cx.main, cx.main.emit("matmul", operands, {}, name), shape, name);
  return inPerm(name, shape, y, identityPerm(shape));
}

const matMul: Lowering = (cx, node, inputs) => {
  const [a, b] = [inputs[0], inputs[1]];
  if (b?.kind !== "constant" || b.shape.length !== 2 || a?.kind !== "tensor")
    return matmul(cx, a, b, outputName(node));
  return linear(cx, node, a, b, { k: b.shape[1]!, n: 1, size: b.shape[1]! }, undefined);
};

export const swapLast = (shape: readonly number[]): number[] => [
  ...range(shape.length - 2),
  shape.length - 1,
  shape.length - 2,
];

/** alpha * A' * B' + beta * C, the last part as bias where it is one number per column. */
const gemm: Lowering = (cx, node, inputs) => {
  const [alpha, beta] = [numberOf(cx, node, "alpha") ?? 1, numberOf(cx, node, "beta") ?? 1];
  const [transA, transB] = [intOf(cx, node, "transA", 0) === 1, intOf(cx, node, "transB", 0) === 1];
  const [name, b, c] = [outputName(node), inputs[1], beta === 0 ? undefined : inputs[2]];
  for (const x of inputs.slice(0, 2)) if (x && "shape" in x) requireMatrix(cx, x.shape);
  const a =
    transA && inputs[0]?.kind === "tensor"
      ? transposedView(cx, inputs[0], inputs[0].name, swapLast(inputs[0].shape))
      : inputs[0];
  const columns = transB ? b && "shape" in b && b.shape.at(-2) : b && "shape" in b && b.shape.at(-1);
  const perColumn =
    c?.kind === "constant" &&
    (product(c.shape) === 1 || (product(c.shape) === columns && c.shape.at(-1) === columns));
  const scaled = (k: Constant): Constant => (beta === 1 ? k : { ...k, data: k.data.map((v) => v * beta) });
  const inside = perColumn && alpha === 1 ? scaled(c) : undefined;
  let y: Imported;
  if (b?.kind === "constant" && b.shape.length === 2 && a?.kind === "tensor") {
    const [p, q] = b.shape as [number, number];
    y = linear(cx, node, a, b, transB ? { k: 1, n: q, size: p } : { k: q, n: 1, size: q }, inside);
  } else {
    y = matmul(cx, a, transB ? swapped(cx, b) : b, name);
    if (inside) y = arithmeticRows.Add!(cx, node, [y, inside]) as Imported;
  }
  if (alpha !== 1)
    y = arithmeticRows.Mul!(cx, node, [y, constant(`${name}.alpha`, "f32", [], [alpha])]) as Imported;
  if (!c || inside) return y;
  if (c.kind === "constant" || beta === 1)
    return arithmeticRows.Add!(cx, node, [y, c.kind === "constant" ? scaled(c) : c]);
  return arithmeticRows.Add!(cx, node, [
    y,
    arithmeticRows.Mul!(cx, node, [c, constant(`${name}.beta`, "f32", [], [beta])]) as Imported,
  ]);
};

function swapped(cx: Context, b: Imported | undefined): Imported | undefined {
  if (b?.kind === "tensor") return transposedView(cx, b, b.name, swapLast(b.shape));
  if (b?.kind !== "constant") return b;
  const perm = swapLast(b.shape);
  const layout = permuted(b.shape, perm);
  const index = runIndices(layout, layout.order);
  return constant(
    b.name,
    b.type,
    perm.map((a) => b.shape[a]!),
    index.map((i) => b.data[i]!),
  );
}

export const linearRows: Readonly<Record<string, Lowering>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MatMul: matMul,
  Gemm: gemm,
};
