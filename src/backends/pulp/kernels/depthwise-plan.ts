/** How a depthwise layer is cut into pieces of work. */
import type { Layer, LayerLayouts } from "../contract.js";
import { finishOf } from "./finish.js";

/** Steps of four outputs: at most so many per piece of a row, where planes are made of pixels. */
export const pieceSteps = 32;
/** Output rows per piece of an image, likewise. */
export const pieceRows = 8;

export const fromPixels = (layouts: LayerLayouts): boolean => layouts.inputs[0]!.order === "hwc";
/** Only 64-bit sums that need every bit are left to C. */
export const inAssembly = (layer: Layer): boolean => finishOf(layer).kind !== "wide";
