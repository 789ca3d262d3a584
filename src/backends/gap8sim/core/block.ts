/** Basic blocks: straight stretches of code, decoded once, with all timing that is known before they run. */
import { type Decoded, decode, type Instruction, instructions, sources } from "../instructions/index.js";
import { Cause, type Core, causeCount, coreCount, type Machine, Trap } from "./contract.js";
import type { CoreTiming } from "./timing.js";

/**
 * Executes a block, from where `core.entry` says; returns the address of the next one. It stops before an access to
 * anything shared that would come after clock[limitSlot].
 */
export type Run = (core: Core) => number;

export interface Block {
  readonly id: number;
  readonly pc: number;
  /** Address behind the last instruction. */
  readonly end: number;
  readonly code: readonly Decoded[];
  readonly pcs: readonly number[];
  /** Cycles of each instruction with its static stalls; a branch that is taken adds `takenCycles`. */
  readonly cycles: readonly number[];
  readonly takenCycles: number;
  /** Cache lines (address >> 4). */
  readonly firstLine: number;
  readonly lastLine: number;
  /** The last instruction is the last of a hardware loop. */
  readonly loopEnd: boolean;
  /** Static cycles by cause, one run through. */
  readonly byCause: readonly number[];
  readonly events: BlockEvents;
  run: Run;
  /** Runs so far in the interpreter. */
  heat: number;
}

/** What one run through a block adds to the performance counters. */
export interface BlockEvents {
  readonly instructions: number;
  readonly loadStalls: number;
  readonly jumpStalls: number;
  readonly loads: number;
  readonly stores: number;
  readonly jumps: number;
  readonly branches: number;
  readonly compressed: number;
}

/** Translated code of the cores that share timing and memory view. */
export interface CodeStore {
  readonly kind: "cluster" | "fabric";
  readonly machine: Machine;
  readonly timing: CoreTiming;
  /** Registers and hardware loops of all cores, of which the cores have views: those of core n begin at n << placeBits. */
  readonly state: Int32Array;
  /** Views that begin at each place of core 0: `places[k][n << placeBits]` is place k of core n. */
  readonly places: readonly Int32Array[];
  /** Ids of the blocks that begin in L2, by halfword; blocks elsewhere, by address. */
  readonly table: Int32Array;
  readonly others: Map<number, Block>;
  /** All blocks ever made, by id. Number 0 stands for what no block does (waking up). */
  readonly blocks: (Block | undefined)[];
  /** Addresses of last instructions of hardware loops. */
  readonly loopEnds: Set<number>;
  readonly breakpoints: Set<number>;
  /** Runs in the interpreter before a block is compiled; Infinity never compiles. */
  hotAfter: number;
  /** Instructions of a block at most. */
  longest: number;
}

/** Stalls that belong to no block are booked here. */
export const eventBlock = 0;
export const l2Base = 0x1c000000;
const l2Size = 0x80000;
/** A block stays below the size of one way of the smallest cache, so that its lines do not evict each other. */
const longest = 60;

/** Places of a core in `CodeStore.state`: 32 registers, then as `Core.loops`. */
export const placeBits = 6;
export const loopPlace = 32;
const placeCount = 38;

/** All views have one length, so that compiled code needs one check of the core's number for all of them. */
function createState(): Pick<CodeStore, "state" | "places"> {
  const length = ((coreCount - 1) << placeBits) + 1;
  const state = new Int32Array(coreCount << placeBits);
  return { state, places: Array.from({ length: placeCount }, (_, k) => state.subarray(k, k + length)) };
}

export const createStore = (kind: CodeStore["kind"], machine: Machine, timing: CoreTiming): CodeStore => ({
  kind,
  machine,
  timing,
  ...createState(),
  table: new Int32Array(l2Size / 2),
  others: new Map(),
  blocks: [undefined],
  loopEnds: new Set(),
  breakpoints: new Set(),
  hotAfter: 8,
  longest,
});

/** Forgets all translations (the counts of their blocks stay). */
export function flushCode(store: CodeStore): void {
  for (const block of store.blocks) if (block !== undefined) forget(store, block);
}

