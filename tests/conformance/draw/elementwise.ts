/** Arithmetic element by element, activations, softmax, casts. */

import type { TestType } from "../../frontends/onnx-model.js";
import { type Draw, type Generators, integerTypes, size } from "./draw.js";

/** A shape that broadcasts to `shape`: axes become 1, leading ones go. */
const narrowed = (d: Draw, shape: readonly number[]): number[] =>
  shape.slice(d.once(3) ? d.next(shape.length + 1) : 0).map((v) => (d.once(3) ? 1 : v));

const floats: readonly TestType[] = ["f32", "f32", "f32", "f32", "f64", "f16"];

function operands(d: Draw, type: TestType = "f32"): [string, string] {
  const shape = d.shape(0, 5);
  const shapes = [d.once(3) ? narrowed(d, shape) : shape, d.once(2) ? narrowed(d, shape) : shape];
  const [a, b] = d.once(2) ? shapes : shapes.toReversed();
  const second = type === "f32" && d.once(3) ? d.floats(b!) : d.input(b!, { type });
  return [d.input(a!, { type }), second];
}

/** Until opset 6: `broadcast`, and the axis where the smaller operand begins. */
function oldArithmetic(d: Draw, op: string): void {
  const shape = d.shape(1, 4);
  const from = d.next(shape.length);
  const part = shape.slice(from, from + d.between(1, shape.length - from));
  const after = shape.slice(from + part.length).map(() => 1);
  const last = from + part.length === shape.length;
  const axis = last && d.once(2) ? {} : { axis: from };
  const values = d.numbers(size(part), 1, 3);
  const [a, b] = [d.input(shape), d.known({ shape: part, data: values })];
  const [y] = d.emit(op, [a, b], { broadcast: 1, ...axis });
  const c = d.known({ shape: [...part, ...after], data: values });
  d.instead({ op, inputs: [a, c], outputs: [y!], attributes: {} }, 7);
}

const arithmetic = (op: string) => ({
  draw(d: Draw) {
    if (d.opset < 7) return oldArithmetic(d, op);
    const type = d.pick([...floats, "i32", "i8", "u8", "i64"] as const);
    if (op !== "Div") return void d.emit(op, operands(d, type), {}, [type]);
    const shape = d.shape(0, 4);
    d.emit(op, [d.input(shape), d.floats(narrowed(d, shape), 1, 4)]);
  },
});

const unary = (
  op: string,
  attributes: (d: Draw) => Record<string, { float: number }> = () => ({}),
  since = 6,
) => ({
  since,
  draw(d: Draw) {
    const type = d.pick(floats);
    d.emit(op, [d.input(d.shape(0, 5), { type })], attributes(d), [type]);
  },
});

const float = (d: Draw, lo: number, hi: number) => ({ float: d.numbers(1, lo, hi)[0]! });
const some = (d: Draw, name: string, lo: number, hi: number) =>
  d.once(3) ? {} : { [name]: float(d, lo, hi) };

const several = (op: string, types: readonly TestType[] = ["f32"], fewest = 1) => ({
  draw(d: Draw) {
    const type = d.pick(types);
    const shape = d.shape(0, 4);
    const count = d.between(fewest, 4);
    const names = Array.from({ length: count }, () => {
      const own = d.opset < 8 || d.once(2) ? shape : narrowed(d, shape);
      return d.once(6) && type === "f32" ? d.floats(own) : d.input(own, { type });
    });
    d.emit(op, d.once(8) && count > 1 ? [...names.slice(1), names[1]!] : names, {}, [type]);
  },
});

const softmax = (op: string) => ({
  draw(d: Draw) {
    const shape = d.shape(1, 4);
    const axis = d.between(d.opset >= 11 ? -shape.length : 0, shape.length - 1);
    const fallback = d.once(4) && (d.opset >= 13 || shape.length > 1);
    d.emit(op, [d.input(shape)], fallback ? {} : { axis });
  },
});

function prelu(d: Draw): void {
  const shape = d.shape(1, 4);
  const channels = shape[1] ?? 1;
  if (d.opset < 7) {
    const values = d.numbers(d.once(2) ? 1 : channels, 0, 1);
    const [x, slope] = [d.input(shape), d.known({ shape: [values.length], data: values })];
    const [y] = d.emit("PRelu", [x, slope]);
    const wide = [values.length, ...shape.slice(2).map(() => 1)];
    const c = d.known({ shape: values.length > 1 ? wide : [1], data: values });
    d.instead({ op: "PRelu", inputs: [x, c], outputs: [y!], attributes: {} }, 7);
    return;
  }
  const slopes = [[1], [channels, ...shape.slice(2).map(() => 1)], shape.slice(1), narrowed(d, shape)];
  d.emit("PRelu", [d.input(shape), d.floats(d.pick(shape.length > 1 ? slopes : [[1], shape]))]);
}

