/** Multiply-accumulates of nodes, from the formulas of their ops. */
import type { Node } from "../../ir/graph.js";
import { type Num, operandNames } from "../../ir/op.js";

const numbers: Num<number> = {
  lit: (x) => x,
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  ceilDiv: (a, b) => Math.ceil(a / b),
};

/** 0 for ops that multiply nothing. */
export function macsOf({ op, operands, attrs, result }: Node): number {
  const names = operandNames(op, operands.length);
  const shape = (of: string) => (of === "y" ? result : operands[names.indexOf(of)]!).type.shape;
  const dim = (of: string, axis: number) => shape(of).at(axis) as number;
  return op.work?.(numbers, dim, attrs as never, (of) => shape(of).length) ?? 0;
}
