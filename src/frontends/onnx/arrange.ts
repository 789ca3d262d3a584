/** Tensors as IR values in some axis order; transposes and reshapes appear only where they must. */
import type { Value } from "../../ir/graph.js";
import { type Affine, at, channelsOf } from "./affine.js";
import { commit, sourceValue } from "./commit.js";
import { type Context, type GraphContext, type Mapped, mappedAs } from "./context.js";
import {
  axisFactors,
  channelsLast,
  type Layout,
  naturalPerm,
  orderOf,
  permOf,
  permuted,
  refined,
  rowMajor,
  runIndices,
  transposedLayout,
  valueFactors,
} from "./layout.js";
import { product, range, sameList } from "./shapes.js";
import { barrier, isFloored, type Tensor, tensorOf } from "./tensor.js";

interface View {
  readonly name: string;
  /** ONNX's. */
  readonly shape: readonly number[];
  readonly value: Value;
  readonly layout: Layout;
}

const shapeOf = (v: Value): readonly number[] => v.type.shape as readonly number[];

/** The value of shape `onnx`, made by a reshape where it differs. A scalar is a tensor of one element. */
export function reshapedTo(graph: GraphContext, value: Value, onnx: readonly number[], name: string): Value {
  const wanted = onnx.length === 0 ? [1] : onnx;
  if (sameList(shapeOf(value), wanted)) return value;
  const [n, ...rest] = shapeOf(value);
  if (rest.length > 0 && sameList(wanted, [n!, product(rest)]))
    return graph.emit("flatten", [value], {}, name);
  return graph.emit("reshape", [value], { shape: wanted }, name);
}

function transposed(graph: GraphContext, value: Value, perm: readonly number[], name: string): Value {
  return perm.every((p, i) => p === i) ? value : graph.emit("transpose", [value], { perm }, name);
}

/** The value whose axis i is ONNX axis perm[i]. */
export function inOrder(graph: GraphContext, view: View, perm: readonly number[]): Value {
  const { value, shape, name } = view;
  const fine = refined(view.layout, shape);
  if (!fine) return inOrder(graph, unscrambled(graph, view), perm);
  const wanted = perm.map((a) => shape[a]!);
  const order = orderOf(fine, shape, perm);
  if (sameList(order, fine.order)) return reshapedTo(graph, value, wanted, name);
  const now = permOf(fine, shape, shapeOf(value));
  if (now)
    return transposed(
      graph,
      value,
      perm.map((a) => now.indexOf(a)),
      name,
    );
  const split = reshapedTo(
    graph,
    value,
    fine.order.map((f) => fine.factors[f]!),
    name,
  );
  return reshapedTo(
    graph,
    transposed(
      graph,
      split,
      order.map((f) => fine.order.indexOf(f)),
      name,
    ),
    wanted,
    name,
  );
}

/** The view with its elements in ONNX's order, where nothing is left to know about factors. */
function unscrambled(graph: GraphContext, view: View): View {
  const { factors, order } = view.layout;
  const split = reshapedTo(
    graph,
    view.value,
    order.map((f) => factors[f]!),
    view.name,
  );
  const value = transposed(
    graph,
    split,
    factors.map((_, f) => order.indexOf(f)),
    view.name,
  );
  return { ...view, value, layout: rowMajor(factors) };
}

/** `commit` in the wanted axis order. */
export const committedIn = (cx: Context, t: Tensor, perm: readonly number[], value = commit(cx, t)): Value =>
  inOrder(cx.main, { ...t, value }, perm);

/**
 * The committed tensor as others see it: its ONNX axes in some order, elements moved only if they must be.
 */
export function presented(cx: Context, t: Tensor): { value: Value; layout: Layout; as: Mapped } {
  const plain = commit(cx, t);
  const natural = axisOrder(cx, { ...t, source: plain });
  const value = committedIn(cx, t, natural ?? range(t.shape.length), plain);
  const layout = permuted(t.shape, natural ?? range(t.shape.length));
  return {
    value,
    layout,
    as: mappedAs(t.name, t.shape, value, layout) ?? {
      name: value.name,
      onnxName: t.name,
      onnxShape: t.shape,
    },
  };
}

