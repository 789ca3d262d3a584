/** Reshapes, slices, joins, pads, and what computes shapes. */

import type { TestAttribute, TestType } from "../../frontends/onnx-model.js";
import { type Draw, type Generators, size } from "./draw.js";

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
export const types: readonly TestType[] = ["f32", "f32", "f32", "i32", "i8", "u8", "f64", "i64"];
/** An axis, counted from the end now and then (since opset `late`). */
const signed = (d: Draw, axis: number, rank: number, late = 11): number =>
  d.opset >= late && d.once(3) ? axis - rank : axis;
const shuffled = (d: Draw, n: number): number[] => {
  const left = range(n);
  return range(n).map(() => left.splice(d.next(left.length), 1)[0]!);
};
const chosen = (d: Draw, n: number, fewest = 1): number[] =>
  shuffled(d, n).slice(0, d.between(Math.min(fewest, n), n));

/** `values` as attribute, or as input since opset `late`. */
export function written(
  d: Draw,
  name: string,
  values: readonly number[],
  late: number,
): [string[], Record<string, TestAttribute>] {
  return d.opset < late ? [[], { [name]: values }] : [[d.list(values)], {}];
}

function reshape(d: Draw): void {
  const [shape, type] = [d.shape(0, 4), d.pick(types)];
  const flat = size(shape);
  const divisors = range(flat)
    .map((v) => v + 1)
    .filter((v) => flat % v === 0);
  const first = d.pick(divisors);
  const target = d.pick([
    [-1],
    [first, -1],
    [first, flat / first],
    [1, -1, 1],
    [first, 1, -1],
    shape.length ? [0, -1] : [1],
    shape.map(() => 0),
  ]);
  const copied = target[0] === 0 && shape.length === 0 ? [1] : target;
  d.emit("Reshape", [d.input(shape, { type }), d.list(copied)], {}, [type]);
}

function flatten(d: Draw): void {
  const [shape, type] = [d.shape(1, 5), d.opset >= 9 ? d.pick(types) : "f32"];
  const axis = d.between(d.opset >= 11 ? -shape.length : 0, shape.length);
  d.emit("Flatten", [d.input(shape, { type })], d.once(4) ? {} : { axis }, [type]);
}

function squeeze(d: Draw): void {
  const [shape, type] = [d.shape(1, 5).map((v) => (d.once(2) ? 1 : v)), d.pick(types)];
  const ones = range(shape.length).filter((a) => shape[a] === 1);
  const x = d.input(shape, { type });
  if (ones.length === 0 || d.once(4)) return void d.emit("Squeeze", [x], {}, [type]);
  const axes = chosen(d, ones.length).map((i) => signed(d, ones[i]!, shape.length));
  const [more, attributes] = written(d, "axes", axes, 13);
  d.emit("Squeeze", [x, ...more], attributes, [type]);
}

function unsqueeze(d: Draw): void {
  const [shape, type] = [d.shape(0, 3), d.pick(types)];
  const added = d.between(1, 2);
  const rank = shape.length + added;
  const axes = shuffled(d, rank)
    .slice(0, added)
    .map((a) => signed(d, a, rank));
  const [more, attributes] = written(d, "axes", axes, 13);
  d.emit("Unsqueeze", [d.input(shape, { type }), ...more], attributes, [type]);
}

function transpose(d: Draw): void {
  const [shape, type] = [d.shape(1, 5), d.pick(types)];
  d.emit("Transpose", [d.input(shape, { type })], d.once(4) ? {} : { perm: shuffled(d, shape.length) }, [
    type,
  ]);
}

function slice(d: Draw): void {
  const [shape, type] = [d.shape(1, 4), d.pick(types)];
  const axes = chosen(d, shape.length).toSorted((a, b) => a - b);
  const steps = axes.map(() => (d.opset >= 10 ? d.pick([1, 1, 2, -1, -2]) : 1));
  const bounds = axes.map((a, i) => {
    const n = shape[a]!;
    const [p, q] = [d.next(n), d.next(n) + 1];
    if (steps[i]! < 0)
      return [d.pick([n - 1, -1, n + 5, Math.max(p, q - 1)]), d.pick([-n - 1, -n - 7, -2147483648])];
    const [begin, end] = [Math.min(p, q - 1), Math.max(p + 1, q)];
    return [d.pick([begin, begin - n, begin]), d.pick([end, n + 9, 2147483647, end < n ? end - n : end])];
  });
  const [starts, ends] = [bounds.map((b) => b[0]!), bounds.map((b) => b[1]!)];
  const named = axes.map((a) => signed(d, a, shape.length, 10));
  const implicit = axes.length === shape.length && d.once(2);
  const x = d.input(shape, { type });
  if (d.opset < 10)
    return void d.emit("Slice", [x], { starts, ends, ...(implicit ? {} : { axes: named }) }, [type]);
  const more = [...(implicit ? [""] : [d.list(named)]), d.list(steps)];
  const plain = steps.every((s) => s === 1) && d.once(2);
  d.emit(
    "Slice",
    [x, d.list(starts), d.list(ends), ...(plain ? (implicit ? [] : more.slice(0, 1)) : more)],
    {},
    [type],
  );
}

