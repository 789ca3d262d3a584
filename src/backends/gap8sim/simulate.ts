/** Running firmware in this process: load, run, look at memory by symbol, stop at breakpoints, profile. */
import { attempt, error, Refusal, type Result } from "../../ir/diagnostic.js";
import { fabric, type Observer } from "./core/contract.js";
import { cyclesAt, startCore } from "./core/control.js";
import { clearBreakpoint, makeDebuggable, setBreakpoint } from "./debug.js";
import type { FileStore } from "./devices/open-files.js";
import type { Firmware, Segment } from "./elf.js";
import { createRegions, type RegionSpan } from "./insight/regions.js";
import { type RunReport, reportOf } from "./insight/report.js";
import type { Recorder } from "./insight/trace.js";
import { type CheckOptions, createMachine, type Gap8 } from "./machine.js";
import { fabricTcdm, hex, isIn, l1, l2 } from "./memory-map.js";
import { type Profile, profiles } from "./profiles.js";
import { createRunner, type RunEnd } from "./runner.js";
import { type SymbolTable, symbolTable } from "./symbols.js";

/** How the machine is timed, and who listens to it. */
export interface SimulationOptions {
  /** `gvsoc` follows the GVSOC model, `rtl` the documented hardware. Default: gvsoc. */
  readonly profile?: Profile["name"];
  /** Each completed line of output, with its line feed, and who printed it (512: the fabric controller). */
  readonly onConsole?: (text: string, core: number) => void;
  /** Addresses or symbols where a run stops before the instruction. */
  readonly breakpoints?: readonly (number | string)[];
  /** Stacks are watched by default; 2-D DMA hazards in profile rtl; uninitialised reads only on demand. */
  readonly checks?: Partial<CheckOptions>;
  /** Files that semihosting opens: by name, or of a folder (`filesInFolder`). What is written is there once a run has ended. */
  readonly files?: FileStore | Map<string, Uint8Array>;
  readonly recorder?: Recorder;
  /** Runs of a block in the interpreter before it is compiled; Infinity interprets everything. */
  readonly hotAfter?: number;
  /** For debuggers: exact steps, breakpoints and watchpoints, at a tenth of the speed. */
  readonly debugging?: boolean;
  /** Sees every access of every core; the text that it gives ends the run as a trap. Slow. */
  readonly observe?: Observer;
}

export type { RunEnd, TrapReport } from "./runner.js";

/** A machine with firmware loaded: run it, look into it, run it on. */
export interface Simulation {
  readonly machine: Gap8;
  readonly symbols: SymbolTable;
  /**
   * Goes on until the program exits, traps, stops at a breakpoint, or `budget` instructions are done (all cores together;
   * default: no bound). After a breakpoint or a spent budget it can be called again.
   */
  run(budget?: number): RunEnd;
  /** Executes one instruction of a core (with `debugging`); the end of the run, if it came to one. A core asleep waits. */
  step(core: number): RunEnd | undefined;
  /** Sets or clears a breakpoint at a symbol or an address; false where there is no such symbol. */
  breakAt(place: string | number): boolean;
  clearBreak(place: string | number): void;
  /** What the program has printed. */
  console(): string;
  /** Bytes at a symbol (its size) or at an address. Nothing where there is no such memory. */
  read(place: string | number, size?: number): Uint8Array | undefined;
  /** Writes bytes there; false where there is no such memory, or more of them than the symbol has. */
  write(place: string | number, bytes: Uint8Array): boolean;
  /** The 8 MiB of the HyperRAM, to read and write. */
  readonly hyperRam: Uint8Array;
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
    watches: options.debugging ?? false,
    observe: options.observe,
  });
  if (options.hotAfter !== undefined) for (const core of machine.cores) core.code.hotAfter = options.hotAfter;
  if (options.debugging) makeDebuggable(machine);
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

/** Memory as the program sees it, by symbol or address. */
function createMemory(machine: Gap8, symbols: SymbolTable) {
  const observer = machine.cores[0]!;
  const rangeOf = (place: string | number, size?: number) => {
    if (typeof place === "number") return { address: place, size: size ?? 4, most: Number.POSITIVE_INFINITY };
    const symbol = symbols.named(place);
    const most = symbol?.size || Number.POSITIVE_INFINITY;
    return symbol && { address: symbol.address, size: size ?? symbol.size, most };
  };
  return {
    read: (place: string | number, size?: number): Uint8Array | undefined => {
      const range = rangeOf(place, size);
      if (!range) return undefined;
      const bytes = Array.from({ length: range.size }, (_, i) => machine.peek(observer, range.address + i));
      return bytes.includes(undefined) ? undefined : Uint8Array.from(bytes as number[]);
    },
    write: (place: string | number, bytes: Uint8Array): boolean => {
      const range = rangeOf(place, bytes.length);
      if (!range || bytes.length > range.most) return false;
      machine.checks.writtenAt(range.address, bytes.length);
      return bytes.every((byte, i) => machine.poke(observer, range.address + i, byte));
    },
  };
}

function simulation(machine: Gap8, symbols: SymbolTable): Simulation {
  const { cores } = machine;
  const regions = createRegions(cyclesAt);
  machine.onMarker = regions.mark;
  const runner = createRunner(machine, symbols);
  const addressAt = (place: string | number) =>
    typeof place === "number" ? place : symbols.named(place)?.address;
  return {
    machine,
    symbols,
    run: runner.run,
    step: runner.step,
    ...createMemory(machine, symbols),
    get hyperRam() {
      return machine.devices.hyper.ram;
    },
    breakAt: (place) => {
      const address = addressAt(place);
      if (address !== undefined) setBreakpoint(machine, address);
      return address !== undefined;
    },
    clearBreak: (place) => {
      const address = addressAt(place);
      if (address !== undefined) clearBreakpoint(machine, address);
    },
    console: () => machine.console.text(),
    finish: () => machine.devices.finish(runner.now()),
    report: () => reportOf(cores, runner.now(), cyclesAt, symbols, regions),
    spans: () => regions.spans,
    time: runner.now,
    notes: () => machine.notes,
  };
}
