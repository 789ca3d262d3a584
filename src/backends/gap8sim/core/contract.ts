/**
 * What a core and the machine around it ask of each other.
 *
 * Time is counted in ticks: whole numbers in which the periods of both clocks are whole (`Core.period` ticks per
 * cycle of that core), so that times of the fabric controller and of the cluster compare directly. All times that
 * pass between core and machine are ticks; all latencies are cycles of the core that waits.
 */
import type { Banks } from "./banks.js";
import type { Block, CodeStore } from "./block.js";
import type { InstructionCache } from "./icache.js";
import type { CoreTiming } from "./timing.js";

/** Where a cycle went. Every cycle of a core belongs to exactly one of these. */
export const Cause = {
  issue: 0,
  loadUse: 1,
  resultUse: 2,
  multiply: 3,
  divide: 4,
  jump: 5,
  branch: 6,
  misaligned: 7,
  bank: 8,
  l2: 9,
  device: 10,
  dma: 11,
  fetch: 12,
  event: 13,
  sleep: 14,
} as const;
export type Cause = (typeof Cause)[keyof typeof Cause];
export const causeCount = 15;
export const causeNames: readonly string[] = Object.keys(Cause);

/** What a core does. `off`: not fetching; `asleep`: waits in p.elw; `halted`: stopped for good. */
export const Status = { off: 0, running: 1, asleep: 2, halted: 3 } as const;
export type Status = (typeof Status)[keyof typeof Status];

/** Places of the shared clock array: 0..8 hold the next time of each core (Infinity unless running). */
export const coreCount = 9;
export const fabric = 8;
/** The time after which the running core must return before it touches anything shared (see `lowerLimit`). */
export const limitSlot = 9;
/** The time up to which the running core may access L1, where order among cores only shows in bank conflicts. */
export const nearSlot = 13;
/** Until this time cores keep strict order in L1 too, because they share words in it (see `keepOrder`). */
export const orderSlot = 14;
/** The time up to which the running core may go on with what only itself can see; 0 ends the run. */
export const horizonSlot = 11;
/** Not 0: the time of a core was changed by somebody else than that core. */
export const changedSlot = 12;
/** Time of the earliest pending device event, Infinity if there is none; kept by the machine. */
export const eventSlot = 10;

/** The state of a core. Arrays never change identity. */
export interface Core {
  /** 0..7 cluster, 8 fabric controller. */
  readonly id: number;
  readonly hart: number;
  readonly machine: Machine;
  readonly timing: CoreTiming;
  /** Registers; x[0] stays 0. */
  readonly x: Int32Array;
  /** Start, last instruction and remaining count of loop 0, then of loop 1: the order of CSRs 0x7B0-2, 0x7B4-6. */
  readonly loops: Int32Array;
  /** CSRs without a meaning of their own here (mscratch, mtvec...), by number. */
  readonly csrs: Int32Array;
  /** Ticks per cycle, and the tick of one clock edge. Change them only with `setPeriod`. */
  period: number;
  origin: number;
  status: Status;
  /**
   * Address of the next instruction; if `entry` is k > 0, of the block that was left before its instruction k - 1; if it is
   * -1, of a block that was left before its first instruction was fetched.
   */
  pc: number;
  entry: number;
  block: Block | undefined;
  /** Address of a breakpoint that does not stop the core once more; -1: none. */
  passes: number;
  /** Register that the load behind p.elw writes when the core wakes, and the tick at which it fell asleep. */
  pending: number;
  sleepSince: number;
  /** Out-parameters of `Machine.load`, `store`, `wait`: cycles beyond the first, and why. */
  latency: number;
  cause: Cause;
  /** Out-parameter inside the core: ticks that a slow access took beyond the first cycle. */
  ticks: number;
  /** Line (address >> 4) in the prefetch buffer. */
  line: number;
  /** The block is executed instruction by instruction, because not all of it is in the cache. */
  isCold: boolean;
  /** The tick at which the last block that was fetched could begin, and for how long it had waited. */
  fetched: number;
  fetchTicks: number;
  readonly cache: InstructionCache;
  /** Translated code; shared by the cores of a kind. */
  readonly code: CodeStore;
  /** Performance counters: see counters.ts. */
  readonly counters: Counters;
  /** Executions and taken branches of each block, and cycles lost by block and cause (`block.id * causeCount + cause`). */
  runs: Float64Array;
  taken: Float64Array;
  stalls: Float64Array;
  /** Ticks at the start or at the last change of the period, cycles up to there, and cycles asleep since the start. */
  countedAt: number;
  cyclesBefore: number;
  slept: number;
  /** Cycles that only the performance counter sees, and second accesses of misaligned loads and stores. */
  overcounted: number;
  crossedLoads: number;
  crossedStores: number;
  /** Loads and stores outside of the core's own memory, and cycles that they waited; kept by the machine. */
  readonly external: Float64Array;
}