function split(d: Draw): void {
  const [shape, type] = [d.shape(1, 4), d.pick(types)];
  const axis = d.next(shape.length);
  const parts = d.between(1, 3);
  const uneven = d.opset >= 18 && d.once(2);
  const sizes = range(parts).map(() => d.between(1, 3));
  const even = d.once(2) || uneven;
  const last = uneven && parts > 1 ? d.between(parts * 2 - 1, parts * 2) : parts * 2;
  shape[axis] = even ? last : sizes.reduce((a, b) => a + b, 0);
  const [more, attributes] = even ? [[], {}] : written(d, "split", sizes, 13);
  const count = even && d.opset >= 18 ? { num_outputs: parts } : {};
  const at = axis === 0 && d.once(2) ? {} : { axis: signed(d, axis, shape.length) };
  d.emit(
    "Split",
    [d.input(shape, { type }), ...more],
    { ...attributes, ...count, ...at },
    range(parts).map(() => type),
  );
}

function gather(d: Draw): void {
  const [shape, type] = [d.shape(1, 4), d.pick(types)];
  const axis = d.next(shape.length);
  const n = shape[axis]!;
  const indices = d.shape(0, 2, 4);
  const data = range(size(indices)).map(() => d.between(d.opset >= 11 ? -n : 0, n - 1));
  const at = axis === 0 && d.once(2) ? {} : { axis: signed(d, axis, shape.length) };
  d.emit(
    "Gather",
    [d.input(shape, { type }), d.known({ shape: indices, data, type: d.pick(["i64", "i32"]) })],
    at,
    [type],
  );
}

function concat(d: Draw): void {
  const [shape, type] = [d.shape(1, 5), d.opset >= 8 ? d.pick(types) : "f32"];
  const axis = d.next(shape.length);
  const names = range(d.between(1, 4)).map((i) => {
    const own = shape.with(axis, d.between(1, 4));
    return i > 0 && type === "f32" && d.once(4) ? d.floats(own) : d.input(own, { type });
  });
  d.emit("Concat", names, { axis: signed(d, axis, shape.length) }, [type]);
}

function tile(d: Draw): void {
  const [shape, type] = [d.shape(1, 4), d.pick(types)];
  d.emit("Tile", [d.input(shape, { type }), d.list(shape.map(() => d.between(1, 3)))], {}, [type]);
}

function expand(d: Draw): void {
  const [shape, type] = [d.shape(0, 4), d.pick(types)];
  const wide = [...d.shape(0, 1), ...shape.map((v) => (v === 1 ? d.between(1, 4) : d.once(3) ? 1 : v))];
  d.emit("Expand", [d.input(shape, { type }), d.list(wide)], {}, [type]);
}

function pad(d: Draw): void {
  const shape = d.shape(1, 5, 6);
  const rank = shape.length;
  const mode = d.pick(["constant", "constant", "edge", "reflect", ...(d.opset >= 19 ? ["wrap"] : [])]);
  const axes = d.opset >= 18 && d.once(2) ? chosen(d, rank) : range(rank);
  const one = () => (d.once(2) ? d.next(3) : 0);
  const begins = axes.map((a) =>
    mode === "reflect" || mode === "wrap"
      ? Math.min(one(), shape[a]! - 1)
      : d.once(6) && shape[a]! > 2
        ? -1
        : one(),
  );
  const ends = axes.map((a) =>
    mode === "reflect" || mode === "wrap"
      ? Math.min(one(), shape[a]! - 1)
      : d.once(6) && shape[a]! > 2
        ? -1
        : one(),
  );
  const named = axes.map((a) => signed(d, a, rank, 18));
  const how = mode === "constant" && d.once(2) ? {} : { mode };
  const type: TestType = d.opset >= 13 && d.once(4) ? d.pick(["i32", "i8", "u8", "f64"]) : "f32";
  const x = d.input(shape, { type });
  if (d.opset < 11)
    return void d.emit(
      "Pad",
      [x],
      { pads: [...begins, ...ends], ...how, ...(d.once(2) ? { value: { float: 1.5 } } : {}) },
      [type],
    );
  const value = d.once(2) ? d.scalar(2, type) : "";
  const more =
    axes.length < rank || d.once(4)
      ? d.opset >= 18
        ? [value, d.list(named)]
        : value === ""
          ? []
          : [value]
      : value === ""
        ? []
        : [value];
  d.emit("Pad", [x, d.list([...begins, ...ends]), ...more], how, [type]);
}

function blocks(d: Draw, op: string): void {
  const b = d.between(1, 3);
  const [n, c, h, w] = [d.between(1, 2), d.between(1, 3), d.between(1, 3), d.between(1, 3)];
  const deep = op === "DepthToSpace";
  const shape = deep ? [n, c * b * b, h, w] : [n, c, h * b, w * b];
  const mode = deep && d.opset >= 11 ? d.pick([{}, { mode: "DCR" }, { mode: "CRD" }]) : {};
  d.emit(op, [d.input(shape)], { blocksize: b, ...mode });
}

export const shapes: Generators = {
  Reshape: { draw: reshape },
  Flatten: { draw: flatten },
  Squeeze: { draw: squeeze },
  Unsqueeze: { draw: unsqueeze },
  Transpose: { draw: transpose },
  Slice: { draw: slice },
  Split: { draw: split },
  Gather: { draw: gather },
  Concat: { draw: concat },
  Tile: { draw: tile },
  Expand: { since: 8, draw: expand },
  Pad: { draw: pad },
  DepthToSpace: { draw: (d) => blocks(d, "DepthToSpace") },
  SpaceToDepth: { draw: (d) => blocks(d, "SpaceToDepth") },
};
