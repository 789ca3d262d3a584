/** What the elements of a bound tensor may be. */
import { Refusal } from "../ir/diagnostic.js";
import { storages } from "../ir/storage.js";
import type { Tensor } from "../ir/tensor.js";
import type { BoundTensor } from "./binding.js";
import { elementRange, omittedAxes } from "./memory.js";
import type { Span } from "./random.js";

/** A vector that cannot be: the reason, carried up to whoever tries another. */
export const impossible = (text: string): Refusal =>
  new Refusal({ id: "golden/no-vectors", severity: "error", text });

/** Sums and biases fill this many values on either side of zero where the binding names no range. */
const wideRange = 2 ** 15;

/** Its storage, what the C element holds, and the binding's own range. */
export function spanOf(bound: BoundTensor, zero: number): Span {
  const { min, max, bits } = storages[bound.storage];
  const [low, high] = bound.range ?? (bits >= 32 ? [-wideRange, wideRange] : [min, max]);
  const [least, most] = elementRange(bound).map(Number) as [number, number];
  return { lo: Math.max(low, min, least), hi: Math.min(high, max, most), zero };
}

/** The kernel's memory must be able to hold every element. */
export function refuseUnfit(bound: BoundTensor, { data, type }: Tensor): void {
  const [lo, hi] = elementRange(bound);
  for (const v of data)
    if (v < lo || v > hi) throw impossible(`${v} in ${bound.name} does not fit ${bound.element}`);
  const open = omittedAxes(type.shape.length, bound.levels).find((axis) => type.shape[axis] !== 1);
  if (open !== undefined)
    throw impossible(
      `${bound.name} has size ${type.shape[open]} along ${bound.axes[open]}, which the layout ${bound.layout} leaves out`,
    );
}
