/**
 * The inner loops of depthwise convolutions: four neighbouring outputs per step, in hardware loops. The outer loop goes
 * over the channels of 1-D data, whose constants it loads, or over the output rows of one channel of an image.
 */
import { slotBytes } from "../../../ir/storage.js";
import type { Layer, LayerLayouts } from "../contract.js";
import * as a from "./assembly.js";
import { depthwiseOf, rowPlan } from "./depthwise-weights.js";
import { finishOf } from "./finish.js";
import { finishRegisters, store } from "./finish-assembly.js";

/** What the block reads from its operands, in order: words. */
export const rowOperands = [
  "x",
  "taps",
  "constants",
  "y",
  "repeats",
  "steps",
  "nextTap",
  "nextStep",
  "xNext",
  "yNext",
  "yStep",
] as const;
type Operand = (typeof rowOperands)[number];
const operands = "a0";

interface Item {
  readonly row: number;
  readonly word: number;
  readonly output: number;
  readonly weight: number;
}

const isImage = ({ out }: Layer): boolean => out.h > 1;
const fetch = (to: a.Register, name: Operand): string => a.lw(to, 4 * rowOperands.indexOf(name), operands);

/** The C text of an `__asm__` statement over the array `operands`. */
export const rowsBlock = (layer: Layer, layouts: LayerLayouts): string =>
  a.block(rowsCode(layer, layouts).lines, "operands");

/** Cycles of a step of four outputs, without conflicts over banks: `mulh` takes five. */
export const stepCycles = (layer: Layer, layouts: LayerLayouts): number =>
  rowsCode(layer, layouts).step.reduce((n, line) => n + (line.startsWith("mulh") ? 5 : 1), 0);

function rowsCode(layer: Layer, layouts: LayerLayouts) {
  const free = [...a.freeRegisters];
  const take = (): a.Register => {
    const x = free.shift();
    if (!x) throw new Error("out of registers");
    return x;
  };
  const once: string[] = [];
  const operand = (name: Operand): a.Register => {
    const x = take();
    once.push(fetch(x, name));
    return x;
  };
  const accs = [take(), take(), take(), take()] as const;
  const [x, y] = [operand("x"), operand("y")];
  const several = depthwiseOf(layer).y.kernel > 1;
  const [nextTap, nextStep] = several ? [operand("nextTap"), operand("nextStep")] : ["", ""];
  const yStep = layouts.output.order === "hwc" ? operand("yStep") : undefined;
  const [q, taps] = isImage(layer) ? [accs[1], operand("taps")] : [accs[1], accs[2]];
  const xs = [take(), take()] as const;
  const finish = finishRegisters(finishOf(layer), take, q, xs);
  const inner = innerStep(layer, { x, xs, taps, accs, nextTap, nextStep, free });
  const constants = [...finish.load, ...inner.load];
  const bytes = slotBytes(layer.output.type.storage);
  const step = [...inner.body, ...finish.apply(accs), ...store(accs, bytes, y, yStep)];
  // What still fits into registers is not fetched for every row or channel.
  const kept = new Map<Operand, a.Register>();
  const often: readonly Operand[] = [
    "steps",
    "xNext",
    "yNext",
    ...(isImage(layer) ? [] : (["constants", "taps"] as const)),
  ];
  for (const [i, name] of often.slice(0, inner.unused.length).entries()) kept.set(name, inner.unused[i]!);
  once.push(...[...kept].map(([name, to]) => fetch(to, name)));
  const get = (name: Operand, spare: a.Register): readonly [a.Register, readonly string[]] => {
    const home = kept.get(name);
    return home ? [home, []] : [spare, [fetch(spare, name)]];
  };
  const [steps, fetchSteps] = get("steps", accs[0]);
  const [xNext, fetchX] = get("xNext", accs[0]);
  const [yNext, fetchY] = get("yNext", accs[1]);
  const row = [
    ...fetchSteps,
    ...a.loop(0, steps, step),
    ...fetchX,
    ...fetchY,
    a.add(x, x, xNext),
    a.add(y, y, yNext),
  ];
  const body = isImage(layer)
    ? row
    : [...channelConstants(layer, accs, kept, inner.bytes), ...constants, ...row];
  const before = isImage(layer) ? [fetch(q, "constants"), ...constants] : [];
  return { lines: [...once, ...before, fetch(accs[0], "repeats"), ...a.loop(1, accs[0], body)], step };
}

