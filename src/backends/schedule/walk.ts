/** What is known while a schedule is walked through: the state of every byte, transfers under way, problems. */
import { type Diagnostic, error, type Place } from "../../ir/diagnostic.js";
import { type Expr, evaluate, printExpr } from "./expr.js";
import type { Address, Channel, ScheduleBlock, ScheduleLayer, Step } from "./schedule.js";
import { type Work, weightOf } from "./work.js";

/** What a byte of L1 is: nothing yet, ready to be read, awaited from far, on its way to far. */
export const undefinedByte = 0;
export const ready = 1;
export const arriving = 2;
export const leaving = 3;

export interface Range {
  /** Where states of bytes are known: constants, arguments and L3 are only checked for their size. */
  readonly bytes: Uint8Array | undefined;
  readonly begin: number;
  readonly end: number;
}

export interface Walk {
  readonly layer: ScheduleLayer;
  readonly blocks: ReadonlyMap<string, ScheduleBlock>;
  /** Those of the layer and of the program. */
  readonly channels: ReadonlyMap<string, Channel>;
  /** Bytes of L1, and of the arena in L2. */
  readonly l1: Uint8Array;
  readonly l2: Uint8Array;
  readonly indices: Map<string, number>;
  /** Near ranges of transfers that nobody waited for, by channel and slot. */
  readonly pending: Map<string, { readonly ranges: readonly Range[]; readonly state: number }>;
  readonly problems: Diagnostic[];
  readonly work: Work;
  placeOf(item: object): Place | undefined;
  /** The step that is looked at. */
  current: Step | undefined;
  /** What was said of it: once is enough, however often a loop turns. */
  readonly said: Map<Step, ReadonlySet<string>>;
}

/** More would say nothing new. */
export const mostProblems = 20;

/** Says it once for each step. */
export function problem(w: Walk, id: Diagnostic["id"], text: string): void {
  const said = w.current && w.said.get(w.current);
  if (w.problems.length >= mostProblems || said?.has(id)) return;
  if (w.current) w.said.set(w.current, new Set([...(said ?? []), id]));
  const at = [...w.indices].map(([i, v]) => `${i} = ${v}`).join(", ");
  const place = (w.current && w.placeOf(w.current)) ?? w.placeOf(w.layer);
  w.problems.push(error(id, `%${w.layer.name}${at ? ` at ${at}` : ""}: ${text}`, place ? { place } : {}));
}

/** A division by zero gives no number, and large factors none that is exact. */
export function value(w: Walk, e: Expr): number {
  if (typeof e === "number") return e;
  w.work.spend(weightOf(e));
  const found = evaluate(e, w.indices);
  if (Number.isSafeInteger(found)) return found;
  problem(w, "schedule/arithmetic", `${printExpr(e)} is ${found}`);
  return 0;
}

const bytesAt = (w: Walk, b: ScheduleBlock): Uint8Array | undefined => {
  if (b.level === "l1") return w.l1;
  return b.level === "l2" && !b.constant ? w.l2 : undefined;
};

/** Bytes from `from` of a block, or nothing where they reach beyond it. */
export function rangeOf(w: Walk, a: Address, from: number, bytes: number): Range | undefined {
  const block = w.blocks.get(a.block);
  const begin = value(w, a.offset) + from;
  w.work.spend(1 + bytes / 64);
  if (!block) problem(w, "schedule/unknown-block", `there is no block ${a.block}`);
  else if (begin < 0 || begin + bytes > block.bytes)
    problem(
      w,
      "schedule/out-of-block",
      `bytes ${begin} to ${begin + bytes} of ${a.block}, which has ${block.bytes} (${printExpr(a.offset)})`,
    );
  else return { bytes: bytesAt(w, block), begin: block.offset + begin, end: block.offset + begin + bytes };
  return undefined;
}

/** Bytes become `state`; refused where a transfer of them is under way. `why` is what does it. */
export function mark(w: Walk, r: Range, state: number, why: string): void {
  for (let i = r.begin; i < r.end; i++) {
    const had = r.bytes?.[i];
    if (had === arriving || had === leaving) {
      const what = had === arriving ? "arrive" : "leave";
      problem(
        w,
        "schedule/race",
        `${why} touches byte ${i} while a transfer that makes it ${what} is under way`,
      );
      return;
    }
  }
  r.bytes?.fill(state, r.begin, r.end);
}

/** `x0[1]`, where there is such a slot. */
export function slotOf(w: Walk, s: { readonly channel: string; readonly slot: Expr }): string {
  const slot = value(w, s.slot);
  const channel = w.channels.get(s.channel);
  if (!channel) problem(w, "schedule/unknown-channel", `there is no channel ${s.channel}`);
  else if (slot < 0 || slot >= channel.slots)
    problem(w, "schedule/unknown-channel", `${s.channel} has no slot ${slot} of ${channel.slots}`);
  return `${s.channel}[${slot}]`;
}