/** Makes `address` a place where hardware loops end; blocks that run across it are made anew. */
export function addLoopEnd(store: CodeStore, address: number): void {
  if (store.loopEnds.has(address)) return;
  store.loopEnds.add(address);
  for (const block of store.blocks) {
    if (block !== undefined && block.pc <= address && address < block.end) forget(store, block);
  }
}

function forget(store: CodeStore, block: Block): void {
  const place = (block.pc - l2Base) >>> 1;
  if (place < store.table.length) store.table[place] = 0;
  else store.others.delete(block.pc);
}

/** The halfword at an address that holds code. */
function codeHalf(store: CodeStore, address: number): number | undefined {
  const { l1, l2, fc } = store.machine.memories;
  const page = address >>> 16;
  const alias = store.kind === "cluster" ? l1 : fc;
  if (page >= 0x1c00 && page < 0x1c08) return new DataView(l2).getUint16(address - l2Base, true);
  if (page === 0x1000) return new DataView(l1).getUint16(address & 0xffff, true);
  if (page === 0x1b00) return new DataView(fc).getUint16(address & 0xffff, true);
  if (page === 0) return new DataView(alias).getUint16(address, true);
  return undefined;
}

/** The four bytes at an address of code (the upper half is 0 behind the end of a memory). */
export const codeWord = (store: CodeStore, address: number): number =>
  ((codeHalf(store, address) ?? 0) | ((codeHalf(store, address + 2) ?? 0) << 16)) >>> 0;

export const entryOf = (d: Decoded): Instruction => instructions[d.op]!;

/** `slti x0, x0, id` marks the start of a region. */
export const isMarker = (d: Decoded): boolean => d.rd === 0 && d.rs1 === 0 && entryOf(d).name === "slti";

/** Kinds after which a block ends; CSR accesses and markers stand alone, because counts are read there. */
const lastKinds = new Set([
  "branch",
  "jump",
  "jump-register",
  "loop",
  "event",
  "ecall",
  "ebreak",
  "mret",
  "wfi",
  "fence-i",
]);
const alone = (d: Decoded): boolean => entryOf(d).kind === "csr" || isMarker(d);

function loopEndOf(d: Decoded, pc: number): number | undefined {
  const { name } = entryOf(d);
  return name === "lp.endi" || name.startsWith("lp.setup") ? pc + (d.imm << 1) : undefined;
}

/** Decodes the block at `pc`. Registers the ends of the loops that it sets up. */
function collect(store: CodeStore, pc: number): { code: Decoded[]; pcs: number[]; end: number } {
  const code: Decoded[] = [];
  const pcs: number[] = [];
  let at = pc;
  while (code.length < store.longest) {
    const d = codeHalf(store, at) === undefined ? undefined : decode(codeWord(store, at));
    if (d === undefined || (code.length > 0 && (alone(d) || store.breakpoints.has(at)))) break;
    const end = loopEndOf(d, at);
    if (end !== undefined) addLoopEnd(store, end);
    code.push(d);
    pcs.push(at);
    at += d.size;
    if (alone(d) || lastKinds.has(entryOf(d).kind) || store.loopEnds.has(at - d.size)) break;
  }
  return { code, pcs, end: at };
}

/** A 32-bit instruction that crosses a word costs a jump to it another fetch (profile rtl). */
export function crossesWord(store: CodeStore, address: number): boolean {
  return (address & 2) !== 0 && ((codeHalf(store, address) ?? 0) & 3) === 3;
}

/** Cause and cycles that an instruction takes beyond its first, as far as the code alone tells. */
type Extra = readonly [Cause, number];

/** Whether the result of `d` is needed (or, in rtl, overwritten) by the instruction `next`. */
export function dependent(timing: CoreTiming, d: Decoded, next: Decoded | undefined): boolean {
  if (next === undefined || d.rd === 0) return false;
  if (sources(next).includes(d.rd)) return true;
  return timing.hazards === "dynamic" && entryOf(d).kind === "load" && next.rd === d.rd;
}

