/** Running firmware in this process: load, run, look at memory by symbol, stop at breakpoints, profile. */
import { attempt, error, Refusal, type Result } from "../../ir/diagnostic.js";
import { flushCode } from "./core/block.js";
import { type Core, coreCount, fabric, Status, Trap, type TrapKind } from "./core/contract.js";
import { cyclesAt, startCore } from "./core/control.js";
import { runUntil } from "./core/run.js";
import type { Firmware, Segment } from "./elf.js";
import { accountOf } from "./insight/account.js";
import { coreName } from "./insight/profile.js";
import { createRegions, type RegionSpan } from "./insight/regions.js";
import { type RunReport, reportOf } from "./insight/report.js";
import type { Recorder } from "./insight/trace.js";
import { type CheckOptions, createMachine, type Gap8 } from "./machine.js";
import { fabricTcdm, hex, isIn, l1, l2 } from "./memory-map.js";
import { type Profile, profiles } from "./profiles.js";
import { type SymbolTable, symbolTable } from "./symbols.js";

export interface SimulationOptions {
  /** `gvsoc` follows the GVSOC model, `rtl` the documented hardware. Default: gvsoc. */
  readonly profile?: Profile["name"];
  /** Each completed line of output, with its line feed, and who printed it (512: the fabric controller). */
  readonly onConsole?: (text: string, core: number) => void;
  /** Addresses or symbols where a run stops before the instruction. */
  readonly breakpoints?: readonly (number | string)[];
  /** Stacks are watched by default; 2-D DMA hazards in profile rtl; uninitialised reads only on demand. */
  readonly checks?: Partial<CheckOptions>;
  /** Files that semihosting reads and writes. */
  readonly files?: Map<string, Uint8Array>;
  readonly recorder?: Recorder;
  /** Runs of a block in the interpreter before it is compiled; Infinity interprets everything. */
  readonly hotAfter?: number;
}

/** Why a run stopped. A trap says what happened and where. */
export type RunEnd =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "budget" | "breakpoint" | "deadlock" | "trap"; readonly trap: TrapReport };
export interface TrapReport {
  readonly kind: TrapKind;
  /** 0..7, 8 for the fabric controller, -1 for nobody in particular. */
  readonly core: number;
  readonly pc: number;
  readonly text: string;
  /** One sentence for each core that sleeps, for a deadlock. */
  readonly waits: readonly string[];
}

export interface Simulation {
  readonly machine: Gap8;
  readonly symbols: SymbolTable;
  /**
   * Goes on until the program exits, traps, stops at a breakpoint, or `budget` instructions are done (all cores together;
   * default: no bound). After a breakpoint or a spent budget it can be called again.
   */
  run(budget?: number): RunEnd;
  /** What the program has printed. */
  console(): string;
  /** Bytes at a symbol (its size) or at an address. Nothing where there is no such memory. */
  read(place: string | number, size?: number): Uint8Array | undefined;
  write(place: string | number, bytes: Uint8Array): boolean;
  report(): RunReport;
  /** Tells the recorder what the end of the run cuts off; once, before the trace is written. */
  finish(): void;
  /** Runs through regions, for traces. */
  spans(): readonly RegionSpan[];
  /** Simulated picoseconds. */
  time(): number;
  /** What the user should know: devices that are not modelled, ids freed twice. */
  notes(): readonly string[];
}

/** Fewest cycles between two looks at the instruction budget. */
const shortestSlice = 1000;
const forever = 1e15;

/** A simulation of the firmware, about to execute its first instruction on the fabric controller. */
export function createSimulation(firmware: Firmware, options: SimulationOptions = {}): Result<Simulation> {
  return attempt(() => {
    const symbols = symbolTable(firmware);
    const machine = build(options);
    for (const segment of firmware.segments) place(machine, firmware.file, segment);
    for (const b of options.breakpoints ?? []) setBreakpoint(machine, addressOf(symbols, b, firmware.file));
    const controller = machine.cores[fabric]!;
    startCore(controller, firmware.entry, 0);
    machine.devices.start();
    return simulation(machine, symbols);
  });
}

function build(options: SimulationOptions): Gap8 {
  const profile = profiles[options.profile ?? "gvsoc"];
  const checks = { uninitialised: false, stacks: true, dma: profile.name === "rtl", ...options.checks };
  const machine = createMachine({
    profile,
    checks,
    files: options.files ?? new Map(),
    print: options.onConsole,
    recorder: options.recorder,
  });
  if (options.hotAfter !== undefined) for (const core of machine.cores) core.code.hotAfter = options.hotAfter;
  return machine;
}

/** Copies a segment to its memory. */
function place(machine: Gap8, file: string, segment: Segment): void {
  const { bytes } = machine.system;
  const targets = [
    { region: l2, memory: bytes.l2, name: "l2" },
    { region: l1, memory: bytes.l1, name: "l1" },
    { region: fabricTcdm, memory: bytes.fc, name: "fc" },
  ] as const;
  if (segment.size === 0) return;
  const last = segment.address + segment.size - 1;
  const target = targets.find((t) => isIn(t.region, segment.address) && isIn(t.region, last));
  if (!target) {
    throw new Refusal(
      error("sim/segment-outside-memory", `${file}: a segment does not lie in a memory of GAP8`, {
        found: `${segment.size} bytes at ${hex(segment.address)}`,
        expected: targets
          .map((t) => `${t.region.name} at ${hex(t.region.base)}, ${t.region.size} bytes`)
          .join("; "),
        help: "link the program with a linker script for GAP8",
      }),
    );
  }
  const offset = segment.address - target.region.base;
  target.memory.set(segment.data, offset);
  machine.checks.written(target.name, offset, segment.size);
}

