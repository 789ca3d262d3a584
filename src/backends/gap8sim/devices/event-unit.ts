/**
 * Event unit v3: event buffers and masks, p.elw, software events, events of the SoC. Barriers, dispatch and mutex are files
 * of their own. Register map: `archi/eu/eu_v3.h` of gap_sdk. The cluster has one for its eight cores, the fabric
 * controller has its own.
 */
import { Cause, type Core, Status } from "../core/contract.js";
import { wakeCore } from "../core/control.js";
import { type Barriers, createBarriers } from "./barriers.js";
import { createDispatch, type Dispatch } from "./dispatch.js";
import { createMutex, type Mutex } from "./mutex.js";
import { noRegister, type System } from "./system.js";
import { Reason, type Waiting } from "./waiting.js";

export const events = {
  dma: 8,
  dmaInterrupt: 9,
  timerLow: 10,
  timerHigh: 11,
  barrier: 16,
  mutex: 17,
  dispatch: 18,
  soc: 27,
};

export interface EventUnit {
  readonly name: string;
  /** Sets the events in `mask` for the cores in `cores` (bits; 0 means all). */
  trigger(mask: number, cores: number, time: number): void;
  /** p.elw within a core's own view, or a plain load there. */
  wait(offset: number, core: Core, time: number): number;
  read(offset: number, core: Core, time: number): number;
  write(offset: number, value: number, core: Core, time: number): void;
  /** The view over all cores. */
  readGlobal(offset: number, core: Core): number;
  writeGlobal(offset: number, value: number, core: Core, time: number): void;
  pushSocEvent(event: number, time: number): void;
  /** Tells the recorder who is awake at the end. */
  finish(time: number): void;
  /** What the core sleeps on, for the report of a deadlock. */
  describe(core: Core): string;
  readonly barriers: Barriers;
}

const socEventValid = 0x80000000;
const socEventSlots = 8;

