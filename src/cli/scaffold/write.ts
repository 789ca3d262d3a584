/** Writing the files of a scaffold: all or none, and nothing that is there is replaced. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { Call } from "../command.js";
import { refuse } from "../command.js";
import { readText, shortened, writeFile, writeFiles } from "../files.js";
import { type Entry, importOf, newConfig, withEntry } from "./register.js";

/** The files, at their paths below `folder`. */
export function writeNew(folder: string, files: ReadonlyMap<string, string | Uint8Array>): readonly string[] {
  const placed = new Map([...files].map(([name, content]) => [shortened(path.join(folder, name)), content]));
  const there = [...placed.keys()].filter((file) => existsSync(file));
  if (there.length > 0)
    refuse("file/exists", `${there[0]} exists already`, {
      ...(there.length > 1 ? { found: there.join(", ") } : {}),
      expected: "files that are not there yet: nothing is overwritten",
      help: "move it, or choose another name",
    });
  writeFiles(placed);
  return [...placed.keys()];
}

/** What is written for a pass or an op, besides the entry in the configuration. */
export interface Scaffold {
  readonly files: (ending: string) => ReadonlyMap<string, string>;
  readonly entry: Omit<Entry, "from"> & { readonly from: (ending: string) => string };
}

/** Writes the files beside the configuration and names them in it; gives what was written, and says what is left to do. */
export function scaffold(call: Call, { files, entry }: Scaffold): readonly string[] {
  const { config } = call.toolchain;
  const folder = config === undefined ? process.cwd() : path.dirname(path.resolve(config));
  const ending = config === undefined || /ts$/.test(config) ? ".ts" : path.extname(config);
  const named = { ...entry, from: entry.from(ending) };
  const made = new Map(files(ending));
  if (config === undefined) made.set(`pulsec.config${ending}`, newConfig(named));
  const written = writeNew(folder, made);
  for (const file of written) call.note(`wrote ${file}`);
  if (config !== undefined) register(call, config, named);
  return written;
}

function register(call: Call, config: string, entry: Entry): void {
  const text = withEntry(readText(config), entry);
  if (text === undefined) {
    call.print(`add to ${config}:\n  ${importOf(entry)}\n  ${entry.list}: [${entry.identifier}]`);
    return;
  }
  writeFile(config, text);
  call.note(`added ${entry.identifier} to ${config}`);
}
