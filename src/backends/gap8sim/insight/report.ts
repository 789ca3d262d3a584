/** What a run cost, as numbers: for the summary, for JSON and for tests. */
import { type Core, fabric, Status } from "../core/contract.js";
import type { SymbolTable } from "../symbols.js";
import {
  added,
  type CoreProfile,
  type CyclesOf,
  coreProfiles,
  type FunctionProfile,
  functionProfiles,
} from "./profile.js";
import type { RegionProfile, Regions } from "./regions.js";

/** What a run of firmware cost: cycles, instructions, stalls, traffic. */
export interface RunReport {
  /** Cycles of each clock from the reset of the fabric controller to the end; those of the cluster from its start. */
  readonly cycles: { readonly fabric: number; readonly cluster: number };
  readonly instructions: number;
  /** Simulated seconds at the clocks of the profile. */
  readonly seconds: number;
  readonly cores: readonly CoreProfile[];
  /** By cycles, the most expensive first. */
  readonly functions: readonly FunctionProfile[];
  readonly regions: readonly RegionProfile[];
}

const ticksPerSecond = 1e12;

/** The report of a run that ended at `time` (ticks). */
export function reportOf(
  cores: readonly Core[],
  time: number,
  cyclesOf: CyclesOf,
  symbols: SymbolTable,
  regions: Regions,
): RunReport {
  regions.finish(time);
  const profiles = coreProfiles(cores, time, cyclesOf);
  const team = cores.filter((c) => c.id !== fabric && c.status !== Status.off);
  return {
    cycles: {
      fabric: profiles.find((p) => p.core === fabric)?.cycles ?? 0,
      cluster: Math.max(0, ...profiles.filter((p) => p.core !== fabric).map((p) => p.cycles)),
    },
    instructions: added(profiles).instructions,
    seconds: time / ticksPerSecond,
    cores: profiles,
    functions: [
      ...functionProfiles(team, symbols),
      ...functionProfiles(
        cores.filter((c) => c.id === fabric),
        symbols,
      ),
    ].sort((a, b) => b.cycles - a.cycles),
    regions: regions.profiles(),
  };
}
