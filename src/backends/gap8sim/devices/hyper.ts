/**
 * HyperBus (uDMA peripheral 3) with a HyperRAM of 8 MiB. A transfer takes a fixed start (delay of the controller, chip
 * select, six command bytes) and one cycle per byte. Registers: `archi/udma/hyper/udma_hyper_v1.h`; latencies: the GAP8
 * target of GVSOC, which has no rows and no refresh.
 */
import { hex, isIn, l2 as l2Region } from "../memory-map.js";
import type { System } from "./system.js";
import { type Channel, createChannel, type Transfer } from "./udma-channel.js";

const ramSize = 0x800000;
const customRegisters = 16;

export interface Hyper {
  readonly ram: Uint8Array;
  read(offset: number): number;
  write(offset: number, value: number, time: number): void;
  pending(): number;
}

/** `ended` is called at the end of a transfer, of the receive channel or of the other. */
export function createHyper(system: System, ended: (isReceive: boolean, time: number) => void): Hyper {
  const { queue, fabric, bytes } = system;
  const timing = system.profile.hyper;
  let contents: Uint8Array | undefined;
  /** Made when it is first touched: most programs never do. */
  const ram = () => (contents ??= new Uint8Array(ramSize).fill(0xff));
  const registers = new Int32Array(customRegisters);
  let busy:
    | {
        readonly channel: Channel;
        readonly isReceive: boolean;
        readonly external: number;
        readonly from: number;
      }
    | undefined;
  let hasSelected = false;
  let lineFree = 0;

  const end = queue.slot((time) => {
    const { channel, isReceive, external, from } = busy!;
    const transfer = channel.queue[0];
    busy = undefined;
    if (transfer) {
      copy(transfer, isReceive, external);
      if (!transfer.isContinuous) channel.queue.shift();
      system.recorder?.transfer(`uDMA HyperRAM ${isReceive ? "in" : "out"}`, from, time, {
        bytes: transfer.size,
      });
      ended(isReceive, time);
    }
    begin(time);
  });
  const begin = (time: number) => {
    if (busy) return;
    const channel = transmit.queue.length > 0 ? transmit : receive;
    const transfer = channel.queue[0];
    if (!transfer) return;
    const isReceive = channel === receive;
    busy = { channel, isReceive, external: registers[0]! & ~1, from: time };
    // Chip select of the transfer before is still to be released.
    const start = (isReceive ? timing.receiveStart : timing.transmitStart) + (hasSelected ? 1 : 0);
    hasSelected = true;
    // A transmission counts as ended when its last word has been read from L2, while the line still sends.
    const early = isReceive ? 0 : Math.max(0, Math.min(timing.readAhead, transfer.size - 4));
    const cycles = start + Math.ceil((transfer.size - early) * timing.cyclesPerByte);
    const begun = Math.max(time, lineFree);
    lineFree = fabric.after(begun, start + Math.ceil(transfer.size * timing.cyclesPerByte));
    queue.schedule(end, fabric.after(begun, cycles));
  };
  const copy = ({ address, size }: Transfer, isReceive: boolean, external: number) => {
    if (!isIn(l2Region, address) || !isIn(l2Region, address + size - 1)) {
      const text = `uDMA transfer of ${size} bytes at ${hex(address)}, which is not in L2`;
      return system.trap("unmapped-access", 8, text, address);
    }
    const from = address - l2Region.base;
    if (external < 0 || external + size > ramSize) {
      system.note(
        `HyperBus transfer at ${hex(external)}: only a RAM of 8 MiB at 0 is modelled; the rest reads as 0xFF`,
      );
    }
    for (let i = 0; i < size; i++) {
      const at = external + i;
      if (isReceive) bytes.l2[from + i] = ram()[at] ?? 0xff;
      else if (at >= 0 && at < ramSize) ram()[at] = bytes.l2[from + i]!;
    }
    if (isReceive) system.written("l2", from, size);
  };
  const cleared = (isReceive: boolean) => () => {
    if (busy?.isReceive !== isReceive) return;
    busy = undefined;
    lineFree = 0;
    queue.cancel(end);
  };
  const receive = createChannel(system, "HyperBus receive", begin, cleared(true));
  const transmit = createChannel(system, "HyperBus transmit", begin, cleared(false));
  return {
    get ram() {
      return ram();
    },
    pending: () => receive.queue.length + transmit.queue.length,
    read: (offset) => {
      if (offset < 0x10) return receive.read(offset);
      return offset < 0x20
        ? transmit.read(offset - 0x10)
        : registers[((offset - 0x20) >> 2) % customRegisters]!;
    },
    write: (offset, value, time) => {
      if (offset < 0x10) receive.write(offset, value, time);
      else if (offset < 0x20) transmit.write(offset - 0x10, value, time);
      else registers[((offset - 0x20) >> 2) % customRegisters] = value;
    },
  };
}
