/** Walks through a program as the machine would, and refuses what could go wrong there. */
import { type Diagnostic, error } from "../../ir/diagnostic.js";
import { type Expr, evaluate, printExpr } from "./expr.js";
import type { Address, Block, Border, Program, ProgramLayer, Start, Step, Tile } from "./program.js";

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

const bytesAt = (w: Walk, b: Block): Uint8Array | undefined => {
  if (b.level === "l1") return w.l1;
  return b.level === "l2" && !b.data ? w.l2 : undefined;
};

interface Walk {
  readonly layer: ProgramLayer;
  readonly blocks: ReadonlyMap<string, Block>;
  /** Bytes of L1, and of the arena in L2. */
  readonly l1: Uint8Array;
  readonly l2: Uint8Array;
  readonly indices: Map<string, number>;
  /** Near ranges of transfers that nobody waited for, by channel and slot. */
  readonly pending: Map<string, { readonly ranges: readonly Range[]; readonly state: number }>;
  readonly problems: Diagnostic[];
}

/** More would say nothing new. */
const mostProblems = 20;

function problem(w: Walk, id: Diagnostic["id"], text: string): void {
  if (w.problems.length >= mostProblems) return;
  const at = [...w.indices].map(([i, v]) => `${i} = ${v}`).join(", ");
  const place = w.layer.nodes[0]?.result.places[0];
  w.problems.push(error(id, `%${w.layer.name}${at ? ` at ${at}` : ""}: ${text}`, place ? { place } : {}));
}

const value = (w: Walk, e: Expr): number => evaluate(e, w.indices);

/** Bytes from `from` of a block, or nothing where they reach beyond it. */
function rangeOf(w: Walk, a: Address, from: number, bytes: number): Range | undefined {
  const block = w.blocks.get(a.block);
  const begin = value(w, a.offset) + from;
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
  for (let p = 0; p < n && m * bytes > 0; p++) {
    const near = rangeOf(w, s.near, p * at(nearStride), m * bytes);
    const last = p * at(planeStride) + (m - 1) * at(lineStride);
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
  const key = `${s.channel}[${at(s.slot)}]`;
  const before = w.pending.get(key)?.ranges ?? [];
  w.pending.set(key, { ranges: [...before, ...ranges], state: s.direction === "in" ? arriving : leaving });
}

function wait(w: Walk, channel: string, slot: number): void {
  const key = `${channel}[${slot}]`;
  for (const r of w.pending.get(key)?.ranges ?? []) r.bytes?.fill(ready, r.begin, r.end);
  w.pending.delete(key);
}

function border(w: Walk, b: Border): void {
  const at = (e: Expr) => value(w, e);
  const [planes, rows, columns, cell, pitch] = [b.planes, b.rows, b.columns, b.cell, b.pitch].map(at) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const [top, bottom, left, right] = [at(b.top), at(b.bottom), at(b.left), at(b.right)];
  for (let row = 0; row < planes * rows; row++) {
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
  switch (s.kind) {
    case "loop":
      for (let i = 0; i < s.count; i++) {
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
      wait(w, s.channel, value(w, s.slot));
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

const meet = (a: Block, b: Block): boolean => a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;

/** Blocks of one memory that are alive at once and share bytes. */
function overlaps(blocks: readonly Block[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const [i, a] of blocks.entries())
    for (const b of blocks.slice(i + 1)) {
      const together = a.level === b.level && (a.data === undefined) === (b.data === undefined);
      if (!together || a.level === "caller" || a.from > b.to || b.from > a.to || !meet(a, b)) continue;
      found.push(
        error("schedule/overlap", `${a.name} and ${b.name} share bytes of ${a.level} and live together`),
      );
    }
  return found;
}

/**
 * What is wrong with a program; nothing where all is well: live blocks share no bytes, memories suffice, transfers stay
 * inside of their blocks, nothing is read or overwritten while a transfer of it is under way, every channel is waited for.
 */
export function verifyProgram(p: Program): readonly Diagnostic[] {
  const problems = overlaps(p.blocks);
  for (const l of p.levels)
    if (l.bytes > l.budget)
      problems.push(error("schedule/budget", `${l.level} takes ${l.bytes} bytes of ${l.budget}`));
  const size = (level: string) => p.levels.find((l) => l.level === level)?.budget ?? 0;
  const l2 = new Uint8Array(size("l2")).fill(ready);
  const pending: Walk["pending"] = new Map();
  for (const layer of p.layers) {
    problems.push(...overlaps(layer.blocks));
    const blocks = new Map([...p.blocks, ...layer.blocks].map((b) => [b.name, b]));
    const w: Walk = {
      layer,
      blocks,
      l1: new Uint8Array(size("l1")),
      l2,
      indices: new Map(),
      pending,
      problems: [],
    };
    for (const s of layer.steps) step(w, s);
    const own = new Set(layer.channels.map((c) => c.name));
    const last = layer === p.layers.at(-1);
    for (const key of pending.keys())
      if (last || own.has(key.replace(/\[\d+\]$/, "")))
        problem(w, "schedule/unwaited", `nobody waits for ${key}`);
    problems.push(...w.problems);
  }
  return problems;
}
