/** Boxes: which part of an input a part of the output needs, and how many bytes a box takes. */
import { type Expr, least, minus, most, over, plus, times } from "../../schedule/expr.js";
import type { Access, Extent, Layer, LayerInput, Layout, TileShape } from "../contract.js";

const padded = (n: Expr, to: number): Expr => (to === 1 ? n : times(over(plus(n, to - 1), to), to));

/** Bytes from one cell of a row to the next row's (chw) or pixel's (hwc) first: the innermost padded dimension. */
export const pitch = (layout: Layout, e: { w: Expr; c: Expr }, bytes: number): Expr =>
  times(padded(layout.order === "hwc" ? e.c : e.w, layout.align), bytes);

export function boxBytes(layout: Layout, e: Extent, bytes: number): number {
  const rows = layout.order === "hwc" ? e.h * e.w : e.c * e.h;
  return rows * (pitch(layout, e, bytes) as number);
}

/** The most input positions that `length` output positions need, padding included. */
function span(access: Access, length: number, size: number): number {
  switch (access.kind) {
    case "window":
      return (length - 1) * access.stride + (access.kernel - 1) * access.dilation + 1;
    case "transposed": {
      const reach = length - 1 + (access.kernel - 1) * access.dilation;
      return Math.floor(reach / access.stride) + 1;
    }
    case "resample":
      return Math.min(
        size,
        Math.ceil(((length - 1) * access.numerator) / access.denominator) + access.reach + 1,
      );
    case "whole":
      return size;
    case "single":
      return 1;
  }
}

/** The largest box of an input that an output box of this extent needs. */
export function inputBox(input: LayerInput, out: Extent): Extent {
  const c = input.channels === "all" ? input.extent.c : input.channels === "single" ? 1 : out.c;
  return { h: span(input.y, out.h, input.extent.h), w: span(input.x, out.w, input.extent.w), c };
}

export const tileShape = (layer: Layer, out: Extent): TileShape => ({
  out,
  inputs: layer.inputs.map((i) => inputBox(i, out)),
});

/** Along one axis: first position of the box, its length, and how much of it lies before and behind the input. */
export interface Interval {
  readonly begin: Expr;
  readonly length: Expr;
  readonly before: Expr;
  readonly behind: Expr;
}

function floorOver(n: Expr, offset: number, by: number): Expr {
  const lift = Math.ceil(Math.max(0, -offset) / by);
  return minus(over(plus(n, offset + lift * by), by), lift);
}

/** First position and length of the box that `length` output positions from `from` need. */
function boxAlong(access: Access, from: Expr, length: Expr, size: number): readonly [Expr, Expr] {
  const last = minus(plus(from, length), 1);
  switch (access.kind) {
    case "window": {
      const reach = (access.kernel - 1) * access.dilation + 1;
      return [
        minus(times(from, access.stride), access.before),
        plus(times(minus(length, 1), access.stride), reach),
      ];
    }
    case "transposed": {
      const { stride, kernel, dilation, before } = access;
      const first = floorOver(from, before - (kernel - 1) * dilation + stride - 1, stride);
      return [first, minus(plus(floorOver(last, before, stride), 1), first)];
    }
    case "resample": {
      const { numerator, denominator, offset, reach } = access;
      const at = (o: Expr) => most(0, floorOver(times(o, numerator), offset, denominator));
      return [at(from), minus(least(size, plus(at(last), reach)), at(from))];
    }
    case "whole":
      return [0, size];
    case "single":
      return [0, 1];
  }
}

/** How many positions beyond either end boxes of `length` output positions may reach. */
export interface Outside {
  readonly before: number;
  readonly behind: number;
}

/** How far windows reach beyond an input of `size` positions at the ends of `out` output positions. */
export function outsideOf(access: Access, out: number, size: number): Outside {
  const [begin] = boxAlong(access, 0, 1, size) as [number, number];
  const [lastBegin, length] = boxAlong(access, out - 1, 1, size) as [number, number];
  return { before: Math.max(0, -begin), behind: Math.max(0, lastBegin + length - size) };
}

const nowhere: Outside = { before: 0, behind: 0 };

/** What `length` output positions from `from` need of an axis of `size` positions. */
export function interval(
  access: Access,
  from: Expr,
  length: Expr,
  size: number,
  outside = nowhere,
): Interval {
  const [begin, box] = boxAlong(access, from, length, size);
  const [, one] = boxAlong(access, 0, 1, size) as [number, number];
  const before = outside.before === 0 ? 0 : most(minus(0, begin), 0);
  const behind = outside.behind === 0 ? 0 : most(minus(plus(begin, box), size), 0);
  const alwaysInside = outside.before < one && outside.behind < one;
  if (alwaysInside) return { begin, length: box, before, behind };
  const cut = least(before, box);
  return { begin, length: box, before: cut, behind: least(behind, minus(box, cut)) };
}