function extras(
  store: CodeStore,
  d: Decoded,
  pc: number,
  before: Decoded | undefined,
  deferred: boolean,
): Extra[] {
  const { timing } = store;
  const { kind, timing: unit } = entryOf(d);
  const next = (): Decoded | undefined => decode(codeWord(store, pc + d.size));
  if (kind === "load") {
    return timing.loadUse > 0 && !deferred && dependent(timing, d, next())
      ? [[Cause.loadUse, timing.loadUse]]
      : [];
  }
  if (unit === "mul")
    return timing.mulUse > 0 && dependent(timing, d, next()) ? [[Cause.resultUse, timing.mulUse]] : [];
  if (unit === "mulh") return [[Cause.multiply, timing.mulh]];
  if (kind === "jump") {
    return [[Cause.jump, timing.jump + (crossesWord(store, pc + d.imm) ? timing.unalignedTarget : 0)]];
  }
  if (kind !== "jump-register") return [];
  const waits =
    before !== undefined && before.rd !== 0 && before.rd === d.rs1 && entryOf(before).kind !== "load";
  return [[Cause.jump, timing.jump + (waits ? timing.jumpRegisterUse : 0)]];
}

function eventsOf(code: readonly Decoded[], all: readonly Extra[], jumpStalls: number): BlockEvents {
  const count = (...kinds: Instruction["kind"][]): number =>
    code.filter((d) => kinds.includes(entryOf(d).kind)).length;
  return {
    instructions: code.length,
    loadStalls: all.filter(([cause]) => cause === Cause.loadUse).length,
    jumpStalls,
    loads: count("load", "event"),
    stores: count("store"),
    jumps: count("jump", "jump-register"),
    branches: count("branch"),
    compressed: code.filter((d) => d.size === 2).length,
  };
}

/** What the code of a block tells about its timing. */
function analyse(
  store: CodeStore,
  code: readonly Decoded[],
  pcs: readonly number[],
  loopEnd: boolean,
): Pick<Block, "cycles" | "takenCycles" | "byCause" | "events"> {
  const { timing } = store;
  const last = code.at(-1)!;
  const { kind } = entryOf(last);
  const deferred = loopEnd && timing.hazards === "dynamic";
  const extra = code.map((d, k) => extras(store, d, pcs[k]!, code[k - 1], deferred && k === code.length - 1));
  const byCause = new Array<number>(causeCount).fill(0);
  byCause[Cause.issue] = code.length;
  for (const [cause, cycles] of extra.flat()) byCause[cause]! += cycles;
  const cycles = extra.map((list) => 1 + list.reduce((sum, [, more]) => sum + more, 0));
  const waits = kind === "jump-register" && cycles.at(-1)! > 1 + timing.jump ? 1 : 0;
  const crossed = kind === "branch" && crossesWord(store, pcs.at(-1)! + last.imm);
  return {
    cycles,
    takenCycles: kind === "branch" ? timing.branchTaken + (crossed ? timing.unalignedTarget : 0) : 0,
    byCause,
    events: eventsOf(code, extra.flat(), waits),
  };
}

/** Decodes and times the block at `pc`; `run` says how it is executed at first. */
export function createBlock(store: CodeStore, pc: number, run: (block: Block) => Run): Block {
  const { code, pcs, end } = collect(store, pc);
  if (code.length === 0) throw illegal(store, pc);
  const lastPc = pcs.at(-1)!;
  const loopEnd = store.loopEnds.has(lastPc);
  const { cycles, takenCycles, byCause, events } = analyse(store, code, pcs, loopEnd);
  const block: Block = {
    id: store.blocks.length,
    pc,
    end,
    code,
    pcs,
    cycles,
    takenCycles,
    firstLine: pc >>> 4,
    // The prefetcher reads 32 bits at every instruction, also where the last one is compressed.
    lastLine: (lastPc + 3) >>> 4,
    loopEnd,
    byCause,
    events,
    run: () => pc,
    heat: 0,
  };
  block.run = run(block);
  store.blocks.push(block);
  return block;
}

function illegal(store: CodeStore, pc: number): Trap {
  const half = codeHalf(store, pc);
  if (half === undefined)
    return new Trap("unmapped-fetch", -1, "there is no memory to fetch an instruction from", pc, pc);
  const word = codeWord(store, pc);
  const text = (half & 3) === 3 ? word.toString(16).padStart(8, "0") : half.toString(16).padStart(4, "0");
  return new Trap("illegal-instruction", -1, `0x${text} is not an instruction of this core`, pc);
}
