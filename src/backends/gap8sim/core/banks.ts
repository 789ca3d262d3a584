/**
 * Who has which bank of L1 in which cycle. One access per bank and cycle; those that ask for it wait in the order of asking,
 * those of one cycle in the order of ring.ts. Cores may ask a few cycles ahead of others, so the claims of the next cycles
 * are kept, and a claim that turns out to come second moves on, with its core.
 */
import type { Block } from "./block.js";
import { Cause, type Core, type Machine, orderSlot } from "./contract.js";
import { stall } from "./counters.js";

const bankCount = 16;
/** Cycles that are kept; far more than any core runs ahead and waits. */
export const bankWindow = 128;

export interface Banks {
  /** By (cycle modulo the window) * banks + bank: the tick of the claim, who holds it, and when it was asked for. */
  readonly taken: Float64Array;
  readonly owner: Int8Array;
  readonly asked: Float64Array;
  /** Conflicts since a tick: where they are dense, cores keep strict order. */
  conflicts: number;
  since: number;
}

export const createBanks = (): Banks => ({
  taken: new Float64Array(bankWindow * bankCount).fill(-1),
  owner: new Int8Array(bankWindow * bankCount),
  asked: new Float64Array(bankWindow * bankCount),
  conflicts: 0,
  since: 0,
});

/** Holders that nobody moves: the DMA. */
const outsider = -1;
/** A holder that waited for its slot, so that `asked` says since when; others asked when they got it. */
const waited = 16;

const slotOf = ({ origin, period }: Core, bank: number, time: number): number =>
  (Math.round((time - origin) / period) % bankWindow) * bankCount + bank;

/** Whether core `a` goes before core `b` where both ask at `time`. */
const goesBefore = ({ origin, period }: Core, a: number, b: number, time: number): boolean =>
  a < b === ((Math.round((time - origin) / period) & 1) === 0);

/** Cycles over which conflicts are counted, how many are dense, and for how long order is kept then. */
const span = 64;
const dense = 24;
const orderly = 512;
function countConflict(core: Core, time: number): void {
  const { banks, clock } = core.machine;
  banks.conflicts++;
  if (time - banks.since < span * core.period) return;
  if (banks.conflicts > dense) clock[orderSlot] = time + orderly * core.period;
  banks.conflicts = 0;
  banks.since = time;
}

/** The tick at which the core gets the bank; books the wait. Other cores that it goes before are moved on. */
export function claim(core: Core, block: Block, bank: number, time: number): number {
  const { taken, owner, asked } = core.machine.banks;
  if (taken[slotOf(core, bank, time)]! >= time) countConflict(core, time);
  let start = time;
  let who: number = core.id;
  let since = time;
  let from = time;
  for (let at = time; ; at += core.period) {
    const slot = slotOf(core, bank, at);
    const free = taken[slot]! < at;
    const held = owner[slot]!;
    const holder = held & 15;
    const heldSince = held >= waited ? asked[slot]! : at;
    const first = since < heldSince || (since === heldSince && goesBefore(core, who, holder, since));
    if (!free && (held === outsider || !first)) continue;
    taken[slot] = at;
    owner[slot] = at > since ? who | waited : who;
    asked[slot] = since;
    if (who === core.id && at >= start) start = at;
    if (who !== core.id) moveOn(core.machine, who, at - from);
    if (free) break;
    who = holder;
    since = heldSince;
    from = at;
  }
  if (start > time) stall(core, block, Cause.bank, start - time);
  return start;
}

/** A core that had run ahead with a claim loses `ticks` to an earlier one. */
function moveOn({ clock, cores }: Machine, id: number, ticks: number): void {
  clock[id]! += ticks;
  cores[id]!.stalls[Cause.bank]! += ticks / cores[id]!.period;
}

type BankSystem = Pick<Machine, "banks" | "cores">;
/** The first tick from `time` at which the bank is free for `slots` cycles, taken for the DMA (or a test-and-set). */
export function claimForOthers(system: BankSystem, bank: number, time: number, slots: number): number {
  const core = system.cores[0]!;
  const { taken, owner } = system.banks;
  const isFree = (at: number): boolean => taken[slotOf(core, bank, at)]! < at;
  let start = core.origin + Math.ceil((time - core.origin) / core.period) * core.period;
  while (!isFree(start)) start += core.period;
  for (let k = 0; k < slots; k++) {
    const slot = slotOf(core, bank, start + k * core.period);
    taken[slot] = start + k * core.period;
    owner[slot] = outsider;
  }
  return start;
}
