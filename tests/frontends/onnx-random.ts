/** Random integer networks as ONNX: chains and branches of the ops that the importer reads. */
import type { TestAttribute, TestModel, TestNode, TestTensor } from "./onnx-model.js";

/** xorshift32: a seed is a network. */
export function randomness(seed: number) {
  let state = (seed ^ 0x9e3779b9) | 1;
  const next = (n: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
  const between = (lo: number, hi: number) => lo + next(hi - lo + 1);
  return { next, between, pick: <T>(list: readonly T[]): T => list[next(list.length)]! };
}

/** A tensor that later nodes may read: integers of at most 16 bits. */
interface Open {
  readonly name: string;
  readonly shape: readonly number[];
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A network under construction. */
function growing(seed: number) {
  const random = randomness(seed);
  const nodes: TestNode[] = [];
  const initialisers: Record<string, TestTensor> = {};
  let count = 0;
  const initialiser = (t: TestTensor): string => {
    const name = `c${count++}`;
    initialisers[name] = t;
    return name;
  };
  return {
    ...random,
    nodes,
    initialisers,
    open: [] as Open[],
    scalar: (v: number) => initialiser({ shape: [], data: [v] }),
    list: (values: readonly number[]) => initialiser({ shape: [values.length], data: values, type: "i64" }),
    constant: (shape: readonly number[], lo: number, hi: number) =>
      initialiser({ shape, data: Array.from({ length: size(shape) }, () => random.between(lo, hi)) }),
    emit(
      op: string,
      inputs: readonly string[],
      shape: readonly number[],
      attributes: Record<string, TestAttribute> = {},
    ): Open {
      const name = `t${count++}`;
      nodes.push({ op, inputs, outputs: [name], attributes });
      return { name, shape };
    },
  };
}
type Net = ReturnType<typeof growing>;

const clamps: readonly (readonly [number, number])[] = [
  [0, 255],
  [-128, 127],
  [0, 15],
  [-3, 90],
];

/** Any result back to few bits: one channel-wise or scalar affine map, Floor, Clip. */
function requant(net: Net, x: Open): Open {
  const { constant, emit, next, pick } = net;
  const spatial = x.shape.slice(2);
  const channels = spatial.length > 0 ? [x.shape[1]!, ...spatial.map(() => 1)] : [x.shape.at(-1)!];
  const shape = pick([[], channels, [1, ...(spatial.length > 0 ? channels : x.shape.slice(1))]]);
  let y = emit("Mul", [x.name, constant(shape, -9, 9)], x.shape);
  if (next(2)) y = emit("Add", [constant(shape, -500, 500), y.name], x.shape);
  if (next(3) === 0) y = emit("Sub", [y.name, constant([], -50, 50)], x.shape);
  y = emit("Div", [y.name, net.scalar(pick([1, 8, 64, 5, 12]))], x.shape);
  if (next(4) === 0) y = emit("Relu", [y.name], x.shape);
  y = emit("Floor", [y.name], x.shape);
  const [min, max] = pick(clamps);
  return emit("Clip", [y.name], x.shape, { min: { float: min }, max: { float: max } });
}

function spatial(net: Net, x: Open): Open {
  const { between, constant, emit, next, pick } = net;
  const dims = x.shape.slice(2);
  const kernel = dims.map((d) => between(1, Math.min(3, d)));
  const strides = dims.map(() => between(1, 2));
  const pads = [...kernel, ...kernel].map((k) => next(k));
  const ones = dims.map(() => 1);
  const positions = (i: number, dilation: number) =>
    Math.floor(
      (dims[i]! + pads[i]! + pads[i + dims.length]! - (kernel[i]! - 1) * dilation - 1) / strides[i]!,
    ) + 1;
  if (next(3) === 0) {
    const shape = [...x.shape.slice(0, 2), ...dims.map((_, i) => positions(i, 1))];
    const window = { kernel_shape: kernel, strides, pads };
    if (next(2)) return emit("MaxPool", [x.name], shape, window);
    return requant(net, emit("AveragePool", [x.name], shape, { ...window, count_include_pad: 1 }));
  }
  if (next(5) === 0)
    return requant(net, emit("GlobalAveragePool", [x.name], [...x.shape.slice(0, 2), ...ones]));
  const group = pick([1, 1, x.shape[1]!]);
  const dilations = kernel.map((k, i) => (k > 1 && (k - 1) * 2 < dims[i]! ? between(1, 2) : 1));
  const co = group * between(1, 3);
  const w = constant([co, x.shape[1]! / group, ...kernel], -8, 8);
  const b = next(2) ? [constant([co], -300, 300)] : [];
  const shape = [x.shape[0]!, co, ...dims.map((_, i) => positions(i, dilations[i]!))];
  return requant(net, emit("Conv", [x.name, w, ...b], shape, { strides, pads, group, dilations }));
}

function flattened(net: Net, x: Open, axis: number): Open {
  return net.emit("Flatten", [x.name], [size(x.shape.slice(0, axis)), size(x.shape.slice(axis))], { axis });
}

function dense(net: Net, x: Open): Open {
  const { between, constant, emit, next, pick } = net;
  const flat = x.shape.length === 2 ? x : flattened(net, x, 1);
  const depth = flat.shape[1]!;
  const width = between(1, 6);
  const shape = [flat.shape[0]!, width];
  if (next(2)) return requant(net, emit("MatMul", [flat.name, constant([depth, width], -7, 7)], shape));
  const transB = next(2);
  const w = constant(transB ? [width, depth] : [depth, width], -7, 7);
  const c = next(2) ? [constant(pick([[width], [1, width], []]), -99, 99)] : [];
  return requant(net, emit("Gemm", [flat.name, w, ...c], shape, { transB }));
}

function sliced(net: Net, x: Open): Open {
  const axis = net.next(x.shape.length);
  const begin = net.next(x.shape[axis]!);
  const [end, step] = [net.between(begin + 1, x.shape[axis]!), net.between(1, 2)];
  const shape = x.shape.with(axis, Math.ceil((end - begin) / step));
  const lists = [begin, end, axis, step].map((v) => net.list([v]));
  return net.emit("Slice", [x.name, ...lists], shape);
}

function reduced(net: Net, x: Open): Open {
  const axes = [net.between(1, x.shape.length - 1)];
  const keepdims = x.shape.length > 2 ? net.next(2) : 1;
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const shape = keepdims ? kept : x.shape.filter((_, i) => !axes.includes(i));
  return requant(net, net.emit(net.pick(["ReduceSum", "ReduceMean"]), [x.name], shape, { axes, keepdims }));
}

function rearranged(net: Net, x: Open): Open {
  const { emit, next } = net;
  const rank = x.shape.length;
  switch (next(6)) {
    case 0: {
      const perm = Array.from({ length: rank }, (_, i) => i).sort(() => next(3) - 1);
      return emit(
        "Transpose",
        [x.name],
        perm.map((p) => x.shape[p]!),
        { perm },
      );
    }
    case 1:
      return sliced(net, x);
    case 2: {
      if (rank < 3) return x;
      const pads = [...x.shape, ...x.shape].map((_, i) => (i % rank >= 2 ? next(3) : 0));
      const shape = x.shape.map((d, i) => d + pads[i]! + pads[i + rank]!);
      return emit("Pad", [x.name, net.list(pads)], shape);
    }
    case 3: {
      const divisors = [2, 3, 4].filter((d) => x.shape[1]! % d === 0);
      if (rank !== 2 || divisors.length === 0) return x;
      const d = net.pick(divisors);
      return emit("Reshape", [x.name, net.list([0, d, -1])], [x.shape[0]!, d, x.shape[1]! / d]);
    }
    case 4:
      return flattened(net, x, net.between(1, rank - 1));
    default:
      return reduced(net, x);
  }
}

/** x, perhaps scaled and shifted by constants that stay pending. */
function factor(net: Net, v: Open): Open {
  const { constant, emit, next, pick } = net;
  const perElement = () => pick([[], [v.shape.at(-1)!], v.shape.map((d, i) => (i === 1 ? d : 1))]);
  const scaled = next(2) ? emit("Mul", [v.name, constant(next(3) ? [] : perElement(), 1, 9)], v.shape) : v;
  return next(3) === 0 ? emit("Add", [scaled.name, constant(perElement(), -40, 40)], v.shape) : scaled;
}

function combined(net: Net, x: Open): Open {
  const { emit, next, open, pick } = net;
  const alike = open.filter(
    (o) => o.shape.length === x.shape.length && o.shape.every((d, i) => d === x.shape[i]),
  );
  const other = alike.length > 0 ? pick(alike) : x;
  if (next(3) > 0) {
    const sum = emit(pick(["Add", "Sub"]), [factor(net, x).name, factor(net, other).name], x.shape);
    return requant(net, sum);
  }
  const axis = next(x.shape.length);
  const shape = x.shape.with(axis, x.shape[axis]! + other.shape[axis]!);
  return emit("Concat", [x.name, other.name], shape, { axis });
}

/** A network of about `length` ops on one input of rank 2 to 4, and bytes to feed it. */
export function randomNetwork(seed: number, length: number): { model: TestModel; input: TestTensor } {
  const net = growing(seed);
  const { between, next, open, pick } = net;
  const rank = between(2, 4);
  const shape = [1, between(1, 4), ...Array.from({ length: rank - 2 }, () => between(1, 6))];
  open.push({ name: "x", shape });
  for (let i = 0; i < length; i++) {
    const x = next(3) ? open.at(-1)! : pick(open);
    const kinds = [dense, rearranged, combined];
    const y = pick(x.shape.length > 2 ? [spatial, spatial, ...kinds] : kinds)(net, x);
    if (size(y.shape) <= 600) open.push(y);
  }
  const last = open.at(-1)!.name === "x" ? requant(net, open.at(-1)!) : open.at(-1)!;
  const { nodes, initialisers } = net;
  const model: TestModel = { opset: 11, inputs: { x: shape }, outputs: [last.name], initialisers, nodes };
  const data = Array.from({ length: size(shape) }, () => pick([0, 255, between(0, 255)]));
  return { model, input: { shape, data } };
}
