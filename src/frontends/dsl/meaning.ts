/** What expressions mean, and which names are seen from where. */
import type { BlockSyntax } from "../../../grammar/dsl-syntax.js";
import type { Extent } from "../../../grammar/ir-syntax.js";
import type { Value } from "../../ir/graph.js";
import { printType } from "../../ir/type.js";
import { shorten } from "./context.js";

/** A `word` is a name that no scope knows: `same`, `nearest`, or a mistake; whoever takes it decides. */
export type Meaning =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly Meaning[] }
  | { readonly kind: "tensor"; readonly value: Value };

export type Tensor = Meaning & { readonly kind: "tensor" };
export const isTensor = (m: Meaning): m is Tensor => m.kind === "tensor";

/** A list in a list in a list says no more: lists of one list twice would double with every level. */
const describedLevels = 2;

export function describe(m: Meaning, levels = describedLevels): string {
  switch (m.kind) {
    case "number":
      return String(m.value);
    case "word":
      return `the word ${shorten(m.text)}`;
    case "text":
      return `the text ${shorten(JSON.stringify(m.text))}`;
    case "list":
      if (levels === 0) return "[...]";
      return shorten(
        `[${m.items
          .slice(0, 20)
          .map((item) => describe(item, levels - 1))
          .join(", ")}]`,
      );
    case "tensor":
      return `the tensor ${m.value.name}: ${printType(m.value.type)}`;
  }
}

export interface Block {
  readonly syntax: BlockSyntax;
  readonly scope: Scope;
}
/** No `meaning`: the definition is wrong, which is said already. */
export interface Binding {
  readonly at: Extent;
  readonly meaning?: Meaning | undefined;
  readonly block?: Block;
  used: boolean;
}

export interface Scope {
  readonly parent: Scope | undefined;
  readonly names: Map<string, Binding>;
  /** Where the statements of this scope define names, those further down included. */
  readonly all: ReadonlyMap<string, Extent>;
}

export function find(scope: Scope, name: string): Binding | undefined {
  for (let s: Scope | undefined = scope; s; s = s.parent) {
    const found = s.names.get(name);
    if (found) return found;
  }
  return undefined;
}

export function definedLater(scope: Scope, name: string): Extent | undefined {
  for (let s: Scope | undefined = scope; s; s = s.parent) {
    const found = s.all.get(name);
    if (found) return found;
  }
  return undefined;
}

/** Names in sight that pass the filter, the nearest scope first. */
export function namesIn(scope: Scope, wanted: (b: Binding) => boolean): string[] {
  const names: string[] = [];
  for (let s: Scope | undefined = scope; s; s = s.parent)
    for (const [name, binding] of s.names) if (wanted(binding)) names.push(name);
  return names;
}
