/** Ticks and cycles of one clock. A tick is a picosecond. */

export const ticksPerSecond = 1e12;

export interface ClockDomain {
  /** Ticks per cycle. */
  period: number;
  /** Cycles that have begun at `time`: between two edges it is the number of the next. */
  cycles(time: number): number;
  /** The tick `count` cycles after the edge at or after `time`. */
  after(time: number, count: number): number;
  /** From `time` on a cycle takes `period` ticks. */
  setPeriod(period: number, time: number): void;
}

export function createClockDomain(period: number): ClockDomain {
  let [baseTime, baseCycle] = [0, 0];
  const domain: ClockDomain = {
    period,
    cycles: (time) => baseCycle + Math.ceil((time - baseTime) / domain.period),
    after: (time, count) => baseTime + (Math.ceil((time - baseTime) / domain.period) + count) * domain.period,
    setPeriod: (next, time) => {
      const cycle = domain.cycles(time);
      baseTime += (cycle - baseCycle) * domain.period;
      baseCycle = cycle;
      domain.period = next;
    },
  };
  return domain;
}
