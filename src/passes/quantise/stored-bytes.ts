/** What a device keeps of a network: every param that an op reads, sub-byte ones packed, and a byte for each shift. */
import { isParam, type Node, type Param } from "../../ir/graph.js";
import { packedBytes } from "../../ir/storage.js";
import { elements } from "../../ir/type.js";

/** Scales are not counted: integer arithmetic has no use for them. A param that several nodes read counts once. */
export function storedBytes(nodes: readonly Node[]): number {
  const params = new Set(nodes.flatMap((n) => n.operands.filter(isParam)));
  const shifts = nodes.reduce(
    (sum, { attrs }) => sum + ((attrs.shift as readonly number[] | undefined) ?? []).length,
    0,
  );
  return [...params].reduce((sum, p) => sum + paramBytes(p), shifts);
}

export const paramBytes = ({ type }: Param): number => packedBytes(type.storage, elements(type));
