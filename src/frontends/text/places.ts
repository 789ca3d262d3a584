/** Where a value came from: what `loc(...)` says, else where the text defines it. */
import { type Extent, extentOf, type Lexeme } from "../../../grammar/ir-syntax.js";
import type { Place } from "../../ir/diagnostic.js";
import { wellFormed } from "../../ir/hash.js";
import type { Context } from "./context.js";

export function readPlaces(
  cx: Context,
  { at, places }: { readonly at: Extent; readonly places: readonly Lexeme[] },
): readonly Place[] {
  if (places.length === 0) return [cx.span(at)];
  return places.flatMap((lexeme) => readPlace(cx, lexeme) ?? []);
}

/** `net.onnx: Conv_3` or `net.pulse:120-160`. A node's name may hold anything, so its form is looked for first. */
function readPlace(cx: Context, lexeme: Lexeme): Place | undefined {
  const text = readString(cx, lexeme);
  if (text === undefined) return undefined;
  const colon = text.indexOf(": ");
  if (colon >= 0) return { file: text.slice(0, colon), node: text.slice(colon + 2) };
  const [, file, start, end] = /^(.*):(\d{1,15})-(\d{1,15})$/s.exec(text) ?? [];
  if (file !== undefined) return { file, start: Number(start), end: Number(end) };
  cx.error("text/place", extentOf(lexeme), "this is no place", {
    expected: '"net.onnx: Conv_3" or "net.pulse:120-160"',
  });
  return undefined;
}

export function readString(cx: Context, lexeme: Lexeme): string | undefined {
  try {
    return wellFormed(JSON.parse(lexeme.image) as string);
  } catch {
    const [wrong] = /\\(?!["\\/bfnrt]|u[\da-fA-F]{4}).?/.exec(lexeme.image.replaceAll("\\\\", "  ")) ?? [];
    cx.error("text/string", extentOf(lexeme), "this string cannot be read", {
      ...(wrong ? { found: `the escape ${wrong}` } : {}),
      expected: 'escapes as in JSON: \\" \\\\ \\n \\t \\u00e9',
    });
    return undefined;
  }
}
