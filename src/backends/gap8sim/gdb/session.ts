/** What a debugger asks, answered from a simulation (made with `debugging`). Protocol: GDB's manual, appendix "Remote Protocol". */
import { flushCode } from "../core/block.js";
import { type Core, fabric } from "../core/contract.js";
import { overlaps, type Watch, type Watched } from "../debug.js";
import type { RunEnd, TrapReport } from "../runner.js";
import type { Simulation } from "../simulate.js";
import { bytesHex, textHex } from "./packets.js";
import {
  aboutThread,
  isThread,
  pcOf,
  readRegister,
  readRegisters,
  targetXml,
  threadOf,
  writeRegister,
} from "./registers.js";

/** What is to happen after a request besides its answer. */
export type Action =
  | { readonly kind: "run" | "detach" | "kill" }
  | { readonly kind: "stopped"; readonly end: RunEnd };
export interface Reply {
  /** Nothing where the answer comes when the program stops. */
  readonly text?: string;
  readonly action?: Action;
}
export interface GdbSession {
  request(data: string): Reply;
  /** The packet that tells how the program stopped. */
  stopped(end: RunEnd): string;
  /** The same for Control-C. */
  interrupted(): string;
}

const longestPacket = 0x4000;
const failure = "E01";
const done: Reply = { text: "OK" };
const unknown: Reply = { text: "" };
const watchNames: Readonly<Record<string, string>> = { 2: "watch", 3: "rwatch", 4: "awatch" };
/** Steps of one request that stays in a range of addresses. */
const mostSteps = 1_000_000;

export function createSession(simulation: Simulation): GdbSession {
  const { machine } = simulation;
  let current: Core = machine.cores[fabric]!;
  const watches = new Map<string, Watch>();

  const stop = (signal: number, core: Core, more = "") =>
    `T${signal.toString(16).padStart(2, "0")}thread:${threadOf(core)};${more}`;
  const sighting = ({ address, core }: Watched): string => {
    const found = [...watches].find(([, watch]) => overlaps(watch, address, 4));
    const name = watchNames[found?.[0][0] ?? "2"]!;
    return stop(
      5,
      machine.cores[core]!,
      `${name}:${Math.max(address, found?.[1].address ?? 0).toString(16)};`,
    );
  };
  const stopped = (end: RunEnd): string => {
    if (end.kind === "exit") return `W${(end.code & 255).toString(16).padStart(2, "0")}`;
    if (end.trap.core >= 0) current = machine.cores[end.trap.core]!;
    return end.trap.watched ? sighting(end.trap.watched) : stop(signalOf(end.trap), current);
  };
  const threadNamed = (hex: string): Core | undefined => {
    const id = Number.parseInt(hex, 16);
    if (id === 0 || id === -1) return current;
    const core = machine.cores[id - 1];
    return core && isThread(core) ? core : undefined;
  };
  const step = (core: Core, from: number, to: number): Reply => {
    for (let left = mostSteps; left > 0; left--) {
      const end = simulation.step(core.id);
      if (end) return { action: { kind: "stopped", end } };
      if (pcOf(core) < from || pcOf(core) >= to) break;
    }
    current = core;
    return { text: stop(5, core) };
  };
  const resume = (actions: string): Reply => {
    for (const action of actions.split(";")) {
      const [, kind, range, thread] = /^([cCsSr])([\da-f,]*)(?::(-?[\da-f]+))?$/i.exec(action) ?? [];
      if (kind === undefined) return unknown;
      if (kind.toLowerCase() === "c") continue;
      const core = thread === undefined ? current : threadNamed(thread);
      const [from = "0", to = "0"] = kind === "r" ? range!.split(",") : [];
      return core ? step(core, Number.parseInt(from, 16), Number.parseInt(to, 16)) : { text: failure };
    }
    return { action: { kind: "run" } };
  };
  const readMemory = (at: number, size: number): Reply => {
    const bytes: number[] = [];
    for (let i = 0; i < Math.min(size, longestPacket / 2); i++) {
      const byte = machine.peek(current, (at + i) >>> 0);
      if (byte === undefined) break;
      bytes.push(byte);
    }
    return { text: bytes.length > 0 ? bytesHex(Uint8Array.from(bytes)) : failure };
  };
  const writeMemory = (at: number, bytes: Uint8Array): Reply => {
    const isDone = bytes.every((byte, i) => machine.poke(current, (at + i) >>> 0, byte));
    machine.checks.writtenAt(at, bytes.length);
    for (const { code } of machine.cores) flushCode(code);
    return isDone ? done : { text: failure };
  };
  const point = (data: string): Reply => {
    const [, sets, kind, place, length] = /^([zZ])([0-4]),([\da-f]+),([\da-f]+)/i.exec(data) ?? [];
    if (kind === undefined) return unknown;
    const [address, size] = [Number.parseInt(place!, 16), Number.parseInt(length!, 16)];
    if (kind < "2") {
      if (sets === "Z") simulation.breakAt(address);
      else simulation.clearBreak(address);
      return done;
    }
    const key = `${kind} ${address} ${size}`;
    if (sets === "Z") watches.set(key, { address, size, reads: kind !== "2", writes: kind !== "3" });
    else watches.delete(key);
    machine.watches.splice(0, machine.watches.length, ...watches.values());
    return done;
  };
  const query = (data: string): Reply => {
    const [name, rest = ""] = [data.split(/[:,]/)[0]!, data.slice(data.search(/[:,]|$/) + 1)];
    switch (name) {
      case "qSupported":
        return {
          text: `PacketSize=${longestPacket.toString(16)};qXfer:features:read+;QStartNoAckMode+;vContSupported+`,
        };
      case "qXfer":
        return { text: rest.startsWith("features:read:target.xml:") ? pieceOf(targetXml, rest) : "" };
      case "qAttached":
        return { text: "0" };
      case "qC":
        return { text: `QC${threadOf(current)}` };
      case "qfThreadInfo":
        return { text: `m${machine.cores.filter(isThread).map(threadOf).join(",")}` };
      case "qsThreadInfo":
        return { text: "l" };
      case "qThreadExtraInfo": {
        const core = threadNamed(rest);
        return { text: core ? textHex(aboutThread(core)) : failure };
      }
      case "qRcmd":
        return { text: textHex(monitor(simulation, Buffer.from(rest, "hex").toString())) };
      default:
        return name === "qSymbol" || name === "QStartNoAckMode" ? done : unknown;
    }
  };
  const register = (data: string): Reply => {
    const [, number, value] = /^([\da-f]+)(?:=([\da-f]*))?$/i.exec(data) ?? [];
    const at = Number.parseInt(number ?? "", 16);
    if (value === undefined) return { text: readRegister(current, at) ?? failure };
    return writeRegister(current, at, value) ? done : { text: failure };
  };
  const memory = (kind: string, data: string): Reply => {
    const [, place, length] = /^([\da-f]+),([\da-f]+)(?::|$)/i.exec(data) ?? [];
    if (place === undefined) return { text: failure };
    const [at, size] = [Number.parseInt(place, 16), Number.parseInt(length!, 16)];
    if (kind === "m") return readMemory(at, size);
    const body = data.slice(data.indexOf(":") + 1);
    const bytes = Buffer.from(body, kind === "M" ? "hex" : "latin1");
    return bytes.length === size ? writeMemory(at, bytes) : { text: failure };
  };
  const allRegisters = (hex: string): Reply => {
    const words = hex.match(/.{8}/g) ?? [];
    return words.every((word, i) => writeRegister(current, i, word)) ? done : { text: failure };
  };
  const select = (data: string): Reply => {
    const core = threadNamed(data.slice(1));
    if (core && data.startsWith("g")) current = core;
    return core ? done : { text: failure };
  };
  const verbose = (data: string): Reply => {
    if (data === "vCont?") return { text: "vCont;c;C;s;S;r" };
    if (data.startsWith("vCont;")) return resume(data.slice(6));
    return data.startsWith("vKill") ? { text: "OK", action: { kind: "kill" } } : unknown;
  };
  const byLetter: Readonly<Record<string, (rest: string, data: string) => Reply>> = {
    "?": () => ({ text: stop(5, current) }),
    g: () => ({ text: readRegisters(current) }),
    G: allRegisters,
    p: register,
    P: register,
    m: (rest) => memory("m", rest),
    M: (rest) => memory("M", rest),
    X: (rest) => memory("X", rest),
    c: () => resume("c"),
    s: () => resume("s"),
    z: (_rest, data) => point(data),
    Z: (_rest, data) => point(data),
    H: select,
    T: (rest) => (threadNamed(rest) ? done : { text: failure }),
    D: () => ({ text: "OK", action: { kind: "detach" } }),
    k: () => ({ action: { kind: "kill" } }),
    q: (_rest, data) => query(data),
    Q: (_rest, data) => query(data),
    v: (_rest, data) => verbose(data),
  };
  return {
    request: (data) => byLetter[data[0] ?? ""]?.(data.slice(1), data) ?? unknown,
    stopped,
    interrupted: () => stop(2, current),
  };
}

