/**
 * Canonical text of models: the tokens as they are, one statement per line, two spaces per level. What was written
 * on one line in braces stays on one line where it fits; a pipe that was broken, or is too long, has a stage per line.
 * Comments stay where they are: above what they stand above, or behind the line that they stand behind.
 */
import type {
  BlockSyntax,
  DeploySyntax,
  ModelSyntax,
  PhaseSyntax,
  PulseSyntax,
  TrainSyntax,
} from "../../../grammar/dsl-syntax.js";
import { type Extent, extentOf, type Lexeme } from "../../../grammar/ir-syntax.js";
import { error, type Result } from "../../ir/diagnostic.js";
import { tooLarge } from "./context.js";

const width = 100;

/** Canonical text, or the syntax errors: only text that can be read is formatted. */
export async function formatPulse(source: string, file = "model.pulse"): Promise<Result<string>> {
  const large = tooLarge(file, source);
  if (large) return { ok: false, diagnostics: [large] };
  const { readPulse } = await import("../../../grammar/dsl.js");
  const { pulse, faults } = readPulse(source);
  const diagnostics = faults.map(({ at, found, expected }) =>
    error("dsl/syntax", "syntax error", { place: { file, ...at }, found, expected }),
  );
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  return { ok: true, value: new Layout(source, pulse).print(), diagnostics };
}

type Container = ModelSyntax | TrainSyntax | DeploySyntax | PhaseSyntax | BlockSyntax;
type Item = { readonly kind: string; readonly at: Extent };

const bodyOf = (item: Item) => {
  const body = "body" in item ? (item as Container).body : undefined;
  return body?.kind === "braces" ? body : undefined;
};

class Layout {
  readonly #source: string;
  readonly #pulse: PulseSyntax;
  readonly #lines: string[] = [];

