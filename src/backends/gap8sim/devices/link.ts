/**
 * One way through the interconnect with a given bandwidth, as GVSOC's router has it: packets are served in the order in
 * which they ask, reads and writes in one queue, each for ceil(size / bandwidth) cycles.
 */
import type { ClockDomain } from "./clock-domain.js";

export interface Link {
  readonly domain: ClockDomain;
  /** 0: no queue at all. */
  readonly bytesPerCycle: number;
  /** Cycle of the domain from which the link is free. */
  free: number;
}

export const createLink = (domain: ClockDomain, bytesPerCycle: number): Link => ({
  domain,
  bytesPerCycle,
  free: 0,
});

/** Queues a packet at `time`: cycles until it is served, counted from `time` and at least `latency` (what it waits anyway). */
export function passLink(link: Link, time: number, size: number, latency: number): number {
  if (link.bytesPerCycle === 0) return latency;
  const now = link.domain.cycles(time);
  const start = Math.max(link.free, now);
  link.free = start + Math.ceil(size / link.bytesPerCycle);
  return Math.max(latency, start - now);
}
