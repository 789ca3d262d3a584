/**
 * Device events in order of time; `clock[eventSlot]` is the earliest. Every device
 * owns its slots, so that nothing is allocated while the machine runs.
 */
import { eventSlot } from "../core/contract.js";
import { lowerLimit } from "../core/control.js";

export interface EventQueue {
  /** A slot for one pending event at a time; `handle` gets the time of the event. */
  slot(handle: (time: number) => void): number;
  /** Sets the slot's event to `time` (ticks), whatever it was. */
  schedule(slot: number, time: number): void;
  /** As `schedule`, unless the slot has an earlier event. */
  scheduleEarlier(slot: number, time: number): void;
  cancel(slot: number): void;
  isScheduled(slot: number): boolean;
  /** Runs the events up to and including `time`, those of equal time by slot. */
  run(time: number): void;
}

const mostSlots = 32;

export function createEventQueue(clock: Float64Array): EventQueue {
  const times = new Float64Array(mostSlots).fill(Number.POSITIVE_INFINITY);
  const handlers: ((time: number) => void)[] = [];
  let earliest = Number.POSITIVE_INFINITY;
  let first = 0;
  const find = () => {
    earliest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < handlers.length; i++) {
      if (times[i]! < earliest) [earliest, first] = [times[i]!, i];
    }
    clock[eventSlot] = earliest;
  };
  find();
  const schedule = (slot: number, time: number) => {
    const was = times[slot]!;
    times[slot] = time;
    if (time < earliest) {
      clock[eventSlot] = earliest = time;
      first = slot;
      lowerLimit(clock, time);
    } else if (was === earliest) find();
  };
  return {
    slot: (handle) => handlers.push(handle) - 1,
    schedule,
    scheduleEarlier: (slot, time) => {
      if (time < times[slot]!) schedule(slot, time);
    },
    cancel: (slot) => schedule(slot, Number.POSITIVE_INFINITY),
    isScheduled: (slot) => times[slot]! < Number.POSITIVE_INFINITY,
    run: (time) => {
      while (earliest <= time) {
        const [slot, at] = [first, earliest];
        times[slot] = Number.POSITIVE_INFINITY;
        find();
        handlers[slot]!(at);
      }
    },
  };
}
