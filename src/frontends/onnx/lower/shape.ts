/** Reshapes, transposes, slices, joins, pads and reductions. */

import { highest, lowest } from "../../../ir/bounds.js";
import type { Value } from "../../../ir/graph.js";
import { type IntStorage, storageFor, storages } from "../../../ir/storage.js";
import { identity, times } from "../affine.js";
import { axisOrder, axisOrderOr, committedIn, reshapedView, transposedView } from "../arrange.js";
import {
  constantInput,
  type Inputs,
  intOf,
  intsOf,
  listOf,
  scalarOf,
  sound,
  stringOf,
} from "../attributes.js";
import { asStorage, commit } from "../commit.js";
import { type Constant, extremes } from "../constant.js";
import { type Context, refuse } from "../context.js";
import { channelsLast } from "../layout.js";
import { own, type RawNode } from "../raw.js";
import {
  axesIn,
  axisIn,
  type Cut,
  cuts,
  flattened,
  permIn,
  product,
  range,
  reshaped,
  squeezed,
  unsqueezed,
} from "../shapes.js";
import { inPerm, type Tensor } from "../tensor.js";
import { integers, type Lowering, outputName, paramOf, tensorInput } from "./operands.js";
import { floatConcat, floatTranspose } from "./tail.js";

/** Ops that only count the elements anew: nothing is emitted, on integers or floats. */
const viewed =
  (
    shapeOf: (cx: Context, node: RawNode, shape: readonly number[], inputs: Inputs) => readonly number[],
  ): Lowering =>
  (cx, node, inputs) => {
    const x = inputs[0]?.kind === "float" ? inputs[0] : tensorInput(cx, inputs, 0);
    const shape = shapeOf(cx, node, x.shape, inputs);
    return x.kind === "float"
      ? { ...x, name: outputName(node), shape }
      : reshapedView(x, outputName(node), shape);
  };

const reshape = viewed((cx, node, shape, inputs) => {
  const target = listOf(cx, node, inputs, "shape", 1) ?? [];
  return sound(cx, reshaped(shape, target, intOf(cx, node, "allowzero", 0) === 1));
});
const flatten = viewed((cx, node, shape) => sound(cx, flattened(shape, intOf(cx, node, "axis", 1))));
const squeeze = viewed((cx, node, shape, inputs) =>
  sound(cx, squeezed(shape, listOf(cx, node, inputs, "axes", 1))),
);
const unsqueeze = viewed((cx, node, shape, inputs) =>
  sound(cx, unsqueezed(shape, listOf(cx, node, inputs, "axes", 1) ?? [])),
);

const transpose: Lowering = (cx, node, inputs) => {
  if (inputs[0]?.kind === "float") return floatTranspose(cx, node, inputs);
  const t = tensorInput(cx, inputs, 0);
  const perm = sound(cx, permIn(intsOf(cx, node, "perm"), t.shape.length));
  return transposedView(cx, t, outputName(node), perm);
};

/** The committed operand in an axis order, and what an op makes of it. */
function onAxes(
  cx: Context,
  t: Tensor,
  name: string,
  shape: readonly number[],
  op: (x: Value, perm: readonly number[]) => Value,
): Tensor {
  const perm = axisOrderOr(cx, t);
  return inPerm(name, shape, op(committedIn(cx, t, perm), perm), perm);
}

/** Slices one after the other; whole axes stay as they are. */
function sliced(cx: Context, t: Tensor, all: readonly Cut[], name: string): Tensor {
  const real = all.filter((c) => c.begin > 0 || c.end < t.shape[c.axis]! || c.step > 1);
  const shape = real.reduce((s, c) => s.with(c.axis, Math.ceil((c.end - c.begin) / c.step)), [...t.shape]);
  return onAxes(cx, t, name, shape, (x, perm) =>
    real.reduce(
      (v, { axis, ...c }) => cx.main.emit("slice", [v], { axis: perm.indexOf(axis), ...c }, name),
      x,
    ),
  );
}

const slice: Lowering = (cx, node, inputs) => {
  const t = tensorInput(cx, inputs, 0);
  const list = (name: string, index: number) => listOf(cx, node, inputs, name, index);
  const bounds = {
    starts: list("starts", 1) ?? [],
    ends: list("ends", 2) ?? [],
    axes: list("axes", 3),
    steps: list("steps", 4),
  };
  return sliced(cx, t, sound(cx, cuts(t.shape, bounds)), outputName(node));
};

