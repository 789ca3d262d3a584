/** The mutex of the event unit: a load locks it or sleeps, a store unlocks it or hands it to the lowest core that waits. */
import type { Core } from "../core/contract.js";
import { Reason, type Waiting } from "./waiting.js";

export interface Mutex {
  lock(index: number, core: Core, local: number, time: number): number;
  /** The mutex and who holds it. */
  describe(index: number): string;
  unlock(index: number, value: number, time: number): void;
}

const mutexEvent = 17;
const places = 16;

export function createMutex(waiting: Waiting): Mutex {
  const isLocked = new Uint8Array(places);
  const owners = new Int32Array(places);
  const messages = new Int32Array(places);
  const sleepers = new Int32Array(places);
  return {
    describe: (index) => `mutex ${index}, which core ${owners[index]} holds`,
    lock: (index, core, local, time) => {
      if (!isLocked[index]) {
        isLocked[index] = 1;
        owners[index] = local;
        return messages[index]!;
      }
      sleepers[index]! |= 1 << local;
      return waiting.sleep(core, local, 1 << mutexEvent, Reason.mutex | index, time);
    },
    unlock: (index, value, time) => {
      messages[index] = value;
      const waitingFor = sleepers[index]!;
      if (waitingFor === 0) {
        isLocked[index] = 0;
        return;
      }
      const next = 31 - Math.clz32(waitingFor & -waitingFor);
      sleepers[index]! &= ~(1 << next);
      owners[index] = next;
      waiting.answer(next, value);
      waiting.trigger(1 << mutexEvent, 1 << next, time);
    },
  };
}