function addressOf(symbols: SymbolTable, place: number | string, file: string): number {
  if (typeof place === "number") return place;
  const symbol = symbols.named(place);
  if (symbol) return symbol.address;
  throw new Refusal(error("sim/no-such-symbol", `${file}: there is no symbol ${place}`, { found: place }));
}

function setBreakpoint(machine: Gap8, address: number): void {
  for (const { code } of machine.cores) {
    code.breakpoints.add(address);
    flushCode(code);
  }
}

/** Lets a core that stopped at a breakpoint execute the instruction there. */
function stepOver(machine: Gap8, core: Core): void {
  const { pc, code } = core;
  core.status = Status.running;
  for (const c of machine.cores) c.code.breakpoints.delete(pc);
  flushCode(code);
  try {
    runUntil(machine, machine.cores, machine.clock[core.id]! + core.period);
  } finally {
    setBreakpoint(machine, pc);
  }
}

function simulation(machine: Gap8, symbols: SymbolTable): Simulation {
  const { cores, system } = machine;
  const regions = createRegions(cyclesAt);
  machine.onMarker = regions.mark;
  let now = 0;
  let stopped: Core | undefined;
  const instructions = () => cores.reduce((sum, core) => sum + accountOf(core, now).instructions, 0);

  const slice = (left: number): RunEnd | undefined => {
    const cycles = Number.isFinite(left) ? Math.max(shortestSlice, Math.floor(left / coreCount)) : forever;
    const deadline = now + cycles * system.cluster.period;
    const pause = runUntil(machine, cores, deadline);
    now = pause === "deadline" ? deadline : latest(machine);
    if (pause === "exited") return { kind: "exit", code: machine.exitCode ?? 0 };
    return pause === "deadlock" ? deadlock(machine, symbols) : undefined;
  };
  const run = (budget = Number.POSITIVE_INFINITY): RunEnd => {
    const aim = Number.isFinite(budget) ? instructions() + budget : budget;
    try {
      const resumed = stopped;
      stopped = undefined;
      if (resumed) stepOver(machine, resumed);
      for (;;) {
        const left = Number.isFinite(aim) ? aim - instructions() : aim;
        if (left <= 0) return spent(budget);
        const end = slice(left);
        if (end) return end;
      }
    } catch (e) {
      if (!(e instanceof Trap)) throw e;
      now = latest(machine);
      const kind = e.kind === "breakpoint" ? "breakpoint" : "trap";
      if (kind === "breakpoint") stopped = cores[e.core];
      return {
        kind,
        trap: { kind: e.kind, core: e.core, pc: e.pc >>> 0, text: explain(e, symbols), waits: [] },
      };
    }
  };
  const bytesAt = (
    place: string | number,
    size?: number,
  ): { readonly address: number; readonly size: number } | undefined => {
    if (typeof place === "number") return { address: place, size: size ?? 4 };
    const symbol = symbols.named(place);
    return symbol && { address: symbol.address, size: size ?? symbol.size };
  };
  const observer = cores[0]!;
  return {
    machine,
    symbols,
    run,
    console: () => machine.console.text(),
    read: (place, size) => {
      const range = bytesAt(place, size);
      if (!range) return undefined;
      const bytes = Array.from({ length: range.size }, (_, i) => machine.peek(observer, range.address + i));
      return bytes.includes(undefined) ? undefined : Uint8Array.from(bytes as number[]);
    },
    write: (place, bytes) => {
      const range = bytesAt(place, bytes.length);
      if (!range) return false;
      machine.checks.writtenAt(range.address, bytes.length);
      return bytes.every((byte, i) => machine.poke(observer, range.address + i, byte));
    },
    finish: () => machine.devices.finish(now),
    report: () => reportOf(cores, now, cyclesAt, symbols, regions),
    spans: () => regions.spans,
    time: () => now,
    notes: () => machine.notes,
  };
}

/** Ticks at the latest thing that any core did. */
const latest = (machine: Gap8): number =>
  machine.cores.reduce((time, core) => {
    const own = machine.clock[core.id]!;
    return Math.max(time, Number.isFinite(own) ? own : core.sleepSince);
  }, 0);

function spent(budget: number): RunEnd {
  const text = `the program did not exit within ${budget} instructions`;
  return { kind: "budget", trap: { kind: "budget", core: -1, pc: 0, text, waits: [] } };
}

function deadlock(machine: Gap8, symbols: SymbolTable): RunEnd {
  const asleep = machine.cores.filter((c) => c.status === Status.asleep);
  const place = (pc: number) => symbols.describe(pc) ?? hex(pc);
  const waits = asleep.map(
    (c) => `${coreName(c.id)} at ${place(c.pc)} waits for ${machine.devices.describe(c)}`,
  );
  const text =
    asleep.length === 0
      ? "no core runs, and nothing will happen any more"
      : "every core sleeps, and no event is on its way";
  return { kind: "deadlock", trap: { kind: "deadlock", core: -1, pc: 0, text, waits } };
}

/** The trap's text with the instruction's place. */
function explain(trap: Trap, symbols: SymbolTable): string {
  const at = symbols.describe(trap.pc);
  const place = at ? `${at} (${hex(trap.pc)})` : hex(trap.pc);
  const target = trap.address === undefined ? undefined : symbols.describe(trap.address);
  const beside = target ? ` (${target})` : "";
  return `${trap.core < 0 ? "" : `${coreName(trap.core)} at ${place}: `}${trap.message}${beside}`;
}
