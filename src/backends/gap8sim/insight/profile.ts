/** Cycles per core and per function, with their causes. */
import { type Core, causeNames, fabric, Status } from "../core/contract.js";
import type { SymbolTable } from "../symbols.js";
import { type Account, accountOf, addBlock, blockCount, emptyAccount } from "./account.js";

/** Cycles by cause, without the causes that took none; they add up to `cycles`. */
export interface Profile {
  readonly cycles: number;
  readonly instructions: number;
  readonly byCause: Readonly<Record<string, number>>;
}
/** Where the cycles of one core went. */
export interface CoreProfile extends Profile {
  /** 0 to 7 are the cluster, 8 is the fabric controller. */
  readonly core: number;
  readonly name: string;
}
/** Where the cycles went that were spent in one function, on all cores of a clock. */
export interface FunctionProfile extends Profile {
  readonly name: string;
  readonly address: number;
  /** Whose clock its cycles are of. */
  readonly domain: "fabric" | "cluster";
}

export const coreName = (id: number): string => (id === fabric ? "FC" : `core ${id}`);

/** Cycles of a core's clock from its start to `time` (ticks). */
export type CyclesOf = (core: Core, time: number) => number;

/**
 * The account in whole cycles that add up to `total` (default: to their own sum). What rounding and changes of the clock
 * leave over goes to the largest of the causes that are counted in time; instructions stay exact.
 */
export function inCycles({ byCause, instructions }: Account, total?: number): Profile {
  const exact = [...byCause].map((v) => Math.max(0, v));
  const cycles = total ?? Math.round(exact.reduce((a, b) => a + b, 0));
  const whole = exact.map(Math.round);
  const timed = whole.map((v, cause) => (cause === 0 ? -1 : v));
  const largest = timed.indexOf(Math.max(...timed));
  const over = cycles - whole.reduce((a, b) => a + b, 0);
  whole[whole[largest]! + over >= 0 ? largest : 0]! += over;
  const named = whole.flatMap((v, cause) => (v === 0 ? [] : [[causeNames[cause]!, v] as const]));
  return { cycles, instructions, byCause: Object.fromEntries(named) };
}

/** Of every core that ran until `time` (ticks). */
export const coreProfiles = (
  cores: readonly Core[],
  time: number,
  cyclesOf: CyclesOf,
): readonly CoreProfile[] =>
  cores
    .filter((c) => c.status !== Status.off)
    .map((c) => {
      const end = endOf(c, time);
      // Where a trap stopped a core, in the middle of a block, no clock says the time.
      const total = c.status === Status.halted ? undefined : Math.round(cyclesOf(c, end));
      return { core: c.id, name: coreName(c.id), ...inCycles(accountOf(c, end), total) };
    });

/** A core that runs may be some cycles ahead of the others. */
const endOf = (core: Core, time: number): number => {
  const own = core.machine.clock[core.id]!;
  return core.status === Status.running && Number.isFinite(own) ? own : time;
};

/** Functions by cycles, summed over the cores of a clock. Time asleep belongs to no function. */
export function functionProfiles(cores: readonly Core[], symbols: SymbolTable): readonly FunctionProfile[] {
  const sums = new Map<
    string,
    { name: string; address: number; domain: "fabric" | "cluster"; account: Account }
  >();
  for (const core of cores)
    for (let id = 1; id < blockCount(core); id++) {
      const block = core.code.blocks[id];
      if (!block || core.runs[id] === 0) continue;
      const owner = symbols.at(block.pc);
      const [name, address] = owner ? [owner.name, owner.address] : ["(no symbol)", 0];
      const domain = core.code.kind;
      const key = `${domain} ${address} ${name}`;
      const sum = sums.get(key) ?? { name, address, domain, account: emptyAccount() };
      sums.set(key, sum);
      addBlock(sum.account, core, id);
    }
  return [...sums.values()]
    .map(({ account, ...rest }) => ({ ...rest, ...inCycles(account) }))
    .sort((a, b) => b.cycles - a.cycles || a.address - b.address);
}

/** Profiles of equal clocks together. */
export function added(profiles: readonly Profile[]): Profile {
  const byCause: Record<string, number> = {};
  for (const p of profiles)
    for (const [cause, n] of Object.entries(p.byCause)) byCause[cause] = (byCause[cause] ?? 0) + n;
  const sum = (of: (p: Profile) => number) => profiles.reduce((total, p) => total + of(p), 0);
  return { cycles: sum((p) => p.cycles), instructions: sum((p) => p.instructions), byCause };
}

/** The causes that took cycles, in the order of the core's list. */
export const causesOf = (profiles: readonly Profile[]): readonly string[] =>
  causeNames.filter((c) => profiles.some((p) => (p.byCause[c] ?? 0) !== 0));
