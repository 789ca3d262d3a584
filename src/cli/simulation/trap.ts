/** A run that did not exit, as a diagnostic. */
import type { TrapKind } from "../../backends/gap8sim/core/contract.js";
import { sceneOf, whereabouts } from "../../backends/gap8sim/insight/scene.js";
import type { Simulation, TrapReport } from "../../backends/gap8sim/simulate.js";
import { type Diagnostic, error } from "../../ir/diagnostic.js";

interface Entry {
  readonly id: Diagnostic["id"];
  readonly help: string;
}

const entries: Readonly<Record<Exclude<TrapKind, "breakpoint">, Entry>> = {
  "illegal-instruction": {
    id: "sim/illegal-instruction",
    help: "compile with -march=rv32imc; a jump into data or past the end of a function also ends here",
  },
  "unmapped-access": {
    id: "sim/unmapped-access",
    help: "look at where the address comes from; docs/gap8sim.md has the memory map",
  },
  "unmapped-fetch": {
    id: "sim/unmapped-fetch",
    help: "a jump through a wrong pointer, or a return with a damaged ra",
  },
  "hardware-loop": {
    id: "sim/hardware-loop",
    help: "a body needs two instructions or more, and its last one may not be a jump or branch",
  },
  "stack-overflow": {
    id: "sim/stack-overflow",
    help: "give the core a larger stack, or put arrays elsewhere",
  },
  "uninitialised-read": { id: "sim/uninitialised-read", help: "write the memory before it is read" },
  "dma-hazard": {
    id: "sim/dma-hazard",
    help: "wait for the transfer, then pass a barrier, before the next one",
  },
  "environment-call": {
    id: "sim/environment-call",
    help: "there is no operating system; use semihosting or stdout",
  },
  deadlock: {
    id: "sim/deadlock",
    help: "look for the core that is to raise the event, and for masks that lack it",
  },
  budget: { id: "sim/budget", help: "raise --budget, or look at where the cores are" },
};

/** The diagnostic of the trap; `file` is the firmware. */
export function trapDiagnostic(simulation: Simulation, trap: TrapReport, file: string): Diagnostic {
  const { machine, symbols } = simulation;
  const entry = entries[trap.kind as keyof typeof entries] ?? {
    id: "sim/breakpoint" as const,
    help: "take the ebreak out, or frame it as a semihosting call",
  };
  if (trap.core < 0) {
    const found = trap.kind === "budget" ? whereabouts(machine, symbols) : trap.waits;
    return error(entry.id, trap.text, {
      help: entry.help,
      ...(found.length > 0 ? { found: found.join("\n") } : {}),
    });
  }
  const { listing, origin } = sceneOf(machine, symbols, machine.cores[trap.core]!, trap.pc);
  const found = [...listing, ...(origin ? [origin] : [])];
  return error(entry.id, trap.text, {
    place: { file, node: symbols.describe(trap.pc) ?? `0x${trap.pc.toString(16).padStart(8, "0")}` },
    ...(found.length > 0 ? { found: found.join("\n") } : {}),
    help: entry.help,
  });
}
