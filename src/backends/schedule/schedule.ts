/** The schedule of a machine with several memories: loops over tiles, transfers, waits and kernel calls. All of it is text. */
import type { Expr } from "./expr.js";

/** `caller`: in L2, where the caller says. */
export type Level = "l1" | "l2" | "l3" | "caller";

/** Bytes in one memory. */
export interface ScheduleBlock {
  /** Unique in the schedule: `%x`, `@conv`, `conv.x`. */
  readonly name: string;
  readonly level: Level;
  /** From the begin of what the network has of its memory; 0 for arguments. */
  readonly offset: number;
  readonly bytes: number;
  /** First and last layer that needs the content. */
  readonly from: number;
  readonly to: number;
  /** Constants are there before the network runs, apart from what is written. */
  readonly constant: boolean;
  /** Type of the value that lies here, where it is one. */
  readonly holds?: string;
}

/** A place inside a block, in bytes. */
export interface Address {
  readonly block: string;
  readonly offset: Expr;
}

/**
 * `planes` times `lines` lines of `line` bytes. In the farther memory lines begin `lineStride` bytes apart and planes
 * `planeStride`; in the nearer one lines follow each other, and planes begin `nearStride` bytes apart.
 */
export interface Shape {
  readonly planes: Expr;
  readonly lines: Expr;
  readonly line: Expr;
  readonly lineStride: Expr;
  readonly planeStride: Expr;
  readonly nearStride: Expr;
}

export interface Loop<W = Call> {
  readonly kind: "loop";
  readonly index: string;
  readonly count: number;
  readonly body: readonly Step<W>[];
}
/** The body, where left < right or left = right. */
export interface When<W = Call> {
  readonly kind: "when";
  readonly left: Expr;
  readonly is: "<" | "=";
  readonly right: Expr;
  readonly body: readonly Step<W>[];
}
/** Starts a transfer between neighbouring memories. A channel has `slots` handles; a start waits for nothing. */
export interface Start {
  readonly kind: "start";
  readonly channel: string;
  readonly slot: Expr;
  /** `in` moves from far to near. */
  readonly direction: "in" | "out";
  readonly near: Address;
  readonly far: Address;
  readonly shape: Shape;
}
/** Until the last transfer that was started on the slot has ended; nothing where there was none. */
export interface Wait {
  readonly kind: "wait";
  readonly channel: string;
  readonly slot: Expr;
}
/** Writes `value` into the first `top` and last `bottom` rows, first `left` and last `right` columns of a box. */
export interface Border {
  readonly kind: "border";
  readonly at: Address;
  /** Of the box: `planes` of `rows` rows of `columns` cells of `cell` bytes, rows `pitch` bytes apart. */
  readonly planes: Expr;
  readonly rows: Expr;
  readonly columns: Expr;
  readonly cell: Expr;
  readonly pitch: Expr;
  readonly top: Expr;
  readonly bottom: Expr;
  readonly left: Expr;
  readonly right: Expr;
  readonly value: number;
  /** Of one element, where that is not 1. */
  readonly bytes?: 1 | 2 | 4;
}
/** A kernel on one tile, by all cores; the fields are those of `pulsec_tile`. */
export interface Tile {
  readonly kind: "tile";
  /** C function. */
  readonly kernel: string;
  readonly x: readonly Address[];
  readonly w?: Address;
  readonly q?: Address;
  readonly shared?: Address;
  readonly y: Address;
  readonly scratch?: Address;
  readonly extents: Readonly<Record<TileExtent, Expr>>;
}
export const tileExtents = [
  ...(["ho", "wo", "co", "hi", "wi", "ci", "oy", "ox", "iy", "ix", "first", "last"] as const),
];
export type TileExtent = (typeof tileExtents)[number];
/** A portable kernel, by name, on whole tensors, by one core. */
export interface Call {
  readonly kind: "whole";
  readonly kernel: string;
  readonly operands: readonly Address[];
  readonly result: Address;
}
/** `W` is what a step on whole tensors is: programs know more of it than its name. */
export type Step<W = Call> = Loop<W> | When<W> | Start | Wait | Border | Tile | W;

export interface Channel {
  readonly name: string;
  readonly slots: number;
}

export interface ScheduleLayer {
  /** Of the result. */
  readonly name: string;
  /** Name of the kernel, for people. */
  readonly kernel: string;
  readonly channels: readonly Channel[];
  /** In L1, for this layer only. */
  readonly blocks: readonly ScheduleBlock[];
  readonly steps: readonly Step[];
  readonly tiles: number;
  /** Cluster cycles as the cost model sees them. */
  readonly estimate: number;
}

export interface LevelUse {
  readonly level: Level;
  readonly bytes: number;
  /** What the target gives. */
  readonly budget: number;
  /** No schedule of these layers can use less. */
  readonly lowerBound: number;
}

export interface Schedule {
  readonly name: string;
  readonly target: string;
  readonly cores: number;
  readonly levels: readonly LevelUse[];
  /** Those whose transfers outlive the layer that starts them. */
  readonly channels: readonly Channel[];
  /** In L2 and L3, the caller's, and those in L1 that more than one layer needs. */
  readonly blocks: readonly ScheduleBlock[];
  readonly layers: readonly ScheduleLayer[];
}
