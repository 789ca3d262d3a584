/** The small change of reading a container: lists, required fields, places, comments. */
import { error, type Place, Refusal } from "../../ir/diagnostic.js";
import type { Commented } from "../../ir/graph.js";
import type * as fb from "./generated/pulsec_generated.js";

/** Leaves with a diagnostic about the file as a whole. */
export function damaged(text: string): never {
  throw new Refusal(error("container/damaged", text, { help: "write the container anew from its source" }));
}

/** The runtime gives null for what a valid file always has. */
export const required = <T>(value: T | null | undefined): T =>
  value ?? damaged("a required field is missing");

/** `length` has been checked against the file by `CheckedBuffer`. */
export const list = <T>(length: number, at: (index: number) => T): T[] =>
  Array.from({ length }, (_, i) => at(i));

export const texts = (length: number, at: (index: number) => string | null): string[] =>
  list(length, (i) => required(at(i)));

export function readComments(of: {
  commentsLength(): number;
  comments(index: number): string | null;
  /** The module as a whole has none. */
  remark?(): string | null;
}): Commented {
  const lines = texts(of.commentsLength(), (i) => of.comments(i));
  const remark = of.remark?.() ?? undefined;
  if ([...lines, remark ?? ""].some((line) => /[\n\r]/.test(line)))
    damaged("a comment has more than one line");
  return { ...(lines.length > 0 ? { comments: lines } : {}), ...(remark === undefined ? {} : { remark }) };
}

export function readPlaces(of: {
  placesLength(): number;
  places(index: number): fb.Place | null;
}): readonly Place[] {
  return list(of.placesLength(), (i) => required(of.places(i))).map((place) => {
    const file = required(place.file());
    const node = place.node();
    return node === null ? { file, start: place.start(), end: place.end() } : { file, node };
  });
}
