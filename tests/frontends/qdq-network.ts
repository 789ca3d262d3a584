/** Random networks in the form that onnxruntime's quantiser writes: QuantizeLinear and DequantizeLinear around every operator. */
import { randomFrom } from "../../src/ir/random.js";
import { f32, i64, node, type TestModel, type TestNode, type TestTensor } from "./onnx-model.js";

type Shape = readonly number[];
interface Activation {
  /** The dequantised tensor. */
  readonly name: string;
  readonly shape: Shape;
  readonly scale: number;
}

export interface Qdq extends TestModel {
  /** The quantised tensors in order, and their types. */
  readonly quantised: Readonly<Record<string, "u8" | "i8">>;
}

export const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);
const f = Math.fround;

/** Writes a model node by node, with everything random drawn from one seed. */
export class QdqWriter {
  readonly nodes: TestNode[] = [];
  readonly initialisers: Record<string, TestTensor> = {};
  readonly quantised: Record<string, "u8" | "i8"> = {};
  readonly next: () => number;
  #count = 0;

  constructor(seed: number) {
    this.next = randomFrom(seed);
  }

  pick = <T>(...from: readonly T[]): T => from[Math.floor(this.next() * from.length)]!;
  int = (lo: number, hi: number): number => lo + Math.floor(this.next() * (hi - lo + 1));
  fresh = (wish: string): string => `${wish}${this.#count++}`;

  constant(wish: string, t: TestTensor): string {
    const name = this.fresh(wish);
    this.initialisers[name] = t;
    return name;
  }

  emit(op: string, inputs: readonly string[], attributes: TestNode["attributes"] = {}): string {
    const y = this.fresh(op.toLowerCase());
    this.nodes.push(node(op, inputs, y, attributes));
    return y;
  }

  /** A scale near `about`; now and then a power of two, where real ties lie. */
  scale(about: number): number {
    const exact = this.next() < 0.3;
    return exact ? 2 ** Math.round(Math.log2(about)) : f(about * (0.7 + 0.6 * this.next()));
  }

  /** x through QuantizeLinear and DequantizeLinear. */
  around(x: string, shape: Shape, about: number, unsigned = this.next() < 0.5): Activation {
    const scale = this.scale(about);
    const zero = unsigned ? this.pick(0, 128, this.int(1, 254)) : this.pick(0, this.int(-100, 100));
    const operands = [
      this.constant("scale", f32([], [scale])),
      this.constant("zero", { shape: [], data: [zero], type: unsigned ? "u8" : "i8" }),
    ];
    const q = this.emit("QuantizeLinear", [x, ...operands]);
    this.quantised[q] = unsigned ? "u8" : "i8";
    return { name: this.emit("DequantizeLinear", [q, ...operands]), shape, scale };
  }

  /** Dequantised weights of a shape; `axis` is that of the output channels. */
  weights(shape: Shape, axis: number, perChannel: boolean): { name: string; scales: readonly number[] } {
    const unsigned = !perChannel && this.next() < 0.25;
    const [zero, low, high] = unsigned ? [this.int(100, 150), 0, 255] : [0, -127, 127];
    const data = Array.from({ length: size(shape) }, () => this.int(low, high));
    const type = unsigned ? "u8" : "i8";
    const scales = Array.from({ length: perChannel ? shape[axis]! : 1 }, () => this.scale(0.01));
    const list = perChannel ? [scales.length] : [];
    const q = this.constant("w", { shape, data, type });
    const operands = [
      q,
      this.constant("ws", f32(list, scales)),
      this.constant("wz", { shape: list, data: scales.map(() => zero), type }),
    ];
    return { name: this.emit("DequantizeLinear", operands, perChannel ? { axis } : {}), scales };
  }

  bias(x: Activation, scales: readonly number[], channels: number): string {
    const data = Array.from({ length: channels }, () => this.int(-3000, 3000));
    const list = scales.length > 1 ? [channels] : [];
    const operands = [
      this.constant("b", { shape: [channels], data, type: "i32" }),
      this.constant(
        "bs",
        f32(
          list,
          scales.map((s) => f(f(s) * f(x.scale))),
        ),
      ),
      this.constant("bz", { shape: list, data: scales.map(() => 0), type: "i32" }),
    ];
    return this.emit("DequantizeLinear", operands, list.length > 0 ? { axis: 0 } : {});
  }
}

/** What a result with weights spans, roughly. */
const reach = (x: Activation, scales: readonly number[], taps: number): number =>
  (x.scale * Math.max(...scales) * 60 * 70 * Math.sqrt(taps)) / 60;

/** Slopes that count in sixteenths, or any. */
function slopes(w: QdqWriter, channels: number): string {
  const whole = w.next() < 0.5;
  const data = Array.from({ length: channels }, () => (whole ? w.int(-4, 20) / 16 : f(w.next())));
  return w.constant("slope", f32([channels, 1, 1], data));
}