/** The axis order in which a tensor lies, or the one it can take without moving elements. */
export function axisOrder(cx: Context, t: Tensor): number[] | undefined {
  const fine = refined(t.layout, t.shape);
  if (!fine) return undefined;
  const value = isFloored(t.source) ? cx.committed.get(t.source.floorOf) : t.source;
  return (value && permOf(fine, t.shape, shapeOf(value))) ?? naturalPerm(fine, t.shape);
}
/** `axisOrder`, or channels-last where there is none. */
export const axisOrderOr = (cx: Context, t: Tensor): number[] =>
  axisOrder(cx, t) ?? channelsLast(t.shape.length);

/**
 * The tensor, map included, on a source whose axis i is ONNX axis perm[i]. A map along joined axes is
 * committed first.
 */
export function rearranged(cx: Context, t: Tensor, perm: readonly number[]): Tensor {
  const value = sourceValue(cx, t);
  const source = inOrder(cx.main, { ...t, value }, perm);
  const layout = permuted(t.shape, perm);
  if (t.map.axis === undefined) return { ...t, source, layout };
  const map = moved(t, shapeOf(value), perm);
  return map ? { ...t, source, layout, map } : rearranged(cx, barrier(t), perm);
}

/** The map along the axis that it has in the order `perm`, if it varies along one ONNX axis. */
function moved(t: Tensor, ir: readonly number[], perm: readonly number[]): Affine | undefined {
  const fine = refined(t.layout, t.shape);
  const run = fine && valueFactors(fine, ir)?.[t.map.axis!];
  const axis =
    run &&
    axisFactors(fine, t.shape).findIndex((f) =>
      sameList(
        f,
        run.toSorted((a, b) => a - b),
      ),
    );
  if (axis === undefined || axis < 0) return undefined;
  const index = runIndices(fine!, run!);
  const back = range(channelsOf(t.map)).map((i) => index.indexOf(i));
  const sorted = (list: readonly bigint[]) => (list.length === 1 ? list : back.map((p) => at(list, p)));
  return { ...t.map, mul: sorted(t.map.mul), add: sorted(t.map.add), axis: perm.indexOf(axis) };
}

/** Where ONNX axis `axis` lies in the source: its IR axis and, for each index along it, the ONNX index. */
export function sourceAxis(
  cx: Context,
  t: Tensor,
  axis: number,
): { axis: number; index: readonly number[] } | undefined {
  const value = sourceValue(cx, t);
  const fine = refined(t.layout, t.shape);
  const axes = fine && valueFactors(fine, shapeOf(value));
  if (!axes) return undefined;
  const wanted = axisFactors(fine, t.shape)[axis]!;
  const found = axes.findIndex((run) =>
    sameList(
      run.toSorted((a, b) => a - b),
      wanted,
    ),
  );
  return found < 0 ? undefined : { axis: found, index: runIndices(fine, axes[found]!) };
}

/** The same tensor on `shape`, its elements untouched: ONNX's Reshape, Flatten, Squeeze, Unsqueeze. */
export const reshapedView = (t: Tensor, name: string, shape: readonly number[]): Tensor => ({
  ...t,
  name,
  shape,
});

/** ONNX's Transpose: only the order in which ONNX counts the factors changes. */
export function transposedView(cx: Context, t: Tensor, name: string, perm: readonly number[]): Tensor {
  const fine = refined(t.layout, t.shape);
  if (!fine)
    return transposedView(
      cx,
      { ...tensorOf(t.name, t.shape, committedIn(cx, t, range(t.shape.length)), rowMajor(t.shape)) },
      name,
      perm,
    );
  const layout = transposedLayout(fine, t.shape, perm);
  return { ...t, name, shape: perm.map((a) => t.shape[a]!), layout };
}
