/**
 * Dispatch unit: a FIFO of eight words that a master pushes and every core of the team pops once, in order; cores outside
 * the team at the time of the push skip the word.
 */
import type { Core } from "../core/contract.js";
import { Reason, type Waiting } from "./waiting.js";

export interface Dispatch {
  read(offset: number, core: Core, local: number, time: number): number;
  write(offset: number, value: number, time: number): void;
}

const depth = 8;
const dispatchEvent = 18;

export function createDispatch(waiting: Waiting, cores: number): Dispatch {
  const values = new Int32Array(depth);
  /** Cores that have not taken the word yet; cores that it is meant for; cores that sleep for it. */
  const untaken = new Int32Array(depth);
  const teams = new Int32Array(depth);
  const sleepers = new Int32Array(depth);
  const tails = new Uint8Array(cores);
  let head = 0;
  let team = 0;

  const take = (entry: number, local: number) => {
    untaken[entry]! &= ~(1 << local);
    sleepers[entry]! &= ~(1 << local);
    tails[local] = (entry + 1) % depth;
  };
  const push = (value: number, time: number) => {
    const entry = head;
    head = (head + 1) % depth;
    values[entry] = value;
    teams[entry] = team;
    untaken[entry] = -1;
    const waitingFor = sleepers[entry]!;
    for (let i = 0; i < cores; i++) {
      if (((waitingFor >> i) & 1) === 0) continue;
      take(entry, i);
      if ((team >> i) & 1) {
        waiting.answer(i, value);
        waiting.trigger(1 << dispatchEvent, 1 << i, time);
      } else sleepers[tails[i]!]! |= 1 << i;
    }
  };
  const pop = (core: Core, local: number, time: number): number => {
    const me = 1 << local;
    let entry = tails[local]!;
    while (untaken[entry]! & me && !(teams[entry]! & me)) {
      take(entry, local);
      entry = tails[local]!;
    }
    if (untaken[entry]! & me) {
      take(entry, local);
      return values[entry]!;
    }
    sleepers[entry]! |= me;
    return waiting.sleep(core, local, 1 << dispatchEvent, Reason.dispatch, time);
  };
  return {
    read: (offset, core, local, time) => (offset === 0 ? pop(core, local, time) : team),
    write: (offset, value, time) => {
      if (offset === 0) push(value, time);
      else if (offset === 4) team = value;
    },
  };
}
