/** What nodes cost, by formulas that serve numbers and differentiable scalars alike. */
import type { CostModel } from "./contracts.js";
import { isParam, type Node } from "./graph.js";
import { type Num, operandNames } from "./op.js";
import { storages } from "./storage.js";

const numbers: Num<number> = {
  lit: (x) => x,
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  ceilDiv: (a, b) => Math.ceil(a / b),
};

/** Of the operand of this name, or of the result, "y". */
function shapeIn({ op, operands, result }: Node, of: string) {
  const value = of === "y" ? result : operands[operandNames(op, operands.length).indexOf(of)];
  if (!value) throw new Error(`${op.name} has no operand ${of}`);
  return value.type.shape;
}

/** The cost of one node by a model. The symbolic batch counts as 1. */
export const costOf = (model: CostModel, node: Node): number =>
  model.cost(numbers, node, (of, axis) => {
    const size = shapeIn(node, of).at(axis);
    return size === "N" ? 1 : size!;
  });

/** Multiply-accumulates, from the formulas of the ops; 0 for ops that multiply nothing. */
export const macs: CostModel = {
  name: "macs",
  unit: "macs",
  cost: (k, node, dim) =>
    node.op.work?.(k, dim, node.attrs as never, (of) => shapeIn(node, of).length) ?? k.lit(0),
};

/** Bytes of the params that a node reads, sub-byte ones packed; those that nodes share count for each. */
export const weightBytes: CostModel = {
  name: "weight-bytes",
  unit: "bytes",
  cost: (k, { op, operands }, dim) =>
    operands.reduce((sum, operand, i) => {
      const [{ type }, name] = [operand, operandNames(op, operands.length)[i]!];
      if (!isParam(operand)) return sum;
      const count = type.shape.reduce((product, _, axis) => k.mul(product, dim(name, axis)), k.lit(1));
      return k.add(sum, k.ceilDiv(k.mul(count, k.lit(storages[type.storage].bits)), 8));
    }, k.lit(0)),
};
