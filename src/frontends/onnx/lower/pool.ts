/** MaxPool, AveragePool and their global forms, Upsample and Resize. */
import { type Affine, identity, times } from "../affine.js";
import { constantInput, type Inputs, intOf, intsOf, scalarOf, stringOf } from "../attributes.js";
import { activation, commit } from "../commit.js";
import { type Context, refuse } from "../context.js";
import { own, type RawNode } from "../raw.js";
import { ceilExtra, product, sameList, type WindowShape } from "../shapes.js";
import type { Tensor } from "../tensor.js";
import { padsOf, spatialOperand, spatialResult, windowOf } from "./linear.js";
import { type Lowering, outputName, tensorInput } from "./operands.js";

function poolWindow(cx: Context, node: RawNode, t: Tensor): WindowShape {
  const kernel = intsOf(cx, node, "kernel_shape");
  if (!kernel) refuse(cx, "onnx/attribute", "it has no kernel_shape");
  return windowOf(cx, node, t.shape, kernel);
}

const onlyFirstOutput = (cx: Context, node: RawNode): void => {
  if (node.outputs.slice(1).some(Boolean))
    refuse(cx, "onnx/outputs", "only its first output can be computed", { found: node.outputs.join(", ") });
};

const maxPool: Lowering = (cx, node, inputs) => {
  onlyFirstOutput(cx, node);
  const t = tensorInput(cx, inputs, 0);
  const window = poolWindow(cx, node, t);
  const { kernel, stride, dilation } = window;
  const pads = padsOf(cx, node, window);
  const extra = intOf(cx, node, "ceil_mode", 0) === 1 ? ceilExtra(window, pads) : kernel.map(() => 0);
  const grown = [...pads.slice(0, kernel.length), ...pads.slice(kernel.length).map((p, i) => p + extra[i]!)];
  const x = spatialOperand(cx, t, commit(cx, t));
  return spatialResult(
    cx.main.emit("maxpool", [x], { kernel, stride, dilation, pads: grown }, outputName(node)),
    outputName(node),
  );
};

const over = (n: number): Affine => times(identity, { num: [1n], den: BigInt(n) });

/** The sum of a window; the division by its area stays pending, so that a following Mul can cancel it. */
const averagePool: Lowering = (cx, node, inputs) => {
  const t = tensorInput(cx, inputs, 0);
  const window = poolWindow(cx, node, t);
  const { kernel, stride, dilation } = window;
  const pads = padsOf(cx, node, window);
  if (dilation.some((d) => d > 1)) refuse(cx, "onnx/dilated-average", "it averages over a dilated window");
  if (intOf(cx, node, "ceil_mode", 0) === 1 && ceilExtra(window, pads).some((e) => e > 0))
    refuse(cx, "onnx/ceil-mode", "its ceil_mode adds windows that hang over the end", {
      help: "export it with ceil_mode = 0",
    });
  const count_include_pad = intOf(cx, node, "count_include_pad", 0) === 1;
  const bordered = !count_include_pad && pads.some((p) => p > 0);
  if (bordered)
    cx.note(
      "onnx/border-average",
      "averages that exclude padding use divisors of 15 bits: single results may differ by 1",
    );
  const x = spatialOperand(cx, t, activation(cx, t));
  const sum = cx.main.emit("avgpool", [x], { kernel, stride, pads, count_include_pad }, outputName(node));
  return { ...spatialResult(sum, outputName(node)), map: over(bordered ? 2 ** 15 : product(kernel)) };
};

const globalAverage: Lowering = (cx, node, inputs) => {
  const t = tensorInput(cx, inputs, 0);
  const { spatial } = windowOf(cx, node, t.shape, []);
  const sum = cx.main.emit(
    "global_avgpool",
    [spatialOperand(cx, t, activation(cx, t))],
    {},
    outputName(node),
  );
  return { ...spatialResult(sum, outputName(node)), map: over(product(spatial)) };
};

const globalMax: Lowering = (cx, node, inputs) => {
  const t = tensorInput(cx, inputs, 0);
  const { spatial } = windowOf(cx, node, t.shape, []);
  const x = spatialOperand(cx, t, commit(cx, t));
  return spatialResult(cx.main.emit("maxpool", [x], { kernel: spatial }, outputName(node)), outputName(node));
};

