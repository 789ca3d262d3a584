/** Hover in `.pir` texts: from the syntax, so that texts with mistakes have it, too. */
import {
  type Extent,
  extentOf,
  type GraphSyntax,
  type Lexeme,
  type TypeSyntax,
} from "../../grammar/ir-syntax.js";
import type { OpDef } from "../ir/op.js";
import type { PirView } from "./analysis.js";
import { explainOp, fenced } from "./explain.js";
import type { Hover } from "./hover.js";

export function hoverPir(view: PirView, ops: readonly OpDef[], offset: number): Hover | undefined {
  const { params, graphs } = view.syntax;
  const word = nameAt(view.source, offset);
  if (!word) return undefined;
  const graph = graphs.find((g) => holds(g.extent, offset));
  const typed = [...params, ...(graph ? valuesOf(graph) : [])];
  const value = typed.find((v) => v.name.image === word.image);
  if (value) {
    const text = fenced("pir", `${word.image} : ${typeText(view, value.type)}`);
    return { at: extentOf(word), text };
  }
  const node = graph?.nodes.find((n) => n.op.startOffset === word.startOffset);
  const op = node && ops.find((o) => o.name === node.op.image);
  return op && { at: extentOf(word), text: explainOp(op) };
}

const holds = ({ start, end }: Extent, offset: number): boolean => start <= offset && offset <= end;

const valuesOf = ({ inputs, nodes }: GraphSyntax) => [...inputs, ...nodes];

const typeText = ({ source }: PirView, { at }: TypeSyntax): string => source.slice(at.start, at.end);

/** The `%value`, `@param` or word that the offset touches. */
function nameAt(source: string, offset: number): Lexeme | undefined {
  const start = source.lastIndexOf("\n", offset - 1) + 1;
  const end = source.indexOf("\n", offset);
  const line = source.slice(start, end < 0 ? undefined : end);
  for (const { 0: image, index } of line.matchAll(/[%@]?[A-Za-z_][A-Za-z0-9_.]*/g))
    if (holds({ start: start + index, end: start + index + image.length }, offset))
      return { image, startOffset: start + index };
  return undefined;
}
