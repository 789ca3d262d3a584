/** Regions that programs mark with `slti x0, x0, id` (0 ends one): what each cost, and when it ran. */
import type { Core } from "../core/contract.js";
import { type Account, accountOf, difference, emptyAccount } from "./account.js";
import { type CyclesOf, inCycles, type Profile } from "./profile.js";

/** One run through a region; times in ticks. */
export interface RegionSpan {
  readonly id: number;
  readonly core: number;
  readonly from: number;
  readonly to: number;
}
/** Where the cycles of one core went between the marks of a region. */
export interface RegionProfile extends Profile {
  readonly id: number;
  readonly core: number;
  /** How often the core entered the region. */
  readonly runs: number;
}
export interface Regions {
  /** A core passed a marker at `time` (ticks). */
  mark(core: Core, id: number, time: number): void;
  /** Ends what is still open. */
  finish(time: number): void;
  /** By id, then by core. */
  profiles(): readonly RegionProfile[];
  readonly spans: readonly RegionSpan[];
}

interface Open {
  readonly core: Core;
  readonly id: number;
  readonly from: number;
  readonly before: Account;
}
interface Sum {
  readonly id: number;
  readonly core: number;
  readonly account: Account;
  runs: number;
  cycles: number;
}

/** More single runs than this are not kept one by one; their sums are. */
const mostSpans = 100_000;

export function createRegions(cyclesOf: CyclesOf): Regions {
  const open = new Map<number, Open>();
  const sums = new Map<string, Sum>();
  const spans: RegionSpan[] = [];
  const close = ({ core, id, from, before }: Open, time: number) => {
    const key = `${id} ${core.id}`;
    const sum = sums.get(key) ?? { id, core: core.id, account: emptyAccount(), runs: 0, cycles: 0 };
    sums.set(key, sum);
    const spent = difference(accountOf(core, time), before);
    spent.byCause.forEach((v, cause) => void (sum.account.byCause[cause]! += v));
    sum.account.instructions += spent.instructions;
    sum.runs++;
    sum.cycles += cyclesOf(core, time) - cyclesOf(core, from);
    if (spans.length < mostSpans) spans.push({ id, core: core.id, from, to: time });
  };
  return {
    spans,
    mark(core, id, time) {
      const last = open.get(core.id);
      if (last) close(last, time);
      if (id === 0) open.delete(core.id);
      else open.set(core.id, { core, id, from: time, before: accountOf(core, time) });
    },
    finish(time) {
      for (const region of open.values()) close(region, time);
      open.clear();
    },
    profiles: () =>
      [...sums.values()]
        .sort((a, b) => a.id - b.id || a.core - b.core)
        .map(({ id, core, account, runs, cycles }) => ({ id, core, runs, ...inCycles(account, cycles) })),
  };
}