/** What Split cuts a tensor of `shape` into: a part for each output, by default all of one size but the last. */
export function partsOf(
  cx: Context,
  node: RawNode,
  inputs: Inputs,
  shape: readonly number[],
): readonly (Cut & { readonly name: string })[] {
  const axis = sound(cx, axisIn(intOf(cx, node, "axis", 0), shape.length));
  const [size, parts] = [shape[axis]!, node.outputs.length];
  const even = Math.ceil(size / parts);
  const sizes =
    listOf(cx, node, inputs, "split", 1) ?? node.outputs.map((_, i) => Math.min(even, size - i * even));
  let end = 0;
  return node.outputs.map((name, i) => {
    const begin = end;
    end += sizes[i]!;
    return { name, axis, begin, end, step: 1 };
  });
}

const split: Lowering = (cx, node, inputs) => {
  const t = tensorInput(cx, inputs, 0);
  return partsOf(cx, node, inputs, t.shape).map(({ name, ...cut }) => sliced(cx, t, [cut], name));
};

/** Gather with one constant index is a slice of one element. */
const gather: Lowering = (cx, node, inputs) => {
  const t = tensorInput(cx, inputs, 0);
  const axis = sound(cx, axisIn(intOf(cx, node, "axis", 0), t.shape.length));
  const indices = constantInput(cx, inputs, 1, "indices");
  if (indices?.data.length !== 1)
    refuse(cx, "onnx/gather", "it gathers several indices", { expected: "one constant index" });
  const begin = sound(cx, axisIn(indices.data[0]!, t.shape[axis]!));
  const one = sliced(cx, t, [{ axis, begin, end: begin + 1, step: 1 }], outputName(node));
  return reshapedView(one, one.name, [
    ...t.shape.slice(0, axis),
    ...indices.shape,
    ...t.shape.slice(axis + 1),
  ]);
};

const concat: Lowering = (cx, node, inputs) => {
  if (inputs.some((x) => x?.kind === "float")) return floatConcat(cx, node, inputs);
  const operands = inputs.map((x, i) => (x?.kind === "constant" ? x : tensorInput(cx, inputs, i)));
  const tensors = operands.filter((x) => x.kind === "tensor");
  const first = tensors[0] ?? refuse(cx, "onnx/operands", "it joins constants only");
  const axis = sound(cx, axisIn(intOf(cx, node, "axis", 0), first.shape.length));
  const perm = tensors.map((t) => axisOrder(cx, t)).find((p) => p) ?? channelsLast(first.shape.length);
  const storage = joinedStorage(cx, operands);
  const name = outputName(node);
  const values = operands.map((x, i) =>
    x.kind === "constant"
      ? paramOf(cx, x, perm, [storage])
      : asStorage(cx, committedIn(cx, x, perm), storage, `${name}.${i}`),
  );
  const shape = first.shape.with(
    axis,
    operands.reduce((sum, x) => sum + x.shape[axis]!, 0),
  );
  return inPerm(name, shape, cx.main.emit("concat", values, { axis: perm.indexOf(axis) }, name), perm);
};

/**
 * The storage of all tensors, if it is one and holds the constants too; else the narrowest that holds every
 * value.
 */
function joinedStorage(cx: Context, operands: readonly (Tensor | Constant)[]): IntStorage {
  const values = operands.flatMap((x) => (x.kind === "tensor" ? [commit(cx, x)] : []));
  const ends = operands.flatMap((x) => (x.kind === "constant" ? [extremes(integers(cx, x))] : []));
  const own = values[0]!.type.storage as IntStorage;
  const { min, max } = storages[own];
  if (values.every((v) => v.type.storage === own) && ends.every((e) => e.lo >= min && e.hi <= max))
    return own;
  const bounds = values.map((v) => ({ lo: lowest(cx.bounds(v)), hi: highest(cx.bounds(v)) }));
  const { lo, hi } = extremes([...bounds, ...ends].flatMap((e) => [e.lo, e.hi]));
  return storageFor(lo, hi) ?? "i32";
}

const modes: Readonly<Record<string, string>> = { constant: "constant", edge: "edge", reflect: "reflect" };

/** `pads` for all axes or for those that `axes` names, as begins then ends. */
export function padsOfAll(
  cx: Context,
  node: RawNode,
  inputs: Inputs,
  rank: number,
): { begins: number[]; ends: number[] } {
  const pads = listOf(cx, node, inputs, "pads", 1) ?? intsOf(cx, node, "paddings") ?? [];
  const axes = constantInput(cx, inputs, 3, "axes");
  const named = axes ? [...axes.data].map((a) => sound(cx, axisIn(a, rank))) : range(rank);
  if (pads.length !== 2 * named.length)
    refuse(cx, "onnx/shape", `it has ${pads.length} pads for ${named.length} axes`, {
      expected: `${2 * named.length} pads`,
    });
  const of = (from: number) =>
    range(rank).map((a) => (named.includes(a) ? pads[from + named.indexOf(a)]! : 0));
  return { begins: of(0), ends: of(named.length) };
}

