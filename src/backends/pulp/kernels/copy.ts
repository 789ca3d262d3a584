/** Crops, pads and slices over space: the elements of the input box, every `stride`-th of them. */
import { slotBytes } from "../../../ir/storage.js";
import type { Layer, LayerLayouts, Layout, TileKernel, TileShape } from "../contract.js";
import {
  elementsText,
  everyLayout,
  innerAxis,
  innerStride,
  inputSizes,
  outputSizes,
  runOffset,
  runsText,
  stridesOf,
} from "./boxes.js";
import { cyclesOf, elementCounts, mostOf, type Work } from "./cost.js";
import { cType } from "./output.js";
import { nothingPacked } from "./packing.js";
import { windowOf } from "./window.js";

const moves: ReadonlySet<string> = new Set(["crop", "pad", "slice"]);

/** Which of the three ways to copy serves. */
function wayOf(layer: Layer, { inputs, output }: LayerLayouts): "whole" | "runs" | "elements" {
  const [y, x] = [windowOf(layer.inputs[0]!.y).stride, windowOf(layer.inputs[0]!.x).stride];
  if (inputs[0]!.order !== output.order || (output.order === "chw" && x !== 1)) return "elements";
  return inputs[0]!.align === output.align && y === 1 && x === 1 ? "whole" : "runs";
}

/** What the slowest core does. */
export function copyWork(layer: Layer, layouts: LayerLayouts, tile: TileShape, cores: number): Work {
  const way = wayOf(layer, layouts);
  const bytes = slotBytes(layer.output.type.storage);
  const { h, w, c } = tile.out;
  if (way === "elements")
    return {
      variant: `copy.elements.${layouts.output.order}`,
      counts: [1, ...elementCounts(layouts, tile, cores)],
    };
  const words = Math.ceil((mostOf(h * w * c, cores) * bytes) / 4);
  if (way === "whole") return { variant: "copy.whole", counts: [1, words] };
  const runs = mostOf(layouts.output.order === "hwc" ? h * w : h * c, cores);
  return {
    variant: "copy.runs",
    counts: [1, runs, (runs * bytes * (layouts.output.order === "hwc" ? c : w)) / 4],
  };
}

export const copy: TileKernel = {
  name: "copy",
  refuses: ({ anchor }) =>
    moves.has(anchor.op.name) ? undefined : `it does not copy, it is ${anchor.op.name}`,
  layouts: () =>
    everyLayout.flatMap((output) =>
      [output, ...everyLayout.filter((l) => l !== output)].map((input) => ({ inputs: [input], output })),
    ),
  pack: () => nothingPacked,
  grain: () => ({ h: 1, w: 1, c: 1 }),
  scratch: () => 0,
  cycles: (...of) => cyclesOf(copyWork(...of)),
  headers: ["pulsec_tile.h", "pulsec_words.h"],
  emit,
};

function emit(layer: Layer, { inputs, output }: LayerLayouts, name: string): string {
  const [input] = layer.inputs;
  const [sy, sx] = [windowOf(input!.y).stride, windowOf(input!.x).stride];
  const plain = stridesOf(inputs[0]!, inputSizes);
  const strides = { ...plain, row: `${sy} * ${plain.row}`, column: `${sx} * ${plain.column}` };
  const type = cType(input!.value.type.storage);
  const setup = `const ${type} *const x = (const ${type} *)t->x[0];`;
  const from = `x + ${runOffset(strides, output)}`;
  const way = wayOf(layer, { inputs, output });
  if (way === "elements") {
    const body = `out[i] = in[i * (${innerStride(strides, output)})];`;
    return elementsText(layer, output, name, { setup, run: `const ${type} *const in = ${from};`, body });
  }
  if (way === "whole") return wholeText(layer, output, name);
  const bytes = `${slotBytes(input!.value.type.storage)} * t->${innerAxis(output)}o`;
  return runsText(layer, output, name, setup, `pulsec_copy(out, ${from}, ${bytes});`);
}

/** Boxes that are alike, byte by byte. */
function wholeText(layer: Layer, layout: Layout, name: string): string {
  const { row, channel } = stridesOf(layout, outputSizes);
  const cells = layout.order === "hwc" ? `t->ho * ${row}` : `t->co * ${channel}`;
  return `static void ${name}(const pulsec_tile *t, int core) {
  const int32_t bytes = ${slotBytes(layer.output.type.storage)} * ${cells};
  int32_t from, to;
  pulsec_share((bytes + 3) >> 2, core, &from, &to);
  pulsec_copy((uint8_t *)t->y + 4 * from, (const uint8_t *)t->x[0] + 4 * from, pulsec_min(4 * to, bytes) - 4 * from);
}
`;
}
