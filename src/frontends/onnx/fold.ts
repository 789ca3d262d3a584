/** Evaluation of nodes whose inputs are all known: shape arithmetic and small constants. */
import { type Inputs, intOf, intsOf, listOf, scalarOf, sound, tensorOf } from "./attributes.js";
import { castTo } from "./cast.js";
import { type Constant, constant, constantOf } from "./constant.js";
import { type Context, refuse } from "./context.js";
import { bounded } from "./fold-limits.js";
import { type ElementType, elementTypes, isFloatType, type RawNode } from "./raw.js";
import {
  axisIn,
  broadcast,
  cuts,
  flattened,
  permIn,
  product,
  range,
  reshaped,
  sameList,
  squeezed,
  unsqueezed,
} from "./shapes.js";

type Fold = (cx: Context, node: RawNode, x: readonly Constant[], inputs: Inputs) => Constant;

/** Row-major strides of `shape` as seen from the broadcast shape `to`. */
function stridesIn(shape: readonly number[], to: readonly number[]): number[] {
  const own = shape.map((d, i) => (d === 1 ? 0 : product(shape.slice(i + 1))));
  return [...new Array<number>(to.length - shape.length).fill(0), ...own];
}

/** Elements at `at(index)` for every index of `shape`. */
function gathered(
  shape: readonly number[],
  from: Float64Array,
  strides: readonly number[],
  offset = 0,
): Float64Array {
  const out = new Float64Array(product(shape));
  const index = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let i = 0; i < out.length; i++) {
    out[i] = from[at]!;
    for (let d = shape.length - 1; d >= 0; d--) {
      at += strides[d]!;
      if (++index[d]! < shape[d]!) break;
      at -= index[d]! * strides[d]!;
      index[d] = 0;
    }
  }
  return out;
}

/** Integers divide toward zero, floats stay fractions. */
const binary =
  (f: (a: number, b: number, whole: boolean) => number, type?: ElementType): Fold =>
  (cx, node, x) => {
    const [a, b] = x as [Constant, Constant];
    const shape = bounded(cx, sound(cx, broadcast(a.shape, b.shape)));
    const [p, q] = [
      gathered(shape, a.data, stridesIn(a.shape, shape)),
      gathered(shape, b.data, stridesIn(b.shape, shape)),
    ];
    const whole = !isFloatType(a.type);
    return constant(
      node.outputs[0]!,
      type ?? a.type,
      shape,
      p.map((v, i) => f(v, q[i]!, whole)),
    );
  };
/** The same on any number of operands, from left to right. */
const variadic =
  (f: (a: number, b: number) => number): Fold =>
  (cx, node, x, inputs) =>
    x.slice(1).reduce((sum, c) => binary((a, b) => f(a, b))(cx, node, [sum, c], inputs), {
      ...x[0]!,
      name: node.outputs[0]!,
    });
const unary =
  (f: (a: number) => number): Fold =>
  (_, node, [x]) =>
    constant(node.outputs[0]!, x!.type, x!.shape, x!.data.map(f));
const view =
  (shapeOf: (cx: Context, node: RawNode, x: Constant, inputs: Inputs) => readonly number[]): Fold =>
  (cx, node, [x], inputs) => ({ ...x!, name: node.outputs[0]!, shape: shapeOf(cx, node, x!, inputs) });

const transpose: Fold = (cx, node, [x]) => {
  const rank = x!.shape.length;
  const perm = sound(cx, permIn(intsOf(cx, node, "perm"), rank));
  const strides = stridesIn(x!.shape, x!.shape);
  const shape = perm.map((p) => x!.shape[p]!);
  return constant(
    node.outputs[0]!,
    x!.type,
    shape,
    gathered(
      shape,
      x!.data,
      perm.map((p) => strides[p]!),
    ),
  );
};

