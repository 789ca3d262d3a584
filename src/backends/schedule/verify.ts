/** Walks through a schedule as the machine would, and refuses what could go wrong there. */
import { type Diagnostic, type Place, Refusal } from "../../ir/diagnostic.js";
import { scheduleOf } from "./bare.js";
import type { Program } from "./program.js";
import type { Schedule, ScheduleBlock } from "./schedule.js";
import { checkShape } from "./shape.js";
import { step } from "./steps.js";
import { mostProblems, problem, ready, undefinedByte, type Walk } from "./walk.js";
import { makeWork, mostWork, type Work } from "./work.js";

interface Checking {
  readonly work: Work;
  placeOf(item: object): Place | undefined;
  readonly problems: Diagnostic[];
}

/** Layer number `i` begins: of L1 it knows what came for it while others worked. */
function forget(l1: Uint8Array, blocks: readonly ScheduleBlock[], i: number): void {
  const kept = blocks
    .filter((b) => b.level === "l1" && b.from < i && i <= b.to)
    .map((b) => ({ at: b.offset, states: l1.slice(b.offset, b.offset + b.bytes) }));
  l1.fill(undefinedByte);
  for (const { at, states } of kept) l1.set(states, at);
}

/** One layer after the other; what is under way goes on from one to the next. */
function walk(s: Schedule, { work, placeOf, problems }: Checking): void {
  const size = (level: string) => s.levels.find((l) => l.level === level)?.budget ?? 0;
  const l1 = new Uint8Array(size("l1"));
  const l2 = new Uint8Array(size("l2")).fill(ready);
  const pending: Walk["pending"] = new Map();
  for (const [i, layer] of s.layers.entries()) {
    forget(l1, s.blocks, i);
    work.spend(size("l1") / 64 + s.blocks.length + layer.blocks.length);
    const w: Walk = {
      layer,
      blocks: new Map([...s.blocks, ...layer.blocks].map((b) => [b.name, b])),
      channels: new Map([...s.channels, ...layer.channels].map((c) => [c.name, c])),
      l1,
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
