/** Where a configuration says what is wrong with it. */
import { type Diagnostic, error, type Span } from "../ir/diagnostic.js";
import { ownFrames, spanOf } from "./faults.js";
import { readText, shortened } from "./files.js";

/** The first place behind `export default` where the text has `key`; `export default` itself where it has none. */
export function keyIn(
  file: string,
  text: string,
  key: string,
  from = text.search(/\bexport\s+default\b/),
): Span {
  const begin = Math.max(0, from);
  const word = `(?<![\\w$])${key.replace(/\W/g, "\\$&")}`;
  // As the name of an entry, if it stands as one somewhere.
  const entry = text.slice(begin).search(new RegExp(`${word}["']?\\s*[:,}(]`));
  const at = entry < 0 ? text.slice(begin).search(new RegExp(`${word}(?![\\w$])`)) : entry;
  return at < 0
    ? { file, start: begin, end: begin + "export default".length }
    : { file, start: begin + at, end: begin + at + key.length };
}

/** Of an error that Node's loader, the parser of TypeScript or a module itself threw. */
export function importFault(e: unknown, file: string, text: string): Diagnostic {
  const { name, message, code } = Object(e) as { name?: string; message?: string; code?: string };
  if (name === "TypeScriptError") return syntaxFault(e as Fault, file);
  const [frame] = ownFrames(e);
  const place = (frame && spanOf(frame)) ?? keyIn(file, text, "export default");
  if (code === "ERR_MODULE_NOT_FOUND" || code === "ERR_PACKAGE_PATH_NOT_EXPORTED")
    return error("config/import", `${file} imports what is not there`, {
      place: importIn(file, text, message ?? "") ?? place,
      found: (message ?? "").split("\n")[0]!,
      expected: "a file of the project, with its ending, or an installed package",
      help: "imports of files end in .ts (or .js, where tsc asks for it); packages are installed with npm install",
    });
  const absent = e instanceof SyntaxError && / named '([^']+)'/.exec(e.message)?.[1];
  if (absent)
    return error("config/import", `${frame?.file ?? file} imports what is not there`, {
      place: frame ? keyIn(frame.file, readText(frame.file), absent, 0) : place,
      found: e.message,
      expected: "a name that the module exports",
    });
  if (e instanceof SyntaxError)
    return error("config/syntax", `${frame?.file ?? file} cannot be read`, {
      place,
      found: message ?? String(e),
    });
  return error("config/threw", `${file} threw while it was loaded`, {
    place,
    found: e instanceof Error ? `${name}: ${message}` : String(e),
    expected: "a module that exports its configuration",
    help: "the fault lies in that file, or in one that it imports",
  });
}

interface Fault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

function syntaxFault(fault: Fault, file: string): Diagnostic {
  const at = { ...fault, file: shortened(fault.file) };
  const place = spanOf(at);
  const more = /strip-only/.test(fault.reason);
  return error("config/syntax", `${at.file} cannot be read`, {
    ...(place ? { place } : { place: { file, start: 0, end: 0 } }),
    found: fault.reason.replace(" in strip-only mode", ""),
    expected: more ? "JavaScript with types" : "TypeScript",
    ...(more
      ? {
          help: 'types are only taken away: "erasableSyntaxOnly": true in tsconfig.json lets the editor say so',
        }
      : {}),
  });
}

/** The import of `file` that a message of Node's loader speaks of. */
function importIn(file: string, text: string, message: string): Span | undefined {
  const missing = /'([^']+)'/.exec(message)?.[1];
  const last = missing?.split("/").at(-1);
  if (!last) return undefined;
  for (const found of text.matchAll(/(?:from|import)\s*\(?\s*(["'])(.+?)\1/g)) {
    const specifier = found[2]!;
    if (specifier !== missing && specifier.split("/").at(-1) !== last) continue;
    const start = found.index + found[0].indexOf(specifier);
    return { file, start, end: start + specifier.length };
  }
  return undefined;
}
