/** Which tensors feed which op of a chain. */
import type { OpDef, OperandSpec } from "../ir/op.js";

/** Operand names of an op, each with whether it may be left out or takes many. */
const operandsOf = (op: OpDef) => Object.entries(op.operands as OperandSpec);

/**
 * The tensors of every op's operands, of `names` that are given; the first operand of all ops but the first is the result of
 * the op before. A name that two ops use is the first one's; the other's is `op.operand`. A variadic operand `xs` is xs0, xs1, ...
 * A text says what is missing.
 */
export function chainOperands(
  chain: readonly OpDef[],
  names: readonly string[],
): readonly (readonly string[])[] | string {
  const used = new Set<string>();
  const found: (readonly string[])[] = [];
  for (const [i, op] of chain.entries()) {
    const operands = operandsOf(op);
    if (operands[0]?.[1].variadic) {
      const members = names.filter((n) => new RegExp(`^${operands[0]![0]}\\d+$`).test(n));
      if (i > 0 || members.length === 0)
        return `${op.name} takes ${operands[0][0]}0, ${operands[0][0]}1, ...`;
      found.push(members);
      continue;
    }
    const own: string[] = [];
    for (const [operand, kind] of operands.slice(i === 0 ? 0 : 1)) {
      const name = used.has(operand) ? `${op.name}.${operand}` : operand;
      if (!names.includes(name)) {
        if (kind.optional) break;
        return `the tensor ${name} of ${op.name} is missing`;
      }
      used.add(name);
      own.push(name);
    }
    found.push(own);
  }
  return found;
}

/** The op that an attribute belongs to: `stride` the first that has one, `conv.stride` the one of that name; -1 for none. */
export const attributeStep = (
  steps: readonly { readonly op: OpDef }[],
  base: string,
  field: string | undefined,
): number =>
  steps.findIndex(({ op }) =>
    field === undefined ? base in op.attrs : op.name === base && field in op.attrs,
  );
