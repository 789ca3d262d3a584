/**
 * Semihosting (RISC-V sequence, operation in a0, argument in a1): console, files, time. Operations: 1 open, 2 close, 3 write
 * character, 4 write string, 5 write, 6 read, 7 read character, 9 is it the console, 0xA seek, 0xC length, 0x10 hundredths of
 * a second, 0x13 error of the last call, 0x15 command line, 0x18 exit, 0x20 exit with a code.
 */
import type { Core } from "../core/contract.js";
import { ticksPerSecond } from "./clock-domain.js";
import type { Console } from "./console.js";
import { createOpenFiles, type FileStore } from "./open-files.js";
import type { System } from "./system.js";

export interface MemoryAccess {
  byte(core: Core, address: number): number;
  setByte(core: Core, address: number, value: number): void;
}
export interface Semihosting {
  call(core: Core, time: number): void;
  /** Saves what files hold so far. */
  flush(): void;
}

const consoleName = ":tt";
/** What a program reads to learn that operation 0x20 is there (bit 0 of the first byte behind the mark). */
const featuresName = ":semihosting-features";
const features = Uint8Array.of(0x53, 0x48, 0x46, 0x42, 1);
const applicationExit = 0x20026;
/** Handles of standard input, output and error, which need no open. */
const standardHandles = 3;
/** Handles of `:tt` count from here, apart from those of files. */
const firstConsole = 0x1000;
const longestName = 4096;
const longestTransfer = 2 ** 20;

export function createSemihosting(
  system: System,
  memory: MemoryAccess,
  console: Console,
  store: FileStore,
  exit: (code: number) => void,
): Semihosting {
  const files = createOpenFiles(store, new Map([[featuresName, features]]));
  let consoles = 0;
  const word = (core: Core, address: number) =>
    [0, 1, 2, 3].reduce((value, i) => value | (memory.byte(core, address + i) << (8 * i)), 0);
  const bytesAt = (core: Core, address: number, size: number) =>
    Uint8Array.from({ length: size }, (_, i) => memory.byte(core, address + i));
  const consoleCore = (core: Core) => (core.id === 8 ? 32 * 16 : core.id);
  const isConsole = (handle: number) =>
    (handle >= 0 && handle < standardHandles) || (handle >= firstConsole && handle < firstConsole + consoles);

  const openFile = (core: Core, at: number): number => {
    const length = Math.min(longestName, word(core, at + 8) >>> 0);
    const name = new TextDecoder().decode(bytesAt(core, word(core, at) >>> 0, length));
    return name === consoleName ? firstConsole + consoles++ : files.open(name, word(core, at + 4));
  };
  /** The argument is the place of the handle; GVSOC takes the handle itself. */
  const close = (core: Core, at: number) => {
    const handle = files.has(at) || isConsole(at) ? at : word(core, at);
    return isConsole(handle) ? 0 : files.close(handle);
  };
  const put = (core: Core, handle: number, data: Uint8Array): number => {
    if (!isConsole(handle)) return files.write(handle, data);
    for (const byte of data) console.put(consoleCore(core), byte);
    return 0;
  };
  const get = (core: Core, handle: number, address: number, size: number): number => {
    const data = isConsole(handle) ? undefined : files.read(handle, size);
    data?.forEach((byte, i) => void memory.setByte(core, address + i, byte));
    return size - (data?.length ?? 0);
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
  /** Programs are given no arguments: an empty line, its end and its length 0. */
  const commandLine = (core: Core, at: number): number => {
    if (word(core, at + 4) === 0) return -1;
    memory.setByte(core, word(core, at) >>> 0, 0);
    for (let i = 4; i < 8; i++) memory.setByte(core, at + i, 0);
    return 0;
  };
  const sizeAt = (core: Core, at: number) => Math.min(longestTransfer, word(core, at + 8) >>> 0);
  const leave = (reason: number, code = 0): number => {
    exit(reason === applicationExit ? code : 1);
    return reason;
  };
  const handlers: Record<number, (core: Core, at: number, time: number) => number> = {
    1: openFile,
    2: close,
    3: writeCharacter,
    4: writeString,
    5: (core, at) => put(core, word(core, at), bytesAt(core, word(core, at + 4) >>> 0, sizeAt(core, at))),
    6: (core, at) => get(core, word(core, at), word(core, at + 4) >>> 0, sizeAt(core, at)),
    7: () => -1,
    9: (core, at) => (isConsole(word(core, at)) ? 1 : 0),
    10: (core, at) => files.seek(word(core, at), word(core, at + 4) >>> 0),
    12: (core, at) => (isConsole(word(core, at)) ? 0 : files.length(word(core, at))),
    16: (_core, _at, time) => Math.floor((100 * time) / ticksPerSecond),
    19: () => files.error(),
    21: commandLine,
    24: (_core, at) => leave(at),
    32: (core, at) => leave(word(core, at), word(core, at + 4)),
  };
  return {
    flush: files.flush,
    call: (core, time) => {
      const operation = core.x[10]!;
      const handle = handlers[operation];
      if (!handle) {
        const number = (operation >>> 0).toString(16);
        system.note(`semihosting operation 0x${number} is not modelled: it returns -1`);
      }
      core.x[10] = handle?.(core, core.x[11]! >>> 0, time) ?? -1;
    },
  };
}
