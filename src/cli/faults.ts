/** Where in a user's own files an error was thrown. */
import { existsSync } from "node:fs";
import path from "node:path";
import { type Diagnostic, error, type Span } from "../ir/diagnostic.js";
import { type Frame, framesOf, isOfUser } from "../ir/stack.js";
import { readText, shortened } from "./files.js";

/** The calls of an error's stack that lie in files of the user, named as people name them. Innermost first. */
export const ownFrames = (e: unknown): readonly Frame[] =>
  e instanceof Error
    ? framesOf(e)
        .filter(isOfUser)
        .map((frame) => ({ ...frame, file: shortened(frame.file) }))
    : [];

/** The place of a frame, whose file is read so that its line can be shown. */
export function spanOf({ file, line, column }: Frame): Span | undefined {
  if (!existsSync(file)) return undefined;
  const rows = readText(file).split("\n");
  const before = rows.slice(0, line - 1).reduce((sum, row) => sum + row.length + 1, 0);
  const start = before + column - 1;
  const word = /^[\w$.]+/.exec((rows[line - 1] ?? "").slice(column - 1))?.[0] ?? " ";
  return { file, start, end: start + word.length };
}

/** With the line of source that the diagnostic says an error was thrown at. */
export function withSource(d: Diagnostic): Diagnostic {
  const [, file, line, column] = /, thrown at (.+):(\d+):(\d+)$/.exec(d.found ?? "") ?? [];
  if (file === undefined || !path.isAbsolute(file)) return d;
  const place = spanOf({ file: shortened(file), line: Number(line), column: Number(column) });
  return place ? { ...d, notes: [...(d.notes ?? []), { place, text: "thrown here" }] } : d;
}

/** Of an error that no one caught: code of the user's threw it. Nothing where only ours ran. */
export function faultOfUser(e: unknown): Diagnostic | undefined {
  const [frame] = ownFrames(e);
  if (!frame) return undefined;
  const { file, line, column } = frame;
  return error("extension/threw", `${file} threw an error`, {
    found: `${(e as Error).message}, thrown at ${path.resolve(file)}:${line}:${column}`,
    help: "the fault lies in what the project adds; pulsec works without it: --no-config",
  });
}
