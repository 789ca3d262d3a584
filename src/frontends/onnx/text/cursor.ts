/** The characters of a model in ONNX's textual syntax, one token ahead. */
import { type Diagnostic, error, Refusal, type Span } from "../../../ir/diagnostic.js";

export interface Token {
  readonly kind: "id" | "number" | "string" | "sign" | "end";
  /** As the file has it; of a string, what stands between the quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Cursor {
  readonly file: string;
  readonly source: string;
  /** The next token, and where the one before it ended. */
  next: Token;
  behind: number;
  /** How many types and graphs are open around the next token. */
  depth: number;
  /** Keeps a mistake after which reading can go on; throws when there are too many. */
  report(...mistakes: readonly Diagnostic[]): void;
}

const blank = /(?:\s+|#[^\n]*)*/y;
const token =
  /([A-Za-z_][\w.]*)|(-?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|(?:inf(?:inity)?|nan)\b))|(=>|[<>()[\]{},=:?@])/y;

export function cursorAt(file: string, source: string, report: Cursor["report"]): Cursor {
  const cursor: Cursor = {
    file,
    source,
    next: { kind: "end", text: "", start: 0, end: 0 },
    behind: 0,
    depth: 0,
    report,
  };
  jump(cursor, 0);
  return cursor;
}

/** Goes on reading at an offset. */
export function jump(cursor: Cursor, offset: number): void {
  blank.lastIndex = offset;
  const start = offset + blank.exec(cursor.source)![0].length;
  cursor.next = { kind: "end", text: "", start, end: start };
  if (start >= cursor.source.length) return;
  cursor.next = cursor.source[start] === '"' ? quoted(cursor, start) : word(cursor, start);
}

function word(cursor: Cursor, start: number): Token {
  token.lastIndex = start;
  const found = token.exec(cursor.source);
  if (!found) strange(cursor, start, start + 1);
  const [text, id, number] = found;
  const kind = id !== undefined ? "id" : number !== undefined ? "number" : "sign";
  return { kind, text, start, end: start + text.length };
}

/** A text up to the next quote that no backslash is before. */
function quoted(cursor: Cursor, start: number): Token {
  const { source } = cursor;
  let end = start + 1;
  for (; end < source.length && source[end] !== '"'; end++) if (source[end] === "\\") end++;
  if (end >= source.length) strange(cursor, start, lineEnd(source, start));
  const text = source.slice(start + 1, end).replace(/\\([\s\S])/g, "$1");
  return { kind: "string", text, start, end: end + 1 };
}

function strange(cursor: Cursor, at: number, end: number): never {
  const quote = cursor.source[at] === '"';
  cursor.next = { kind: "sign", text: cursor.source.slice(at, end), start: at, end };
  throw new Refusal(
    quote
      ? syntax(cursor, "a string does not end", { help: 'close it with "' })
      : syntax(cursor, `the character ${JSON.stringify(cursor.source[at])} means nothing here`),
  );
}

export const lineEnd = (source: string, at: number): number => {
  const end = source.indexOf("\n", at);
  return end < 0 ? source.length : end;
};

export function take(cursor: Cursor): Token {
  const taken = cursor.next;
  cursor.behind = taken.end;
  jump(cursor, taken.end);
  return taken;
}

export const at = (cursor: Cursor, sign: string): boolean =>
  cursor.next.kind === "sign" && cursor.next.text === sign;
/** Takes a sign if it comes next. */
export const accept = (cursor: Cursor, sign: string): boolean => {
  if (!at(cursor, sign)) return false;
  take(cursor);
  return true;
};
export function expect(cursor: Cursor, sign: string, after: string): Token {
  if (at(cursor, sign)) return take(cursor);
  throw new Refusal(missing(cursor, `"${sign}"`, { after }));
}

export const spanOf = (cursor: Cursor, start: number, end = cursor.behind): Span => ({
  file: cursor.file,
  start,
  end,
});

type More = Omit<Diagnostic, "id" | "severity" | "text" | "place">;
export const syntax = (cursor: Cursor, text: string, more: More = {}): Diagnostic =>
  error("onnx/syntax", text, { place: spanOf(cursor, cursor.next.start, cursor.next.end), ...more });

/** Something else stands where `expected` must: told behind what is there when the rest of that line is empty. */
export function missing(
  cursor: Cursor,
  expected: string,
  { after, ...more }: More & { readonly after?: string } = {},
): Diagnostic {
  const { kind, text, start } = cursor.next;
  const found = kind === "end" ? "the end of the file" : kind === "string" ? JSON.stringify(text) : text;
  const told = syntax(cursor, `${expected} is expected ${after ? `after ${after}` : "here"}`, {
    found: found.slice(0, 60),
    ...more,
  });
  const apart = after !== undefined && cursor.source.slice(cursor.behind, start).includes("\n");
  return apart ? { ...told, place: spanOf(cursor, cursor.behind, cursor.behind + 1) } : told;
}

/** A name as it is, or in quotes. */
export function name(cursor: Cursor, what: string): string {
  const { kind } = cursor.next;
  if (kind === "id" || kind === "string") return take(cursor).text;
  throw new Refusal(missing(cursor, what));
}
export const atName = (cursor: Cursor): boolean => cursor.next.kind === "id" || cursor.next.kind === "string";

/** Items between commas up to `close`, which may follow at once, and may follow a comma. */
export function listed(cursor: Cursor, close: string, what: string, item: () => void): void {
  while (!at(cursor, close)) {
    item();
    if (!accept(cursor, ",")) break;
  }
  expect(cursor, close, what);
}

/** Deeper nesting than this is no model. */
const deepest = 40;

export function nested<T>(cursor: Cursor, read: () => T): T {
  if (cursor.depth >= deepest)
    throw new Refusal(
      syntax(cursor, "types and graphs are nested too deeply", { expected: `at most ${deepest} levels` }),
    );
  cursor.depth++;
  const made = read();
  cursor.depth--;
  return made;
}
