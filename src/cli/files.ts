/** Reading and writing files: every text read is kept for code frames, nothing is ever half-written. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { nearest } from "../ir/diagnostic.js";
import { refuse } from "./command.js";

/** As people name a file: from the working directory, where it lies below. */
export function shortened(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative === "" ? "." : relative.startsWith("..") ? file : relative;
}

/** Texts of the files read so far, by the name that diagnostics use. */
export const sourcesRead = new Map<string, string>();

/** A file above this is refused before it is read: no model for these machines comes near. */
const limitBytes = 2 ** 30;

export function readBytes(file: string): Uint8Array {
  const stats = readable(file, () => statSync(file, { throwIfNoEntry: false }));
  if (!stats) return refuse("file/not-found", `there is no file ${file}`, { help: neighbour(file) });
  if (stats.isDirectory())
    return refuse("file/is-folder", `${file} is a folder, a file is expected`, {
      help: "name a file in it",
    });
  if (stats.size > limitBytes)
    return refuse("file/too-large", `${file} is too large`, {
      found: `${stats.size} bytes`,
      expected: `at most ${limitBytes}`,
      help: "split recordings into windows; a model of this size fits no device",
    });
  return readable(file, () => new Uint8Array(readFileSync(file)));
}

/** A file of nearly that name, or where to look. */
function neighbour(file: string): string {
  const dir = path.dirname(file);
  const names = isFolder(dir) ? readdirSync(dir) : [];
  const guess = names.length > 1000 ? undefined : nearest(path.basename(file), names);
  return guess === undefined
    ? "check the path; it is taken from the current folder"
    : `did you mean ${path.join(dir, guess)}?`;
}

/** What the system refuses (permissions, names that are too long, loops of links) is the user's to put right. */
function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (e) {
    return refuse("file/unreadable", `${file} cannot be read: ${because(e)}`, {
      help: "check its name and its permissions",
    });
  }
}

export function readText(file: string): string {
  const text = new TextDecoder().decode(readBytes(file));
  sourcesRead.set(file, text);
  return text;
}

export const isFolder = (file: string): boolean =>
  readable(file, () => statSync(file, { throwIfNoEntry: false }))?.isDirectory() ?? false;

/** All files directly in a folder, by name. */
export function readFolder(dir: string): ReadonlyMap<string, Uint8Array> {
  const names = readdirSync(dir, { withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => e.name);
  return new Map(names.sort().map((name) => [name, readBytes(path.join(dir, name))]));
}

/** The reason of a file system error, in words: without its code, and the call with the (perhaps temporary) name at its end. */
const because = (e: unknown): string =>
  (e as Error).message.replace(/^[A-Z0-9]+: /, "").replace(/, [a-z]+ '.*$/s, "");

/** Writes under a temporary name in the same folder, then renames. A link keeps pointing to its target, a file keeps its mode. */
export function writeFile(file: string, content: string | Uint8Array): void {
  writeFiles(new Map([[file, content]]));
}

/** Several files as nearly one step as a file system allows: all are written beside their places, then all renamed. */
export function writeFiles(files: ReadonlyMap<string, string | Uint8Array>): void {
  const ready: [temporary: string, target: string][] = [];
  let current = "";
  try {
    for (const [file, content] of files) {
      current = file;
      const target = existsSync(file) ? realpathSync(file) : file;
      makeFolder(path.dirname(target));
      const temporary = `${target}.${process.pid}.tmp`;
      ready.push([temporary, target]);
      writeFileSync(temporary, content, { mode: existsSync(target) ? statSync(target).mode : 0o666 });
    }
    for (const [temporary, target] of ready) renameSync(temporary, target);
  } catch (e) {
    for (const [temporary] of ready) discard(temporary);
    refuse("file/unwritable", `${current} cannot be written: ${because(e)}`, {
      help: "check the folder and its permissions",
    });
  }
}

/** What cannot be removed was never there. */
function discard(place: string): void {
  try {
    rmSync(place, { recursive: true, force: true });
  } catch {
    return;
  }
}

/** One level after the other: Node's own recursive form spins on folders of /proc that refuse new entries. */
function makeFolder(dir: string): void {
  if (existsSync(dir)) return;
  makeFolder(path.dirname(dir));
  mkdirSync(dir);
}

/** The list of files that a folder of ours holds: it marks the folder, and says what a later compile may replace. */
const listOfOurs = ".pulsec-files";

/**
 * Replaces `dir` by a folder with these files, as one step: it is written beside and then renamed.
 * A folder that holds anything pulsec did not write is never replaced.
 */
export function writeFolder(dir: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  const target = path.resolve(dir);
  refuseForeign(dir, target);
  try {
    makeFolder(path.dirname(target));
    const fresh = mkdtempSync(`${target}.tmp-`);
    try {
      const listed = new Map(files).set(listOfOurs, `${[...files.keys()].join("\n")}\n`);
      for (const [name, content] of listed) {
        makeFolder(path.dirname(path.join(fresh, name)));
        writeFileSync(path.join(fresh, name), content);
      }
      chmodSync(fresh, 0o755);
      swap(fresh, target);
    } finally {
      discard(fresh);
    }
  } catch (e) {
    refuse("file/unwritable", `${dir} cannot be written: ${because(e)}`, {
      help: "check the folder and its permissions",
    });
  }
}

/** What `make` leaves behind may go with the rest. */
const buildFolder = "build";

function refuseForeign(dir: string, target: string): void {
  if (!existsSync(target)) return;
  const help = "choose another -o folder, or move your files out of this one";
  if (!isFolder(target)) refuse("file/not-ours", `${dir} is a file, a folder is to be written`, { help });
  const mark = path.join(target, listOfOurs);
  const ours = new Set([listOfOurs, ...(existsSync(mark) ? readFileSync(mark, "utf8").split("\n") : [])]);
  const foreign = readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((e) => !e.isDirectory())
    .map((e) => path.relative(target, path.join(e.parentPath, e.name)))
    .filter((name) => !ours.has(name) && !(existsSync(mark) && name.startsWith(`${buildFolder}${path.sep}`)));
  if (foreign.length === 0) return;
  const found =
    foreign.slice(0, 5).join(", ") + (foreign.length > 5 ? `, ... ${foreign.length - 5} more` : "");
  refuse("file/not-ours", `${dir} holds files that pulsec did not write`, { found, help });
}

/** The old folder stays aside until the new one stands. */
function swap(fresh: string, target: string): void {
  const old = `${fresh}-old`;
  if (existsSync(target)) renameSync(target, old);
  try {
    renameSync(fresh, target);
  } catch (e) {
    if (existsSync(old)) renameSync(old, target);
    throw e;
  }
  discard(old);
}
