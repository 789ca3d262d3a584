/** Reading and writing files: every text read is kept for code frames, nothing is ever half-written. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { refuse } from "./command.js";

/** Texts of the files read so far, by the name that diagnostics use. */
export const sourcesRead = new Map<string, string>();

/** A file above this is refused before it is read: no model for these machines comes near. */
const limitBytes = 2 ** 30;

export function readBytes(file: string): Uint8Array {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats)
    return refuse("file/not-found", `there is no file ${file}`, {
      help: "check the path; it is taken from the current folder",
    });
  if (stats.isDirectory()) return refuse("file/is-folder", `${file} is a folder, a file is expected`);
  if (stats.size > limitBytes)
    return refuse("file/too-large", `${file} has ${stats.size} bytes`, { expected: `at most ${limitBytes}` });
  try {
    return new Uint8Array(readFileSync(file));
  } catch (e) {
    return refuse("file/unreadable", `${file} cannot be read: ${(e as Error).message}`);
  }
}

export function readText(file: string): string {
  const text = new TextDecoder().decode(readBytes(file));
  sourcesRead.set(file, text);
  return text;
}

export const isFolder = (file: string): boolean =>
  statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** All files directly in a folder, by name. */
export function readFolder(dir: string): ReadonlyMap<string, Uint8Array> {
  const names = readdirSync(dir, { withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => e.name);
  return new Map(names.sort().map((name) => [name, readBytes(path.join(dir, name))]));
}

/** Writes under a temporary name in the same folder, then renames. */
export function writeFile(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(temporary, content);
    renameSync(temporary, file);
  } catch (e) {
    rmSync(temporary, { force: true });
    refuse("file/unwritable", `${file} cannot be written: ${(e as Error).message}`);
  }
}

/** Marks a folder as ours: a later compile may replace it. */
const ownMark = "report.json";

/**
 * Replaces `dir` by a folder with these files, as one step: it is written beside and then renamed.
 * A folder that pulsec did not write is never replaced.
 */
export function writeFolder(dir: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  const target = path.resolve(dir);
  if (existsSync(target) && !mayReplace(target)) {
    refuse("file/not-ours", `${dir} exists and was not written by pulsec`, {
      help: "choose another -o folder, or empty this one",
    });
  }
  try {
    mkdirSync(path.dirname(target), { recursive: true });
    const fresh = mkdtempSync(`${target}.tmp-`);
    try {
      for (const [name, content] of files) {
        mkdirSync(path.dirname(path.join(fresh, name)), { recursive: true });
        writeFileSync(path.join(fresh, name), content);
      }
      chmodSync(fresh, 0o755);
      swap(fresh, target);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  } catch (e) {
    refuse("file/unwritable", `${dir} cannot be written: ${(e as Error).message}`);
  }
}

function mayReplace(target: string): boolean {
  if (!isFolder(target)) return false;
  const names = readdirSync(target);
  return names.length === 0 || names.includes(ownMark);
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
  rmSync(old, { recursive: true, force: true });
}
