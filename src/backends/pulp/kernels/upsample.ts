/** Nearest and linear upsampling. */
import { slotBytes } from "../../../ir/storage.js";
import type { Layer, LayerLayouts, TileKernel, TileShape } from "../contract.js";
import { everyLayout } from "./boxes.js";
import { crossedInputs, cyclesOf, elementCounts, mostOf, rowsOfCore, type Work } from "./cost.js";
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

/** Of `n` results of an axis, those that are blended two at a time, and calls that blend. */
function pairs(n: number, ratio: number): readonly [paired: number, calls: number] {
  const paired = (n * 2 * Math.floor(ratio / 2)) / ratio;
  return [paired, n - paired / 2];
}

/** Positions are divided by the size, which is a shift then. */
const isPower = (n: number): boolean => Number.isInteger(Math.log2(n));

/** What the slowest core does. */
export function upsampleWork(layer: Layer, layouts: LayerLayouts, tile: TileShape, cores: number): Work {
  const { h, w, c } = tile.out;
  const { extent } = layer.inputs[0]!;
  const whole = stretched(layer);
  const [tall, wide] = [extent.h !== whole.h, extent.w !== whole.w];
  const ratio = whole.w / extent.w;
  if (byPixels(layer, layouts)) {
    const pixels = mostOf(h * w, cores);
    const rows = rowsOfCore(h * w, w, cores);
    const words = Math.ceil((c * bytes(layer)) / 4);
    if (!isLinear(layer)) return { variant: "upsample.nearest", counts: [1, rows, pixels, pixels * words] };
    const [paired, calls] = wide ? pairs(pixels, ratio) : [0, pixels];
    const line = tall && wide ? rows * Math.ceil((tile.inputs[0]!.w * c) / 4) : 0;
    const kind = tall && wide ? "both" : "one";
    return {
      variant: `upsample.linear.${kind}`,
      counts: [1, rows, calls, (pixels - paired) * words, paired * words, line],
    };
  }
  if (byColumns(layer, layouts)) {
    const rows = mostOf(c, cores);
    if (!isLinear(layer)) return { variant: "upsample.nearest.columns", counts: [1, w, w * rows] };
    const [paired, calls] = pairs(w, ratio);
    return { variant: "upsample.columns", counts: [1, calls, (w - paired) * rows, paired * rows] };
  }
  const [runs, elements] = elementCounts(layouts, tile, cores);
  const kind = isLinear(layer) ? `linear${tall && wide ? 2 : 1}` : "nearest";
  return {
    variant: `upsample.${kind}.${layouts.output.order}`,
    counts: [
      1,
      runs,
      elements,
      wide ? elements : 0,
      isPower(whole.w) ? 0 : elements,
      crossedInputs(layouts) * elements,
    ],
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
