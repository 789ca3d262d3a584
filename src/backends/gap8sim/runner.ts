/** Running a machine until something ends it, and saying what. */
import { type Core, coreCount, Status, Trap, type TrapKind } from "./core/contract.js";
import { type Pause, runUntil } from "./core/run.js";
import { release, step, type Watched } from "./debug.js";
import { accountOf } from "./insight/account.js";
import { coreName } from "./insight/profile.js";
import type { Gap8 } from "./machine.js";
import { hex } from "./memory-map.js";
import type { SymbolTable } from "./symbols.js";

/** Why a run stopped. A trap says what happened and where. */
export type RunEnd =
  | { readonly kind: "exit"; readonly code: number }
  | {
      readonly kind: "budget" | "breakpoint" | "watchpoint" | "deadlock" | "trap";
      readonly trap: TrapReport;
    };
/** Why the simulated machine stopped, in words. */
export interface TrapReport {
  readonly kind: TrapKind;
  /** 0..7, 8 for the fabric controller, -1 for nobody in particular. */
  readonly core: number;
  readonly pc: number;
  readonly text: string;
  /** One sentence for each core that sleeps, for a deadlock. */
  readonly waits: readonly string[];
  /** The access that a watchpoint saw. */
  readonly watched?: Watched;
}

export interface Runner {
  run(budget?: number): RunEnd;
  /** Executes one instruction of a core, or lets some time pass while it sleeps. */
  step(core: number): RunEnd | undefined;
  /** Simulated picoseconds. */
  now(): number;
}

/** Fewest cycles between two looks at the instruction budget. */
const shortestSlice = 1000;
const forever = 1e15;

/** The state of a run: how far it came, and who stopped. */
export function createRunner(machine: Gap8, symbols: SymbolTable): Runner {
  const { cores, system } = machine;
  let now = 0;
  let stopped: Core | undefined;
  const instructions = () => cores.reduce((sum, core) => sum + accountOf(core, now).instructions, 0);
  const endOf = (pause: Pause): RunEnd | undefined => {
    const watched = machine.resume();
    if (watched) return sighting(machine, watched);
    if (pause === "exited") return { kind: "exit", code: machine.exitCode ?? 0 };
    return pause === "deadlock" ? deadlock(machine, symbols) : undefined;
  };
  const slice = (left: number): RunEnd | undefined => {
    const cycles = Number.isFinite(left) ? Math.max(shortestSlice, Math.floor(left / coreCount)) : forever;
    const deadline = now + cycles * system.cluster.period;
    const pause = runUntil(machine, cores, deadline);
    now = pause === "deadline" ? deadline : latest(machine);
    return endOf(pause);
  };
  /** The end that `body` comes to, also by a trap; then what files hold is saved. */
  const guarded = <T>(body: () => T): T | RunEnd => {
    try {
      return body();
    } catch (e) {
      if (!(e instanceof Trap)) throw e;
      now = latest(machine);
      const kind = e.kind === "breakpoint" ? "breakpoint" : "trap";
      if (kind === "breakpoint") stopped = cores[e.core];
      const text = explain(e, symbols);
      return { kind, trap: { kind: e.kind, core: e.core, pc: e.pc >>> 0, text, waits: [] } };
    } finally {
      machine.devices.semihosting.flush();
    }
  };
  const goOn = (): void => {
    if (stopped) release(stopped);
    stopped = undefined;
  };
  return {
    now: () => now,
    run: (budget = Number.POSITIVE_INFINITY): RunEnd =>
      guarded(() => {
        const aim = Number.isFinite(budget) ? instructions() + budget : budget;
        goOn();
        for (;;) {
          const left = Number.isFinite(aim) ? aim - instructions() : aim;
          if (left <= 0) return spent(budget);
          const end = slice(left);
          if (end) return end;
        }
      }),
    step: (id: number): RunEnd | undefined =>
      guarded(() => {
        goOn();
        const core = cores[id]!;
        const isAsleep = core.status === Status.asleep;
        const pause = isAsleep
          ? runUntil(machine, cores, now + shortestSlice * core.period)
          : step(machine, core);
        now = Math.max(now, isAsleep ? now + shortestSlice * core.period : latest(machine));
        return endOf(pause);
      }),
  };
}

/** Ticks at the latest thing that any core did. */
const latest = (machine: Gap8): number =>
  machine.cores.reduce((time, core) => {
    const own = machine.clock[core.id]!;
    return Math.max(time, Number.isFinite(own) ? own : core.sleepSince);
  }, 0);

function sighting(machine: Gap8, watched: Watched): RunEnd {
  const { core, address, isWrite } = watched;
  const text = `${coreName(core)} ${isWrite ? "writes" : "reads"} ${hex(address)}`;
  const trap = { kind: "breakpoint", core, pc: machine.cores[core]!.pc, text, waits: [], watched } as const;
  return { kind: "watchpoint", trap };
}

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
