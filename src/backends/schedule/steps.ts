/** What each step of a schedule does to the bytes of the memories, and what can be wrong with it. */
import type { Expr } from "./expr.js";
import type { Border, Start, Step, Tile } from "./schedule.js";
import {
  arriving,
  leaving,
  mark,
  mostProblems,
  problem,
  type Range,
  rangeOf,
  ready,
  slotOf,
  undefinedByte,
  value,
  type Walk,
} from "./walk.js";

/** Memories from the nearest to the farthest. */
const distance = { l1: 0, l2: 1, caller: 1, l3: 2 };

/** Transfers are between neighbours. */
function checkWay(w: Walk, { near, far }: Start): void {
  const [a, b] = [w.blocks.get(near.block), w.blocks.get(far.block)];
  if (a && b && distance[a.level] + 1 !== distance[b.level])
    problem(w, "schedule/shape", `a transfer between ${a.level} (near) and ${b.level} (far)`);
}

function start(w: Walk, s: Start): void {
  const at = (e: Expr) => value(w, e);
  const { planes, lines, line, lineStride, planeStride, nearStride } = s.shape;
  const [n, m, bytes] = [at(planes), at(lines), at(line)];
  if (n < 0 || m < 0 || bytes < 0) problem(w, "schedule/shape", `a transfer of ${n} x ${m} x ${bytes} bytes`);
  checkWay(w, s);
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

/** Takes one step, and those inside of it. */
export function step(w: Walk, s: Step): void {
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
