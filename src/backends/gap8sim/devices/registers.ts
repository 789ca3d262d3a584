/** A peripheral that is not modelled: its registers keep what is written, and the user is told once. */
import type { Device, System } from "./system.js";

export function createRegisters(system: System, name: string): Device {
  const values = new Map<number, number>();
  let isTold = false;
  const tell = () => {
    if (!isTold) system.note(`${name} is not modelled: its registers only keep what is written`);
    isTold = true;
  };
  return {
    name,
    read: (offset) => {
      tell();
      return values.get(offset) ?? 0;
    },
    write: (offset, value) => {
      tell();
      values.set(offset, value);
    },
  };
}
