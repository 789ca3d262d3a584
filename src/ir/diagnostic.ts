/** Diagnostics as values: what is wrong, where, what was found, what was expected, and the way out. */

/** A stretch of a text file, as character offsets. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}
/** A node (or tensor) of an imported model. */
export interface NodePlace {
  readonly file: string;
  readonly node: string;
  /** What a diagnostic also says: the operator, what it reads, and where a textual model has it. */
  readonly op?: string;
  /** Names are empty for operands that are left out; `type` is like `f32[1x3x8]`, absent where it is not known. */
  readonly inputs?: readonly { readonly name: string; readonly type?: string }[];
  readonly span?: Span;
}
/** Where a diagnostic points to: a stretch of text, or a node of an imported model. */
export type Place = Span | NodePlace;
export const isSpan = (place: Place): place is Span => "start" in place;

/** What is wrong, or worth a remark: where, what was found, what was expected, and a way out. */
export interface Diagnostic {
  /** `area/what`, stable across versions: scripts and `pulsec explain` rely on it. */
  readonly id: `${string}/${string}`;
  readonly severity: "error" | "warning" | "note";
  readonly place?: Place;
  readonly text: string;
  readonly found?: string;
  readonly expected?: string;
  readonly notes?: readonly { readonly place: Place; readonly text: string }[];
  readonly help?: string;
}

/** A value, or the diagnostics that say why there is none; with remarks either way. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Carries diagnostics up to the nearest `attempt`; never leaves a public function. */
export class Refusal extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(...diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => `${d.id}: ${d.text}`).join("\n"));
    this.name = "Refusal";
    this.diagnostics = diagnostics;
  }
}

/** A diagnostic that stops what was asked for. */
export const error = (
  id: Diagnostic["id"],
  text: string,
  more: Omit<Diagnostic, "id" | "severity" | "text"> = {},
): Diagnostic => ({
  id,
  severity: "error",
  text,
  ...more,
});
/** A diagnostic that stops nothing. */
export const warning = (
  id: Diagnostic["id"],
  text: string,
  more: Omit<Diagnostic, "id" | "severity" | "text"> = {},
): Diagnostic => ({
  ...error(id, text, more),
  severity: "warning",
});

/** Runs `body`; a `Refusal` becomes a failed result. `warnings` collected so far are kept either way. */
export function attempt<T>(body: (report: (d: Diagnostic) => void) => T): Result<T> {
  const reported: Diagnostic[] = [];
  try {
    const value = body((d) => reported.push(d));
    if (reported.some((d) => d.severity === "error")) return { ok: false, diagnostics: reported };
    return { ok: true, value, diagnostics: reported };
  } catch (e) {
    if (e instanceof Refusal) return { ok: false, diagnostics: [...reported, ...e.diagnostics] };
    throw e;
  }
}

/** The value of a result, or its diagnostics thrown on as a `Refusal`. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Refusal(...result.diagnostics);
}

/** Nearest of `names` within a third of the length in edits: for "did you mean". */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bound = Math.ceil(name.length / 3) + 1;
  for (const candidate of names) {
    const d = editDistance(name, candidate, bound);
    if (d < bound) [best, bound] = [candidate, d];
  }
  return best;
}

/** Levenshtein distance, given up at `bound`. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}
/** 1-based line and column of an offset. */
export function positionOf(source: string, offset: number): Position {
  const before = source.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}

/** The diagnostic as people read it, with a code frame where `sources` holds the file's text. */
export function renderDiagnostic(d: Diagnostic, sources: ReadonlyMap<string, string> = new Map()): string {
  const lines = [`${d.severity}[${d.id}]: ${d.text}`];
  if (d.place) lines.push(...frame(d.place, sources, d.found ? `found ${d.found}` : ""));
  const span = d.place && spanIn(d.place);
  if (d.found && !(span && sources.has(span.file)))
    lines.push(`  found: ${d.found.replaceAll("\n", "\n         ")}`);
  if (d.expected) lines.push(`  expected: ${d.expected}`);
  for (const note of d.notes ?? []) lines.push(`  note: ${note.text}`, ...frame(note.place, sources, ""));
  if (d.help) lines.push(`  help: ${d.help}`);
  return visible(lines.join("\n"));
}

/** Control characters of a hostile or binary file as pictures of the same width: a terminal would obey them. */
function visible(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, (c) => {
    const code = c.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "\u2421" : "\ufffd";
  });
}

const spanIn = (place: Place): Span | undefined => (isSpan(place) ? place : place.span);

export function describePlace(place: Place, sources: ReadonlyMap<string, string> = new Map()): string {
  const node = isSpan(place) ? "" : `: ${describeNode(place)}`;
  const span = spanIn(place);
  const source = span && sources.get(span.file);
  if (source === undefined) return `${place.file}${node}`;
  const { line, column } = positionOf(source, span!.start);
  return `${place.file}:${line}:${column}${node}`;
}

/** More operands than this are counted. */
const mostOperands = 6;

/** `Conv "first" (x: f32[1x2x8], w: f32[4x2x3])`; a node without a name of its own is `Conv#3`. */
function describeNode({ node, op, inputs = [] }: NodePlace): string {
  const named = op === undefined || node.startsWith(`${op}#`) ? node : `${op} ${JSON.stringify(node)}`;
  const shown = inputs.slice(0, mostOperands).map((i) => {
    const name = i.name === "" ? "-" : i.name;
    return i.type === undefined ? name : `${name}: ${i.type}`;
  });
  if (inputs.length > mostOperands) shown.push(`${inputs.length - mostOperands} more`);
  return shown.length > 0 ? `${named} (${shown.join(", ")})` : named;
}

function frame(place: Place, sources: ReadonlyMap<string, string>, label: string): string[] {
  const where = `  --> ${describePlace(place, sources)}`;
  const span = spanIn(place);
  const source = span && sources.get(span.file);
  if (!span || source === undefined) return [where];
  const { line, column } = positionOf(source, span.start);
  const text = (source.split("\n")[line - 1] ?? "").replace(/\r$/, "").replaceAll("\t", " ");
  const width = Math.max(1, Math.min(span.end - span.start, text.length - column + 1));
  const gutter = String(line);
  const [shown, shift] = window(text, column);
  const carets =
    `${" ".repeat(column - 1 - shift)}${"^".repeat(Math.min(width, shown.length + 1))} ${label}`.trimEnd();
  return [where, `  ${gutter} | ${shown}`, `  ${" ".repeat(gutter.length)} | ${carets}`];
}

/** Long lines (generated IR) are cut around the column so that a frame stays readable. */
function window(text: string, column: number): [shown: string, shift: number] {
  if (text.length <= 140) return [text, 0];
  const shift = Math.max(0, column - 60);
  return [text.slice(shift, shift + 140), shift];
}
