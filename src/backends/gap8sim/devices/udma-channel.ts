/** One channel of the uDMA: two transfers may be queued, registers SADDR, SIZE and CFG. */
import type { System } from "./system.js";

export interface Transfer {
  readonly address: number;
  readonly size: number;
  readonly isContinuous: boolean;
}
export interface Channel {
  /** The transfer at work, and the one behind it. */
  readonly queue: Transfer[];
  read(offset: number): number;
  write(offset: number, value: number, time: number): void;
}

const mostTransfers = 2;
const Config = { continuous: 1, enable: 0x10, clear: 0x20 };

/** `started` is called when a transfer joins the queue, `cleared` when the queue is emptied. */
export function createChannel(
  system: System,
  name: string,
  started: (time: number) => void,
  cleared: (time: number) => void,
): Channel {
  let [address, size, config] = [0, 0, 0];
  const queue: Transfer[] = [];
  return {
    queue,
    read: (offset) => {
      if (offset === 0) return address;
      if (offset === 4) return size;
      const busy =
        (queue.length > 0 ? Config.enable : 0) | (queue.length === mostTransfers ? Config.clear : 0);
      return (config & 0xf) | busy;
    },
    write: (offset, value, time) => {
      if (offset === 0) address = value >>> 0;
      else if (offset === 4) size = value & 0xfffff;
      else {
        config = value & 0xf;
        if (value & Config.clear) {
          queue.length = 0;
          cleared(time);
        }
        if ((value & Config.enable) === 0) return;
        if (queue.length === mostTransfers)
          return system.note(`uDMA ${name}: a third transfer was started and is lost`);
        queue.push({ address: address & ~3, size, isContinuous: (value & Config.continuous) !== 0 });
        started(time);
      }
    },
  };
}
