/** The uDMA: clock gates and its peripherals. Only HyperBus (id 3) does something; the others keep what is written. */
import type { Core } from "../core/contract.js";
import type { Hyper } from "./hyper.js";
import { type Device, noRegister, type System } from "./system.js";

const peripheralStride = 0x80;
const configuration = 0x780;
const hyperId = 3;
const names = ["LVDS", "SPIM 0", "SPIM 1", "HyperBus", "UART", "I2C 0", "I2C 1", "TCDM", "I2S", "camera"];

export function createUdma(system: System, hyper: Hyper): Device {
  let gates = 0;
  const routes = new Map<number, number>();
  const kept = new Int32Array((names.length * peripheralStride) >> 2);
  const told = new Set<number>();
  const name = "uDMA";
  const isOn = (id: number) => ((gates >>> id) & 1) === 1;
  const tell = (id: number) => {
    if (told.has(id)) return;
    told.add(id);
    const text = isOn(id)
      ? `uDMA peripheral ${names[id]} is not modelled: its registers only keep what is written`
      : `uDMA peripheral ${names[id]} was accessed while its clock is gated (set bit ${id} of 0x1a102780)`;
    system.note(text);
  };
  return {
    name,
    read: (offset, core: Core) => {
      if (offset === configuration) return gates;
      if (offset > configuration) return routes.get(offset) ?? 0;
      const id = Math.floor(offset / peripheralStride);
      if (id >= names.length) return noRegister(system, name, offset, core, false);
      if (id !== hyperId || !isOn(id)) tell(id);
      if (!isOn(id)) return 0;
      return id === hyperId ? hyper.read(offset % peripheralStride) : kept[offset >> 2]!;
    },
    write: (offset, value, core: Core, time) => {
      if (offset === configuration) gates = value;
      else if (offset > configuration) routes.set(offset, value);
      else {
        const id = Math.floor(offset / peripheralStride);
        if (id >= names.length) return noRegister(system, name, offset, core, true);
        if (id !== hyperId || !isOn(id)) tell(id);
        if (!isOn(id)) return;
        if (id === hyperId) hyper.write(offset % peripheralStride, value, time);
        else kept[offset >> 2] = value;
      }
    },
  };
}
