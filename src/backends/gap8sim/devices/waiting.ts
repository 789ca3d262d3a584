/** What cores wait for at the event unit. */
import type { Core } from "../core/contract.js";

/** What a sleeping core waits for; barriers and mutex add their number. */
export const Reason = { event: 0, software: 0x100, dispatch: 0x200, mutex: 0x300, barrier: 0x400 } as const;

/** What barriers, dispatch and mutex ask of the unit. */
export interface Waiting {
  /** Puts the core to sleep until an enabled event comes; clears the events in `clear` then. The value of p.elw. */
  sleep(core: Core, local: number, clear: number, reason: number, time: number): number;
  /** What the sleeping core gets from its p.elw. */
  answer(local: number, value: number): void;
  trigger(mask: number, cores: number, time: number): void;
  /** All events that the core listens to. */
  mask(local: number): number;
}
