/** One run of a program from memory contents to memory contents: for tests, and to compare with other engines. */
import { attempt, error, Refusal, type Result, unwrap } from "../../ir/diagnostic.js";
import type { Firmware } from "./elf.js";
import type { RunReport } from "./insight/report.js";
import { createSimulation, type RunEnd, type Simulation, type SimulationOptions } from "./simulate.js";

/** What goes into the memory of firmware before it runs, and what is read when it has ended. */
/** What a run starts with, and what is wanted of it. */
export interface FirmwareRun extends Omit<SimulationOptions, "breakpoints" | "debugging"> {
  /** Bytes by symbol, written before the first instruction, or where `writeAt` says. */
  readonly write?: Readonly<Record<string, Uint8Array>>;
  /** Start-up code clears .bss: a symbol or address behind it, as `main`, where the run halts once for the bytes. */
  readonly writeAt?: string | number;
  /** Contents of the HyperRAM before the run, by address in it. */
  readonly hyperRam?: readonly { readonly address: number; readonly bytes: Uint8Array }[];
  /** Symbols whose bytes are wanted after the run. */
  readonly read?: readonly string[];
  /** Instructions at most; default: no bound. */
  readonly budget?: number;
}
/** How a run of firmware ended, and what it left in memory. */
/** How a run ended, and what it left in memory. */
export interface FirmwareResult {
  readonly end: RunEnd;
  readonly console: string;
  /** What `read` asked for. */
  readonly memory: Readonly<Record<string, Uint8Array>>;
  readonly hyperRam: Uint8Array;
  readonly report: RunReport;
  readonly notes: readonly string[];
}

/** Runs a program on a machine of its own. A trap, a deadlock or a spent budget is an `end`; a name that is not there a diagnostic. */
export function runFirmware(firmware: Firmware, run: FirmwareRun = {}): Result<FirmwareResult> {
  return attempt(() => {
    const { write = {}, writeAt, hyperRam = [], read = [], budget, ...options } = run;
    const breakpoints = writeAt === undefined ? [] : [writeAt];
    const simulation = unwrap(createSimulation(firmware, { ...options, breakpoints }));
    for (const { address, bytes } of hyperRam) simulation.hyperRam.set(bytes, address);
    let end = writeAt === undefined ? undefined : simulation.run(budget);
    if (end === undefined || end.kind === "breakpoint") {
      for (const [symbol, bytes] of Object.entries(write)) place(simulation, firmware.file, symbol, bytes);
      if (writeAt !== undefined) simulation.clearBreak(writeAt);
      end = simulation.run(budget);
    }
    const memory = Object.fromEntries(read.map((s) => [s, contents(simulation, firmware.file, s)]));
    return {
      end,
      console: simulation.console(),
      memory,
      hyperRam: simulation.hyperRam,
      report: simulation.report(),
      notes: simulation.notes(),
    };
  });
}

const missing = (file: string, symbol: string): Refusal =>
  new Refusal(error("sim/no-such-symbol", `${file}: there is no symbol ${symbol}`, { found: symbol }));

function place(simulation: Simulation, file: string, symbol: string, bytes: Uint8Array): void {
  if (simulation.write(symbol, bytes)) return;
  const known = simulation.symbols.named(symbol);
  if (!known) throw missing(file, symbol);
  throw new Refusal(
    error("sim/symbol-size", `${file}: ${symbol} does not hold what is to be written`, {
      found: `${bytes.length} bytes`,
      expected: `at most ${known.size}`,
    }),
  );
}

function contents(simulation: Simulation, file: string, symbol: string): Uint8Array {
  const bytes = simulation.read(symbol);
  if (!bytes) throw missing(file, symbol);
  return bytes;
}