/** The signals that GDB shows for a trap: illegal instruction, segmentation fault, interrupt, else a trap. */
function signalOf({ kind }: TrapReport): number {
  if (kind === "illegal-instruction") return 4;
  if (kind === "deadlock" || kind === "budget") return 2;
  return /access|fetch|stack|read/.test(kind) ? 11 : 5;
}

/** A part of a document: `...:offset,length`, in hexadecimal. */
function pieceOf(text: string, request: string): string {
  const [offset, length] = request
    .slice(request.lastIndexOf(":") + 1)
    .split(",")
    .map((n) => Number.parseInt(n, 16));
  const piece = text.slice(offset, (offset ?? 0) + Math.min(length ?? 0, longestPacket - 8));
  return `${(offset ?? 0) + piece.length < text.length ? "m" : "l"}${piece}`;
}

/** `monitor` commands. */
function monitor(simulation: Simulation, command: string): string {
  const { cycles, instructions } = simulation.report();
  if (command.trim() === "cycles")
    return `${cycles.fabric} cycles of the fabric controller, ${cycles.cluster} of the cluster, ${instructions} instructions\n`;
  if (command.trim() === "cores") {
    const lines = simulation.machine.cores.filter(isThread).map((core) => {
      const at = simulation.symbols.describe(pcOf(core)) ?? `0x${pcOf(core).toString(16)}`;
      return `${threadOf(core)}: ${aboutThread(core)} at ${at}\n`;
    });
    return lines.join("");
  }
  return "monitor cycles: cycles and instructions so far\nmonitor cores: what each core does\n";
}
