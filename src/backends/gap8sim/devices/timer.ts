/**
 * Timer v2: two 32-bit counters, or one of 64 bits. Counts are computed when somebody looks. Register map:
 * `archi/timer/timer_v2.h` of gap_sdk.
 */
import type { Core } from "../core/contract.js";
import type { ClockDomain } from "./clock-domain.js";
import { type Device, noRegister, type System } from "./system.js";

const Bit = {
  enable: 0,
  reset: 1,
  interrupt: 2,
  clearOnMatch: 4,
  oneShot: 5,
  prescaler: 6,
  reference: 7,
  cascade: 31,
};
const isSet = (config: number, bit: number): boolean => ((config >>> bit) & 1) === 1;
const prescale = (config: number): number => (isSet(config, Bit.prescaler) ? ((config >>> 8) & 0xff) + 1 : 1);
const wrap = 2 ** 32;
/** The reference clock of the board. */
const referenceHertz = 32768;
const referencePeriod = 1e12 / referenceHertz;

interface Counter {
  config: number;
  compare: number;
  /** Count at cycle `since`. */
  value: number;
  since: number;
  readonly slot: number;
}

/** `raise` is called with 0 or 1 when that counter's interrupt fires. */
export function createTimer(
  system: System,
  name: string,
  domain: ClockDomain,
  raise: (counter: number, time: number) => void,
): Device {
  const counters = [0, 1].map((index): Counter => {
    const slot = system.queue.slot((time) => match(index, time));
    return { config: 0, compare: 0, value: 0, since: 0, slot };
  });
  const is64 = () => isSet(counters[0]!.config, Bit.cascade);
  const modulus = () => (is64() ? wrap * wrap : wrap);
  /** Steps of the clock that drives the counter. */
  const steps = ({ config }: Counter, time: number) =>
    isSet(config, Bit.reference) ? Math.floor(time / referencePeriod) : domain.cycles(time);

  const countAt = (counter: Counter, time: number): number => {
    if (!isSet(counter.config, Bit.enable)) return counter.value;
    const elapsed = Math.floor((steps(counter, time) - counter.since) / prescale(counter.config));
    return (counter.value + elapsed) % modulus();
  };
  const sync = (counter: Counter, time: number) => {
    counter.value = countAt(counter, time);
    counter.since = steps(counter, time);
  };
  const arm = (counter: Counter, time: number) => {
    const acts = isSet(counter.config, Bit.interrupt) || isSet(counter.config, Bit.clearOnMatch);
    if (!isSet(counter.config, Bit.enable) || !acts) return system.queue.cancel(counter.slot);
    const compare = is64() ? counters[1]!.compare * wrap + counter.compare : counter.compare;
    const left = (compare - counter.value + modulus()) % modulus() || modulus();
    const count = left * prescale(counter.config);
    const isReference = isSet(counter.config, Bit.reference);
    const due = isReference ? (counter.since + count) * referencePeriod : domain.after(time, count);
    system.queue.schedule(counter.slot, Math.ceil(due));
  };
  const match = (index: number, time: number) => {
    const counter = counters[index]!;
    sync(counter, time);
    if (isSet(counter.config, Bit.clearOnMatch)) counter.value = 0;
    if (isSet(counter.config, Bit.oneShot)) counter.config &= ~(1 << Bit.enable);
    if (isSet(counter.config, Bit.interrupt)) raise(index, time);
    arm(counter, time);
  };
  const configure = (index: number, value: number, time: number) => {
    const counter = counters[index]!;
    sync(counter, time);
    counter.config = value & ~(1 << Bit.reset);
    if (isSet(value, Bit.reset)) counter.value = 0;
    counter.since = steps(counter, time);
    arm(counter, time);
  };
  const read = (offset: number, core: Core, time: number): number => {
    const counter = counters[(offset >> 2) & 1]!;
    if (offset < 0x08) return counter.config;
    if (offset < 0x10) {
      if (!is64()) return countAt(counter, time);
      const count = countAt(counters[0]!, time);
      return offset === 0x08 ? count % wrap : Math.floor(count / wrap);
    }
    if (offset < 0x18) return counter.compare;
    return noRegister(system, name, offset, core, false);
  };
  const write = (offset: number, value: number, core: Core, time: number) => {
    const index = (offset >> 2) & 1;
    const counter = counters[index]!;
    if (offset < 0x08) configure(index, value, time);
    else if (offset < 0x10) {
      sync(counter, time);
      counter.value = value >>> 0;
    } else if (offset < 0x18) counter.compare = value >>> 0;
    else if (offset < 0x20) configure(index, counter.config | (1 << Bit.enable), time);
    else if (offset < 0x28) configure(index, counter.config | (1 << Bit.reset), time);
    else return noRegister(system, name, offset, core, true);
    if (offset >= 0x08 && offset < 0x18) {
      sync(counter, time);
      arm(counter, time);
    }
  };
  return { name, read, write };
}
