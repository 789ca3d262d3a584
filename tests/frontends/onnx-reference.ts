/**
 * A naive ONNX evaluator in ONNX's own axis order, on doubles: what imported networks are compared with.
 * Shares no code with the importer.
 */
import type { TestAttribute, TestModel, TestNode } from "./onnx-model.js";

export interface Array_ {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function indexOf(shape: readonly number[], flat: number): number[] {
  const index: number[] = [];
  for (let d = shape.length - 1, rest = flat; d >= 0; d--) {
    index.unshift(rest % shape[d]!);
    rest = Math.floor(rest / shape[d]!);
  }
  return index;
}
const flatOf = (shape: readonly number[], index: readonly number[]): number =>
  index.reduce((at, i, d) => at * shape[d]! + i, 0);

/** A tensor from a formula over its indices. */
function build(shape: readonly number[], f: (index: number[]) => number): Array_ {
  return { shape, data: Array.from({ length: size(shape) }, (_, i) => f(indexOf(shape, i))) };
}
const get = (x: Array_, index: readonly number[]): number => x.data[flatOf(x.shape, index)]!;

function binary(a: Array_, b: Array_, f: (p: number, q: number) => number): Array_ {
  const rank = Math.max(a.shape.length, b.shape.length);
  const pad = (s: readonly number[]) => [...new Array<number>(rank - s.length).fill(1), ...s];
  const [p, q] = [
    { ...a, shape: pad(a.shape) },
    { ...b, shape: pad(b.shape) },
  ];
  const shape = p.shape.map((d, i) => Math.max(d, q.shape[i]!));
  const at = (x: Array_, index: number[]) =>
    get(
      x,
      index.map((i, d) => (x.shape[d] === 1 ? 0 : i)),
    );
  return build(shape, (index) => f(at(p, index), at(q, index)));
}

type Attributes = Readonly<Record<string, TestAttribute>>;
const ints = (a: Attributes, name: string, otherwise: readonly number[]): readonly number[] =>
  (a[name] as readonly number[] | undefined) ?? otherwise;
const int = (a: Attributes, name: string, otherwise: number): number =>
  (a[name] as number | undefined) ?? otherwise;
const float = (a: Attributes, name: string, otherwise: number): number =>
  (a[name] as { float: number } | undefined)?.float ?? otherwise;

/** Values of x at the positions of one window, with `outside` where it leaves x. */
function* windowOf(
  x: Array_,
  n: number,
  c: number,
  at: readonly number[],
  a: Attributes,
  kernel: readonly number[],
  outside?: number,
) {
  const spatial = x.shape.slice(2);
  const stride = ints(
    a,
    "strides",
    spatial.map(() => 1),
  );
  const dilation = ints(
    a,
    "dilations",
    spatial.map(() => 1),
  );
  const pads = ints(
    a,
    "pads",
    [...spatial, ...spatial].map(() => 0),
  );
  for (let t = 0; t < size(kernel); t++) {
    const tap = indexOf(kernel, t);
    const where = at.map((p, d) => p * stride[d]! + tap[d]! * dilation[d]! - pads[d]!);
    const inside = where.every((p, d) => p >= 0 && p < spatial[d]!);
    if (inside) yield { tap, value: get(x, [n, c, ...where]) };
    else if (outside !== undefined) yield { tap, value: outside };
  }
}

function positions(x: Array_, a: Attributes, kernel: readonly number[]): number[] {
  const n = kernel.length;
  const pads = ints(a, "pads", new Array(2 * n).fill(0));
  return kernel.map((k, d) => {
    const reach = (k - 1) * ints(a, "dilations", new Array(n).fill(1))[d]! + 1;
    return (
      Math.floor(
        (x.shape[d + 2]! + pads[d]! + pads[d + n]! - reach) / ints(a, "strides", new Array(n).fill(1))[d]!,
      ) + 1
    );
  });
}

function conv([x, w, b]: readonly Array_[], a: Attributes): Array_ {
  const kernel = w!.shape.slice(2);
  const [co, cig] = w!.shape as [number, number];
  const cog = co / int(a, "group", 1);
  return build([x!.shape[0]!, co, ...positions(x!, a, kernel)], ([n, o, ...at]) => {
    let sum = b?.data[o!] ?? 0;
    for (let c = 0; c < cig; c++)
      for (const { tap, value } of windowOf(x!, n!, Math.floor(o! / cog) * cig + c, at, a, kernel))
        sum += value * get(w!, [o!, c, ...tap]);
    return sum;
  });
}

function pool(
  [x]: readonly Array_[],
  a: Attributes,
  of: (values: number[]) => number,
  outside?: number,
): Array_ {
  const kernel = ints(a, "kernel_shape", x!.shape.slice(2));
  return build([...x!.shape.slice(0, 2), ...positions(x!, a, kernel)], ([n, c, ...at]) => {
    return of([...windowOf(x!, n!, c!, at, a, kernel, outside)].map((v) => v.value));
  });
}

const mean = (values: number[]): number => values.reduce((p, q) => p + q, 0) / values.length;

function matmul(a: Array_, b: Array_): Array_ {
  const depth = a.shape.at(-1)!;
  return build([...a.shape.slice(0, -1), b.shape.at(-1)!], (index) => {
    const [lead, column] = [index.slice(0, -1), index.at(-1)!];
    let sum = 0;
    for (let k = 0; k < depth; k++)
      sum += get(a, [...lead, k]) * get(b, [...(b.shape.length > 2 ? lead.slice(0, -1) : []), k, column]);
    return sum;
  });
}

const transposed = (x: Array_, perm: readonly number[]): Array_ =>
  build(
    perm.map((p) => x.shape[p]!),
    (index) =>
      get(
        x,
        x.shape.map((_, d) => index[perm.indexOf(d)]!),
      ),
  );

function gemm([a, b, c]: readonly Array_[], at: Attributes): Array_ {
  const p = int(at, "transA", 0) ? transposed(a!, [1, 0]) : a!;
  const q = int(at, "transB", 0) ? transposed(b!, [1, 0]) : b!;
  const product = matmul(p, q);
  const scaled = { ...product, data: product.data.map((v) => v * float(at, "alpha", 1)) };
  return c ? binary(scaled, c, (v, w) => v + w * float(at, "beta", 1)) : scaled;
}

function reshaped(x: Array_, target: readonly number[]): Array_ {
  const copied = target.map((d, i) => (d === 0 ? x.shape[i]! : d));
  const known = size(copied.filter((d) => d !== -1));
  return { shape: copied.map((d) => (d === -1 ? size(x.shape) / known : d)), data: x.data };
}

function concat(xs: readonly Array_[], axis: number): Array_ {
  const sizes = xs.map((x) => x.shape[axis]!);
  const begins = sizes.map((_, i) => sizes.slice(0, i).reduce((p, q) => p + q, 0));
  return build(xs[0]!.shape.with(axis, begins.at(-1)! + sizes.at(-1)!), (index) => {
    const source = begins.findLastIndex((begin) => begin <= index[axis]!);
    return get(xs[source]!, index.with(axis, index[axis]! - begins[source]!));
  });
}

function padded(x: Array_, pads: readonly number[]): Array_ {
  const rank = x.shape.length;
  return build(
    x.shape.map((d, i) => d + pads[i]! + pads[i + rank]!),
    (index) => {
      const from = index.map((i, d) => i - pads[d]!);
      return from.every((i, d) => i >= 0 && i < x.shape[d]!) ? get(x, from) : 0;
    },
  );
}

function reduced(x: Array_, a: Attributes, of: (values: number[]) => number): Array_ {
  const axes = ints(
    a,
    "axes",
    x.shape.map((_, i) => i),
  ).map((v) => (v < 0 ? v + x.shape.length : v));
  const kept = build(
    x.shape.map((d, i) => (axes.includes(i) ? 1 : d)),
    (index) => {
      const inner = axes.map((v) => x.shape[v]!);
      const values = Array.from({ length: size(inner) }, (_, k) => {
        const at = indexOf(inner, k);
        return get(
          x,
          index.map((i, d) => (axes.includes(d) ? at[axes.indexOf(d)]! : i)),
        );
      });
      return of(values);
    },
  );
  return int(a, "keepdims", 1) ? kept : { ...kept, shape: x.shape.filter((_, i) => !axes.includes(i)) };
}

function requantShift([x, mul, add]: readonly Array_[], a: Attributes): Array_ {
  const number = (name: string) => (a[name] as { tensor: { data: readonly number[] } }).tensor.data[0]!;
  const [div, n] = [number("div"), number("n_levels")];
  const [lo, hi] = number("signed") ? [-n / 2, n / 2 - 1] : [0, n - 1];
  const scaled = binary(
    binary(x!, mul!, (v, m) => v * m),
    add!,
    (v, w) => v + w,
  );
  return {
    ...scaled,
    data: scaled.data.map((v) => Math.min(Math.max(Math.floor((v + Math.floor(div / 2)) / div), lo), hi)),
  };
}

function evaluateNode({ op, attributes: a = {} }: TestNode, x: readonly Array_[]): Array_ {
  const [p, q] = x as [Array_, Array_];
  const map = (f: (v: number) => number): Array_ => ({ ...p, data: p.data.map(f) });
  switch (op) {
    case "Conv":
      return conv(x, a);
    case "MaxPool":
      return pool(x, a, (v) => Math.max(...v));
    case "AveragePool":
      return pool(x, a, mean, int(a, "count_include_pad", 0) ? 0 : undefined);
    case "GlobalAveragePool":
      return pool(x, {}, mean);
    case "MatMul":
      return matmul(p, q);
    case "Gemm":
      return gemm(x, a);
    case "Add":
      return binary(p, q, (v, w) => v + w);
    case "Sub":
      return binary(p, q, (v, w) => v - w);
    case "Mul":
      return binary(p, q, (v, w) => v * w);
    case "Div":
      return binary(p, q, (v, w) => v / w);
    case "Floor":
      return map(Math.floor);
    case "Relu":
      return map((v) => Math.max(v, 0));
    case "Neg":
      return map((v) => -v);
    case "Clip":
      return map((v) => Math.min(Math.max(v, float(a, "min", -Infinity)), float(a, "max", Infinity)));
    case "Constant":
      return (a.value as { tensor: Array_ }).tensor;
    case "Identity":
      return p;
    case "Cast":
      return int(a, "to", 1) === 7 ? map(Math.trunc) : p;
    case "Transpose":
      return transposed(p, ints(a, "perm", []));
    case "Reshape":
      return reshaped(p, q.data);
    case "Flatten":
      return {
        shape: [size(p.shape.slice(0, int(a, "axis", 1))), size(p.shape.slice(int(a, "axis", 1)))],
        data: p.data,
      };
    case "Concat":
      return concat(x, int(a, "axis", 0));
    case "Slice": {
      const [begin, end, axis, step] = x.slice(1).map((v) => v.data[0]!) as [number, number, number, number];
      const shape = p.shape.with(axis, Math.ceil((end - begin) / step));
      return build(shape, (index) => get(p, index.with(axis, begin + index[axis]! * step)));
    }
    case "Pad":
      return padded(p, q.data);
    case "ReduceSum":
      return reduced(p, a, (v) => v.reduce((s, w) => s + w, 0));
    case "ReduceMean":
      return reduced(p, a, mean);
    case "RequantShift":
      return requantShift(x, a);
    default:
      throw new Error(`the reference has no ${op}`);
  }
}

/** All tensors of a model, by name. */
export function evaluate(
  model: TestModel,
  inputs: Readonly<Record<string, Array_>>,
): ReadonlyMap<string, Array_> {
  const values = new Map<string, Array_>(Object.entries({ ...model.initialisers, ...inputs }));
  for (const node of model.nodes) {
    const operands = node.inputs.filter(Boolean).map((name) => values.get(name)!);
    values.set(node.outputs[0]!, evaluateNode(node, operands));
  }
  return values;
}
