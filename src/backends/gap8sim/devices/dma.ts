/**
 * Cluster DMA (MCHAN v6). Commands of each core go through its queue to one of two global queues; reads of L2 are sent as
 * bursts ahead of the writes to L1, writes to L2 burst by burst behind the reads of L1; two ports of four bytes each way.
 * Sources: MCHAN user manual 1.1.0, `archi/dma/mchan_v6.h`, and the GAP8 target of GVSOC for latencies and queues.
 */
import { Cause, type Core, eventSlot } from "../core/contract.js";
import { type Command, type Hazards, parseCommand } from "./dma-command.js";
import { createPorts } from "./dma-ports.js";
import { type Device, noRegister, type System } from "./system.js";

const idCount = 16;
const idMask = 0xffff;
/** Eight cores, and the one view of the rest of the chip. */
const channelCount = 9;
const outsideChannel = 8;

interface Channel {
  words: number[];
  /** Complete commands that wait for a place in a global queue. */
  readonly queue: Command[];
  id: number;
}

export interface Dma extends Device {
  /** Commands that are not finished. */
  pending(): number;
}

/** `signal` tells a channel's core that a transfer ended; `passes` counts the barriers that a core has passed. */
export interface DmaLines {
  signal(channel: number, isInterrupt: boolean, time: number): void;
  readonly hazards: Hazards;
}

export function createDma(system: System, lines: DmaLines): Dma {
  const { queue, cluster } = system;
  const shape = system.profile.dma;
  const channels = Array.from({ length: channelCount }, (): Channel => ({ words: [], queue: [], id: 0 }));
  const left = new Float64Array(idCount);
  /** Ticks at which the last byte of each id arrived. */
  const ended = new Float64Array(idCount).fill(-1);
  let freeIds = idMask;
  let turn = 0;

  const finished = (command: Command, bytes: number, time: number) => {
    left[command.id]! -= bytes;
    command.left -= bytes;
    if (command.left === 0) {
      lines.hazards.ended(command);
      system.recorder?.transfer(command.toL1 ? "DMA in" : "DMA out", command.begun, time, {
        bytes: command.size,
        core: command.channel,
      });
    }
    if (left[command.id] !== 0) return;
    ended[command.id] = time;
    const told = command.broadcasts ? channels.map((_, i) => i) : [command.channel];
    for (const channel of told) {
      if (command.raisesInterrupt) lines.signal(channel, true, time);
      if (command.raisesEvent) lines.signal(channel, false, time);
    }
  };
  const ports = createPorts(system, finished, (time) => armMove(time));

  const hasWaiting = (toL1: boolean) =>
    !ports.isFull(toL1) && channels.some((c) => c.queue.some((command) => command.toL1 === toL1));
  const moveEvent = queue.slot((time) => {
    const toL1 = hasWaiting(true);
    if (toL1 || hasWaiting(false)) move(toL1, time);
    armMove(time);
  });
  const armMove = (time: number) => {
    if (hasWaiting(true) || hasWaiting(false)) queue.scheduleEarlier(moveEvent, cluster.after(time, 1));
  };
  const move = (toL1: boolean, time: number) => {
    for (let i = 0; i < channelCount; i++) {
      const channel = channels[(turn + i) % channelCount]!;
      const at = channel.queue.findIndex((c) => c.toL1 === toL1);
      if (at < 0) continue;
      ports.push(channel.queue.splice(at, 1)[0]!, time);
      turn = (turn + 1) % channelCount;
      return;
    }
  };
  const acceptWord = (channel: Channel, index: number, word: number, core: Core, time: number) => {
    channel.words.push(word);
    const command = parseCommand(channel.words, channel.id, index, time);
    if (!command) return;
    channel.words = [];
    checkCommand(system, command, core);
    lines.hazards.pushed(command, core);
    left[command.id]! += command.size;
    channel.queue.push(command);
    armMove(time);
  };
  const allocate = (channel: Channel): number => {
    channel.id = 31 - Math.clz32(freeIds & -freeIds);
    freeIds &= ~(1 << channel.id);
    return channel.id;
  };
  const free = (ids: number) => {
    if (ids & freeIds & idMask)
      system.note(`DMA ids freed that were not in use (mask 0x${(ids & idMask).toString(16)})`);
    freeIds |= ids & idMask;
  };
  const status = (core: Core, time: number) => {
    const isAhead = shape.coresAlternate && goesFirst(core);
    let pending = 0;
    for (let i = 0; i < idCount; i++) {
      if (left[i] !== 0 || (isAhead && ended[i]! >= time)) pending |= 1 << i;
    }
    return pending | ((~freeIds & idMask) << 16);
  };
  /** A store to a full queue: the core waits until a command leaves it, so the DMA goes on first. */
  const waitForRoom = (channel: Channel, core: Core, time: number): number => {
    let now = time;
    while (channel.queue.length >= shape.coreQueue) {
      now = core.machine.clock[eventSlot]!;
      core.machine.runEvents(now);
    }
    core.latency = Math.max(0, Math.ceil((now - time) / core.period));
    core.cause = Cause.dma;
    return Math.max(now, time);
  };
  const name = "DMA";
  return {
    name,
    read: (offset, core, time) => {
      if (offset === 4) return status(core, time);
      if (offset !== 0) return noRegister(system, name, offset, core, false);
      if (freeIds !== 0) return allocate(channels[channelOf(core)]!);
      const text =
        "no DMA id is free: all 16 are in use, and the core would wait for ever; store 1 << id to STATUS after each transfer";
      return system.trap("dma-hazard", core.id, text);
    },
    write: (offset, value, core, time) => {
      if (offset === 4) return free(value);
      if (offset !== 0) return noRegister(system, name, offset, core, true);
      const index = channelOf(core);
      const channel = channels[index]!;
      const now = channel.queue.length < shape.coreQueue ? time : waitForRoom(channel, core, time);
      acceptWord(channel, index, value, core, now);
    },
    pending: () => ports.pending() + channels.reduce((n, c) => n + c.queue.length, 0),
  };
}

/**
 * Whether a core's access comes before what the DMA does in the same cycle. GVSOC runs the events of a cycle in the reverse
 * order of their scheduling: behind an instruction of several cycles the DMA goes first, then they take turns.
 */
function goesFirst({ block, entry }: Core): boolean {
  let turns = 0;
  for (let k = entry - 1; block && k > 0 && block.cycles[k - 1] === 1; k--) turns++;
  return turns % 2 === 1;
}

const channelOf = (core: Core): number => (core.id < outsideChannel ? core.id : outsideChannel);

function checkCommand(system: System, command: Command, core: Core): void {
  if (command.size === 0) system.trap("dma-hazard", core.id, "DMA transfer of 0 bytes: it never ends");
  if (command.isTwoDimensional && command.line === 0) {
    system.trap("dma-hazard", core.id, "2-D DMA transfer with lines of 0 bytes: it never ends");
  }
}
