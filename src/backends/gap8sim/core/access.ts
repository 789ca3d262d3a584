/** Memory accesses of a core outside the paths that compiled code has inline. */
import { claim } from "./banks.js";
import { type Block, entryOf } from "./block.js";
import { Cause, type Core, limitSlot, Status, Trap } from "./contract.js";
import { stall } from "./counters.js";

/** The 64 KiB page that a core reaches in one cycle, and its alias at 0. */
const ownPage = (core: Core): number => (core.code.kind === "cluster" ? 0x1000 : 0x1b00);
const ownMemory = (core: Core): ArrayBuffer =>
  core.code.kind === "cluster" ? core.machine.memories.l1 : core.machine.memories.fc;
const isOwn = (core: Core, address: number): boolean =>
  !core.machine.checking && (address >>> 16 === ownPage(core) || address >>> 16 === 0);

/** Whether compiled code has the access inline: aligned, at the proper address of the core's own memory. */
export const isInline = (core: Core, address: number, size: number): boolean =>
  !core.machine.checking && address >>> 16 === ownPage(core) && (address & (size - 1)) === 0;

/** Claims the bank of an L1 word: ticks to wait. The memory of the fabric controller has no rival. */
const claimBank = (core: Core, block: Block, address: number, time: number): number =>
  core.code.kind === "cluster" ? claim(core, block, (address >>> 2) & 15, time) - time : 0;

const views = new WeakMap<ArrayBuffer, DataView>();
function view(buffer: ArrayBuffer): DataView {
  const known = views.get(buffer);
  if (known !== undefined) return known;
  const made = new DataView(buffer);
  views.set(buffer, made);
  return made;
}

/** One access within a word; leaves the ticks beyond the first cycle in core.ticks. */
function loadWithin(core: Core, block: Block, address: number, size: number, time: number): number {
  if (isOwn(core, address)) {
    core.ticks = claimBank(core, block, address, time);
    const memory = view(ownMemory(core));
    const at = address & 0xffff;
    return size === 4
      ? memory.getInt32(at, true)
      : size === 2
        ? memory.getUint16(at, true)
        : memory.getUint8(at);
  }
  const value = core.machine.load(core, address >>> 0, size, time);
  core.ticks = Math.ceil(core.latency) * core.period;
  if (core.latency > 0) stall(core, block, core.cause, core.ticks);
  return value;
}

/** One store within a word, of 1 to 4 bytes at any place in it. */
function storeWithin(
  core: Core,
  block: Block,
  address: number,
  size: number,
  value: number,
  time: number,
): void {
  const own = isOwn(core, address);
  const memory = own ? view(ownMemory(core)) : undefined;
  core.ticks = own ? claimBank(core, block, address, time) : 0;
  for (let done = 0; done < size; ) {
    const at = address + done;
    const piece = size - done === 4 ? 4 : (at & 1) === 0 && size - done >= 2 ? 2 : 1;
    const part = value >>> (8 * done);
    const place = at & 0xffff;
    if (memory === undefined) core.machine.store(core, at >>> 0, piece, part, time);
    else if (piece === 4) memory.setInt32(place, part, true);
    else if (piece === 2) memory.setInt16(place, part, true);
    else memory.setInt8(place, part);
    done += piece;
  }
  if (own) return;
  core.ticks = Math.ceil(core.latency) * core.period;
  if (core.latency > 0) stall(core, block, core.cause, core.ticks);
}

/** Turns the ticks of the second access across a word into those of both. */
function crossing(core: Core, block: Block, first: number): void {
  const second = core.ticks;
  const { misaligned, misalignedCounted } = core.code.timing;
  const more = misaligned * (core.period + second);
  core.overcounted += (misalignedCounted * (core.period + second)) / core.period;
  stall(core, block, Cause.misaligned, more - second);
  core.ticks = first + more;
}

function observed(core: Core, address: number, size: number, isWrite: boolean): void {
  const wrong = core.machine.observe?.(core.id, address >>> 0, size, isWrite);
  if (wrong !== undefined) throw new Trap("unmapped-access", core.id, wrong, 0, address >>> 0);
}

