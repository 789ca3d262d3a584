/**
 * The moving part of the DMA: global queues, bursts to and from L2, and the four ports into L1. Everything is done by
 * events, at most one burst each way and one word per port in a cycle.
 */
import { claimForOthers } from "../core/banks.js";
import { fabricTcdm, hex, isIn, l1 as l1Region, l2 as l2Region, type Region } from "../memory-map.js";
import type { Command } from "./dma-command.js";
import { passLink } from "./link.js";
import type { System } from "./system.js";

export interface Ports {
  isFull(toL1: boolean): boolean;
  push(command: Command, time: number): void;
  pending(): number;
}

/** Bytes on their way; `done` of them have passed the L1 ports. */
interface Burst {
  command: Command;
  l1: number;
  external: number;
  size: number;
  done: number;
  readonly data: Uint8Array;
}

/** Commands in one direction: where the next burst begins. */
interface Stream {
  readonly commands: Command[];
  current: Command | undefined;
  l1: number;
  external: number;
  lineStart: number;
  lineLeft: number;
  outstanding: number;
}
const createStream = (): Stream => ({
  commands: [],
  current: undefined,
  l1: 0,
  external: 0,
  lineStart: 0,
  lineLeft: 0,
  outstanding: 0,
});

/** `finished` gets every piece that arrives, `hasRoom` every time that a command leaves a global queue. */
export function createPorts(
  system: System,
  finished: (command: Command, bytes: number, time: number) => void,
  hasRoom: (time: number) => void,
): Ports {
  const { queue, cluster, bytes, links } = system;
  const shape = system.profile.dma;
  const [inward, outward] = [createStream(), createStream()];
  const arriving: Burst[] = [];
  let leaving: Burst | undefined;
  const spare: Burst[] = [];
  const portFree = new Float64Array(4);
  let unfinished = 0;

  const memoryAt = (command: Command, address: number, size: number): Uint8Array => {
    const whole = (r: Region) => isIn(r, address) && isIn(r, address + size - 1);
    if (whole(l2Region)) return bytes.l2.subarray(address - l2Region.base, address - l2Region.base + size);
    if (whole(fabricTcdm))
      return bytes.fc.subarray(address - fabricTcdm.base, address - fabricTcdm.base + size);
    const text = `DMA transfer of core ${command.channel} ${command.toL1 ? "reads" : "writes"} ${hex(address)}, which is not in L2`;
    return system.trap("unmapped-access", command.channel, text, address);
  };
  /** Bandwidth of the ways to L2; the DMA itself does not wait for it (GVSOC), later accesses of cores do. */
  const occupy = (size: number, time: number) => {
    if (!system.profile.dma.blocksCores) return;
    passLink(links.out, time, size, 0);
    passLink(links.soc, time, size, 0);
    passLink(links.l2, time, size, 0);
  };

  const nextBurst = (stream: Stream): Burst => {
    const command = stream.current!;
    const size = Math.min(stream.lineLeft, command.unsent, shape.burstBytes);
    const burst = spare.pop() ?? {
      command,
      l1: 0,
      external: 0,
      size: 0,
      done: 0,
      data: new Uint8Array(shape.burstBytes),
    };
    Object.assign(burst, { command, l1: stream.l1, external: stream.external, size, done: 0 });
    stream.l1 += size;
    stream.external += size;
    stream.lineLeft -= size;
    command.unsent -= size;
    if (stream.lineLeft === 0) {
      stream.lineLeft = command.line;
      stream.external = stream.lineStart += command.stride;
    }
    if (command.unsent === 0) stream.current = undefined;
    stream.outstanding++;
    return burst;
  };
  const takeCommand = (stream: Stream, time: number) => {
    if (stream.current) return;
    const command = stream.commands.shift();
    if (!command) return;
    stream.current = command;
    stream.l1 = command.l1 & shape.l1Mask;
    stream.external = stream.lineStart = command.external;
    stream.lineLeft = command.line;
    hasRoom(time);
  };
  const wantsBurst = (stream: Stream, limit: number) =>
    stream.current ? stream.outstanding < limit : stream.commands.length > 0;

  const readEvent = queue.slot((time) => {
    takeCommand(inward, time);
    if (inward.current && inward.outstanding < shape.outstanding) {
      const burst = nextBurst(inward);
      burst.data.set(memoryAt(burst.command, burst.external, burst.size));
      occupy(burst.size, time);
      arriving.push(burst);
    }
    arm(time);
  });
  const writeEvent = queue.slot((time) => {
    takeCommand(outward, time);
    if (outward.current && !leaving) leaving = nextBurst(outward);
    arm(time);
  });
  const portEvent = queue.slot((time) => {
    for (let port = 0; port < 4; port++) {
      if (portFree[port]! > time) continue;
      if (port < 2) arrive(port, time);
      else leave(port, time);
    }
    arm(time);
  });
  /** One access of a port to L1: at most a word, never across words. */
  const access = (burst: Burst, port: number, time: number): number => {
    const address = burst.l1 + burst.done;
    if (address >= l1Region.size) {
      const text = `DMA transfer of core ${burst.command.channel} leaves L1 at ${hex(l1Region.base + address)}`;
      system.trap("unmapped-access", burst.command.channel, text, l1Region.base + address);
    }
    const bank = (address >> 2) & 15;
    const start = claimForOthers(system, bank, time, 1);
    const size = Math.min(4 - (address & 3), burst.size - burst.done);
    const pause = burst.done + size === burst.size ? shape.burstCycles : 0;
    portFree[port] = start + (1 + pause) * cluster.period;
    return size;
  };
  const arrive = (port: number, time: number) => {
    const burst = arriving[0];
    if (!burst) return;
    const size = access(burst, port, time);
    const [at, from] = [burst.l1 + burst.done, burst.done];
    for (let i = 0; i < size; i++) bytes.l1[at + i] = burst.data[from + i]!;
    system.written("l1", at, size);
    burst.done += size;
    if (burst.done === burst.size) {
      arriving.shift();
      spare.push(burst);
      inward.outstanding--;
    }
    end(burst.command, size, time);
  };
  const leave = (port: number, time: number) => {
    const burst = leaving;
    if (!burst) return;
    const size = access(burst, port, time);
    const [at, from] = [burst.l1 + burst.done, burst.done];
    for (let i = 0; i < size; i++) burst.data[from + i] = bytes.l1[at + i]!;
    burst.done += size;
    if (burst.done < burst.size) return;
    leaving = undefined;
    memoryAt(burst.command, burst.external, burst.size).set(burst.data.subarray(0, burst.size));
    occupy(burst.size, time);
    if (isIn(l2Region, burst.external)) system.written("l2", burst.external - l2Region.base, burst.size);
    spare.push(burst);
    outward.outstanding--;
    end(burst.command, burst.size, time);
  };
  const end = (command: Command, size: number, time: number) => {
    if (command.left === size) unfinished--;
    finished(command, size, time);
  };
  const arm = (time: number) => {
    const next = cluster.after(time, 1);
    if (wantsBurst(inward, shape.outstanding)) queue.scheduleEarlier(readEvent, next);
    if (!leaving && wantsBurst(outward, shape.outstanding)) queue.scheduleEarlier(writeEvent, next);
    if (arriving.length > 0 || leaving) queue.scheduleEarlier(portEvent, next);
  };
  return {
    isFull: (toL1) => (toL1 ? inward : outward).commands.length >= shape.globalQueue,
    push: (command, time) => {
      unfinished++;
      (command.toL1 ? inward : outward).commands.push(command);
      arm(time);
    },
    pending: () => unfinished,
  };
}
