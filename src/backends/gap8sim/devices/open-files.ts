/** Files that a program has open through semihosting: handles, positions, contents. */

/** Where the files of a program are. Errors are those of `errno` (Linux numbers). */
export interface FileStore {
  /**
   * What a file holds, or why it cannot be opened. `use` says what the program wants: read it, change it (`update`), or make
   * it (`create`, where a missing file is an empty one).
   */
  open(name: string, use: "read" | "update" | "create"): Uint8Array | number;
  /** Keeps what a file holds now; 0, or an error. */
  save(name: string, content: Uint8Array): number;
}

export const Errno = {
  noEntry: 2,
  badHandle: 9,
  access: 13,
  isFolder: 21,
  invalid: 22,
  tooManyOpen: 24,
  tooLarge: 27,
  readOnly: 30,
  nameTooLong: 36,
} as const;

/** Files in a map by name, all of them readable and writable. */
export const filesInMemory = (files: Map<string, Uint8Array>): FileStore => ({
  open: (name, use) => files.get(name) ?? (use === "create" ? new Uint8Array() : Errno.noEntry),
  save: (name, content) => {
    files.set(name, content);
    return 0;
  },
});

interface OpenFile {
  readonly name: string;
  readonly store: FileStore | undefined;
  readonly reads: boolean;
  readonly writes: boolean;
  readonly appends: boolean;
  /** Longer than the file, so that it can grow. */
  buffer: Uint8Array;
  size: number;
  at: number;
  isChanged: boolean;
}
export interface OpenFiles {
  /** A handle, or -1. Mode 0 to 11 as in `fopen`: r, r+, w, w+, a, a+, each also binary. */
  open(name: string, mode: number): number;
  close(handle: number): number;
  /** Bytes that could not be written. */
  write(handle: number, bytes: Uint8Array): number;
  /** At most `size` bytes from the position on; undefined if it cannot be read. */
  read(handle: number, size: number): Uint8Array | undefined;
  seek(handle: number, at: number): number;
  length(handle: number): number;
  has(handle: number): boolean;
  /** Why the last call failed. */
  error(): number;
  /** Saves what was written so far. */
  flush(): void;
}

const mostModes = 12;
const firstHandle = 3;
const mostOpen = 16;
const largestFile = 2 ** 26;

/** `fixed` are files that the simulator itself provides. */
export function createOpenFiles(store: FileStore, fixed: ReadonlyMap<string, Uint8Array>): OpenFiles {
  const files = new Map<number, OpenFile>();
  let nextHandle = firstHandle;
  let errno = 0;
  const fail = (error: number): -1 => {
    errno = error;
    return -1;
  };
  const contentFor = (name: string, kind: number, plus: boolean): Uint8Array | number => {
    const own = fixed.get(name);
    if (own) return kind === 0 && !plus ? own : Errno.readOnly;
    return store.open(name, kind > 0 ? "create" : plus ? "update" : "read");
  };
  const open = (name: string, mode: number): number => {
    if (mode < 0 || mode >= mostModes) return fail(Errno.invalid);
    if (files.size >= mostOpen) return fail(Errno.tooManyOpen);
    const [kind, plus] = [mode >> 2, (mode & 2) !== 0];
    const found = contentFor(name, kind, plus);
    if (typeof found === "number") return fail(found);
    const buffer = kind === 1 ? new Uint8Array() : found.slice();
    files.set(nextHandle, {
      name,
      store: fixed.has(name) ? undefined : store,
      reads: kind === 0 || plus,
      writes: kind > 0 || plus,
      appends: kind === 2,
      buffer,
      size: buffer.length,
      at: 0,
      isChanged: kind > 0,
    });
    return nextHandle++;
  };
  const save = (file: OpenFile): number => {
    if (!file.isChanged || !file.store) return 0;
    file.isChanged = false;
    return file.store.save(file.name, file.buffer.slice(0, file.size));
  };
  const grow = (file: OpenFile, end: number) => {
    if (end > file.buffer.length) {
      const larger = new Uint8Array(Math.max(end, 2 * file.buffer.length));
      larger.set(file.buffer);
      file.buffer = larger;
    }
    file.size = Math.max(file.size, end);
  };
  const write = (handle: number, bytes: Uint8Array): number => {
    const file = files.get(handle);
    const at = file?.appends ? file.size : (file?.at ?? 0);
    if (!file?.writes || at + bytes.length > largestFile) {
      fail(file?.writes ? Errno.tooLarge : Errno.badHandle);
      return bytes.length;
    }
    grow(file, at + bytes.length);
    file.buffer.set(bytes, at);
    file.at = at + bytes.length;
    file.isChanged = true;
    return 0;
  };
  const read = (handle: number, size: number): Uint8Array | undefined => {
    const file = files.get(handle);
    if (!file?.reads) {
      fail(Errno.badHandle);
      return undefined;
    }
    const bytes = file.buffer.subarray(Math.min(file.at, file.size), Math.min(file.at + size, file.size));
    file.at += bytes.length;
    return bytes;
  };
  const close = (handle: number): number => {
    const file = files.get(handle);
    if (!file) return fail(Errno.badHandle);
    files.delete(handle);
    const error = save(file);
    return error === 0 ? 0 : fail(error);
  };
  const seek = (handle: number, at: number): number => {
    const file = files.get(handle);
    if (!file) return fail(Errno.badHandle);
    if (at < 0 || at > largestFile) return fail(Errno.invalid);
    file.at = at;
    return 0;
  };
  return {
    open,
    close,
    write,
    read,
    seek,
    length: (handle) => files.get(handle)?.size ?? fail(Errno.badHandle),
    has: (handle) => files.has(handle),
    error: () => errno,
    flush: () => {
      for (const file of files.values()) save(file);
    },
  };
}
