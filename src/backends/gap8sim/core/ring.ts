/**
 * The order of the cluster cores: a ring of cycles, each with the set of cores whose next access falls into it.
 *
 * Among the cores of one cycle, priority alternates from cycle to cycle between the lowest and the highest number. GVSOC does
 * so for cores in step (the events of a cycle run in the reverse order of their scheduling); a round-robin interconnect is
 * as fair.
 */
import { type Core, changedSlot, fabric } from "./contract.js";

const size = 64;
const mask = size - 1;

export interface Ring {
  /** Bit sets of cores by cycle modulo the size; the ring holds the cycles from `now` to `end` - 1. */
  readonly slots: Int32Array;
  now: number;
  end: number;
  /** Tick of cycle 0 and ticks per cycle. */
  origin: number;
  period: number;
  rate: number;
  /** Cores in the ring, and cores that come after it. */
  near: number;
  far: number;
}

export const createRing = (): Ring => ({
  slots: new Int32Array(size),
  now: 0,
  end: 0,
  origin: 0,
  period: 1,
  rate: 1,
  near: 0,
  far: 0,
});

/** Fills the ring from the times of the cores. */
export function fillRing(ring: Ring, cores: readonly Core[], clock: Float64Array): void {
  ring.origin = cores[0]!.origin;
  ring.period = cores[0]!.period;
  ring.rate = 1 / ring.period;
  ring.slots.fill(0);
  ring.near = ring.far = 0;
  let first = Number.POSITIVE_INFINITY;
  for (let id = 0; id < fabric; id++) if (clock[id]! < first) first = clock[id]!;
  ring.now = first < Number.POSITIVE_INFINITY ? Math.round((first - ring.origin) / ring.period) : 0;
  ring.end = ring.now + size;
  for (let id = 0; id < fabric; id++) putBack(ring, id, clock[id]!);
  clock[changedSlot] = 0;
}

/** Puts a core where its time says; a core that sleeps is left out. */
export function putBack(ring: Ring, id: number, time: number): void {
  if (time === Number.POSITIVE_INFINITY) return;
  const cycle = Math.floor((time - ring.origin) * ring.rate + 0.5);
  if (cycle < ring.end) {
    ring.slots[cycle & mask]! |= 1 << id;
    ring.near |= 1 << id;
  } else ring.far |= 1 << id;
}

/** Moves to the first cycle with a core; its tick, or Infinity if the ring is empty. */
export function advance(ring: Ring): number {
  const { slots, end } = ring;
  let cycle = ring.now;
  while (cycle < end && slots[cycle & mask] === 0) cycle++;
  ring.now = cycle;
  return cycle < end ? ring.origin + cycle * ring.period : Number.POSITIVE_INFINITY;
}

/** Takes the core that goes first in the cycle `now` out of the ring. */
export function takeFirst(ring: Ring): number {
  const { slots, now } = ring;
  const set = slots[now & mask]!;
  const id = 31 - Math.clz32((now & 1) === 0 ? set & -set : set);
  slots[now & mask] = set & ~(1 << id);
  ring.near &= ~(1 << id);
  return id;
}
