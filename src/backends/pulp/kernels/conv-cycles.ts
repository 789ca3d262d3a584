/** Cycle model of the convolution blocks. */
import type { Layer, LayerLayouts, TileShape } from "../contract.js";
import { convShape } from "./conv-shape.js";

/** Cluster cycles of one tile. */
export function convCycles(layer: Layer, _layouts: LayerLayouts, tile: TileShape, cores: number): number {
  const { kernel, ci } = convShape(layer);
  const { h, w, c } = tile.out;
  return (h * w * c * (kernel[0] * kernel[1] * ci / 2.4 + 5.3)) / cores + 100;
}
