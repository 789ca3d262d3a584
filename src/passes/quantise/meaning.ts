/** Which nodes of a float graph an integer graph can stand for. */
import type { Node } from "../../ir/graph.js";
import type { Attrs, OpDef } from "../../ir/op.js";
import { batchnorm } from "../../ir/ops/batchnorm.js";
import { concat } from "../../ir/ops/concat.js";
import { dequantize } from "../../ir/ops/dequantize.js";
import { instancenorm } from "../../ir/ops/instancenorm.js";
import { quantize } from "../../ir/ops/quantize.js";

const named = (...ops: readonly OpDef[]): ReadonlySet<string> => new Set(ops.map((o) => o.name));
const norms = named(batchnorm, instancenorm);
const atBorders = named(quantize, dequantize);

/** Norms count: passes fold them. */
export const hasIntegerMeaning = ({ op }: Node): boolean =>
  op.quantise !== undefined || norms.has(op.name) || (op.int !== undefined && !atBorders.has(op.name));

/** The node has an integer meaning, and nothing says how to reach it from floats. */
export const lacksRule = (node: Node): boolean =>
  hasIntegerMeaning(node) &&
  node.op.quantise === undefined &&
  !norms.has(node.op.name) &&
  node.op.name !== concat.name;

/** The function of one element that becomes a table, if the node is one. */
export function tableOf({ op, attrs }: Node): ((x: number) => number) | undefined {
  const { quantise } = op;
  return typeof quantise === "object" ? (x) => quantise.table(x, attrs as Attrs as never) : undefined;
}