  constructor(source: string, pulse: PulseSyntax) {
    [this.#source, this.#pulse] = [source, pulse];
  }

  print(): string {
    this.#entries(this.#pulse.sections, { start: 0, end: this.#source.length }, "");
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  /** Statements and the comments between them, from `region`, which starts behind an opening brace (or the file). */
  #entries(items: readonly Item[], region: Extent, indent: string): void {
    const comments = this.#commentsIn(region).filter(({ startOffset }) => !holds(items, startOffset));
    const entries = [
      ...items.map((item) => ({ item, at: item.at })),
      ...comments.map((c) => ({ item: c, at: extentOf(c) })),
    ];
    let end = region.start;
    for (const { item, at } of entries.sort((a, b) => a.at.start - b.at.start)) {
      const between = this.#source.slice(end, at.start);
      const trailing = "image" in item && this.#lines.length > 0 && !between.includes("\n");
      if (!trailing && end > region.start && /\n[ \t\r]*\n/.test(between)) this.#lines.push("");
      if ("image" in item) this.#comment(item, trailing, indent);
      else this.#item(item, indent);
      end = at.end;
    }
  }

  /** A second comment behind a line goes below it: one line holds one. */
  #comment(comment: Lexeme, trailing: boolean, indent: string): void {
    const text = comment.image.trimEnd();
    const last = this.#lines.at(-1) ?? "";
    if (trailing && !/\/\//.test(withoutStrings(last)))
      this.#lines[this.#lines.length - 1] = `${last}  ${text}`;
    else this.#lines.push(indent + text);
  }

  #item(item: Item, indent: string): void {
    const body = bodyOf(item);
    if (!body) return void this.#statement(item, indent);
    const line = this.#inline(item);
    if (line !== undefined && indent.length + line.length <= width)
      return void this.#lines.push(indent + line);
    const head = { start: item.at.start, end: body.at.start };
    this.#lines.push(`${indent}${spaced(this.#tokensIn(head), item.kind)} {`);
    for (const comment of this.#commentsIn(head)) this.#comment(comment, true, `${indent}  `);
    const [start, end] = [body.at.start + 1, body.at.end - 1];
    this.#entries(body.items, { start, end }, `${indent}  `);
    this.#lines.push(`${indent}}`);
  }

  /** `phase warmup { epochs 20; lr 1e-3 }`, where it was written on one line. */
  #inline(item: Item): string | undefined {
    const body = bodyOf(item);
    if (!body) return spaced(this.#tokensIn(item.at), item.kind);
    const text = this.#source.slice(body.at.start, body.at.end);
    if (text.includes("\n") || this.#commentsIn(item.at).length > 0) return undefined;
    const head = spaced(this.#tokensIn({ start: item.at.start, end: body.at.start }), item.kind);
    const inner = body.items.map((i) => this.#inline(i));
    return inner.length === 0 ? `${head} {}` : `${head} { ${inner.join("; ")} }`;
  }

  #statement(item: Item, indent: string): void {
    const tokens = this.#tokensIn(item.at);
    const comments = this.#commentsIn(item.at);
    const segments = splitAtPipes(tokens);
    const line = indent + spaced(tokens, item.kind);
    const wasBroken = segments.length > 1 && this.#breaksBefore(segments[1]![0]!);
    if (comments.length === 0 && !wasBroken && line.length <= width) return void this.#lines.push(line);
    let next = 0;
    for (const [i, segment] of segments.entries()) {
      const deeper = i === 0 ? indent : `${indent}  `;
      this.#lines.push(deeper + spaced(segment, i === 0 ? item.kind : "stage"));
      const following = segments[i + 1]?.[0];
      const below = following ? `${indent}  ` : indent;
      for (; next < comments.length; next++) {
        const comment = comments[next]!;
        if (following && comment.startOffset > following.startOffset) break;
        const between = following && comment.startOffset > segment.at(-1)!.startOffset;
        this.#comment(comment, !(between && this.#breaksBefore(comment)), below);
      }
    }
  }

  #breaksBefore({ startOffset }: Lexeme): boolean {
    const line = this.#source.slice(this.#source.lastIndexOf("\n", startOffset - 1) + 1, startOffset);
    return line.trim() === "" && this.#source.lastIndexOf("\n", startOffset) >= 0;
  }

  #tokensIn = (extent: Extent): readonly Lexeme[] => within(this.#pulse.tokens, extent);
  #commentsIn = (extent: Extent): readonly Lexeme[] => within(this.#pulse.comments, extent);
}

/** Is the offset inside one of the items, which are in order? */
function holds(items: readonly Item[], offset: number): boolean {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle]!.at.end <= offset) low = middle + 1;
    else high = middle;
  }
  return low < items.length && items[low]!.at.start <= offset;
}

function firstFrom(list: readonly Lexeme[], offset: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]!.startOffset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

const within = (list: readonly Lexeme[], { start, end }: Extent): readonly Lexeme[] =>
  list.slice(firstFrom(list, start), firstFrom(list, end));

const withoutStrings = (line: string): string => line.replace(/"(?:[^"\\]|\\.)*"/g, '""');

/** The tokens of a statement, cut before every `|>` that is in no brackets. */
function splitAtPipes(tokens: readonly Lexeme[]): readonly (readonly Lexeme[])[] {
  const segments: Lexeme[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (/^[([{]$/.test(token.image)) depth++;
    if (/^[)\]}]$/.test(token.image)) depth--;
    if (token.image === "|>" && depth === 0) segments.push([]);
    segments.at(-1)!.push(token);
  }
  return segments;
}

/** Tokens on one line. A minus is a sign behind anything that cannot end a value, and behind a setting's key. */
function spaced(tokens: readonly Lexeme[], kind: string): string {
  const parts: string[] = [];
  let sign = false;
  for (const [i, { image }] of tokens.entries()) {
    const last = tokens[i - 1]?.image ?? "";
    const tight =
      i === 0 || sign || /^[([]$/.test(last) || /^[)\],:;]$/.test(image) || isCall(last, image, i, kind);
    parts.push(tight ? image : ` ${image}`);
    sign = image === "-" && (sign || /^(|[([,:=+\-*/%]|\|>)$/.test(last) || (kind === "setting" && i === 1));
  }
  return parts.join("");
}

const isCall = (last: string, image: string, i: number, kind: string): boolean =>
  image === "(" && /^[A-Za-z_]/.test(last) && !(kind === "output" && i === 1);