const slice: Fold = (cx, node, [x], inputs) => {
  const list = (name: string, index: number) => listOf(cx, node, inputs, name, index);
  const bounds = {
    starts: list("starts", 1) ?? [],
    ends: list("ends", 2) ?? [],
    axes: list("axes", 3),
    steps: list("steps", 4),
  };
  const strides = stridesIn(x!.shape, x!.shape);
  const shape = [...x!.shape];
  let offset = 0;
  for (const cut of sound(cx, cuts(x!.shape, bounds))) {
    offset += cut.begin * strides[cut.axis]!;
    strides[cut.axis]! *= cut.step;
    shape[cut.axis] = Math.ceil((cut.end - cut.begin) / cut.step);
  }
  return constant(node.outputs[0]!, x!.type, shape, gathered(shape, x!.data, strides, offset));
};

const concat: Fold = (cx, node, x) => {
  const axis = sound(cx, axisIn(intOf(cx, node, "axis", 0), x[0]!.shape.length));
  const others = (c: Constant) => c.shape.toSpliced(axis, 1);
  const odd = x.find((c) => c.shape.length <= axis || !sameList(others(c), others(x[0]!)));
  if (odd)
    refuse(
      cx,
      "onnx/shape",
      `[${odd.shape.join("x")}] and [${x[0]!.shape.join("x")}] do not join along axis ${axis}`,
    );
  const shape = x[0]!.shape.with(
    axis,
    x.reduce((sum, c) => sum + c.shape[axis]!, 0),
  );
  const inner = x.map((c) => product(c.shape.slice(axis)));
  const data = new Float64Array(product(bounded(cx, shape)));
  let at = 0;
  for (let row = 0; at < data.length; row++)
    for (const [i, c] of x.entries()) {
      data.set(c.data.subarray(row * inner[i]!, (row + 1) * inner[i]!), at);
      at += inner[i]!;
    }
  return constant(node.outputs[0]!, x[0]!.type, shape, data);
};

const gather: Fold = (cx, node, x) => {
  const [data, indices] = x as [Constant, Constant];
  const axis = sound(cx, axisIn(intOf(cx, node, "axis", 0), data.shape.length));
  const [outer, size, inner] = [
    product(data.shape.slice(0, axis)),
    data.shape[axis]!,
    product(data.shape.slice(axis + 1)),
  ];
  const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
  const out = new Float64Array(product(bounded(cx, shape)));
  const at = indices.data.map((i) => sound(cx, axisIn(i, size)));
  for (let o = 0, to = 0; o < outer; o++)
    for (const i of at) {
      out.set(data.data.subarray((o * size + i) * inner, (o * size + i + 1) * inner), to);
      to += inner;
    }
  return constant(node.outputs[0]!, data.type, shape, out);
};

/** All forms of Constant: one value, a list, or a tensor. */
const constantNode: Fold = (cx, node) => {
  const name = node.outputs[0]!;
  const tensor = tensorOf(cx, node, "value");
  if (tensor) return constantOf(tensor, name);
  const one = [...node.attributes].find(([key]) => key.startsWith("value_"))?.[1];
  if (one?.kind === "float" || one?.kind === "int")
    return constant(name, one.kind === "int" ? "i64" : "f32", [], [one.value]);
  if (one?.kind === "floats" || one?.kind === "ints")
    return constant(name, one.kind === "ints" ? "i64" : "f32", [one.value.length], one.value);
  refuse(cx, "onnx/attribute", "its value is of a kind that is not read", { found: one?.kind ?? "no value" });
};

const constantOfShape: Fold = (cx, node, [shape]) => {
  const dims = bounded(cx, [...shape!.data]);
  const value = tensorOf(cx, node, "value");
  const fill = value ? Number(value.data()[0]) : 0;
  return constant(node.outputs[0]!, value?.type ?? "f32", dims, new Float64Array(product(dims)).fill(fill));
};

const rangeNode: Fold = (cx, node, x) => {
  const [start, limit, delta] = x.map((c) => c.data[0]!) as [number, number, number];
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  bounded(cx, [count]);
  return constant(
    node.outputs[0]!,
    x[0]!.type,
    [count],
    range(count).map((i) => start + i * delta),
  );
};