function conv(w: QdqWriter, x: Activation): Activation {
  const [, c, h, wd] = x.shape as [number, number, number, number];
  const groups = w.pick(1, 1, c);
  const co = groups * w.int(1, groups === 1 ? 6 : 2);
  const k = Math.min(h, wd) < 3 ? 1 : w.pick(1, 2, 3);
  const [stride, pads] = [w.pick(1, 1, 2), [0, 1, 2, 3].map(() => w.int(0, k - 1))];
  const shape = [co, c / groups, k, k];
  const weights = w.weights(shape, 0, w.next() < 0.6);
  const inputs = [x.name, weights.name, ...(w.next() < 0.8 ? [w.bias(x, weights.scales, co)] : [])];
  let y = w.emit("Conv", inputs, { strides: [stride, stride], pads, group: groups, kernel_shape: [k, k] });
  const activation = w.pick("", "Relu", "Clip", "LeakyRelu", "PRelu");
  if (activation === "LeakyRelu") y = w.emit("LeakyRelu", [y], { alpha: { float: w.pick(0.01, 0.1, -0.2) } });
  if (activation === "PRelu") y = w.emit("PRelu", [y, slopes(w, w.pick(1, co))]);
  if (activation === "Relu") y = w.emit("Relu", [y]);
  if (activation === "Clip")
    y = w.emit("Clip", [y, w.constant("lo", f32([], [0])), w.constant("hi", f32([], [6]))]);
  const out = (d: number, p: number) => Math.floor((d + p - k) / stride) + 1;
  const spatial = [out(h, pads[0]! + pads[2]!), out(wd, pads[1]! + pads[3]!)];
  return w.around(y, [1, co, ...spatial], reach(x, weights.scales, size(shape.slice(1))));
}

function pooled(w: QdqWriter, x: Activation): Activation {
  const [n, c, h, wd] = x.shape as [number, number, number, number];
  if (h < 3 || wd < 3) return conv(w, x);
  const pad = w.pick(0, 1);
  const attributes = { kernel_shape: [3, 3], strides: [2, 2], pads: [pad, pad, pad, pad] };
  const op = w.pick("MaxPool", "AveragePool");
  const more = op === "AveragePool" ? { count_include_pad: w.pick(0, 1) } : {};
  const y = w.emit(op, [x.name], { ...attributes, ...more });
  const out = (d: number) => Math.floor((d + 2 * pad - 3) / 2) + 1;
  return w.around(y, [n, c, out(h), out(wd)], x.scale);
}

function unary(w: QdqWriter, x: Activation): Activation {
  const op = w.pick("Sigmoid", "Tanh", "LeakyRelu", "Relu", "HardSwish");
  if (op === "HardSwish") {
    const gate = w.around(w.emit("Sigmoid", [x.name]), x.shape, 1 / 255);
    return w.around(w.emit("Mul", [x.name, gate.name]), x.shape, x.scale);
  }
  const y = w.emit(op, [x.name], op === "LeakyRelu" ? { alpha: { float: 0.1 } } : {});
  return w.around(y, x.shape, op === "Sigmoid" || op === "Tanh" ? 1 / 128 : x.scale);
}

function joined(w: QdqWriter, x: Activation, all: readonly Activation[]): Activation {
  const same = all.filter((a) => String(a.shape) === String(x.shape));
  const y = w.pick(...same);
  const op = w.pick("Add", "Mul", "Sub", "Concat");
  if (op === "Concat") {
    const shape = x.shape.with(1, 2 * x.shape[1]!);
    return w.around(w.emit("Concat", [x.name, y.name], { axis: 1 }), shape, Math.max(x.scale, y.scale));
  }
  const about = op === "Mul" ? x.scale * y.scale * 90 : x.scale + y.scale;
  return w.around(w.emit(op, [x.name, y.name]), x.shape, about);
}

function resized(w: QdqWriter, x: Activation): Activation {
  const [n, c, h, wd] = x.shape as [number, number, number, number];
  if (h > 6) return pooled(w, x);
  const sizes = w.constant("scales", f32([4], [1, 1, 2, 2]));
  const attributes = { mode: "nearest", nearest_mode: "floor", coordinate_transformation_mode: "asymmetric" };
  return w.around(w.emit("Resize", [x.name, "", sizes], attributes), [n, c, 2 * h, 2 * wd], x.scale);
}

function head(w: QdqWriter, x: Activation): Activation {
  const [n, c, h, wd] = x.shape as [number, number, number, number];
  let y = x;
  if (w.next() < 0.5) y = w.around(w.emit("GlobalAveragePool", [x.name]), [n, c, 1, 1], x.scale);
  const features = y === x ? c * h * wd : c;
  const way = w.pick("Flatten", "Reshape");
  const flat =
    way === "Flatten"
      ? w.emit("Flatten", [y.name], { axis: 1 })
      : w.emit("Reshape", [y.name, w.constant("shape", i64(1, features))]);
  const through = w.next() < 0.5 ? w.around(flat, [1, features], y.scale) : { ...y, name: flat };
  const gemm = w.next() < 0.6;
  const transB = gemm && w.next() < 0.5;
  const weights = w.weights(transB ? [4, features] : [features, 4], transB ? 0 : 1, w.next() < 0.5);
  const z = gemm
    ? w.emit("Gemm", [through.name, weights.name, w.bias(through, weights.scales, 4)], {
        transB: transB ? 1 : 0,
      })
    : w.emit("MatMul", [through.name, weights.name]);
  return w.around(z, [1, 4], reach(through, weights.scales, features));
}

/** A network of `layers` layers and a head; its output is dequantised, now and then behind a softmax. */
export function qdqNetwork(seed: number, layers = 6): Qdq {
  const w = new QdqWriter(seed);
  const shape = [1, w.int(1, 4), w.int(5, 9), w.int(5, 9)];
  const all: Activation[] = [w.around("x", shape, 1 / 64)];
  const kinds = [conv, conv, pooled, unary, joined, resized];
  for (let i = 0; i < layers; i++) {
    const x = all.at(-1)!;
    all.push(w.pick(...kinds)(w, x, all));
  }
  const { name } = head(w, all.at(-1)!);
  const output = w.next() < 0.5 ? w.emit("Softmax", [name], { axis: 1 }) : name;
  const { nodes, initialisers, quantised } = w;
  return { opset: 13, inputs: { x: shape }, outputs: [output], initialisers, nodes, quantised };
}
