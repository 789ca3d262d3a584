/** Nearest and linear upsampling. */
import { slotBytes } from "../../../ir/storage.js";
import type { Layer, LayerLayouts, TileKernel, TileShape } from "../contract.js";
import { everyLayout } from "./boxes.js";
import { cyclesOf, elementCounts, mostOf, type Work } from "./cost.js";
import { nothingPacked } from "./packing.js";
import { byColumns, byPixels, bytes, isLinear, stretched, upsampleText } from "./upsample-text.js";

/** Positions are counted in 32 bits with 15 of them behind the point. */
const longest = 2 ** 14;

function refuses(layer: Layer): string | undefined {
  const { anchor, inputs } = layer;
  if (anchor.op.name !== "upsample") return `it is no upsampling but ${anchor.op.name}`;
  if (!isLinear(layer)) return undefined;
  const { storage } = inputs[0]!.value.type;
  if (slotBytes(storage) > 2) return `elements of ${storage} do not leave room for the weights`;
  const { h, w } = stretched(layer);
  if (Math.max(h, w) >= longest) return `its size is not below ${longest}`;
  return undefined;
}

/** What the slowest core does. */
export function upsampleWork(layer: Layer, layouts: LayerLayouts, tile: TileShape, cores: number): Work {
  const { h, w, c } = tile.out;
  const { extent } = layer.inputs[0]!;
  const whole = stretched(layer);
  const axes = (extent.h === whole.h ? 0 : 1) + (extent.w === whole.w ? 0 : 1);
  if (byPixels(layer, layouts)) {
    const pixels = mostOf(h * w, cores);
    const words = pixels * Math.ceil((c * bytes(layer)) / 4);
    if (!isLinear(layer))
      return { variant: "upsample.nearest", counts: [1, Math.ceil(pixels / w), pixels, words] };
    const rows = Math.ceil(pixels / w) + (pixels % w === 0 ? 0 : 1);
    const ratio = whole.w / extent.w;
    const paired = (words * 2 * Math.floor(ratio / 2)) / ratio;
    const line = axes === 2 ? rows * tile.inputs[0]!.w * Math.ceil(c / 4) : 0;
    return { variant: "upsample.linear", counts: [1, rows, pixels, words - paired + line, paired] };
  }
  if (byColumns(layer, layouts))
    return {
      variant: isLinear(layer) ? "upsample.columns" : "upsample.nearest.columns",
      counts: [1, w, w * mostOf(c, cores)],
    };
  const kind = isLinear(layer) ? `linear${Math.max(1, axes)}` : "nearest";
  return {
    variant: `upsample.${kind}.${layouts.output.order}`,
    counts: [1, ...elementCounts(layouts, tile, cores)],
  };
}

/** A blended row for every core, where both axes are stretched. */
function scratch(layer: Layer, layouts: LayerLayouts, { inputs: [x] }: TileShape, cores: number): number {
  const { extent } = layer.inputs[0]!;
  const { h, w } = stretched(layer);
  const both = extent.h !== h && extent.w !== w;
  if (!both || !isLinear(layer) || !byPixels(layer, layouts)) return 0;
  const { align } = layouts.inputs[0]!;
  return cores * 4 * Math.ceil((x!.w * Math.ceil(x!.c / align) * align) / 4);
}

export const upsample: TileKernel = {
  name: "upsample",
  refuses,
  layouts: () =>
    everyLayout.flatMap((output) =>
      [output, ...everyLayout.filter((l) => l !== output)].map((input) => ({ inputs: [input], output })),
    ),
  pack: () => nothingPacked,
  grain: () => ({ h: 1, w: 1, c: 4 }),
  scratch,
  cycles: (...of) => cyclesOf(upsampleWork(...of)),
  headers: ["pulsec_tile.h", "pulsec_resample.h", "pulsec_words.h"],
  emit: upsampleText,
};
