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
  return {
    next,
    between: (lo: number, hi: number) => lo + next(hi - lo + 1),
    pick: <T>(list: readonly T[]): T => list[next(list.length)]!,
  };
}

interface Open {
  readonly name: string;
  readonly shape: readonly number[];
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A network of about `length` ops on one input of rank 2 to 4. */
export function randomNetwork(seed: number, length: number): { model: TestModel; input: TestTensor } {
  const { next, between, pick } = randomness(seed);
  const nodes: TestNode[] = [];
  const initialisers: Record<string, TestTensor> = {};
  let count = 0;

  const constant = (shape: readonly number[], lo: number, hi: number): string => {
    const name = `c${count++}`;
    initialisers[name] = { shape, data: Array.from({ length: size(shape) }, () => between(lo, hi)) };
    return name;
  };
  const list = (values: readonly number[]): string => {
    const name = `c${count++}`;
    initialisers[name] = { shape: [values.length], data: values, type: "i64" };
    return name;
  };
  const emit = (
    op: string,
    inputs: readonly string[],
    shape: readonly number[],
    attributes: Record<string, TestAttribute> = {},
  ): Open => {
    const name = `t${count++}`;
    nodes.push({ op, inputs, outputs: [name], attributes });
    return { name, shape };
  };

  /** Any result back to a byte: one channel-wise or scalar affine map, Floor, Clip. */
  const requant = (x: Open): Open => {
    const channels = x.shape.length > 2 ? [x.shape[1]!, ...x.shape.slice(2).map(() => 1)] : [x.shape.at(-1)!];
    const shape = pick([[], channels, [1, ...(x.shape.length > 2 ? channels : x.shape.slice(1))]]);
    let y = emit("Mul", [x.name, constant(shape, -9, 9)], x.shape);
    if (next(2)) y = emit("Add", [constant(shape, -500, 500), y.name], x.shape);
    if (next(3) === 0) y = emit("Sub", [y.name, constant([], -50, 50)], x.shape);
    y = emit("Div", [y.name, constant([], 0, 0)], x.shape);
    initialisers[nodes.at(-1)!.inputs[1]!] = { shape: [], data: [pick([1, 8, 64, 5, 12])] };
    if (next(4) === 0) y = emit("Relu", [y.name], x.shape);
    y = emit("Floor", [y.name], x.shape);
    const [min, max] = pick([
      [0, 255],
      [-128, 127],
      [0, 15],
      [-3, 90],
    ] as const);
    return emit("Clip", [y.name], x.shape, { min: { float: min }, max: { float: max } });
  };

  const spatial = (x: Open): Open => {
    const dims = x.shape.slice(2);
    const kernel = dims.map((d) => between(1, Math.min(3, d)));
    const strides = dims.map(() => between(1, 2));
    const pads = [...kernel, ...kernel].map((k) => next(k));
    const out = (dilations: readonly number[]) =>
      dims.map(
        (d, i) =>
          Math.floor(
            (d + pads[i]! + pads[i + dims.length]! - (kernel[i]! - 1) * dilations[i]! - 1) / strides[i]!,
          ) + 1,
      );
    const ones = dims.map(() => 1);
    if (next(3) === 0) {
      const shape = [...x.shape.slice(0, 2), ...out(ones)];
      if (next(2)) return emit("MaxPool", [x.name], shape, { kernel_shape: kernel, strides, pads });
      return requant(
        emit("AveragePool", [x.name], shape, { kernel_shape: kernel, strides, pads, count_include_pad: 1 }),
      );
    }
    if (next(5) === 0) return requant(emit("GlobalAveragePool", [x.name], [...x.shape.slice(0, 2), ...ones]));
    const group = pick([1, 1, x.shape[1]!]);
    const dilations = kernel.map((k, i) => (k > 1 && (k - 1) * 2 < dims[i]! ? between(1, 2) : 1));
    const co = group * between(1, 3);
    const w = constant([co, x.shape[1]! / group, ...kernel], -8, 8);
    const b = next(2) ? [constant([co], -300, 300)] : [];
    return requant(
      emit("Conv", [x.name, w, ...b], [x.shape[0]!, co, ...out(dilations)], {
        strides,
        pads,
        group,
        dilations,
      }),
    );
  };

  const dense = (x: Open): Open => {
    const flat =
      x.shape.length === 2
        ? x
        : emit("Flatten", [x.name], [x.shape[0]!, size(x.shape.slice(1))], { axis: 1 });
    const width = between(1, 6);
    const shape = [flat.shape[0]!, width];
    if (next(2)) return requant(emit("MatMul", [flat.name, constant([flat.shape[1]!, width], -7, 7)], shape));
    const transB = next(2);
    const w = constant(transB ? [width, flat.shape[1]!] : [flat.shape[1]!, width], -7, 7);
    return requant(
      emit(
        "Gemm",
        [flat.name, w, ...(next(2) ? [constant(pick([[width], [1, width], []]), -99, 99)] : [])],
        shape,
        { transB },
      ),
    );
  };

  const rearranged = (x: Open): Open => {
    const rank = x.shape.length;
    switch (next(6)) {
      case 4: {
        const axis = between(1, rank - 1);
        return emit("Flatten", [x.name], [size(x.shape.slice(0, axis)), size(x.shape.slice(axis))], { axis });
      }
      case 0: {
        const perm = Array.from({ length: rank }, (_, i) => i).sort(() => next(3) - 1);
        return emit(
          "Transpose",
          [x.name],
          perm.map((p) => x.shape[p]!),
          { perm },
        );
      }
      case 1: {
        const axis = next(rank);
        const begin = next(x.shape[axis]!);
        const [end, step] = [between(begin + 1, x.shape[axis]!), between(1, 2)];
        const shape = x.shape.with(axis, Math.ceil((end - begin) / step));
        return emit("Slice", [x.name, list([begin]), list([end]), list([axis]), list([step])], shape);
      }
      case 2: {
        if (rank < 3) return x;
        const pads = [...x.shape, ...x.shape].map((_, i) => (i % rank >= 2 ? next(3) : 0));
        return emit(
          "Pad",
          [x.name, list(pads)],
          x.shape.map((d, i) => d + pads[i]! + pads[i + rank]!),
        );
      }
      case 3: {
        const divisors = [2, 3, 4].filter((d) => x.shape[1]! % d === 0);
        if (rank !== 2 || divisors.length === 0) return x;
        const d = pick(divisors);
        return emit("Reshape", [x.name, list([0, d, -1])], [x.shape[0]!, d, x.shape[1]! / d]);
      }
      default: {
        const axes = [between(1, rank - 1)];
        const keepdims = rank > 2 ? next(2) : 1;
        const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
        const shape = keepdims ? kept : x.shape.filter((_, i) => !axes.includes(i));
        return requant(emit(pick(["ReduceSum", "ReduceMean"]), [x.name], shape, { axes, keepdims }));
      }
    }
  };

  const open: Open[] = [];
  const combined = (x: Open): Open => {
    const partners = open.filter(
      (o) => o.shape.length === x.shape.length && o.shape.every((d, i) => d === x.shape[i]),
    );
    const other = partners.length > 0 ? pick(partners) : x;
    const perElement = (v: Open) => pick([[], [v.shape.at(-1)!], v.shape.map((d, i) => (i === 1 ? d : 1))]);
    const offset = (v: Open): Open =>
      next(3) === 0 ? emit("Add", [v.name, constant(perElement(v), -40, 40)], v.shape) : v;
    const factor = (v: Open): Open =>
      offset(next(2) ? emit("Mul", [v.name, constant(next(3) ? [] : perElement(v), 1, 9)], v.shape) : v);
    if (next(3) === 0) {
      const axis = next(x.shape.length);
      return emit("Concat", [x.name, other.name], x.shape.with(axis, x.shape[axis]! + other.shape[axis]!), {
        axis,
      });
    }
    return requant(emit(pick(["Add", "Sub"]), [factor(x).name, factor(other).name], x.shape));
  };

  const rank = between(2, 4);
  const shape = [1, between(1, 4), ...Array.from({ length: rank - 2 }, () => between(1, 6))];
  open.push({ name: "x", shape });
  for (let i = 0; i < length; i++) {
    const x = next(3) ? open.at(-1)! : pick(open);
    const kinds =
      x.shape.length > 2 ? [spatial, spatial, dense, rearranged, combined] : [dense, rearranged, combined];
    const y = pick(kinds)(x);
    if (size(y.shape) <= 600) open.push(y);
  }
  const last = open.at(-1)!.name === "x" ? requant(open.at(-1)!) : open.at(-1)!;
  const model: TestModel = { opset: 11, inputs: { x: shape }, outputs: [last.name], initialisers, nodes };
  return {
    model,
    input: { shape, data: Array.from({ length: size(shape) }, () => pick([0, 255, between(0, 255)])) },
  };
}
