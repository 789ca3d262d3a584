/** The event unit of the SoC: takes events of peripherals and software, masks them, and hands them on to FC and cluster. */
import type { Device } from "./system.js";

export interface SocEvents extends Device {
  raise(event: number, time: number): void;
}

/** Software events are 48..55 (soc_evt_sw_first of gap8_revc.json). */
const firstSoftware = 48;

/** `fabric` and `cluster` put an event into the FIFO of their event unit. */
export function createSocEvents(
  fabric: (event: number, time: number) => void,
  cluster: (event: number, time: number) => void,
): SocEvents {
  // Masks of FC, cluster and peripherals, each upper half first; a set bit keeps the event away.
  const masks = new Int32Array(6).fill(-1);
  const passes = (first: number, event: number) =>
    ((masks[first + (event < 32 ? 1 : 0)]! >>> (event & 31)) & 1) === 0;
  const raise = (event: number, time: number) => {
    if (passes(0, event)) fabric(event, time);
    if (passes(2, event)) cluster(event, time);
  };
  return {
    name: "SoC event unit",
    raise,
    read: (offset) => (offset >= 4 && offset < 28 ? masks[(offset - 4) >> 2]! : 0),
    write: (offset, value, _core, time) => {
      if (offset === 0) {
        for (let i = 0; i < 8; i++) if ((value >> i) & 1) raise(firstSoftware + i, time);
      } else if (offset < 28) masks[(offset - 4) >> 2] = value;
    },
  };
}
