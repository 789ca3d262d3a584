/**
 * Whose comment is it? One inside an item is the item's, one behind it on its line is its remark; one on its own line belongs to
 * the item below, or to the last one above where nothing follows in the graph (or file). Comments at the head of the
 * text with an empty line below, and those of `meta` and `range`, belong to the module.
 */

import type { Extent, Lexeme, ModuleSyntax } from "../../../grammar/ir-syntax.js";
import type { Commented } from "../../ir/graph.js";

interface Item extends Extent {
  /** Who takes the comment. */
  readonly owner: object;
  /** The end of the graph that a node is in. */
  readonly fence: number;
}

export function ownComments(module: ModuleSyntax, source: string): ReadonlyMap<object, Commented> {
  const owned = new Map<object, { comments?: string[]; remark?: string }>();
  const items = itemsOf(module);
  const headEnd = lastEmptyLine(source.slice(0, items[0]?.start ?? 0));
  let below = 0;
  for (const comment of module.comments) {
    while (below < items.length && items[below]!.start < comment.startOffset) below++;
    const above = items[below - 1];
    const owner = ownerOf(comment, above, items[below], source, headEnd) ?? module;
    const own = owned.get(owner) ?? {};
    owned.set(owner, own);
    if (owner !== module && above?.owner === owner && isBehind(above, comment, source))
      own.remark = textOf(comment);
    else if (own.comments) own.comments.push(textOf(comment));
    else own.comments = [textOf(comment)];
  }
  return owned;
}

/** On the line that the item ends on, with nothing between but the brace that opens a graph. */
const isBehind = ({ end }: Item, { startOffset }: Lexeme, source: string): boolean =>
  startOffset >= end && /^[ \t]*\{?[ \t]*$/.test(source.slice(end, startOffset));

const textOf = ({ image }: Lexeme): string => image.slice(2).replace(/^ /, "").trimEnd();

function itemsOf(module: ModuleSyntax): readonly Item[] {
  const item = (owner: object, at: Extent, fence = Infinity): Item => ({
    owner,
    start: at.start,
    end: at.end,
    fence,
  });
  return [
    ...[...module.metas, ...module.ranges].map((m) => item(module, m.at)),
    ...module.params.map((p) => item(p, p.extent)),
    ...module.graphs.flatMap((g) => [
      item(g, g.head, g.extent.end),
      ...g.nodes.map((n) => item(n, n.extent, g.extent.end)),
    ]),
  ].sort((a, b) => a.start - b.start);
}

/** Where it begins; -1 where there is none. Sought once: a head may have a hundred thousand comments. */
const lastEmptyLine = (head: string): number => [...head.matchAll(/\n[ \t\r]*\n/g)].at(-1)?.index ?? -1;

function ownerOf(
  comment: Lexeme,
  above: Item | undefined,
  below: Item | undefined,
  source: string,
  headEnd: number,
): object | undefined {
  const at = comment.startOffset;
  const line = source.slice(source.lastIndexOf("\n", at) + 1, at);
  if (above && (at < above.end || line.trim() !== "")) return above.owner;
  if (!above && below && headEnd >= at) return undefined;
  const cut = above && at < above.fence && (below?.start ?? Infinity) > above.fence;
  return (cut ? above : (below ?? above))?.owner;
}