/** State of the performance counters: what was counted while enabled, and the raw values at the last change. */
export interface Counters {
  enabled: number;
  mode: number;
  readonly counted: Float64Array;
  readonly raw: Float64Array;
}

/** Why a run ended early; thrown through the core by `Machine` or by the core, caught by `runUntil`. */
export class Trap extends Error {
  readonly kind: TrapKind;
  readonly core: number;
  /** Address of the instruction. The core fills it in when it is 0. */
  pc: number;
  readonly address: number | undefined;
  constructor(kind: TrapKind, core: number, message: string, pc = 0, address?: number) {
    super(message);
    this.name = "Trap";
    this.kind = kind;
    this.core = core;
    this.pc = pc;
    this.address = address;
  }
}
export type TrapKind =
  | "illegal-instruction"
  | "unmapped-access"
  | "unmapped-fetch"
  | "hardware-loop"
  | "stack-overflow"
  | "uninitialised-read"
  | "dma-hazard"
  | "breakpoint"
  | "environment-call"
  | "deadlock"
  | "budget";

/** Of an access of core 0..8; the text is why it is a trap. Addresses as the instruction has them, aliases included. */
export type Observer = (core: number, address: number, size: number, isWrite: boolean) => string | undefined;

/** Memory that cores reach without the machine's help. Views of one buffer each. */
export interface Memories {
  /** Cluster L1 at 0x10000000, 64 KiB (alias at 0 for cluster cores). */
  readonly l1: ArrayBuffer;
  /** L2 at 0x1C000000, 512 KiB. */
  readonly l2: ArrayBuffer;
  /** TCDM of the fabric controller at 0x1B000000, 64 KiB window (alias at 0 for that core). */
  readonly fc: ArrayBuffer;
}

/** What cores call. The machine implements it; none of these allocates. */
export interface Machine {
  /** Every access goes through `load` and `store` (uninitialised reads, watchpoints). Fixed before the first run. */
  readonly checking: boolean;
  /** Sees every access of cores as the instruction makes it, before it is done (with `checking`). */
  readonly observe?: Observer;
  readonly memories: Memories;
  /** Times of cores and what else the scheduler shares (`limitSlot`...): 16 entries. */
  readonly clock: Float64Array;
  readonly banks: Banks;
  /** The cluster's eight and the fabric controller. */
  readonly cores: readonly Core[];
  /**
   * A load of 1, 2 or 4 bytes, never across a word, outside the core's own fast region (or anywhere in checking mode).
   * Returns the zero-extended value, sets core.latency and core.cause. `time` is the tick at which it is issued. In
   * checking mode (`checking`) the machine also arbitrates banks and reports their stall as latency.
   */
  load(core: Core, address: number, size: number, time: number): number;
  store(core: Core, address: number, size: number, value: number, time: number): void;
  /**
   * p.elw. Either the answer is there: returns it and sets latency; or sets core.status = asleep (the machine then calls
   * `wakeCore` later). Addresses outside the event unit behave as a plain load.
   */
  wait(core: Core, address: number, time: number): number;
  /** Instruction line of 16 bytes fetched from memory: returns the tick at which it has arrived (>= time). */
  refill(core: Core, address: number, time: number): number;
  /** `slti x0, x0, id`. */
  marker(core: Core, id: number, time: number): void;
  /** ebreak inside the semihosting sequence; others trap before. Sets x[10]; may end the run. */
  semihost(core: Core, time: number): void;
  /** Runs the device events up to and including `time`, and updates clock[eventSlot]. */
  runEvents(time: number): void;
  /** Set by the machine when the program exits (with limit and horizon 0): `runUntil` returns. */
  exited: boolean;
}