function clip(d: Draw): void {
  const shape = d.shape(0, 4);
  if (d.opset < 11)
    return void d.emit("Clip", [d.input(shape)], { ...some(d, "min", -2, 0), ...some(d, "max", 0, 2) });
  const type: TestType = d.opset >= 12 && d.once(3) ? d.pick(["i8", "u8", "i32"]) : "f32";
  const limit = (lo: number, hi: number) => {
    if (d.once(3)) return "";
    return type === "f32"
      ? d.floats([], lo, hi)
      : d.scalar(d.between(Math.max(lo * 10, type === "u8" ? 0 : -99), hi * 10), type);
  };
  const crossed = d.once(6);
  const [lo, hi] = [limit(crossed ? 1 : -2, crossed ? 2 : 0), limit(0, 1)];
  const operandsOf = [d.input(shape, { type }), lo, hi];
  d.emit("Clip", hi === "" ? operandsOf.slice(0, lo === "" ? 1 : 2) : operandsOf, {}, [type]);
}

function dropout(d: Draw): void {
  const x = d.input(d.shape(1, 4));
  // Until opset 9, the elements of the mask are not defined.
  const mask = d.opset >= 10 && d.once(4);
  const outputs: TestType[] = mask ? ["f32", "bool"] : ["f32"];
  if (d.opset < 7) {
    const [y] = d.emit("Dropout", [x], { is_test: 1, ...some(d, "ratio", 0, 0.9) });
    d.instead({ op: "Dropout", inputs: [x], outputs: [y!], attributes: {} }, 7);
  } else if (d.opset < 12) d.emit("Dropout", [x], some(d, "ratio", 0, 0.9), outputs);
  else {
    const ratio = d.once(2) ? [d.scalar(0.4)] : d.once(2) ? ["", d.scalar(0, "bool")] : [];
    d.emit("Dropout", [x, ...ratio], { ...(d.once(2) ? { seed: 3 } : {}) }, outputs);
  }
}

const numberTypes: readonly TestType[] = [
  "f32",
  "f16",
  "f64",
  "i64",
  "i32",
  "i16",
  "i8",
  "u8",
  "u16",
  "u32",
  "bool",
];
const codes: Readonly<Record<string, number>> = {
  f32: 1,
  u8: 2,
  i8: 3,
  u16: 4,
  i16: 5,
  i32: 6,
  i64: 7,
  bool: 9,
  f16: 10,
  f64: 11,
  u32: 12,
};

function cast(d: Draw): void {
  const [from, to] = [d.pick(numberTypes), d.pick(numberTypes)];
  const positive = to.startsWith("u") && !integerTypes.includes(from);
  d.emit(
    "Cast",
    [d.input(d.shape(0, 4), { type: from, ...(positive ? { lo: 0, hi: 9 } : {}) })],
    { to: codes[to]! },
    [to],
  );
}

function castLike(d: Draw): void {
  const [from, to] = [d.pick(numberTypes), d.pick(["f32", "f16", "i32", "u8"] as const)];
  const like = d.once(2) ? d.input([1], { type: to }) : d.known({ shape: [1], data: [0], type: to });
  d.emit("CastLike", [d.input(d.shape(0, 3), { type: from, lo: 0, hi: from === "bool" ? 1 : 9 }), like], {}, [
    to,
  ]);
}

function identity(d: Draw): void {
  const type = d.pick(numberTypes);
  d.emit("Identity", [d.input(d.shape(0, 5), { type })], {}, [type]);
}

const power = (d: Draw) => {
  d.emit("Pow", [d.input(d.shape(0, 4)), d.scalar(d.pick([1, 2, 3, 0.5]))]);
};

export const elementwise: Generators = {
  ...Object.fromEntries(["Add", "Sub", "Mul", "Div"].map((op) => [op, arithmetic(op)])),
  Sum: several("Sum"),
  Mean: several("Mean"),
  Max: several("Max", ["f32", "f32", "f64", "i32"]),
  Min: several("Min", ["f32", "f32", "f64", "i32"]),
  Pow: { since: 7, draw: power },
  ...Object.fromEntries(
    ["Neg", "Abs", "Relu", "Sigmoid", "Tanh", "Floor", "Ceil", "Sign", "Softplus"].map((op) => [
      op,
      unary(op),
    ]),
  ),
  Elu: unary("Elu", (d) => some(d, "alpha", 0.1, 2)),
  Selu: unary("Selu", (d) => some(d, "alpha", 0.1, 2)),
  ThresholdedRelu: unary("ThresholdedRelu", (d) => some(d, "alpha", -1, 2), 10),
  HardSwish: unary("HardSwish", () => ({}), 14),
  LeakyRelu: unary("LeakyRelu", (d) => some(d, "alpha", -0.5, 1.5)),
  HardSigmoid: unary("HardSigmoid", (d) => ({ ...some(d, "alpha", -0.5, 1.5), ...some(d, "beta", -1, 1) })),
  PRelu: { draw: prelu },
  Clip: { draw: clip },
  Softmax: softmax("Softmax"),
  LogSoftmax: softmax("LogSoftmax"),
  Dropout: { draw: dropout },
  Cast: { draw: cast },
  CastLike: { since: 15, draw: castLike },
  Identity: { draw: identity },
};
