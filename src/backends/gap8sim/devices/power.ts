/**
 * What powers the cluster up and ends the program: APB SoC control, and the cluster's own control block. Registers:
 * `archi/chips/gap/apb_soc.h` and `archi/cluster_ctrl/cluster_ctrl_v2.h` of gap_sdk.
 */
import { type Core, Status } from "../core/contract.js";
import { startCore } from "../core/control.js";
import { type Device, noRegister, type System } from "./system.js";

const isolate = 0x0c;
const clusterSupply = 0x70;
const coreStatus = 0xa0;
const Supply = { on: 1 << 3, clockGate: 1 << 10, reset: 1 << 13 };
/** Cores begin this many bytes behind their boot address. */
const resetVector = 0x80;

export interface Power {
  readonly soc: Device;
  readonly cluster: Device;
  /** Why the cluster cannot answer, nothing if it can. */
  unreachable(): string | undefined;
}

export function createPower(system: System, exit: (code: number) => void): Power {
  const registers = new Map<number, number>([[isolate, 1]]);
  const get = (offset: number) => registers.get(offset) ?? 0;
  let clock = 0;
  let fetch = 0;
  const boot = new Int32Array(8);

  const unreachable = (): string | undefined => {
    const supply = get(clusterSupply);
    if ((supply & Supply.on) === 0) return "its supply is off (store 1 << 3 to 0x1a104070)";
    if (supply & Supply.reset) return "it is held in reset (bit 13 of 0x1a104070)";
    if (supply & Supply.clockGate) return "its clock is gated (bit 10 of 0x1a104070)";
    return get(isolate) === 0 ? undefined : "it is isolated (store 0 to 0x1a10400c)";
  };
  const soc: Device = {
    name: "SoC control",
    // 0x10 holds the number of cores and clusters.
    read: (offset) => (offset === 0x10 ? 0x80001 : get(offset)),
    write: (offset, value) => {
      registers.set(offset, value);
      if (offset === coreStatus && value < 0) exit(value & 0x7fffffff);
    },
  };
  const enableFetch = (mask: number, time: number) => {
    fetch = mask & 0xff;
    for (let i = 0; i < 8; i++) {
      const core = system.cores[i]!;
      if ((fetch >> i) & 1 && core.status === Status.off)
        startCore(core, (boot[i]! + resetVector) >>> 0, time);
    }
  };
  const name = "cluster control";
  const cluster: Device = {
    name,
    read: (offset, core: Core) => {
      if (offset === 0x08) return fetch;
      if (offset === 0x20) return clock;
      if (offset >= 0x40 && offset < 0x60) return boot[(offset - 0x40) >> 2]!;
      return offset < 0x40 ? get(0x10000 + offset) : noRegister(system, name, offset, core, false);
    },
    write: (offset, value, core, time) => {
      if (offset === 0x08) enableFetch(value, time);
      else if (offset === 0x20) clock = value;
      else if (offset >= 0x40 && offset < 0x60) boot[(offset - 0x40) >> 2] = value;
      else if (offset < 0x40) registers.set(0x10000 + offset, value);
      else noRegister(system, name, offset, core, true);
    },
  };
  return { soc, cluster, unreachable };
}
