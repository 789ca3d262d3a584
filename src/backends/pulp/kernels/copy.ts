/** Copies, crops, pads and slices over space: the elements of the input box, every `stride`-th of them, or repeated ones. */
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
import { turnedText, turnedWork, turns } from "./copy-turned.js";
import { cyclesOf, elementCounts, mostOf, type Work } from "./cost.js";
import { cType } from "./output.js";
import { nothingPacked } from "./packing.js";
import { windowOf } from "./window.js";

const moves: ReadonlySet<string> = new Set(["concat", "crop", "pad", "slice"]);

/** Does what lies beyond the border repeat what lies inside? */
const repeats = ({ anchor }: Layer): boolean => (anchor.attrs.pad_mode ?? "constant") !== "constant";

/** Which of the three ways to copy serves. */
function wayOf(layer: Layer, { inputs, output }: LayerLayouts): "whole" | "runs" | "elements" {
  const [y, x] = [windowOf(layer.inputs[0]!.y).stride, windowOf(layer.inputs[0]!.x).stride];
  if (repeats(layer)) return output.order === inputs[0]!.order ? "runs" : "elements";
  if (inputs[0]!.order !== output.order || (output.order === "chw" && x !== 1)) return "elements";
  return inputs[0]!.align === output.align && y === 1 && x === 1 ? "whole" : "runs";
}

/** What the slowest core does. */
export function copyWork(layer: Layer, layouts: LayerLayouts, tile: TileShape, cores: number): Work {
  if (turns(layer, layouts)) return turnedWork(layouts, tile.out, cores);
  const way = wayOf(layer, layouts);
  const bytes = slotBytes(layer.output.type.storage);
  const { h, w, c } = tile.out;
  const kind = repeats(layer) ? "copy.repeated" : "copy";
  if (way === "elements")
    return {
      variant: `${kind}.elements.${layouts.output.order}`,
      counts: [1, ...elementCounts(layouts, tile, cores)],
    };
  const words = Math.ceil((mostOf(h * w * c, cores) * bytes) / 4);
  if (way === "whole") return { variant: "copy.whole", counts: [1, words] };
  const runs = mostOf(layouts.output.order === "hwc" ? h * w : h * c, cores);
  if (repeats(layer) && layouts.output.order === "chw") {
    const inside = layer.inputs[0]!.extent.w;
    const counts = [1, runs, (runs * bytes * Math.min(inside, w)) / 4, runs * Math.max(0, w - inside)];
    return { variant: "copy.repeated.rows", counts };
  }
  return {
    variant: `${kind}.runs`,
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
  headers: ["pulsec_tile.h", "pulsec_words.h", "pulsec_transpose.h"],
  emit,
};

function emit(layer: Layer, { inputs, output }: LayerLayouts, name: string): string {
  const [input] = layer.inputs;
  const [sy, sx] = [windowOf(input!.y).stride, windowOf(input!.x).stride];
  const plain = stridesOf(inputs[0]!, inputSizes);
  if (turns(layer, { inputs, output })) return turnedText({ inputs, output }, name);
  if (repeats(layer)) return repeatedText(layer, { inputs, output }, name);
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

/** C of the place in the box that output position `o` repeats, of an axis of `size` positions with `pad` in front. */
function repeatedAt(layer: Layer, o: string, pad: number, size: number, begin: string): string {
  const at = `${o} - ${pad}`;
  const mode = layer.anchor.attrs.pad_mode === "edge" ? "edge" : "reflect";
  return `pulsec_${mode}(${at}, ${size}) - ${begin}`;
}

/** Pads that repeat rows and columns of the input. */
function repeatedText(layer: Layer, { inputs, output }: LayerLayouts, name: string): string {
  const [input] = layer.inputs;
  const pads = layer.anchor.attrs.pads as readonly number[];
  const [top, left] = pads.length === 2 ? [0, pads[0]!] : [pads[0]!, pads[1]!];
  const { h, w } = input!.extent;
  const x = stridesOf(inputs[0]!, inputSizes);
  const type = cType(input!.value.type.storage);
  const row = `const int32_t row = ${repeatedAt(layer, "t->oy + h", top, h, "t->iy")};`;
  const column = (o: string) =>
    `const int32_t column = ${repeatedAt(layer, `t->ox + ${o}`, left, w, "t->ix")};`;
  const setup = `const ${type} *const x = (const ${type} *)t->x[0];`;
  const place = `row * (${x.row}) + column * (${x.column})`;
  const bytes = slotBytes(input!.value.type.storage);
  if (output.order === "chw" && inputs[0]!.order === "chw") {
    const ends = `${setup}
  const int32_t first = pulsec_max(0, pulsec_min(t->wo, ${left} - t->ox));
  const int32_t last = pulsec_max(first, pulsec_min(t->wo, ${w + left} - t->ox));`;
    const repeat = (from: string, to: string) => `for (int32_t i = ${from}; i < ${to}; i++) {
      ${column("i")}
      out[i] = in[column];
    }`;
    const inside = `in + t->ox + first - ${left} - t->ix`;
    const run = `${row}
    const ${type} *const in = x + row * (${x.row}) + c * (${x.channel});
    ${repeat("0", "first")}
    pulsec_copy(out + first, ${inside}, ${bytes} * (last - first));
    ${repeat("last", "t->wo")}`;
    return runsText(layer, output, name, ends, run);
  }
  if (wayOf(layer, { inputs, output }) === "runs") {
    return runsText(
      layer,
      output,
      name,
      setup,
      `${row}\n    ${column("w")}\n    pulsec_copy(out, x + ${place}, ${bytes} * t->co);`,
    );
  }
  if (output.order === "hwc")
    return elementsText(layer, output, name, {
      setup,
      run: `${row}\n    ${column("w")}`,
      body: `out[i] = x[${place} + i * (${x.channel})];`,
    });
  const body = `${column("i")}\n      out[i] = x[${place} + c * (${x.channel})];`;
  return elementsText(layer, output, name, { setup, run: row, body });
}
