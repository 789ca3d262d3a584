/**
 * Semihosting (RISC-V sequence, operation in a0, argument in a1): console and files that live in memory. Operations: 1 open,
 * 2 close, 3 write character, 4 write string, 5 write, 6 read, 0xA seek, 0xC length, 0x18 exit, 0x20 exit with a code.
 */
import type { Core } from "../core/contract.js";
import type { Console } from "./console.js";
import type { System } from "./system.js";

export interface MemoryAccess {
  byte(core: Core, address: number): number;
  setByte(core: Core, address: number, value: number): void;
}
interface OpenFile {
  readonly name: string;
  at: number;
}
export type Files = Map<string, Uint8Array>;

const consoleName = ":tt";
/** What a program reads to learn that operation 0x20 is there (bit 0 of the first byte behind the mark). */
const featuresName = ":semihosting-features";
const features = Uint8Array.of(0x53, 0x48, 0x46, 0x42, 1);
const applicationExit = 0x20026;
/** Modes of open from here on create the file, those above append. */
const writeMode = 4;
const appendMode = 8;
const firstHandle = 3;

export function createSemihosting(
  system: System,
  memory: MemoryAccess,
  console: Console,
  files: Files,
  exit: (code: number) => void,
): (core: Core) => void {
  const open = new Map<number, OpenFile>();
  let nextHandle = firstHandle;
  const word = (core: Core, address: number) =>
    [0, 1, 2, 3].reduce((value, i) => value | (memory.byte(core, address + i) << (8 * i)), 0);
  const bytesAt = (core: Core, address: number, size: number) =>
    Uint8Array.from({ length: size }, (_, i) => memory.byte(core, address + i));
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const consoleCore = (core: Core) => (core.id === 8 ? 32 * 16 : core.id);

  const contentOf = (name: string) => (name === featuresName ? features : files.get(name));
  const openFile = (core: Core, at: number): number => {
    const name = text(bytesAt(core, word(core, at), Math.min(4096, word(core, at + 8) >>> 0)));
    const mode = word(core, at + 4);
    if (name !== consoleName) {
      if (mode < writeMode && !contentOf(name)) return -1;
      if (mode >= writeMode && (mode < appendMode || !files.has(name))) files.set(name, new Uint8Array());
    }
    const size = contentOf(name)?.length ?? 0;
    open.set(nextHandle, { name, at: mode >= appendMode ? size : 0 });
    return nextHandle++;
  };
  const put = (core: Core, handle: number, data: Uint8Array): number => {
    const file = open.get(handle);
    if (!file || file.name === consoleName) {
      if (!file && handle >= firstHandle) return data.length;
      for (const byte of data) console.put(consoleCore(core), byte);
      return 0;
    }
    const old = files.get(file.name) ?? new Uint8Array();
    const grown = new Uint8Array(Math.max(old.length, file.at + data.length));
    grown.set(old);
    grown.set(data, file.at);
    files.set(file.name, grown);
    file.at += data.length;
    return 0;
  };
  const get = (core: Core, handle: number, address: number, size: number): number => {
    const file = open.get(handle);
    const data = file && contentOf(file.name);
    if (!file || !data) return size;
    const count = Math.max(0, Math.min(size, data.length - file.at));
    for (let i = 0; i < count; i++) memory.setByte(core, address + i, data[file.at + i]!);
    file.at += count;
    return size - count;
  };
  const writeString = (core: Core, address: number): number => {
    for (let at = address; ; at++) {
      const byte = memory.byte(core, at);
      if (byte === 0) return 0;
      console.put(consoleCore(core), byte);
    }
  };
  const writeCharacter = (core: Core, address: number): number => {
    console.put(consoleCore(core), memory.byte(core, address));
    return 0;
  };
  const seek = (handle: number, at: number): number => {
    const file = open.get(handle);
    if (!file) return -1;
    file.at = at;
    return 0;
  };
  const leave = (reason: number, code = 0): number => {
    exit(reason === applicationExit ? code : 1);
    return reason;
  };
  return (core) => {
    const operation = core.x[10]!;
    const at = core.x[11]! >>> 0;
    const size = () => Math.min(0x100000, word(core, at + 8) >>> 0);
    const handlers: Record<number, () => number> = {
      1: () => openFile(core, at),
      2: () => (open.delete(at) ? 0 : -1),
      3: () => writeCharacter(core, at),
      4: () => writeString(core, at),
      5: () => put(core, word(core, at), bytesAt(core, word(core, at + 4) >>> 0, size())),
      6: () => get(core, word(core, at), word(core, at + 4) >>> 0, size()),
      10: () => seek(word(core, at), word(core, at + 4)),
      12: () => contentOf(open.get(word(core, at))?.name ?? "")?.length ?? 0,
      24: () => leave(at),
      32: () => leave(word(core, at), word(core, at + 4)),
    };
    const handle = handlers[operation];
    if (!handle) {
      system.note(`semihosting operation 0x${(operation >>> 0).toString(16)} is not modelled: it returns -1`);
      core.x[10] = -1;
      return;
    }
    core.x[10] = handle();
  };
}
