/** Walks through a schedule as the machine would, and refuses what could go wrong there. */
import { type Diagnostic, error, type Place, Refusal } from "../../ir/diagnostic.js";
import { scheduleOf } from "./bare.js";
import { type Expr, evaluate, printExpr } from "./expr.js";
import type { Program } from "./program.js";
import type {
  Address,
  Border,
  Channel,
  Schedule,
  ScheduleBlock,
  ScheduleLayer,
  Start,
  Step,
  Tile,
} from "./schedule.js";
import { checkShape } from "./shape.js";
import { makeWork, mostWork, type Work, weightOf } from "./work.js";

/** What a byte of L1 is: nothing yet, ready to be read, awaited from far, on its way to far. */
const undefinedByte = 0;
const ready = 1;
const arriving = 2;
const leaving = 3;

interface Range {
  /** Where states of bytes are known: constants, arguments and L3 are only checked for their size. */
  readonly bytes: Uint8Array | undefined;
  readonly begin: number;
  readonly end: number;
}

const bytesAt = (w: Walk, b: ScheduleBlock): Uint8Array | undefined => {
  if (b.level === "l1") return w.l1;
  return b.level === "l2" && !b.constant ? w.l2 : undefined;
};

interface Walk {
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
const mostProblems = 20;

function problem(w: Walk, id: Diagnostic["id"], text: string): void {
  const said = w.current && w.said.get(w.current);
  if (w.problems.length >= mostProblems || said?.has(id)) return;
  if (w.current) w.said.set(w.current, new Set([...(said ?? []), id]));
  const at = [...w.indices].map(([i, v]) => `${i} = ${v}`).join(", ");
  const place = (w.current && w.placeOf(w.current)) ?? w.placeOf(w.layer);
  w.problems.push(error(id, `%${w.layer.name}${at ? ` at ${at}` : ""}: ${text}`, place ? { place } : {}));
}

/** A division by zero gives no number, and large factors none that is exact. */
function value(w: Walk, e: Expr): number {
  if (typeof e === "number") return e;
  w.work.spend(weightOf(e));
  const found = evaluate(e, w.indices);
  if (Number.isSafeInteger(found)) return found;
  problem(w, "schedule/arithmetic", `${printExpr(e)} is ${found}`);
  return 0;
}

/** Bytes from `from` of a block, or nothing where they reach beyond it. */
function rangeOf(w: Walk, a: Address, from: number, bytes: number): Range | undefined {
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

function mark(w: Walk, r: Range, state: number, why: string): void {
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

function start(w: Walk, s: Start): void {
  const at = (e: Expr) => value(w, e);
  const { planes, lines, line, lineStride, planeStride, nearStride } = s.shape;
  const [n, m, bytes] = [at(planes), at(lines), at(line)];
  if (n < 0 || m < 0 || bytes < 0) problem(w, "schedule/shape", `a transfer of ${n} x ${m} x ${bytes} bytes`);
  const ranges: Range[] = [];
  for (let p = 0; p < n && m * bytes > 0 && w.problems.length < mostProblems; p++) {
    const near = rangeOf(w, s.near, p * at(nearStride), m * bytes);
    const last = p * at(planeStride) + (m - 1) * at(lineStride);
    w.work.spend(1);
    const far = rangeOf(w, s.far, p * at(planeStride), last + bytes - p * at(planeStride));
    if (!near || !far) return;
    if (far.bytes?.subarray(far.begin, far.end).includes(arriving))
      problem(
        w,
        "schedule/unwaited",
        `${s.channel} moves ${s.far.block} while a transfer of it is under way`,
      );
    if (s.direction === "out" && near.bytes?.subarray(near.begin, near.end).includes(undefinedByte))
      problem(w, "schedule/undefined", `${s.near.block} leaves before anything was written there`);
    mark(w, near, s.direction === "in" ? arriving : leaving, `the start on ${s.channel}`);
    ranges.push(near);
  }
  const key = slotOf(w, s);
  const before = w.pending.get(key)?.ranges ?? [];
  w.work.spend(before.length);
  w.pending.set(key, { ranges: [...before, ...ranges], state: s.direction === "in" ? arriving : leaving });
}

/** `x0[1]`, where there is such a slot. */
function slotOf(w: Walk, s: { readonly channel: string; readonly slot: Expr }): string {
  const slot = value(w, s.slot);
  const channel = w.channels.get(s.channel);
  if (!channel) problem(w, "schedule/unknown-channel", `there is no channel ${s.channel}`);
  else if (slot < 0 || slot >= channel.slots)
    problem(w, "schedule/unknown-channel", `${s.channel} has no slot ${slot} of ${channel.slots}`);
  return `${s.channel}[${slot}]`;
}

function wait(w: Walk, s: { readonly channel: string; readonly slot: Expr }): void {
  const key = slotOf(w, s);
  for (const r of w.pending.get(key)?.ranges ?? []) r.bytes?.fill(ready, r.begin, r.end);
  w.pending.delete(key);
}

function border(w: Walk, b: Border): void {
  const at = (e: Expr) => value(w, e);
  const [planes, rows, columns] = [at(b.planes), at(b.rows), at(b.columns)];
  const [cell, pitch] = [at(b.cell), at(b.pitch)];
  const [top, bottom, left, right] = [at(b.top), at(b.bottom), at(b.left), at(b.right)];
  for (let row = 0; row < planes * rows && w.problems.length < mostProblems; row++) {
    w.work.spend(1);
    const y = row % rows;
    const whole = y < top || y >= rows - bottom;
    const parts = whole
      ? [[0, columns]]
      : [
          [0, left],
          [columns - right, columns],
        ];
    for (const [from, to] of parts) {
      const range = rangeOf(w, b.at, row * pitch + from! * cell, (to! - from!) * cell);
      if (range) mark(w, range, ready, "the border");
    }
  }
}

function tile(w: Walk, t: Tile): void {
  const reads = [...t.x, t.w, t.q, t.shared].filter((a) => a !== undefined);
  for (const a of reads) {
    const r = rangeOf(w, a, 0, 1);
    const block = w.blocks.get(a.block);
    if (!r || !block) continue;
    const slots = w.layer.channels.find((c) => a.block === `${w.layer.name}.${c.name}`)?.slots ?? 1;
    const end = Math.min(r.begin + block.bytes / slots, w.l1.length);
    if (w.l1[r.begin] === undefinedByte)
      problem(w, "schedule/undefined", `the tile reads ${a.block} before anything was written there`);
    if (w.l1.subarray(r.begin, end).includes(arriving))
      problem(w, "schedule/unwaited", `the tile reads ${a.block} while its transfer is under way`);
  }
  const y = w.blocks.get(t.y.block);
  const slots = w.layer.channels.find((c) => t.y.block === `${w.layer.name}.${c.name}`)?.slots ?? 1;
  const result = y && rangeOf(w, t.y, 0, y.bytes / slots);
  if (result) mark(w, result, ready, "the tile's result");
}

function step(w: Walk, s: Step): void {
  if (w.problems.length >= mostProblems) return;
  w.work.spend(1);
  w.current = s;
  switch (s.kind) {
    case "loop":
      for (let i = 0; i < s.count && w.problems.length < mostProblems; i++) {
        w.work.spend(1);
        w.indices.set(s.index, i);
        for (const b of s.body) step(w, b);
      }
      w.indices.delete(s.index);
      return;
    case "when": {
      const [a, b] = [value(w, s.left), value(w, s.right)];
      if (s.is === "<" ? a < b : a === b) for (const inner of s.body) step(w, inner);
      return;
    }
    case "start":
      start(w, s);
      return;
    case "wait":
      wait(w, s);
      return;
    case "border":
      border(w, s);
      return;
    case "tile":
      tile(w, s);
      return;
    case "whole":
      for (const a of [...s.operands, s.result]) rangeOf(w, a, 0, 1);
  }
}

interface Checking {
  readonly work: Work;
  placeOf(item: object): Place | undefined;
  readonly problems: Diagnostic[];
}

/** One layer after the other; what is under way in L2 goes on from one to the next. */
function walk(s: Schedule, { work, placeOf, problems }: Checking): void {
  const size = (level: string) => s.levels.find((l) => l.level === level)?.budget ?? 0;
  const l2 = new Uint8Array(size("l2")).fill(ready);
  const pending: Walk["pending"] = new Map();
  for (const layer of s.layers) {
    work.spend(size("l1") / 64 + s.blocks.length + layer.blocks.length);
    const w: Walk = {
      layer,
      blocks: new Map([...s.blocks, ...layer.blocks].map((b) => [b.name, b])),
      channels: new Map([...s.channels, ...layer.channels].map((c) => [c.name, c])),
      l1: new Uint8Array(size("l1")),
      l2,
      indices: new Map(),
      pending,
      problems: [],
      work,
      placeOf,
      current: undefined,
      said: new Map(),
    };
    try {
      for (const inner of layer.steps) step(w, inner);
      w.current = undefined;
      finish(w, layer === s.layers.at(-1));
    } finally {
      problems.push(...w.problems);
    }
    if (problems.length >= mostProblems) return;
  }
}

/** Every channel of the layer is waited for when it ends, and every other when the network does. */
function finish(w: Walk, last: boolean): void {
  const own = new Set(w.layer.channels.map((c) => c.name));
  w.work.spend(w.pending.size);
  for (const key of w.pending.keys())
    if (last || own.has(key.replace(/\[-?\d+\]$/, "")))
      problem(w, "schedule/unwaited", `nobody waits for ${key}`);
}

/**
 * What is wrong with a schedule; nothing where all is well: live blocks share no bytes, memories suffice, transfers stay
 * inside of their blocks, nothing is read or overwritten while a transfer of it is under way, every channel is waited for.
 * `placeOf` says where steps, blocks and layers stand in a text; `work` bounds the walk.
 */
export function verifySchedule(
  s: Schedule,
  placeOf: (item: object) => Place | undefined = () => undefined,
  work = mostWork.text,
): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  const checking: Checking = { work: makeWork(work), placeOf, problems };
  try {
    checkShape(s, checking);
    if (problems.length === 0) walk(s, checking);
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    problems.push(...e.diagnostics);
  }
  return problems.slice(0, mostProblems);
}

/** `verifySchedule`, with the places of the model. */
export function verifyProgram(p: Program): readonly Diagnostic[] {
  const s = scheduleOf(p);
  const places = new Map<object, Place | undefined>(
    s.layers.map((l, i) => [l, p.layers[i]!.nodes[0]?.result.places[0]]),
  );
  return verifySchedule(s, (item) => places.get(item), mostWork.program);
}
