/** Numbers and texts, checked against the element type that they are of. */
import { error, Refusal } from "../../../ir/diagnostic.js";
import type { ElementType } from "../raw.js";
import { type Cursor, expect, listed, missing, spanOf, take } from "./cursor.js";

/** `["key": "value", ...]` */
export function pairs(cursor: Cursor): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  expect(cursor, "[", "=");
  listed(cursor, "]", "a list of texts", () => {
    const key = string(cursor);
    expect(cursor, ":", JSON.stringify(key));
    found.set(key, string(cursor));
  });
  return found;
}

export function string(cursor: Cursor): string {
  if (cursor.next.kind === "string") return take(cursor).text;
  throw new Refusal(missing(cursor, 'a text in "quotes"'));
}

/** A number as a double: 1, -2.5e-3, inf, -inf, nan. */
export function number(cursor: Cursor): number {
  const { kind, text } = cursor.next;
  const word = /^(-?)(inf(?:inity)?|nan)$/i.exec(text);
  if (kind !== "number" && !(kind === "id" && word)) throw new Refusal(missing(cursor, "a number"));
  take(cursor);
  if (!word) return Number(text);
  return (word[1] ? -1 : 1) * (/nan/i.test(word[2]!) ? Number.NaN : Infinity);
}

const whole = /^-?\d{1,20}$/;
export const atWhole = (cursor: Cursor): boolean =>
  cursor.next.kind === "number" && whole.test(cursor.next.text);

/** [lo, hi] of an integer type, and of the bit patterns that stand for small floats. */
function rangeOf(type: ElementType): readonly [bigint, bigint] {
  if (type === "bool") return [0n, 1n];
  const signed = /^i(\d+)$/.exec(type)?.[1];
  if (signed) return [-(1n << (BigInt(signed) - 1n)), (1n << (BigInt(signed) - 1n)) - 1n];
  const unsigned = /^u(\d+)$/.exec(type)?.[1] ?? (/^b?f16$/.test(type) ? "16" : "8");
  return [0n, (1n << BigInt(unsigned)) - 1n];
}

/** An integer of `type`. Small floats are written as their bit patterns. */
export function integer(cursor: Cursor, type: ElementType): bigint {
  if (!atWhole(cursor)) {
    const help = /^b?f\d+/.test(type)
      ? { help: "floats of 16 and 8 bits are written as their bit patterns" }
      : {};
    throw new Refusal(missing(cursor, "an integer", help));
  }
  const { text, start } = take(cursor);
  const found = BigInt(text);
  const [lo, hi] = rangeOf(type);
  if (found < lo || found > hi)
    cursor.report(
      error("onnx/tensor-data", `this number does not fit ${type}`, {
        place: spanOf(cursor, start),
        found: text,
        expected: `[${lo}, ${hi}]`,
        help: "write a number of this range, or a wider type",
      }),
    );
  return found;
}

/** The elements of a tensor in braces; 64-bit integers as bigint. */
export function literals(cursor: Cursor, type: ElementType): readonly number[] | readonly bigint[] {
  const list: (number | bigint)[] = [];
  expect(cursor, "{", "the type of a tensor");
  listed(cursor, "}", "the elements of a tensor", () => list.push(literal(cursor, type)));
  return list as readonly number[] | readonly bigint[];
}

function literal(cursor: Cursor, type: ElementType): number | bigint {
  if (type === "f32" || type === "f64") return number(cursor);
  if (type === "i64" || type === "u64") return integer(cursor, type);
  if (type !== "string") return Number(integer(cursor, type));
  string(cursor);
  return 0;
}