/** A load of any alignment by instruction k: the value, sign-extended if `signed`; ticks in core.ticks. */
export function load(
  core: Core,
  block: Block,
  k: number,
  address: number,
  size: number,
  signed: boolean,
  time: number,
): number {
  core.entry = k + 1;
  core.block = block;
  if (core.machine.checking) observed(core, address, size, false);
  const offset = address & 3;
  if (offset + size <= 4) return extend(loadWithin(core, block, address, size, time), size, signed);
  const low = loadWithin(core, block, address & -4, 4, time);
  const first = core.ticks;
  const high = loadWithin(core, block, (address & -4) + 4, 4, time + core.period + first);
  crossing(core, block, first);
  core.crossedLoads++;
  const joined = (low >>> (8 * offset)) | (high << (32 - 8 * offset));
  if (size === 2 && signed && core.code.timing.crossingHalf === "merged") {
    return (core.x[block.code[k]!.rd]! & -65536) | (joined & 65535);
  }
  return extend(joined, size, signed);
}

function extend(value: number, size: number, signed: boolean): number {
  if (size === 4) return value | 0;
  const unused = 32 - 8 * size;
  return signed ? (value << unused) >> unused : (value << unused) >>> unused;
}

/** A store of any alignment by instruction k; ticks in core.ticks. */
export function store(
  core: Core,
  block: Block,
  k: number,
  address: number,
  size: number,
  value: number,
  time: number,
): void {
  core.entry = k + 1;
  core.block = block;
  if (core.machine.checking) observed(core, address, size, true);
  const before = Math.min(size, 4 - (address & 3));
  storeWithin(core, block, address, before, value, time);
  if (before === size) return;
  const first = core.ticks;
  const second = time + core.period + first;
  storeWithin(core, block, address + before, size - before, value >>> (8 * before), second);
  crossing(core, block, first);
  core.crossedStores++;
}

/** The load or store that is instruction k, at `address`; ticks in core.ticks. */
export function access(core: Core, block: Block, k: number, address: number, time: number): void {
  const d = block.code[k]!;
  const { kind, size, signed } = entryOf(d);
  if (kind === "store") store(core, block, k, address, size, core.x[d.rs2]!, time);
  else {
    const value = load(core, block, k, address, size, signed, time);
    if (d.rd !== 0) core.x[d.rd] = value;
  }
}

/** An access that compiled code does not do itself: when it is done, or -1 if it must wait for other cores. */
export function slowAccess(core: Core, block: Block, k: number, address: number, time: number): number {
  const { clock } = core.machine;
  if (time > clock[limitSlot]! && !isInline(core, address, entryOf(block.code[k]!).size)) {
    core.entry = k + 1;
    core.block = block;
    clock[core.id] = time;
    return -1;
  }
  access(core, block, k, address, time);
  return time + core.ticks;
}

/** p.elw by instruction k, the last of its block. The answer goes to the register now or when the core wakes. */
export function waitForEvent(
  core: Core,
  block: Block,
  k: number,
  rd: number,
  address: number,
  time: number,
): void {
  core.entry = k + 1;
  core.block = block;
  const { clock } = core.machine;
  const extra = core.code.timing.eventLoad * core.period;
  if (extra > 0) stall(core, block, Cause.event, extra);
  const issued = time + block.cycles[k]! * core.period + extra;
  const value = core.machine.wait(core, address >>> 0, time);
  core.entry = 0;
  if (core.status === Status.asleep) {
    core.pending = rd;
    core.sleepSince = issued;
    clock[core.id] = Number.POSITIVE_INFINITY;
    return;
  }
  if (rd !== 0) core.x[rd] = value;
  const ticks = Math.ceil(core.latency) * core.period;
  if (ticks > 0) stall(core, block, core.cause, ticks);
  clock[core.id] = issued + ticks;
}

/** Whether something that others see at `time` must be left until the scheduler has looked at the other cores. */
export const mustYield = (core: Core, time: number): boolean => time > core.machine.clock[limitSlot]!;
