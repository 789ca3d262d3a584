/** Random models of one ONNX operator, in every form that its versions allow. */

import type { TestAttribute, TestModel, TestNode, TestTensor, TestType } from "../../frontends/onnx-model.js";
import { randomness } from "../../frontends/onnx-random.js";

type Attributes = Readonly<Record<string, TestAttribute>>;

export interface InputOptions {
  readonly type?: TestType;
  readonly lo?: number;
  readonly hi?: number;
}

/** What the generator of an operator draws from, and adds to. */
export interface Draw {
  readonly opset: number;
  next(n: number): number;
  between(lo: number, hi: number): number;
  pick<T>(list: readonly T[]): T;
  /** Once in `n`. */
  once(n: number): boolean;
  /** Sizes of a random tensor of a rank between `lo` and `hi`. */
  shape(lo: number, hi: number, most?: number): number[];
  numbers(count: number, lo?: number, hi?: number): number[];
  /** An input of the model with random elements. */
  input(shape: readonly number[], options?: InputOptions): string;
  /** A tensor that is known while importing: an initialiser, a Constant or an input of the case. */
  known(t: TestTensor): string;
  floats(shape: readonly number[], lo?: number, hi?: number): string;
  list(values: readonly number[]): string;
  scalar(v: number, type?: TestType): string;
  /** A node; gives its outputs, which are the model's. */
  emit(
    op: string,
    inputs: readonly string[],
    attributes?: Attributes,
    outputs?: readonly TestType[],
  ): string[];
  /** A node whose output other nodes read. */
  inner(op: string, inputs: readonly string[], attributes?: Attributes): string;
  /** What the oracle computes instead, where it has no kernel for the operator's old form. */
  instead(node: TestNode, opset: number): void;
}

export interface DrawnModel {
  readonly model: TestModel;
  readonly inputs: Readonly<Record<string, TestTensor>>;
  /** For the oracle, where it is another one. */
  readonly oracle: TestModel;
}

export interface Generator {
  /** The first opset with the operator that is drawn; default 6. */
  readonly since?: number;
  readonly until?: number;
  draw(d: Draw): void;
}
export type Generators = Readonly<Record<string, Generator>>;

const newest = 25;
export const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
export const integerTypes: readonly TestType[] = ["i64", "i32", "i16", "i8", "u8", "u16", "u32", "bool"];

/** Seed `seed` of an operator's models. */
export function drawModel(generator: Generator, seed: number): DrawnModel {
  const random = randomness(Math.imul(seed + 1, 0x9e3779b1));
  for (let i = 0; i < 8; i++) random.next(2);
  const { next, between } = random;
  const opset = between(Math.max(generator.since ?? 6, 6), generator.until ?? newest);
  const initialisers: Record<string, TestTensor> = {};
  const inputs: Record<string, TestTensor> = {};
  const types: Record<string, TestType> = {};
  const nodes: TestNode[] = [];
  const outputs: string[] = [];
  let count = 0;
  const replaced: { node: TestNode; opset: number }[] = [];
  const once = (n: number) => next(n) === 0;
  const numbers = (n: number, lo = -3, hi = 3) =>
    Array.from({ length: n }, () => lo + ((hi - lo) * next(997)) / 996);
  const d: Draw = {
    opset,
    ...random,
    once,
    numbers,
    shape: (lo, hi, most = 5) =>
      Array.from({ length: between(lo, hi) }, () => between(1, once(4) ? 1 : most)),
    input(shape, { type = "f32", lo, hi } = {}) {
      const name = `x${count++}`;
      const whole = integerTypes.includes(type);
      const range = type === "bool" ? [0, 1] : type.startsWith("u") ? [0, 200] : [-100, 100];
      const data = whole
        ? Array.from({ length: size(shape) }, () => between(lo ?? range[0]!, hi ?? range[1]!))
        : numbers(size(shape), lo, hi).map((v) => (type === "f16" ? Math.round(v * 64) / 64 : v));
      inputs[name] = { shape, data, type };
      types[name] = type;
      return name;
    },
    known(t) {
      const name = `c${count++}`;
      const how = next(4);
      if (how === 0) {
        inputs[name] = t;
        types[name] = t.type ?? "f32";
      } else if (how === 1)
        nodes.push({ op: "Constant", inputs: [], outputs: [name], attributes: { value: { tensor: t } } });
      else initialisers[name] = t;
      return name;
    },
    floats: (shape, lo, hi) => d.known({ shape, data: numbers(size(shape), lo, hi) }),
    list: (values) => d.known({ shape: [values.length], data: values, type: "i64" }),
    scalar: (v, type = "f32") => d.known({ shape: [], data: [v], type }),
    emit(op, from, attributes = {}, results = ["f32"]) {
      const names = results.map(() => `y${count++}`);
      nodes.push({ op, inputs: from, outputs: names, attributes, name: once(3) ? "" : `node${count}` });
      for (const [i, name] of names.entries()) types[name] = results[i]!;
      outputs.push(...names);
      return names;
    },
    inner(op, from, attributes = {}) {
      const name = `t${count++}`;
      nodes.push({ op, inputs: from, outputs: [name], attributes });
      return name;
    },
    instead: (node, at) => void replaced.push({ node, opset: at }),
  };
  generator.draw(d);
  const shapes = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, t.shape]));
  if (once(12)) {
    shapes.unused = [2];
    inputs.unused = { shape: [2], data: [1, 2] };
  }
  const model: TestModel = { opset, inputs: symbolic(shapes, once), outputs, initialisers, nodes, types };
  const [other] = replaced;
  if (!other) return { model, inputs, oracle: model };
  const swapped = nodes.map((n) => (n.outputs[0] === other.node.outputs[0] ? other.node : n));
  return { model, inputs, oracle: { ...model, opset: other.opset, nodes: swapped } };
}

/** Now and then, a size that the file does not say. */
const symbolic = (shapes: Readonly<Record<string, readonly number[]>>, once: (n: number) => boolean) =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      once(8) ? shape.map((v, i) => (once(2) ? `d${i}${name}` : v)) : shape,
    ]),
  );