const where: Fold = (cx, node, x) => {
  const [condition, a, b] = x as [Constant, Constant, Constant];
  const shape = bounded(cx, sound(cx, broadcast(sound(cx, broadcast(condition.shape, a.shape)), b.shape)));
  const [c, p, q] = [condition, a, b].map((v) => gathered(shape, v.data, stridesIn(v.shape, shape)));
  return constant(
    node.outputs[0]!,
    a.type,
    shape,
    c!.map((v, i) => (v ? p![i]! : q![i]!)),
  );
};

const clip: Fold = (cx, node, [x], inputs) => {
  const [lo, hi] = [
    scalarOf(cx, node, inputs, "min", 1) ?? -Infinity,
    scalarOf(cx, node, inputs, "max", 2) ?? Infinity,
  ];
  return constant(
    node.outputs[0]!,
    x!.type,
    x!.shape,
    x!.data.map((v) => Math.min(Math.max(v, lo), hi)),
  );
};

/** ONNX op types that are evaluated when all their inputs are constants. */
export const folds: Readonly<Record<string, Fold>> = {
  Constant: constantNode,
  ConstantOfShape: constantOfShape,
  Range: rangeNode,
  Identity: view((_cx, _node, x) => x.shape),
  Cast: (cx, node, [x]) =>
    castTo(x!, elementTypes[intOf(cx, node, "to", 1)] ?? "undefined", node.outputs[0]!),
  CastLike: (_, node, [x, like]) => castTo(x!, like!.type, node.outputs[0]!),
  Shape: (_, node, [x]) => constant(node.outputs[0]!, "i64", [x!.shape.length], x!.shape),
  Size: (_, node, [x]) => constant(node.outputs[0]!, "i64", [], [product(x!.shape)]),
  Reshape: view((cx, node, x, inputs) =>
    sound(
      cx,
      reshaped(x.shape, listOf(cx, node, inputs, "shape", 1) ?? [], intOf(cx, node, "allowzero", 0) === 1),
    ),
  ),
  Flatten: view((cx, node, x) => sound(cx, flattened(x.shape, intOf(cx, node, "axis", 1)))),
  Squeeze: view((cx, node, x, inputs) => sound(cx, squeezed(x.shape, listOf(cx, node, inputs, "axes", 1)))),
  Unsqueeze: view((cx, node, x, inputs) =>
    sound(cx, unsqueezed(x.shape, listOf(cx, node, inputs, "axes", 1) ?? [])),
  ),
  Expand: (cx, node, x) => {
    const shape = bounded(cx, sound(cx, broadcast(x[0]!.shape, [...x[1]!.data])));
    return constant(
      node.outputs[0]!,
      x[0]!.type,
      shape,
      gathered(shape, x[0]!.data, stridesIn(x[0]!.shape, shape)),
    );
  },
  Transpose: transpose,
  Slice: slice,
  Concat: concat,
  Gather: gather,
  Where: where,
  Clip: clip,
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: binary((a, b, whole) => (whole ? Math.trunc(a / b) : a / b)),
  Pow: binary((a, b) => a ** b),
  Min: variadic(Math.min),
  Max: variadic(Math.max),
  Sum: variadic((a, b) => a + b),
  Equal: binary((a, b) => Number(a === b), "bool"),
  Greater: binary((a, b) => Number(a > b), "bool"),
  Less: binary((a, b) => Number(a < b), "bool"),
  GreaterOrEqual: binary((a, b) => Number(a >= b), "bool"),
  LessOrEqual: binary((a, b) => Number(a <= b), "bool"),
  And: binary((a, b) => Number(a !== 0 && b !== 0)),
  Or: binary((a, b) => Number(a !== 0 || b !== 0)),
  Not: unary((v) => Number(v === 0)),
  Neg: unary((v) => -v),
  Abs: unary(Math.abs),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((v) => 1 / v),
  Relu: unary((v) => Math.max(v, 0)),
};