/** Source index of output i of n, as ONNX's coordinate transformations and nearest modes say. */
const coordinates: Readonly<Record<string, (i: number, from: number, to: number, scale: number) => number>> =
  {
    asymmetric: (i, _from, _to, scale) => i / scale,
    half_pixel: (i, _from, _to, scale) => (i + 0.5) / scale - 0.5,
    pytorch_half_pixel: (i, _from, to, scale) => (to > 1 ? (i + 0.5) / scale - 0.5 : 0),
    align_corners: (i, from, to) => (to > 1 ? (i * (from - 1)) / (to - 1) : 0),
  };
export const nearest: Readonly<Record<string, (x: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
};

interface Resize {
  readonly mode: string;
  readonly transform: string;
  readonly nearestMode: string;
  readonly sizes: readonly number[];
  readonly scales: readonly number[];
}

/** Upsample takes scales; Resize 10 too; later ones have roi, scales and sizes as inputs. */
function resizeOf(cx: Context, node: RawNode, inputs: Inputs, t: Tensor): Resize {
  const late = node.op === "Resize" && cx.opset >= 11;
  const list = (i: number, what: string) => [...(constantInput(cx, inputs, i, what)?.data ?? [])];
  const sizes = late ? list(3, "sizes") : [];
  const attribute = node.attributes.get("scales");
  const scales = attribute?.kind === "floats" ? attribute.value : list(late ? 2 : 1, "scales");
  if (sizes.length !== t.shape.length && scales.length !== t.shape.length)
    refuse(cx, "onnx/attribute", "it says neither sizes nor scales for all axes", {
      help: "axes subsets are not read",
    });
  return {
    mode: stringOf(cx, node, "mode", "nearest"),
    transform: stringOf(cx, node, "coordinate_transformation_mode", late ? "half_pixel" : "asymmetric"),
    nearestMode: stringOf(cx, node, "nearest_mode", late ? "round_prefer_floor" : "floor"),
    sizes: sizes.length > 0 ? sizes : t.shape.map((d, i) => Math.floor(d * scales[i]!)),
    scales: sizes.length > 0 ? sizes.map((s, i) => s / t.shape[i]!) : scales,
  };
}

/** Longer axes than any network's are not looked through. */
const longestAxis = 2 ** 22;

/** Does the node read element floor(i * from / to), as our nearest does? */
function readsAsNearest(r: Resize, from: number, to: number, scale: number): boolean {
  const [at, round] = [own(coordinates, r.transform), own(nearest, r.nearestMode)];
  if (!at || !round || to > longestAxis) return false;
  const index = (i: number) => Math.min(Math.max(round(at(i, from, to, scale)), 0), from - 1);
  return Array.from({ length: to }, (_, i) => i).every((i) => index(i) === Math.floor((i * from) / to));
}

const linearAligns: Readonly<Record<string, string>> = {
  half_pixel: "half_pixel",
  pytorch_half_pixel: "half_pixel",
  align_corners: "align_corners",
};

const resize: Lowering = (cx, node, inputs) => {
  const t = tensorInput(cx, inputs, 0);
  const r = resizeOf(cx, node, inputs, t);
  const { spatial } = windowOf(cx, node, t.shape, []);
  if (!sameList(r.sizes.slice(0, 2), t.shape.slice(0, 2)))
    refuse(cx, "onnx/resize", "it resizes batch or channels");
  const size = r.sizes.slice(2);
  const refusal = (what: string): never =>
    refuse(cx, "onnx/resize", `${what} has no integer meaning here`, {
      help: "nearest by whole factors is exact",
    });
  const x = spatialOperand(cx, t, commit(cx, t));
  const emit = (attrs: Readonly<Record<string, string>>) =>
    spatialResult(cx.main.emit("upsample", [x], { size, ...attrs }, outputName(node)), outputName(node));
  if (r.mode === "nearest") {
    const same = spatial.every((from, i) => readsAsNearest(r, from, size[i]!, r.scales[i + 2]!));
    return same ? emit({ mode: "nearest" }) : refusal(`nearest by ${r.transform} and ${r.nearestMode}`);
  }
  const align = own(linearAligns, r.transform);
  if (r.mode !== "linear" || !align || (scalarOf(cx, node, [], "antialias", 0) ?? 0) === 1)
    return refusal(`mode ${r.mode} with ${r.transform}`);
  cx.note(
    "onnx/linear-resize",
    "linear interpolation of integers rounds half up with weights of 15 bits; the file leaves a float there",
  );
  return emit({ mode: "linear", align });
};

export const poolRows: Readonly<Record<string, Lowering>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalAverage,
  GlobalMaxPool: globalMax,
  Upsample: resize,
  Resize: resize,
};
