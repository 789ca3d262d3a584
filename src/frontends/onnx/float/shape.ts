/** Reshapes, transposes, slices, joins and pads of float (and stored integer) tensors. */
import type { Value } from "../../../ir/graph.js";
import { constantInput, intOf, intsOf, listOf, scalarOf, sound, stringOf } from "../attributes.js";
import { type Context, refuse } from "../context.js";
import { channelsLast, refined, rowMajor, transposedLayout } from "../layout.js";
import { type Lowering, outputName } from "../lower/operands.js";
import { shapeRows as integerRows, padsOfAll, partsOf } from "../lower/shape.js";
import { axesIn, axisIn, broadcast, permIn, product, range, sameList } from "../shapes.js";
import type { FloatTensor } from "../tensor.js";
import {
  asIs,
  axesOr,
  type FloatRow,
  type FloatRows,
  inPerm,
  operandIn,
  tensorAt,
  unsupported,
  valueAsIs,
  valueIn,
} from "./operands.js";
import { lookedUp } from "./table.js";

/** ONNX's Transpose: nothing moves yet. */
export function transposedBy(
  cx: Context,
  x: FloatTensor,
  perm: readonly number[],
  name: string,
): FloatTensor {
  const fine = refined(x.layout, x.shape);
  if (!fine)
    return transposedBy(cx, { ...x, value: valueAsIs(cx, x), layout: rowMajor(x.shape) }, perm, name);
  const layout = transposedLayout(fine, x.shape, perm);
  return { ...x, name, shape: perm.map((a) => x.shape[a]!), layout };
}

const viewedAs = (x: FloatTensor, shape: readonly number[]): FloatTensor => ({ ...x, shape });

/** More pieces than this are no slicing: the network would be a list of copies. */
const mostPieces = 256;

interface Run {
  readonly begin: number;
  readonly end: number;
  readonly step: number;
}

/** Indices as ranges with positive steps; a run begins anew where the distance changes. */
function runsOf(indices: readonly number[]): Run[] {
  const runs: Run[] = [];
  for (let i = 0; i < indices.length; ) {
    const begin = indices[i]!;
    const step = Math.max((indices[i + 1] ?? begin) - begin, 1);
    let count = 1;
    while (indices[i + count] === begin + count * step) count++;
    runs.push({ begin, end: begin + (count - 1) * step + 1, step });
    i += count;
  }
  return runs;
}

/** x at `indices` of one axis: slices, joined. */
export function taken(
  cx: Context,
  x: FloatTensor,
  axis: number,
  indices: readonly number[],
  name: string,
): FloatTensor {
  const size = x.shape[axis]!;
  if (sameList(indices, range(size))) return { ...x, name };
  if (indices.length === 0) unsupported(cx, `its result is empty along axis ${axis}`);
  const runs = runsOf(indices);
  if (runs.length > mostPieces)
    unsupported(cx, `it takes ${runs.length} pieces, at most ${mostPieces} are cut`);
  const perm = axesOr(x);
  const [value, along] = [valueIn(cx, x, perm), perm.indexOf(axis)];
  const pieces = runs.map((run) =>
    run.begin === 0 && run.end === size && run.step === 1
      ? value
      : cx.main.emit("slice", [value], { axis: along, ...run }, name),
  );
  const y = pieces.length === 1 ? pieces[0]! : cx.main.emit("concat", pieces, { axis: along }, name);
  return inPerm(name, x.shape.with(axis, indices.length), y, perm);
}

/** x repeated along its axes of size 1 (and new leading ones) until it has `shape`. */
export function repeated(cx: Context, x: FloatTensor, shape: readonly number[], name: string): FloatTensor {
  const wide = viewedAs(x, [...new Array<number>(shape.length - x.shape.length).fill(1), ...x.shape]);
  return range(shape.length).reduce(
    (y, axis) =>
      y.shape[axis] === shape[axis] ? y : tiled(cx, y, axis, shape[axis]! / y.shape[axis]!, name),
    wide,
  );
}

const tiled = (cx: Context, x: FloatTensor, axis: number, times: number, name: string): FloatTensor => {
  if (times > mostPieces || !(times >= 1)) unsupported(cx, `it repeats a tensor ${times} times`);
  const perm = axesOr(x);
  const value = valueIn(cx, x, perm);
  const copies = range(times).map(() => value);
  const y = cx.main.emit("concat", copies, { axis: perm.indexOf(axis) }, name);
  return inPerm(name, x.shape.with(axis, x.shape[axis]! * times), y, perm);
};