export function createEventUnit(system: System, name: string, cores: readonly Core[]): EventUnit {
  const count = cores.length;
  const status = new Int32Array(count);
  const mask = new Int32Array(count);
  const irqMask = new Int32Array(count);
  const swMask = new Int32Array(count);
  const asleep = new Uint8Array(count);
  const clears = new Int32Array(count);
  const answers = new Int32Array(count);
  const hasAnswer = new Uint8Array(count);
  const reasons = new Int32Array(count);
  const awakeFrom = new Float64Array(count);
  const fifo: number[] = [];
  const { wakeUp, ready } = system.profile.events;

  const wakeIfDue = (local: number, time: number) => {
    const due = status[local]! & mask[local]!;
    if (!asleep[local] || due === 0) return;
    asleep[local] = 0;
    status[local]! &= ~clears[local]!;
    const core = cores[local]!;
    awakeFrom[local] = time;
    const early = Math.max(0, core.sleepSince - time) / core.period;
    wakeCore(core, hasAnswer[local] ? answers[local]! : due, time, Math.max(0, wakeUp - early));
  };
  const trigger = (events: number, targets: number, time: number) => {
    for (let i = 0; i < count; i++) {
      if (targets !== 0 && ((targets >> i) & 1) === 0) continue;
      status[i]! |= events;
      wakeIfDue(i, time);
    }
  };
  const sleep = (core: Core, local: number, clear: number, reason: number, time: number) => {
    const due = status[local]! & mask[local]!;
    clears[local] = clear;
    hasAnswer[local] = 0;
    if (due !== 0) {
      status[local]! &= ~clear;
      core.latency = Math.max(0, ready - 1 - core.timing.eventLoad);
      core.cause = Cause.event;
      return due;
    }
    asleep[local] = 1;
    reasons[local] = reason;
    system.recorder?.awake(core.id, awakeFrom[local] || core.countedAt, time);
    core.status = Status.asleep;
    return 0;
  };
  const waiting: Waiting = {
    sleep,
    trigger,
    answer: (local, value) => {
      answers[local] = value;
      hasAnswer[local] = 1;
    },
    mask: (local) => mask[local]!,
  };
  const barriers = createBarriers(system, waiting, count);
  const dispatch: Dispatch = createDispatch(waiting, count);
  const mutex: Mutex = createMutex(waiting);
  const localOf = (core: Core) => (count === 1 ? 0 : core.id & 7);

  const popSocEvent = (time: number) => {
    const event = fifo.shift();
    if (fifo.length > 0) trigger(1 << events.soc, 0, time);
    return event === undefined ? 0 : socEventValid | event;
  };
  const readCore = (offset: number, local: number, core: Core): number => {
    if (offset === 0x00) return mask[local]!;
    if (offset === 0x0c) return irqMask[local]!;
    if (offset === 0x18) return asleep[local] ? 0 : 1;
    if (offset === 0x1c) return status[local]!;
    if (offset === 0x20) return status[local]! & mask[local]!;
    if (offset === 0x24) return status[local]! & irqMask[local]!;
    if (offset === 0x2c) return swMask[local]!;
    return noRegister(system, name, offset, core, false);
  };
  const masks: Record<number, Int32Array> = { 0: mask, 1: irqMask, 2: swMask };
  const writeCore = (offset: number, value: number, local: number, core: Core, time: number) => {
    if (offset === 0x28) status[local]! &= ~value;
    else if (offset === 0x3c || offset === 0x38) return;
    else {
      const base = offset < 0x18 ? (offset / 12) | 0 : offset >= 0x2c && offset <= 0x34 ? 2 : -1;
      const target = masks[base];
      if (!target) return noRegister(system, name, offset, core, true);
      const how = (offset - (base === 2 ? 0x2c : base * 12)) >> 2;
      target[local] = how === 0 ? value : how === 1 ? target[local]! & ~value : target[local]! | value;
      if (base === 1 && target[local] !== 0) noteInterrupts(system, cores[local]!, target[local]!);
    }
    wakeIfDue(local, time);
  };
  const wait = (offset: number, core: Core, time: number): number => {
    const local = localOf(core);
    core.latency = 0;
    if (offset === 0x38) return sleep(core, local, 0, Reason.event, time);
    if (offset === 0x3c) return sleep(core, local, mask[local]!, Reason.event, time);
    if (offset >= 0x80 && offset < 0xc0) return dispatch.read(offset - 0x80, core, local, time);
    if (offset >= 0xc0 && offset < 0x100) return mutex.lock((offset - 0xc0) >> 2, core, local, time);
    if (offset >= 0x140 && offset < 0x1c0) {
      const event = (offset & 0x3c) >> 2;
      trigger(1 << event, swMask[local]!, time);
      return sleep(core, local, offset < 0x180 ? 0 : mask[local]!, Reason.software | event, time);
    }
    if (offset >= 0x200 && offset < 0x400) return barriers.read(offset - 0x200, core, local, time);
    return readCore(offset, local, core);
  };
  return {
    name,
    barriers,
    trigger,
    wait,
    read: wait,
    write: (offset, value, core, time) => {
      const local = localOf(core);
      if (offset < 0x40) writeCore(offset, value, local, core, time);
      else if (offset >= 0x80 && offset < 0xc0) dispatch.write(offset - 0x80, value, time);
      else if (offset >= 0xc0 && offset < 0x100) mutex.unlock((offset - 0xc0) >> 2, value, time);
      else if (offset >= 0x100 && offset < 0x140) trigger(1 << ((offset & 0x3c) >> 2), value, time);
      else if (offset >= 0x200 && offset < 0x400) barriers.write(offset - 0x200, value, local, time);
      else noRegister(system, name, offset, core, true);
    },
    readGlobal: (offset, core) => {
      if (offset < 0x40 * count) return readCore(offset & 0x3f, offset >> 6, core);
      if (offset >= 0x400 && offset < 0x600) return barriers.readPlain(offset - 0x400);
      if (offset >= 0x700 && offset < 0x780)
        return popSocEvent(system.cores[core.id]!.machine.clock[core.id]!);
      return noRegister(system, name, offset, core, false);
    },
    writeGlobal: (offset, value, core, time) => {
      if (offset < 0x40 * count) writeCore(offset & 0x3f, value, offset >> 6, core, time);
      else if (offset >= 0x400 && offset < 0x600) barriers.write(offset - 0x400, value, -1, time);
      else if (offset >= 0x600 && offset < 0x640) trigger(1 << ((offset & 0x3c) >> 2), value, time);
      else noRegister(system, name, offset, core, true);
    },
    pushSocEvent: (event, time) => {
      if (fifo.length === socEventSlots) return;
      fifo.push(event);
      trigger(1 << events.soc, 0, time);
    },
    finish: (time) => {
      for (let i = 0; i < count; i++) {
        const core = cores[i]!;
        if (core.status === Status.running || core.status === Status.halted)
          system.recorder?.awake(core.id, awakeFrom[i] || core.countedAt, time);
      }
    },
    describe: (core) => {
      const local = localOf(core);
      const reason = reasons[local]!;
      const index = reason & 0xff;
      if (reason >= Reason.barrier) return barriers.describe(index);
      if (reason >= Reason.mutex) return mutex.describe(index);
      if (reason >= Reason.dispatch) return "a dispatched word";
      const listens = `listens to ${eventNames(mask[local]!)}`;
      return reason === Reason.event ? `an event (${listens})` : `software event ${index} (${listens})`;
    },
  };
}

/** Interrupts never come: who enables one should hear it. */
function noteInterrupts(system: System, core: Core, mask: number): void {
  const who = core.hart < 8 ? `core ${core.id}` : "the FC";
  system.note(
    `interrupts are not modelled: ${who} enables ${eventNames(mask)} as interrupts, and no handler will run; wait with p.elw`,
  );
}

const nameOf = (event: number): string => {
  if (event < 8) return `software event ${event}`;
  const named = Object.entries(events).find(([, number]) => number === event);
  return named ? named[0] : `event ${event}`;
};

/** The events in a mask, by name. */
function eventNames(mask: number): string {
  const set = Array.from({ length: 32 }, (_, i) => i).filter((i) => (mask >>> i) & 1);
  return set.length === 0 ? "nothing: its mask is 0" : set.map(nameOf).join(", ");
}
