/** Scales of single elements. */
import { strides } from "../tensor.js";
import { type Quant, sizes, type TensorType } from "../type.js";

/** The scale of every element of a quantised type, by row-major position. */
export function scaleAt(type: TensorType): (position: number) => number {
  const { scale, channels, axis = 0 } = type.quant as Quant;
  if (!channels) return () => scale;
  const step = strides(sizes(type))[axis]!;
  return (position) => scale * Number(channels.data[Math.floor(position / step) % channels.data.length]);
}
