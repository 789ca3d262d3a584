/** Nodes that are evaluated while importing, within bounds. */
import { hasAttribute, intOf } from "./attributes.js";
import { type Constant, constant } from "./constant.js";
import { type Context, refuse } from "./context.js";
import { folds } from "./fold.js";
import { mostFolded, tooMany } from "./fold-limits.js";
import type { RawNode } from "./raw.js";
import { product } from "./shapes.js";

export const canFold = (op: string): boolean => Object.hasOwn(folds, op);

/** How many inputs an operator has at least, where that is not one. */
const leastInputs: Readonly<Record<string, number>> = {
  Constant: 0,
  ...Object.fromEntries(
    [
      ...["CastLike", "Expand", "Gather", "Add", "Sub", "Mul", "Div", "Pow", "Equal", "Greater", "Less"],
      ...["GreaterOrEqual", "LessOrEqual", "And", "Or"],
    ].map((op) => [op, 2]),
  ),
  Range: 3,
  Where: 3,
};

/** The result of a node that `canFold` knows, all of whose inputs are constants. */
export function folded(cx: Context, node: RawNode, inputs: readonly (Constant | undefined)[]): Constant {
  const least = leastInputs[node.op] ?? 1;
  const found = inputs.slice(0, least).filter((c) => c !== undefined).length;
  if (found < least)
    refuse(cx, "onnx/operands", "it lacks inputs", { found: String(found), expected: `at least ${least}` });
  const constants = inputs.filter((c) => c !== undefined);
  const result = folds[node.op]!(cx, node, constants, inputs);
  if (!constants.some((c) => c.data === result.data)) cx.folded.elements += result.data.length;
  if (cx.folded.elements > mostFolded) tooMany(cx);
  return result;
}

/**
 * Shape and Size read no elements: they are known for every tensor. `start` and `end` of newer opsets
 * choose a stretch.
 */
export function foldShape(cx: Context, node: RawNode, shape: readonly number[]): Constant {
  if (node.op === "Size") return constant(node.outputs[0]!, "i64", [], [product(shape)]);
  const end = hasAttribute(node, "end") ? intOf(cx, node, "end", 0) : shape.length;
  const part = shape.slice(intOf(cx, node, "start", 0), end);
  return constant(node.outputs[0]!, "i64", [part.length], part);
}
