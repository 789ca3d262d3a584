/** How a depthwise layer is cut into pieces of work, and which constants its assembly takes. */
import type { Layer, LayerLayouts } from "../contract.js";
import { reachOf } from "./depthwise-weights.js";
import { finishOf, highScaling, type Scaling } from "./output.js";

/** Steps of four outputs: at most so many per piece of a row, where planes are made of pixels. */
export const pieceSteps = 32;
/** Output rows per piece of an image, likewise. */
export const pieceRows = 8;

export const fromPixels = (layouts: LayerLayouts): boolean => layouts.inputs[0]!.order === "hwc";

const scalings = new WeakMap<Layer, { scaling: Scaling | undefined }>();
/** Constants as the assembly wants them; nothing where it cannot finish the sums, or where nothing is scaled. */
export function scalingOf(layer: Layer): Scaling | undefined {
  const had = scalings.get(layer);
  if (had) return had.scaling;
  const { requant } = layer;
  const scaling = finishOf(layer) === "wide" ? highScaling(requant!, reachOf(layer)) : requant;
  scalings.set(layer, { scaling });
  return scaling;
}
export const inAssembly = (layer: Layer): boolean =>
  finishOf(layer) === "sum" || scalingOf(layer) !== undefined;
