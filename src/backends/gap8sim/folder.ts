/** Files of a folder for programs that ask for them by semihosting: inside of it, and nowhere else. */
import { lstatSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Errno, type FileStore } from "./devices/open-files.js";

const longestName = 1024;
const largestFile = 2 ** 26;

/**
 * Names are relative to the folder; absolute ones, `..`, and links that lead out of it give EACCES, and so does whatever is no
 * plain file. Without `isWritable` files can only be read (EROFS).
 */
export function filesInFolder(folder: string, isWritable = false): FileStore {
  return {
    open: (name, use) => {
      if (use !== "read" && !isWritable) return Errno.readOnly;
      const found = locate(folder, name);
      if (typeof found === "number") return found;
      if (!found.exists) return use === "create" ? new Uint8Array() : Errno.noEntry;
      return attempt(() => new Uint8Array(readFileSync(found.path)));
    },
    save: (name, content) => {
      if (!isWritable) return Errno.readOnly;
      const found = locate(folder, name);
      if (typeof found === "number") return found;
      return attempt(() => {
        writeFileSync(found.path, content);
        return 0;
      });
    },
  };
}

interface Located {
  readonly path: string;
  readonly exists: boolean;
}

/** Where a name leads once all links are followed. */
function locate(folder: string, name: string): Located | number {
  if (name.length > longestName) return Errno.nameTooLong;
  if (name === "" || name.includes("\0")) return Errno.invalid;
  const steps = name.split(/[\\/]/);
  if (path.isAbsolute(name) || /^[A-Za-z]:/.test(name) || steps.includes("..")) return Errno.access;
  return attempt(() => {
    const root = realpathSync(folder);
    const wanted = path.join(root, ...steps);
    const parent = realpathSync(path.dirname(wanted));
    const target = path.join(parent, path.basename(wanted));
    const isThere = lstatSync(target, { throwIfNoEntry: false }) !== undefined;
    const real = isThere ? realpathSync(target) : target;
    if (!isInside(root, real)) return Errno.access;
    return isThere ? plainFile(real) : { path: real, exists: false };
  });
}

function isInside(root: string, file: string): boolean {
  const way = path.relative(root, file);
  return way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}

function plainFile(file: string): Located | number {
  const stat = statSync(file);
  if (stat.isDirectory()) return Errno.isFolder;
  if (!stat.isFile()) return Errno.access;
  return stat.size > largestFile ? Errno.tooLarge : { path: file, exists: true };
}

/** The result of `body`; an error of the file system as its number. */
function attempt<T>(body: () => T): T | number {
  try {
    return body();
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === "ENOENT" ? Errno.noEntry : Errno.access;
  }
}
