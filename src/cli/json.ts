/** What `--json` prints. */
import { type Position, positionOf, type Span } from "../ir/diagnostic.js";

const isSpan = (v: unknown): v is Span =>
  typeof v === "object" && v !== null && "file" in v && "start" in v && "end" in v;

export interface LocatedSpan extends Span {
  /** 1-based; `to` stands behind the last character. */
  readonly from: Position;
  readonly to: Position;
}

const located = (span: Span, source: string): LocatedSpan => ({
  ...span,
  from: positionOf(source, span.start),
  to: positionOf(source, span.end),
});

/** Indented JSON in which every span of a text in `sources` says its lines and columns beside its offsets. */
export const printedJson = (value: unknown, sources: ReadonlyMap<string, string>): string =>
  JSON.stringify(
    value,
    (_key, v: unknown) => {
      const source = isSpan(v) ? sources.get(v.file) : undefined;
      return source === undefined ? v : located(v as Span, source);
    },
    2,
  );
