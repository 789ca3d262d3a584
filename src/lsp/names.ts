/** Which names a `.pulse` text defines, and which of them a place sees. */
import type { BlockSyntax, PulseSyntax, SectionSyntax, StatementSyntax } from "../../grammar/dsl-syntax.js";
import { type Extent, extentOf, type Lexeme } from "../../grammar/ir-syntax.js";

export interface Definition {
  readonly name: string;
  readonly kind: "model" | "block" | "parameter" | "input" | "search" | "value";
  /** Of the name. */
  readonly at: Extent;
  /** Of the statement, a block without its body. */
  readonly whole: Extent;
}

/** Names that are seen from `extent`. */
interface Region {
  readonly extent: Extent;
  readonly definitions: readonly Definition[];
}

const define = (kind: Definition["kind"], name: Lexeme, whole: Extent): Definition => ({
  name: name.image,
  kind,
  at: extentOf(name),
  whole,
});

function statementDefinitions(items: readonly StatementSyntax[]): readonly Definition[] {
  return items.flatMap((s) => {
    if (s.kind === "block") return [blockDefinition(s)];
    if (s.kind === "input" || s.kind === "search") return [define(s.kind, s.name, s.at)];
    return "name" in s && s.name ? [define("value", s.name, s.at)] : [];
  });
}

const blockDefinition = (s: BlockSyntax): Definition =>
  define("block", s.name, { start: s.at.start, end: s.body.at.start });

function blockRegions(s: BlockSyntax): readonly Region[] {
  const inner = s.body.kind === "braces" ? s.body.items : [];
  const parameters = s.parameters.map((p) => define("parameter", p.name, p.at));
  return [{ extent: s.at, definitions: [...parameters, ...statementDefinitions(inner)] }];
}

function regionsOf({ sections }: PulseSyntax): readonly Region[] {
  const blocks = sections.filter((s) => s.kind === "block");
  const file = { extent: { start: 0, end: Infinity }, definitions: blocks.map(blockDefinition) };
  const inner = sections.flatMap((s) => {
    if (s.kind === "block") return blockRegions(s);
    if (s.kind !== "model") return [];
    const { items } = s.body;
    const own = items.filter((item) => item.kind === "block").flatMap(blockRegions);
    return [{ extent: s.at, definitions: statementDefinitions(items) }, ...own];
  });
  return [file, ...inner];
}

/** From the innermost region outwards. */
const around = (syntax: PulseSyntax, offset: number): readonly Region[] =>
  regionsOf(syntax)
    .filter(({ extent }) => extent.start <= offset && offset <= extent.end)
    .reverse();

export const modelsOf = ({ sections }: PulseSyntax): readonly Definition[] =>
  sections.flatMap((s) => (s.kind === "model" ? [define("model", s.name, s.at)] : []));

/** What a name at a place means; definitions further down are found, too: the message about them says so. */
export function definitionOf(syntax: PulseSyntax, name: string, offset: number): Definition | undefined {
  for (const { definitions } of around(syntax, offset)) {
    const found = definitions.find((d) => d.name === name);
    if (found) return found;
  }
  return undefined;
}

/** Names that may be used at a place. Blocks of the file are seen everywhere, all else below its definition. */
export function visibleAt(syntax: PulseSyntax, offset: number): readonly Definition[] {
  const found = new Map<string, Definition>();
  for (const { extent, definitions } of around(syntax, offset))
    for (const d of definitions)
      if (!found.has(d.name) && (extent.end === Infinity || d.whole.end <= offset)) found.set(d.name, d);
  return [...found.values()];
}

/** The parameters of the block of this definition. */
export function parametersOf({ sections }: PulseSyntax, { at }: Definition): BlockSyntax["parameters"] {
  const inModels = sections.flatMap((s): readonly (SectionSyntax | StatementSyntax)[] =>
    s.kind === "model" ? s.body.items : [s],
  );
  const block = inModels.find((s) => s.kind === "block" && s.name.startOffset === at.start);
  return block?.kind === "block" ? block.parameters : [];
}