/** An axis order whose inner axes include all padded ones: the IR pads between batch and channels only. */
function padOrder(cx: Context, t: Tensor, padded: readonly number[]): number[] {
  const rank = t.shape.length;
  const now = axisOrderOr(cx, t);
  const fits = (perm: readonly number[]) =>
    padded.every((a) => perm.indexOf(a) > 0 && perm.indexOf(a) < rank - 1);
  const free = range(rank).filter((a) => !padded.includes(a));
  const other = [free[0]!, ...range(rank).filter((a) => a !== free[0] && a !== free.at(-1)), free.at(-1)!];
  const found = [now, channelsLast(rank), other].find((p) => new Set(p).size === rank && fits(p));
  return found ?? refuse(cx, "onnx/pad", "it pads all but one axis", { help: "pad in two steps" });
}

const pad: Lowering = (cx, node, inputs) => {
  const t = tensorInput(cx, inputs, 0);
  const rank = t.shape.length;
  const { begins, ends } = padsOfAll(cx, node, inputs, rank);
  const padded = range(rank).filter((a) => begins[a] !== 0 || ends[a] !== 0);
  if (padded.length === 0) return { ...t, name: outputName(node) };
  if (rank < 3 || rank > 4) refuse(cx, "onnx/rank", `it pads rank ${rank}`, { expected: "rank 3 or 4" });
  const mode =
    own(modes, stringOf(cx, node, "mode", "constant")) ??
    refuse(cx, "onnx/pad", "its mode is not constant, edge or reflect");
  const value = scalarOf(cx, node, inputs, "value", 2) ?? 0;
  const perm = padOrder(cx, t, padded);
  const inner = perm.slice(1, -1);
  const attrs = {
    pads: [...inner.map((a) => begins[a]!), ...inner.map((a) => ends[a]!)],
    pad_mode: mode,
    ...(value === 0 ? {} : { value }),
  };
  const shape = t.shape.map((d, a) => d + begins[a]! + ends[a]!);
  return inPerm(
    outputName(node),
    shape,
    cx.main.emit("pad", [committedIn(cx, t, perm)], attrs, outputName(node)),
    perm,
  );
};

/** Sums over axes, and what `after` makes of them: a mean's division stays pending. */
const reduction =
  (
    op: "reduce_sum" | "reduce_mean",
    after: (t: Tensor, count: number, keepdims: boolean) => Tensor,
  ): Lowering =>
  (cx, node, inputs) => {
    const t = tensorInput(cx, inputs, 0);
    const written = listOf(cx, node, inputs, "axes", 1);
    const name = outputName(node);
    if (intOf(cx, node, "noop_with_empty_axes", 0) === 1 && !written?.length) return { ...t, name };
    const axes = sound(cx, axesIn(written?.length ? written : range(t.shape.length), t.shape.length));
    const kept = t.shape.map((d, a) => (axes.includes(a) ? 1 : d));
    const y = onAxes(cx, t, name, kept, (x, perm) =>
      cx.main.emit(op, [x], { axes: axes.map((a) => perm.indexOf(a)).toSorted((a, b) => a - b) }, name),
    );
    const keepdims = intOf(cx, node, "keepdims", 1) === 1;
    const shape = keepdims ? kept : t.shape.filter((_, a) => !axes.includes(a));
    return after(reshapedView(y, name, shape), product(axes.map((a) => t.shape[a]!)), keepdims);
  };

const over = (t: Tensor, count: number): Tensor => ({
  ...t,
  map: times(identity, { num: [1n], den: BigInt(count) }),
});

/**
 * Deeploy's integer mean: half up over a power of two without keepdims, half away from zero otherwise (its
 * ReduceMean template).
 */
export const nearestMean = reduction("reduce_mean", (t, count, keepdims) => ({
  ...over(t, count),
  implied: Number.isInteger(Math.log2(count)) && !keepdims ? "half-up" : "half-away",
}));

export const shapeRows: Readonly<Record<string, Lowering>> = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Slice: slice,
  Split: split,
  Gather: gather,
  Concat: concat,
  Pad: pad,
  ReduceSum: reduction("reduce_sum", (t) => t),
  ReduceMean: reduction("reduce_mean", over),
};