/** ONNX's bounds of a slice: from the end when negative, clamped to what exists. */
function indicesOf(start: number, end: number, step: number, size: number): number[] {
  const from = (v: number) => (v < 0 ? v + size : v);
  const clamp = (v: number, lo: number, hi: number) => Math.min(Math.max(v, lo), hi);
  const begin = step > 0 ? clamp(from(start), 0, size) : clamp(from(start), -1, size - 1);
  const stop = step > 0 ? clamp(from(end), 0, size) : clamp(from(end), -1, size - 1);
  return range(Math.max(0, Math.ceil((stop - begin) / step))).map((i) => begin + i * step);
}

const slice: Lowering = (cx, node, inputs) => {
  const list = (name: string, index: number) => listOf(cx, node, inputs, name, index);
  const [starts, ends, steps] = [list("starts", 1) ?? [], list("ends", 2) ?? [], list("steps", 4)];
  const x = tensorAt(cx, inputs, 0);
  const axes = (list("axes", 3) ?? range(starts.length)).map((a) => sound(cx, axisIn(a, x.shape.length)));
  return axes.reduce<FloatTensor>(
    (y, axis, i) =>
      taken(cx, y, axis, indicesOf(starts[i]!, ends[i]!, steps?.[i] ?? 1, y.shape[axis]!), outputName(node)),
    { ...x, name: outputName(node) },
  );
};

const split: Lowering = (cx, node, inputs) => {
  const x = tensorAt(cx, inputs, 0);
  return partsOf(cx, node, inputs, x.shape).map(({ name, axis, begin, end }) =>
    taken(
      cx,
      x,
      axis,
      range(end - begin).map((k) => begin + k),
      name,
    ),
  );
};

const gather: Lowering = (cx, node, inputs) => {
  const looked = lookedUp(cx, inputs[0], inputs[1], outputName(node));
  if (looked) return looked;
  const x = tensorAt(cx, inputs, 0);
  const axis = sound(cx, axisIn(intOf(cx, node, "axis", 0), x.shape.length));
  const indices = constantInput(cx, inputs, 1, "indices") ?? refuse(cx, "onnx/operands", "it has no indices");
  const at = [...indices.data].map((i) => sound(cx, axisIn(i, x.shape[axis]!)));
  const y = taken(cx, x, axis, at, outputName(node));
  return viewedAs(y, [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]);
};

const concat: Lowering = (cx, node, inputs) => {
  const name = outputName(node);
  const first = inputs.find((x) => x?.kind === "float") ?? tensorAt(cx, inputs, 0);
  const all = inputs.map((x, i) => (x?.kind === "constant" ? x : tensorAt(cx, inputs, i)));
  const axis = sound(cx, axisIn(intOf(cx, node, "axis", 1), first.shape.length));
  const perm = axesOr(first);
  const values = all.map((x) =>
    x.kind === "constant" ? valueIn(cx, tensorAt(cx, [x], 0), perm) : operandIn(cx, x, perm),
  );
  const length = all.reduce((sum, x) => sum + x.shape[axis]!, 0);
  const y = cx.main.emit("concat", values, { axis: perm.indexOf(axis) }, name);
  return inPerm(name, first.shape.with(axis, length), y, perm);
};

const tile: Lowering = (cx, node, inputs) => {
  const x = tensorAt(cx, inputs, 0);
  const repeats = listOf(cx, node, inputs, "repeats", 1) ?? [];
  return range(x.shape.length).reduce<FloatTensor>(
    (y, axis) => ((repeats[axis] ?? 1) === 1 ? y : tiled(cx, y, axis, repeats[axis]!, outputName(node))),
    { ...x, name: outputName(node) },
  );
};

const expand: Lowering = (cx, node, inputs) => {
  const x = tensorAt(cx, inputs, 0);
  const shape = sound(cx, broadcast(x.shape, listOf(cx, node, inputs, "shape", 1) ?? []));
  return { ...repeated(cx, x, shape, outputName(node)), name: outputName(node) };
};

const transpose: Lowering = (cx, node, inputs) => {
  const x = tensorAt(cx, inputs, 0);
  return transposedBy(cx, x, sound(cx, permIn(intsOf(cx, node, "perm"), x.shape.length)), outputName(node));
};

/** Blocks of the image become channels, or the reverse: two views around a transpose. */
const depth =
  (toSpace: boolean): Lowering =>
  (cx, node, inputs) => {
    const x = tensorAt(cx, inputs, 0);
    if (x.shape.length !== 4) return unsupported(cx, `it works on rank ${x.shape.length}, not 4`);
    const [n, c, h, w] = x.shape as [number, number, number, number];
    const b = intOf(cx, node, "blocksize", 1);
    const name = outputName(node);
    const whole = toSpace ? [c / b / b] : [h / b, w / b];
    if (b < 1 || !whole.every(Number.isInteger))
      return refuse(cx, "onnx/shape", `blocks of ${b} do not divide [${x.shape.join("x")}]`);
    if (!toSpace) {
      const blocks = viewedAs(x, [n, c, h / b, b, w / b, b]);
      return viewedAs(transposedBy(cx, blocks, [0, 3, 5, 1, 2, 4], name), [n, c * b * b, h / b, w / b]);
    }
    const columnsFirst = stringOf(cx, node, "mode", "DCR") === "CRD";
    const blocks = viewedAs(x, columnsFirst ? [n, c / b / b, b, b, h, w] : [n, b, b, c / b / b, h, w]);
    const perm = columnsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
    return viewedAs(transposedBy(cx, blocks, perm, name), [n, c / b / b, h * b, w * b]);
  };

