/** A schedule, and what no text holds: bytes of constants, values, nodes and the C of kernels. */
import type { Kernel } from "../../ir/contracts.js";
import type { Node, Value } from "../../ir/graph.js";
import type * as text from "./schedule.js";

export {
  type Address,
  type Border,
  type Channel,
  type Level,
  type LevelUse,
  type Shape,
  type Start,
  type Tile,
  type TileExtent,
  tileExtents,
  type Wait,
} from "./schedule.js";

/** Bytes in one memory, and what lies in them. */
export interface Block extends Omit<text.ScheduleBlock, "constant" | "holds"> {
  /** What it holds, where that is a constant. */
  readonly data?: Uint8Array;
  /** The value that lies here, where it is one. */
  readonly value?: Value;
}

/** How a value lies in far memory, in bytes. hwc: `pitch` from pixel to pixel, `stride` from row to row; chw: from row to row, from channel to channel. */
export interface Strides {
  readonly order: "hwc" | "chw";
  readonly h: number;
  readonly w: number;
  readonly c: number;
  readonly pitch: number;
  readonly stride: number;
}
/** Where a layer leaves its result; row-major without gaps where there are no strides. */
export interface Result {
  readonly at: { readonly block: string; readonly offset: number };
  readonly strides?: Strides;
}

/** A portable kernel on whole tensors, by one core. */
export interface Whole extends Omit<text.Call, "kernel"> {
  readonly node: Node;
  readonly kernel: Kernel;
}
export type Loop = text.Loop<Whole>;
export type When = text.When<Whole>;
export type Step = text.Step<Whole>;

export interface ProgramLayer extends Omit<text.ScheduleLayer, "blocks" | "steps"> {
  readonly blocks: readonly Block[];
  readonly steps: readonly Step[];
  readonly nodes: readonly Node[];
  /** C of the function that `Tile` steps call; absent where they are none. */
  readonly source?: { readonly name: string; readonly text: string; readonly headers: readonly string[] };
  readonly result: Result;
}

/** What runs where and when: memories, blocks, and the steps of every layer. */
export interface Program extends Omit<text.Schedule, "blocks" | "layers"> {
  readonly inputs: readonly Block[];
  readonly outputs: readonly Block[];
  readonly blocks: readonly Block[];
  readonly layers: readonly ProgramLayer[];
}
