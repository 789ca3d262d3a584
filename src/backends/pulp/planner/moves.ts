/** What moves for a tile: the box of each operand, in far memory and in L1. */
import { type Expr, least, minus, over, plus, rest, times } from "../../schedule/expr.js";
import type { Address, Border, Shape } from "../../schedule/program.js";
import type { Extent, LayerInput, Layout } from "../contract.js";
import { type Interval, interval, outsideOf, pitch } from "./geometry.js";
import type { Axis, Tiling } from "./tile.js";

/** Where a value lies in far memory, strides in bytes. */
export interface Home {
  readonly block: string;
  readonly offset: number;
  readonly layout: Layout;
  /** hwc: from pixel to pixel. chw: from row to row. */
  readonly pitch: number;
  /** hwc: from row to row. chw: from channel to channel. */
  readonly stride: number;
}

/** Position of each axis at tile `t`, and the extent of the box there. */
export interface Position {
  readonly from: Expr;
  readonly length: Expr;
}
export type Positions = Readonly<Record<Axis, Position>>;

/** The part of the output, along one axis, that lies in windows of L2 while its tiles are computed. */
export interface Section {
  readonly axis: "h" | "w";
  readonly from: Expr;
}

/** Where tile `t` lies; `out` is the extent that the tiles cover, the whole output or a section of it. */
export function positionsOf(
  t: Expr,
  tiling: Tiling,
  counts: Extent,
  out: Extent,
  section?: Section,
): Positions {
  let inner = 1;
  const found = new Map<Axis, Position>();
  for (const axis of tiling.order.toReversed()) {
    const at = counts[axis] === 1 ? 0 : rest(over(t, inner), counts[axis]);
    const outermost = axis === tiling.order.find((a) => counts[a] > 1);
    const i = outermost ? over(t, inner) : at;
    const from = times(i, tiling.size[axis]);
    const whole = out[axis] % tiling.size[axis] === 0;
    found.set(axis, {
      from: axis === section?.axis ? plus(section.from, from) : from,
      length: whole ? tiling.size[axis] : least(tiling.size[axis], minus(out[axis], from)),
    });
    inner *= counts[axis];
  }
  return { h: found.get("h")!, w: found.get("w")!, c: found.get("c")! };
}

/** A box of an input: where it begins, how long it is, what lies outside, and which channels. */
export interface InputBox {
  readonly y: Interval;
  readonly x: Interval;
  readonly c: Position;
}

export function inputBoxAt(input: LayerInput, at: Positions, out: Extent): InputBox {
  const { extent } = input;
  const c = input.channels === "same" ? at.c : { from: 0, length: input.channels === "all" ? extent.c : 1 };
  return {
    y: interval(input.y, at.h.from, at.h.length, extent.h, outsideOf(input.y, out.h, extent.h)),
    x: interval(input.x, at.w.from, at.w.length, extent.w, outsideOf(input.x, out.w, extent.w)),
    c,
  };
}

const inside = (i: Interval): Expr => minus(minus(i.length, i.before), i.behind);
export const contiguous = (line: Expr): Shape => ({
  planes: 1,
  lines: 1,
  line,
  lineStride: 0,
  planeStride: 0,
  nearStride: 0,
});

export interface Move {
  readonly shape: Shape;
  /** Bytes from the home's begin, and from the box's begin. */
  readonly far: Expr;
  readonly near: Expr;
}

/** A channels-last box. Rows that are whole on both sides move as one line, or as one line per pixel where those are not. */
function moveHwc(home: Home, box: InputBox, extent: Extent, cell: Expr, bytes: number): Move {
  const rowsIn = inside(box.y);
  const columns = inside(box.x);
  const row = times(box.x.length, cell);
  const far = plus(
    times(plus(box.y.begin, box.y.before), home.stride),
    times(plus(box.x.begin, box.x.before), home.pitch),
    times(box.c.from, bytes),
  );
  const near = plus(times(box.y.before, row), times(box.x.before, cell));
  const dense = cell === home.pitch;
  const gapless = home.stride === home.pitch * extent.w;
  const wholeRows =
    box.x.begin === 0 && box.x.length === extent.w && box.x.before === 0 && box.x.behind === 0;
  if (dense && gapless && wholeRows) return { shape: contiguous(times(rowsIn, home.stride)), far, near };
  if (gapless && wholeRows)
    return {
      shape: { ...contiguous(cell), lines: times(rowsIn, columns), lineStride: home.pitch },
      far,
      near,
    };
  const planes = { planes: rowsIn, planeStride: home.stride, nearStride: row };
  if (dense) return { shape: { ...planes, lines: 1, line: times(columns, cell), lineStride: 0 }, far, near };
  return { shape: { ...planes, lines: columns, line: cell, lineStride: home.pitch }, far, near };
}

/**
 * A channel-major box. Lines are as long as rows of the box: what they bring from beyond a row is overwritten by the
 * border, or never read; blocks that hold such values have a margin for it.
 */
function moveChw(home: Home, box: InputBox, extent: Extent, row: Expr, bytes: number): Move {
  const rows = inside(box.y);
  const far = plus(
    times(box.c.from, home.stride),
    times(plus(box.y.begin, box.y.before), home.pitch),
    times(box.x.begin, bytes),
  );
  const near = times(box.y.before, row);
  if (extent.h === 1 && box.y.length === 1) {
    const shape = { ...contiguous(row), lines: box.c.length, lineStride: home.stride };
    return { shape, far, near };
  }
  const shape = {
    planes: box.c.length,
    lines: rows,
    line: row,
    lineStride: home.pitch,
    planeStride: home.stride,
    nearStride: times(box.y.length, row),
  };
  return { shape, far, near };
}

export function moveOf(home: Home, box: InputBox, extent: Extent, bytes: number): Move & { row: Expr } {
  const row = pitch(home.layout, { w: box.x.length, c: box.c.length }, bytes);
  const move = home.layout.order === "hwc" ? moveHwc : moveChw;
  return { ...move(home, box, extent, row, bytes), row };
}

export function borderOf(
  at: Address,
  home: Home,
  box: InputBox,
  bytes: number,
  value: number,
): Border | undefined {
  const parts = { top: box.y.before, bottom: box.y.behind, left: box.x.before, right: box.x.behind };
  if (Object.values(parts).every((p) => p === 0)) return undefined;
  const row = pitch(home.layout, { w: box.x.length, c: box.c.length }, bytes);
  const hwc = home.layout.order === "hwc";
  return {
    kind: "border",
    at,
    planes: hwc ? 1 : box.c.length,
    rows: box.y.length,
    columns: box.x.length,
    cell: hwc ? row : bytes,
    pitch: hwc ? times(row, box.x.length) : row,
    ...parts,
    value,
    ...(bytes === 1 ? {} : { bytes: bytes as 2 | 4 }),
  };
}