interface Padding {
  readonly mode: string;
  readonly value: number;
}

/** Pads one axis, as the middle of three. */
function padAxis(
  cx: Context,
  x: FloatTensor,
  axis: number,
  pads: readonly [number, number],
  { mode, value }: Padding,
  name: string,
): FloatTensor {
  const size = x.shape[axis]!;
  const shape = x.shape.with(axis, size + pads[0] + pads[1]);
  if (mode === "wrap") {
    const indices = range(shape[axis]!).map((i) => (((i - pads[0]) % size) + size) % size);
    return taken(cx, x, axis, indices, name);
  }
  const around = [product(x.shape.slice(0, axis)), size, product(x.shape.slice(axis + 1))];
  const middle = valueAsIs(cx, viewedAs(x, around));
  return asIs(name, shape, cx.main.emit("pad", [middle], padAttrs(pads, mode, value), name));
}

const padAttrs = (pads: readonly number[], pad_mode: string, value: number) => ({
  pads,
  pad_mode,
  ...(value === 0 ? {} : { value }),
});

const pad: Lowering = (cx, node, inputs) => {
  const x = tensorAt(cx, inputs, 0);
  const [rank, name] = [x.shape.length, outputName(node)];
  const { begins, ends } = padsOfAll(cx, node, inputs, rank);
  const mode = stringOf(cx, node, "mode", "constant");
  if (!["constant", "edge", "reflect", "wrap"].includes(mode)) return unsupported(cx, `its mode is ${mode}`);
  const value = mode === "constant" ? scalarOf(cx, node, inputs, "value", 2) : undefined;
  const padding = { mode, value: value ?? 0 };
  const padded = range(rank).filter((a) => begins[a] !== 0 || ends[a] !== 0);
  const inner = channelsLast(rank).slice(1, -1);
  const flat = (rank === 3 || rank === 4) && mode !== "wrap";
  if (flat && padded.length > 0 && padded.every((a) => inner.includes(a))) {
    const pads = [...inner.map((a) => begins[a]!), ...inner.map((a) => ends[a]!)];
    const there: Value = valueIn(cx, x, channelsLast(rank));
    const y = cx.main.emit("pad", [there], padAttrs(pads, mode, padding.value), name);
    const shape = x.shape.map((d, a) => d + begins[a]! + ends[a]!);
    return inPerm(name, shape, y, channelsLast(rank));
  }
  return padded.reduce<FloatTensor>(
    (y, axis) => padAxis(cx, y, axis, [begins[axis]!, ends[axis]!], padding, name),
    { ...x, name },
  );
};

const view = (op: string): FloatRow => ({
  lower: (cx, node, inputs) => integerRows[op]!(cx, node, [tensorAt(cx, inputs, 0), ...inputs.slice(1)]),
  known: [1],
  becomes: "nothing, until elements must move: reshape, flatten, transpose",
});

export const axesOf = (cx: Context, axes: readonly number[], rank: number): number[] =>
  sound(cx, axesIn(axes, rank));

export const shapeRows: FloatRows = {
  Reshape: view("Reshape"),
  Flatten: view("Flatten"),
  Squeeze: view("Squeeze"),
  Unsqueeze: view("Unsqueeze"),
  Transpose: { lower: transpose, becomes: "nothing, until elements must move: transpose" },
  Slice: { lower: slice, known: [1, 2, 3, 4], becomes: "slice; concat for negative steps" },
  Split: { lower: split, known: [1], becomes: "slice" },
  Gather: {
    lower: gather,
    known: [1],
    becomes: "slice, concat; lut for a table of bytes",
    limits: "other indices computed by the network",
  },
  Concat: { lower: concat, becomes: "concat" },
  Tile: { lower: tile, known: [1], becomes: "concat" },
  Expand: { lower: expand, known: [1], becomes: "concat" },
  Pad: { lower: pad, known: [1, 2, 3], becomes: "pad; slice, concat for mode wrap" },
  DepthToSpace: { lower: depth(true), becomes: "reshape, transpose" },
  SpaceToDepth: { lower: depth(false), becomes: "reshape, transpose" },
};
