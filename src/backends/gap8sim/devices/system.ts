/** What devices share: memories, clocks, events, the cores that they signal. */
import type { Banks } from "../core/banks.js";
import type { Core, Memories, TrapKind } from "../core/contract.js";
import type { Recorder } from "../insight/trace.js";
import type { Profile } from "../profiles.js";
import type { ClockDomain } from "./clock-domain.js";
import type { EventQueue } from "./event-queue.js";
import type { Link } from "./link.js";

/** Bytes that devices read and write. */
export interface Bytes {
  readonly l1: Uint8Array;
  readonly l2: Uint8Array;
  readonly fc: Uint8Array;
}

export interface System {
  readonly profile: Profile;
  readonly cores: Core[];
  readonly memories: Memories;
  readonly bytes: Bytes;
  readonly queue: EventQueue;
  readonly cluster: ClockDomain;
  readonly fabric: ClockDomain;
  /** For each L1 bank the tick from which it is free. */
  readonly banks: Banks;
  readonly links: Links;
  readonly recorder: Recorder | undefined;
  /** Ends the run with an explanation. */
  trap(kind: TrapKind, core: number, text: string, address?: number): never;
  /** Remembers something that the user should know at the end. */
  note(text: string): void;
  /** Called when bytes of L1 (offset) are written behind the cores' back. */
  written(memory: keyof Bytes, offset: number, size: number): void;
}

/** The shared ways to L2 and to peripherals, in the order in which an access of the cluster passes them. */
export interface Links {
  /** Out of the cluster, in cycles of the cluster. */
  readonly out: Link;
  /** Into the fabric, in cycles of the fabric. */
  readonly soc: Link;
  readonly l2: Link;
  readonly peripherals: Link;
}

/** A device with 32-bit registers. `core` is who asks; offsets count from the device's base. */
export interface Device {
  readonly name: string;
  read(offset: number, core: Core, time: number): number;
  write(offset: number, value: number, core: Core, time: number): void;
}

/** Fails an access to a register that the device does not have. */
export function noRegister(
  system: System,
  device: string,
  offset: number,
  core: Core,
  isWrite: boolean,
): never {
  const kind = isWrite ? "write to" : "read of";
  return system.trap(
    "unmapped-access",
    core.id,
    `${kind} offset 0x${offset.toString(16)} of the ${device}, which has no register there`,
  );
}
