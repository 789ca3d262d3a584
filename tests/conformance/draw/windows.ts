/** Convolutions, pools, matrix products and normalisations. */
import type { Draw, Generators } from "./draw.js";

interface Window {
  readonly shape: number[];
  readonly kernel: number[];
  readonly attributes: Record<string, string | number | readonly number[]>;
}

/** Data of 1, 2 or seldom 3 dimensions and a window that fits into it. */
function window(d: Draw, channels: number, dilated: boolean, padAlways = false): Window {
  const rank = d.pick([1, 1, 2, 2, 2, 3]);
  const kernel = Array.from({ length: rank }, () => d.between(1, 3));
  const dilations = kernel.map(() => (dilated && d.once(3) ? d.between(1, 3) : 1));
  const spatial = kernel.map((k, i) => (k - 1) * dilations[i]! + 1 + d.next(6));
  const shape = [d.between(1, 2), channels, ...spatial];
  const attributes: Window["attributes"] = {};
  if (d.next(2)) attributes.strides = kernel.map(() => d.between(1, 3));
  if (dilated && dilations.some((v) => v > 1)) attributes.dilations = dilations;
  const mode = d.next(6);
  if (mode < 3 || padAlways) attributes.pads = [...kernel, ...kernel].map((k) => d.next(k));
  else if (mode === 3) attributes.auto_pad = d.pick(["SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"]);
  return { shape, kernel, attributes };
}

function conv(d: Draw): void {
  const group = d.pick([1, 1, 2, 3]);
  const [ci, co] = [group * d.between(1, 3), group * d.between(1, 3)];
  const { shape, kernel, attributes } = window(d, ci, true);
  const w = d.floats([co, ci / group, ...kernel], -1, 1);
  const more = {
    ...(d.next(2) ? { kernel_shape: kernel } : {}),
    ...(group > 1 || d.once(3) ? { group } : {}),
  };
  d.emit("Conv", [d.input(shape), w, ...(d.next(2) ? [d.floats([co])] : d.once(4) ? [""] : [])], {
    ...attributes,
    ...more,
  });
}

function convTranspose(d: Draw): void {
  const group = d.pick([1, 1, 2]);
  const [ci, cog] = [group * d.between(1, 3), d.between(1, 3)];
  const { shape, kernel, attributes } = window(d, ci, true);
  const w = d.floats([ci, cog, ...kernel], -1, 1);
  const strides = (attributes.strides as readonly number[] | undefined) ?? kernel.map(() => 1);
  const dilations = (attributes.dilations as readonly number[] | undefined) ?? kernel.map(() => 1);
  const more: Window["attributes"] = { ...(group > 1 ? { group } : {}), kernel_shape: kernel };
  // Padding to the SAME size, onnxruntime never crops less than nothing where windows leave gaps.
  const same = String(attributes.auto_pad ?? "").startsWith("SAME");
  if (!same && d.once(3)) more.output_padding = strides.map((s, i) => d.next(Math.max(s, dilations[i]!)));
  if (d.once(3)) {
    delete attributes.pads;
    const smallest = shape.slice(2).map((n, i) => (n - 1) * strides[i]! + 1);
    more.output_shape = smallest.map((n, i) => n + d.next((kernel[i]! - 1) * dilations[i]! + 1));
    delete more.output_padding;
  }
  d.emit("ConvTranspose", [d.input(shape), w, ...(d.next(2) ? [d.floats([cog * group])] : [])], {
    ...attributes,
    ...more,
  });
}

function pool(d: Draw, op: string): void {
  const dilated = op === "MaxPool" ? d.opset >= 10 : op === "AveragePool" && d.opset >= 19;
  const { shape, kernel, attributes } = window(d, d.between(1, 3), dilated);
  const more: Window["attributes"] = { kernel_shape: kernel };
  // onnxruntime forgets dilations and ceil_mode where it pads to the SAME size.
  const same = String(attributes.auto_pad ?? "").startsWith("SAME");
  if (same) delete attributes.dilations;
  if (!same && d.opset >= 10 && d.once(3) && op !== "LpPool") more.ceil_mode = 1;
  if (op === "AveragePool" && d.opset >= 7 && d.next(2)) more.count_include_pad = d.next(2);
  if (op === "MaxPool" && d.opset >= 8 && d.once(5)) more.storage_order = 0;
  const type = op === "MaxPool" && d.opset >= 12 && d.once(4) ? d.pick(["i8", "u8"] as const) : "f32";
  const two = op === "MaxPool" && d.opset >= 8 && d.once(10);
  d.emit(op, [d.input(shape, { type })], { ...attributes, ...more }, two ? [type, "i64"] : [type]);
}

