/**
 * The two frequency-locked loops. Register layout, the transfer curve of the oscillator and the control loop are those of
 * the GAP8 target of GVSOC (`fll_v1`): open loop at a code, or closed loop that adapts the code at every reference edge.
 */
import type { Core } from "../core/contract.js";
import { ticksPerSecond } from "./clock-domain.js";
import { type Device, noRegister, type System } from "./system.js";

const referenceHertz = 32768;
const referencePeriod = Math.round(ticksPerSecond / referenceHertz);
/** The loop counts the oscillator over one reference period, behind a division by two. */
const loopDivider = 2;
const resetConfiguration = 0x454c05f5;
const resetLoop = 0x02004109;

/** Frequency of the oscillator in Hz for a code of 10 bits. */
export function oscillatorHertz(code: number): number {
  if (code < 219) return 1;
  const megahertz =
    code < 512
      ? -11.2371 - 0.752 * code + 0.003674 * code ** 2
      : -642.57 + 2.59 * code - 0.000445 * code ** 2;
  return megahertz * 1e6;
}
const codeOf = (configuration: number) => (configuration >>> 16) & 0x3ff;
const dividerOf = (configuration: number) => 2 ** ((configuration >>> 26) & 15);
const isClosed = (configuration: number) => configuration >>> 31 === 1;

/** Steps of the multiplication factor that one oscillator code makes, rounded up. */
const settledWithin = 24;

/** `apply` gets the new ticks per cycle. `settlesFrom`: oscillator code of a loop that is closed and on its way. */
export function createFll(
  system: System,
  name: string,
  settlesFrom: number | undefined,
  period: number,
  apply: (period: number, time: number) => void,
): Device & { start(): void } {
  let configuration =
    settlesFrom === undefined ? resetConfiguration : (resetConfiguration | 0x80000000) >>> 0;
  let loop = resetLoop;
  let integrator = Math.round((settlesFrom ?? 0) * 1024);
  let measured = 0;

  const code = () => (isClosed(configuration) ? integrator >> 10 : codeOf(configuration));
  const periodNow = () => {
    const hertz = Math.floor(oscillatorHertz(code()) / dividerOf(configuration));
    return Math.floor(ticksPerSecond / Math.max(1, hertz));
  };
  const edge = system.queue.slot((time) => {
    measured = Math.floor(oscillatorHertz(code()) / referenceHertz / loopDivider);
    const gain = loop & 15;
    const error = (configuration & 0xffff) - measured;
    if (isClosed(configuration) && gain < 10) integrator += (error << 10) >> gain;
    // Within one code of its aim the loop is as good as settled.
    if (Math.abs(error) > settledWithin) {
      apply(periodNow(), time);
      arm(time);
    } else apply(Math.floor(ticksPerSecond / ((configuration & 0xffff) * referenceHertz)), time);
  });
  const arm = (time: number) => {
    if (!isClosed(configuration)) return system.queue.cancel(edge);
    system.queue.schedule(edge, (Math.floor(time / referencePeriod) + 1) * referencePeriod);
  };
  const write = (offset: number, value: number, core: Core, time: number) => {
    if (offset === 0x4) {
      if (isClosed(value) && !isClosed(configuration)) integrator = code() << 10;
      configuration = value >>> 0;
    } else if (offset === 0x8) loop = value >>> 0;
    else if (offset === 0xc) integrator = (((value >>> 16) & 0x3ff) << 10) | ((value >>> 6) & 0x3ff);
    else return noRegister(system, name, offset, core, true);
    apply(periodNow(), time);
    arm(time);
  };
  const read = (offset: number, core: Core): number => {
    if (offset === 0x0) return measured;
    if (offset === 0x4) return configuration;
    if (offset === 0x8) return loop;
    if (offset === 0xc) return ((integrator >> 10) << 16) | ((integrator & 0x3ff) << 6);
    return noRegister(system, name, offset, core, false);
  };
  return {
    name,
    read,
    write,
    start: () => {
      if (isClosed(configuration)) apply(periodNow(), 0);
      else apply(period, 0);
      arm(0);
    },
  };
}
