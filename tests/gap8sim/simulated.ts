/** A program's run for tests: how it ended and what it printed. */
import { loadElf } from "../../src/backends/gap8sim/elf.js";
import {
  createSimulation,
  type RunEnd,
  type SimulationOptions,
} from "../../src/backends/gap8sim/simulate.js";
import { unwrap } from "../../src/ir/diagnostic.js";

export interface Simulated {
  readonly console: string;
  /** Of the program; nothing where it did not exit. */
  readonly code: number | undefined;
  readonly end: string;
}

const endText = (end: RunEnd): string => (end.kind === "exit" ? "exit" : `${end.kind}: ${end.trap.text}`);

/** Runs a program from the bytes of its ELF file. */
export function runFirmware(
  bytes: Uint8Array,
  { budget = 500_000_000, ...options }: SimulationOptions & { readonly budget?: number } = {},
): Simulated {
  const simulation = unwrap(createSimulation(unwrap(loadElf(bytes, "program.elf")), options));
  const end = simulation.run(budget);
  const code = end.kind === "exit" ? end.code : undefined;
  return { console: simulation.console(), code, end: endText(end) };
}