const global = (op: string) => ({
  draw: (d: Draw) => void d.emit(op, [d.input([d.between(1, 2), d.between(1, 4), ...d.shape(1, 3)])]),
});

function gemm(d: Draw): void {
  const [m, k, n] = [d.between(1, 4), d.between(1, 5), d.between(1, 4)];
  const [transA, transB] = [d.next(2), d.next(2)];
  const a = d.input(transA ? [k, m] : [m, k]);
  const shapeB = transB ? [n, k] : [k, n];
  const b = d.once(3) ? d.input(shapeB) : d.floats(shapeB, -1, 1);
  const shapes = [[n], [1, n], [m, n], [m, 1], [1], []];
  const shapeC = d.pick(d.opset < 7 ? [[m, n]] : shapes);
  const c = d.opset >= 11 && d.once(4) ? [] : [d.once(4) ? d.input(shapeC) : d.floats(shapeC)];
  const number = (name: string) => (d.once(2) ? { [name]: { float: d.numbers(1, -1, 2)[0]! } } : {});
  const more = { ...number("alpha"), ...number("beta") };
  const attributes = { ...(transA ? { transA } : {}), ...(transB ? { transB } : {}), ...more };
  const [y] = d.emit("Gemm", [a, b, ...c], d.opset < 7 ? { ...attributes, broadcast: 1 } : attributes);
  if (d.opset < 7) d.instead({ op: "Gemm", inputs: [a, b, ...c], outputs: [y!], attributes }, 7);
}

function matmul(d: Draw): void {
  const [m, k, n] = [d.between(1, 4), d.between(1, 5), d.between(1, 4)];
  const lead = d.shape(0, 2, 3);
  const part = (shape: readonly number[]) =>
    shape.slice(d.next(shape.length + 1)).map((v) => (d.once(3) ? 1 : v));
  const full = d.next(2);
  const a = d.once(5) ? [k] : [...(full ? lead : part(lead)), m, k];
  const b = d.once(5) ? [k] : [...(full ? part(lead) : lead), k, n];
  const second = d.once(2) ? d.floats(b, -1, 1) : d.input(b);
  d.emit("MatMul", [d.once(6) ? d.floats(a, -1, 1) : d.input(a), second]);
}

function batchNorm(d: Draw): void {
  const shape = d.shape(2, 5);
  const c = shape[1]!;
  const params = [d.floats([c]), d.floats([c]), d.floats([c]), d.floats([c], 0.1, 2)];
  const attributes: Record<string, number | { float: number }> = {};
  if (d.next(2)) attributes.epsilon = { float: 1e-3 };
  if (d.next(2)) attributes.momentum = { float: 0.8 };
  const x = d.input(shape);
  const old = d.opset < 7 ? { is_test: 1 } : {};
  const spatial = d.opset < 9 && d.once(3) ? { spatial: 1 } : {};
  const [y] = d.emit("BatchNormalization", [x, ...params], { ...attributes, ...old, ...spatial });
  if (d.opset < 7)
    d.instead({ op: "BatchNormalization", inputs: [x, ...params], outputs: [y!], attributes }, 7);
}

function instanceNorm(d: Draw): void {
  const shape = d.shape(3, 5);
  const c = shape[1]!;
  const epsilon = d.next(2) ? { epsilon: { float: 1e-2 } } : {};
  d.emit("InstanceNormalization", [d.input(shape), d.floats([c]), d.floats([c])], epsilon);
}

export const windows: Generators = {
  Conv: { draw: conv },
  ConvTranspose: { draw: convTranspose },
  ...Object.fromEntries(
    ["MaxPool", "AveragePool", "LpPool"].map((op) => [op, { draw: (d: Draw) => pool(d, op) }]),
  ),
  GlobalAveragePool: global("GlobalAveragePool"),
  GlobalMaxPool: global("GlobalMaxPool"),
  Gemm: { draw: gemm },
  MatMul: { draw: matmul },
  BatchNormalization: { draw: batchNorm },
  InstanceNormalization: { draw: instanceNorm },
};
