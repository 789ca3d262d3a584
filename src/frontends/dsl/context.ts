/** What reading a model carries along: where complaints go, and how names are guessed. */
import type { Extent, Lexeme } from "../../../grammar/ir-syntax.js";
import { type Diagnostic, error, nearest, Refusal, type Span, warning } from "../../ir/diagnostic.js";
import { wellFormed } from "../../ir/hash.js";
import type { OpDef } from "../../ir/op.js";
import type { Meaning } from "./meaning.js";

export type More = Omit<Diagnostic, "id" | "severity" | "text" | "place">;
export type Notes = NonNullable<Diagnostic["notes"]>;

export type Observe = (at: Extent, meaning: Meaning) => void;

export interface Context {
  readonly file: string;
  readonly ops: ReadonlyMap<string, OpDef>;
  /** Names that are defined, but not readably: their uses are not complained about. */
  readonly broken: ReadonlySet<string>;
  /** Nothing was left out: what is not there is missing. */
  readonly complete: boolean;
  /** Told of names and calls what they mean: blocks are expanded, so a place may mean several things. */
  readonly observe: Observe | undefined;
  /** The block calls that are being expanded, innermost first: every complaint brings them as notes. */
  calls: Notes;
  span(at: Extent): Span;
  /** No error so far. */
  sound(): boolean;
  error(id: Diagnostic["id"], at: Extent, text: string, more?: More): void;
  warn(id: Diagnostic["id"], at: Extent, text: string, more?: More): void;
}

/** Nobody writes more. In characters. */
export const sourceLimit = 2 ** 18;

export function tooLarge(file: string, source: string): Diagnostic | undefined {
  if (source.length <= sourceLimit) return undefined;
  const more = { found: `${source.length} characters`, expected: `at most ${sourceLimit}` };
  return error("dsl/too-large", `${file} is too large for a description of models`, more);
}

/** A file with more errors than this is not worth reading to its end; more warnings nobody reads. */
const errorLimit = 25;
/** Callers of callers that a complaint names. */
const noteLimit = 4;

export function makeContext(
  base: Pick<Context, "file" | "broken" | "complete" | "observe"> & { readonly ops: readonly OpDef[] },
  report: (d: Diagnostic) => void,
): Context {
  const seen = new Set<string>();
  let warnings = 0;
  const span = (at: Extent): Span => ({ file: base.file, start: at.start, end: at.end });
  const cx: Context = {
    ...base,
    ops: new Map(base.ops.map((op) => [op.name, op])),
    calls: [],
    span,
    sound: () => seen.size === 0,
    error(id, at, text, { notes = [], ...more } = {}) {
      // A block that is called five times is wrong once.
      const key = `${id} ${at.start} ${at.end}`;
      if (seen.has(key)) return;
      seen.add(key);
      const all = [...notes, ...cx.calls.slice(0, noteLimit)];
      report(error(id, text, { place: span(at), ...more, ...(all.length > 0 ? { notes: all } : {}) }));
      if (seen.size < errorLimit) return;
      throw new Refusal(
        error("dsl/too-many-errors", `reading stops after ${errorLimit} errors`, {
          place: span(at),
          help: "put the first ones right and check again: many of the others follow from them",
        }),
      );
    },
    warn(id, at, text, more = {}) {
      if (++warnings <= errorLimit) report(warning(id, text, { place: span(at), ...more }));
    },
  };
  return cx;
}

/** Anything is near a single letter. Long names and long lists cost time, in a text that may be hostile. */
const guessLimits = { shortest: 2, longest: 64, names: 500 };

/** The near name, where there is one. */
export function near(name: string, names: readonly string[]): string | undefined {
  const { shortest, longest, names: most } = guessLimits;
  if (name.length < shortest || name.length > longest || names.length > most) return undefined;
  return nearest(name, names);
}

/** `did you mean ...?`, or what there is. */
export function guess(name: string, names: readonly string[], otherwise?: string): { help?: string } {
  const found = near(name, names);
  if (found !== undefined) return { help: `did you mean ${found}?` };
  return otherwise === undefined ? {} : { help: otherwise };
}

/** Names in messages stay readable, however long they are. */
export const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);

export function readString(cx: Context, lexeme: Lexeme, at: Extent): string | undefined {
  try {
    return wellFormed(JSON.parse(lexeme.image) as string);
  } catch {
    const expected = 'escapes as in JSON: \\" \\\\ \\n \\t \\u00e9';
    cx.error("dsl/string", at, "this string cannot be read", { expected });
    return undefined;
  }
}
