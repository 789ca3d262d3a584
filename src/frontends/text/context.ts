/** What reading a text carries along: where complaints go, and how names are guessed. */
import type { Extent, Lexeme } from "../../../grammar/ir-syntax.js";
import { type Diagnostic, error, nearest, Refusal, type Span, warning } from "../../ir/diagnostic.js";
import type { OpDef } from "../../ir/op.js";
import type { Data } from "../../ir/storage.js";

/** Element data by the sha256 that the text names: what `containerParams` gives. */
export type ParamSource = (sha256: string) => Data | undefined;

type More = Omit<Diagnostic, "id" | "severity" | "text" | "place">;

export interface Context {
  readonly file: string;
  readonly ops: ReadonlyMap<string, OpDef>;
  readonly params: ParamSource | undefined;
  /** Names (with their sigil) that are defined, but not readably: their uses are not complained about. */
  readonly broken: ReadonlySet<string>;
  span(at: Extent): Span;
  /** No error so far. */
  sound(): boolean;
  error(id: Diagnostic["id"], at: Extent, text: string, more?: More): void;
  warn(id: Diagnostic["id"], at: Extent, text: string, more?: More): void;
}

/** A file with more errors than this is not worth reading to its end. */
const errorLimit = 100;

export function makeContext(
  base: Pick<Context, "file" | "params" | "broken"> & { readonly ops: readonly OpDef[] },
  report: (d: Diagnostic) => void,
): Context {
  let errors = 0;
  const span = (at: Extent): Span => ({ file: base.file, start: at.start, end: at.end });
  return {
    ...base,
    ops: new Map(base.ops.map((op) => [op.name, op])),
    span,
    sound: () => errors === 0,
    error(id, at, text, more = {}) {
      report(error(id, text, { place: span(at), ...more }));
      if (++errors < errorLimit) return;
      throw new Refusal(
        error("text/too-many-errors", `reading stops after ${errorLimit} errors`, { place: span(at) }),
      );
    },
    warn: (id, at, text, more = {}) => report(warning(id, text, { place: span(at), ...more })),
  };
}

/** Anything is near a single letter. Long names and long lists cost time, in a text that may be hostile. */
const guessLimits = { shortest: 2, longest: 64, names: 500 };

/** `did you mean ...?`, where some name is near. */
export function guess(name: string, names: readonly string[]): { help?: string } {
  const { length } = name.replace(/^[@%]/, "");
  if (length < guessLimits.shortest || length > guessLimits.longest || names.length > guessLimits.names)
    return {};
  const near = nearest(name, names);
  return near === undefined ? {} : { help: `did you mean ${near}?` };
}

export const bare = (name: Lexeme): string => name.image.slice(1);
