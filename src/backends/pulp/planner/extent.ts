/** Height, width and channels of activations. */
import type { Value } from "../../../ir/graph.js";
import { sizes } from "../../../ir/type.js";
import type { Extent } from "../contract.js";

/** The extent of an activation; nothing where it has a batch or a rank that no tile kernel knows. */
export function extentOf(value: Value): Extent | undefined {
  const shape = sizes(value.type);
  const c = shape.at(-1)!;
  if (shape.length === 4) return shape[0] === 1 ? { h: shape[1]!, w: shape[2]!, c } : undefined;
  if (shape.length === 3) return shape[0] === 1 ? { h: 1, w: shape[1]!, c } : undefined;
  return shape.length === 2 ? { h: 1, w: shape[0]!, c } : undefined;
}