/** Puts the addresses of a channel's constants and taps where they are loaded from, and moves on to the next channel's. */
function channelConstants(
  layer: Layer,
  [, q, taps, moved]: readonly a.Register[],
  kept: ReadonlyMap<Operand, a.Register>,
  bytes: number,
): string[] {
  const next = (name: Operand, to: a.Register, by: number): string[] => {
    const home = kept.get(name);
    if (home) return [a.mv(to, home), a.addi(home, home, by)];
    return [fetch(to, name), a.addi(moved!, to, by), a.sw(moved!, 4 * rowOperands.indexOf(name), operands)];
  };
  return [...next("constants", q!, 4 * finishOf(layer).words), ...next("taps", taps!, bytes)];
}

interface StepRegisters {
  readonly x: a.Register;
  /** Words of x, two in turn. */
  readonly xs: readonly [a.Register, a.Register];
  readonly taps: a.Register;
  readonly accs: readonly a.Register[];
  readonly nextTap: a.Register;
  readonly nextStep: a.Register;
  readonly free: readonly a.Register[];
}
interface Step {
  readonly load: readonly string[];
  readonly body: readonly string[];
  /** Of the packed taps of a channel. */
  readonly bytes: number;
  readonly unused: readonly a.Register[];
}

/** The sums of four outputs. Taps live in registers as far as those reach; the others are loaded where they are used. */
function innerStep(layer: Layer, r: StepRegisters): Step {
  const d = depthwiseOf(layer);
  const plan = rowPlan(d.x);
  const signed = layer.inputs[0]!.value.type.storage.startsWith("i");
  const rows = Array.from({ length: d.y.kernel }, (_, row) => row);
  const items: Item[] = rows.flatMap((row) =>
    plan.products.map((p) => ({ ...p, row, weight: row * plan.starts.length + p.weight })),
  );
  const free = [...r.free];
  const weights = d.y.kernel * plan.starts.length;
  const held = weights <= free.length ? weights : free.length - 2;
  // In 1-D the address of the taps is no more once they are loaded.
  const base = held < weights && !isImage(layer) ? free.shift()! : r.taps;
  const homes = free.slice(0, held < weights && !isImage(layer) ? held - 1 : held);
  const streams = free.slice(homes.length, homes.length + 2);
  const load = [
    ...homes.map((home, i) => a.lw(home, 4 * i, r.taps)),
    ...(base === r.taps ? [] : [a.mv(base, r.taps)]),
  ];
  const last = d.y.kernel - 1;
  const loadWord = ({ row, word }: Item, to: a.Register): string => {
    if (word > 0) return a.lw(to, 4 * word, r.x);
    if (last === 0) return a.lwPost(to, r.x, 4 * d.x.stride);
    return a.lwPost(to, r.x, row === last ? r.nextStep : r.nextTap);
  };
  const body = schedule(items, { ...r, loadWord, streams, homes, signed, taps: base });
  const unused = held < weights ? [] : free.slice(held);
  return { load, body, bytes: 4 * weights, unused };
}

interface Schedule extends StepRegisters {
  readonly loadWord: (item: Item, to: a.Register) => string;
  readonly streams: readonly a.Register[];
  readonly homes: readonly a.Register[];
  readonly signed: boolean;
}

/** Loads stand one group of products ahead of their use: the instruction behind a load must not need it. */
function schedule(items: readonly Item[], s: Schedule): string[] {
  const groups: Item[][] = [];
  for (const item of items) {
    const group = groups.at(-1);
    if (group && group[0]!.row === item.row && group[0]!.word === item.word) group.push(item);
    else groups.push([item]);
  }
  const body: string[] = [];
  const load = (g: number) => {
    const group = groups[g];
    if (group) body.push(s.loadWord(group[0]!, s.xs[g % 2 === 0 ? 0 : 1]));
  };
  const weightOf = (i: number): a.Register => s.homes[items[i]!.weight] ?? s.streams[i % 2]!;
  const stream = (i: number) => {
    const item = items[i];
    if (item && item.weight >= s.homes.length) body.push(a.lw(weightOf(i), 4 * item.weight, s.taps));
  };
  const started = new Set<number>();
  stream(0);
  load(0);
  load(1);
  let i = 0;
  for (const [g, group] of groups.entries()) {
    for (const item of group) {
      stream(i + 1);
      const sum = started.has(item.output) ? a.sdot(s.signed) : a.dot(s.signed);
      started.add(item.output);
      body.push(sum(s.accs[item.output]!, s.xs[g % 2 === 0 ? 0 : 1], weightOf(i)));
      i++;
    }
    load(g + 2);
  }
  return body;
}
