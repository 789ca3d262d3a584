/** Sums over rows, columns or all positions of a channel, with an epilogue. */
import { slotBytes } from "../../../ir/storage.js";
import { zeroPoint } from "../../../ir/type.js";
import type { Access, Layer, LayerLayouts, Layout, TileKernel, TileShape } from "../contract.js";
import { elementsText, everyLayout, inputSizes, outputSizes, type Strides, stridesOf } from "./boxes.js";
import { cyclesOf, mostOf, type Work } from "./cost.js";
import { finishOf, finishText, packFinish } from "./finish.js";
import { cType, padded } from "./output.js";
import { nothingPacked } from "./packing.js";
import type { Window } from "./window.js";

/** Rows and columns of one sum, given those of the box: all of them, or one. */
const spanOf = <T>({ inputs }: Layer, { h, w }: { h: T; w: T }, one = 1 as T) => ({
  rows: inputs[0]!.y.kind === "whole" ? h : one,
  columns: inputs[0]!.x.kind === "whole" ? w : one,
});
const spanText = (layer: Layer) => spanOf(layer, { h: "t->hi", w: "t->wi" }, "1");
/** C of the first position of the sum for output row h and column w. */
const firstText = (layer: Layer, x: Strides, w: string): string =>
  Object.entries(spanOf(layer, { h: "", w: "" }, "1"))
    .map(([axis, one]) =>
      axis === "rows" ? (one ? `h * (${x.row})` : "") : one ? `${w} * (${x.column})` : "",
    )
    .filter((t) => t !== "")
    .join(" + ") || "0";

const sums: ReadonlySet<string> = new Set(["global_avgpool", "reduce_mean", "reduce_sum"]);

/** What the slowest core does. */
export function globalWork(
  layer: Layer,
  { inputs: [layout] }: LayerLayouts,
  tile: TileShape,
  cores: number,
): Work {
  const [x] = tile.inputs;
  const { rows, columns } = spanOf(layer, { h: x!.h, w: x!.w });
  const positions = rows * columns;
  const results = tile.out.h * tile.out.w;
  const bytes = slotBytes(layer.inputs[0]!.value.type.storage) === 1;
  const wide = ["high", "wide"].includes(finishOf(layer).kind) ? "64" : "";
  if (bytes && layout!.order === "hwc" && layout!.align === 4) {
    const words = mostOf(results * Math.ceil(tile.out.c / 4), cores);
    return { variant: `global.pixels${wide}`, counts: [1, words, words * positions] };
  }
  const channels = mostOf(results * tile.out.c, cores);
  if (bytes && layout!.order === "chw")
    return {
      variant: `global.rows${wide}`,
      counts: [
        1,
        channels,
        channels * rows,
        channels * rows * (columns >> 3),
        channels * rows * (columns & 7),
      ],
    };
  return { variant: `global.elements${wide}`, counts: [1, channels, channels * rows, channels * positions] };
}

export const globalSum: TileKernel = {
  name: "global-sum",
  refuses({ anchor, inputs }) {
    if (!sums.has(anchor.op.name)) return `it sums over no space, it is ${anchor.op.name}`;
    const point = ({ kind, ...a }: Access) => kind === "whole" || (a as Window).kernel === 1;
    return point(inputs[0]!.y) && point(inputs[0]!.x) ? undefined : "it sums over other axes";
  },
  layouts: () => everyLayout.flatMap((output) => everyLayout.map((input) => ({ inputs: [input], output }))),
  pack: (layer) => ({ ...nothingPacked, channels: packFinish(layer, 1) }),
  grain: () => ({ h: 1, w: 1, c: 4 }),
  scratch: () => 0,
  cycles: (...of) => cyclesOf(globalWork(...of)),
  headers: ["pulsec_tile.h", "pulsec_scale.h", "pulsec_pool.h"],
  emit,
};

function emit(layer: Layer, { inputs, output }: LayerLayouts, name: string): string {
  const [input] = layer.inputs;
  const bytes = slotBytes(input!.value.type.storage) === 1;
  if (bytes && inputs[0]!.order === "hwc" && inputs[0]!.align === 4)
    return pixelsText(layer, inputs[0]!, output, name);
  const type = cType(input!.value.type.storage);
  const x = stridesOf(inputs[0]!, inputSizes);
  const c = output.order === "hwc" ? "i" : "c";
  const channel = `x + ${c} * (${x.channel}) + ${firstText(layer, x, output.order === "hwc" ? "w" : "i")}`;
  const { rows, columns } = spanText(layer);
  const sum =
    bytes && inputs[0]!.order === "chw"
      ? `for (int32_t row = 0; row < ${rows}; row++)
        acc += pulsec_sum_row_${sign(layer)}((const uint8_t *)(${channel} + row * (${x.row})), ${columns});`
      : `for (int32_t row = 0; row < ${rows}; row++)
        for (int32_t column = 0; column < ${columns}; column++)
          acc += (${channel})[row * (${x.row}) + column * (${x.column})];`;
  return elementsText(layer, output, name, {
    setup: `const ${type} *const x = (const ${type} *)t->x[0];
  const int32_t *const constants = (const int32_t *)t->q;`,
    run: "",
    body: `int32_t acc = ${start(layer)};
      ${sum}
      const int32_t *const q = constants + ${finishOf(layer).words} * ${c};
      out[i] = (${cType(layer.output.type.storage)})(${finishText(layer, "acc", "q")});`,
  });
}

const sign = ({ inputs }: Layer): string => (inputs[0]!.value.type.storage.startsWith("u") ? "u8" : "i8");
/** Of the sum of x - zero. */
const start = (layer: Layer): string => {
  const zero = zeroPoint(layer.inputs[0]!.value.type);
  const { rows, columns } = spanText(layer);
  return zero === 0 ? "0" : `-(${zero}) * ${rows} * ${columns}`;
};

/** Four channels of all pixels of a sum at a time. */
function pixelsText(layer: Layer, x: Layout, layout: Layout, name: string): string {
  const type = cType(layer.output.type.storage);
  const y = stridesOf(layout, outputSizes);
  const { rows, columns } = spanText(layer);
  const first = firstText(layer, { row: "t->wi * pitch", column: "pitch", channel: "1" }, "w");
  return `static void ${name}(const pulsec_tile *t, int core) {
  const int32_t pitch = ${padded("t->ci", x)}, words = (t->co + 3) >> 2;
  ${type} *const y = (${type} *)t->y;
  int32_t piece, end;
  pulsec_share(t->ho * t->wo * words, core, &piece, &end);
  int32_t at = piece / words, word = piece - at * words;
  int32_t h = at / t->wo, w = at - h * t->wo;
  for (; piece < end; piece++) {
    int32_t sums[4];
    pulsec_sum_pixels_${sign(layer)}((const uint8_t *)t->x[0] + 4 * word + ${first}, ${columns === "1" ? "t->wi * pitch" : "pitch"}, ${rows} * ${columns}, sums);
    ${type} *const out = y + h * (${y.row}) + w * (${y.column});
    for (int32_t c = 4 * word; c < pulsec_min(4 * word + 4, t->co); c++) {
      const int32_t acc = sums[c & 3] + ${start(layer)};
      const int32_t *const q = (const int32_t *)t->q + ${finishOf(layer).words} * c;
      out[c * (${y.channel})] = (${type})(${finishText(layer, "acc", "q")});
    }
    if (++word < words) continue;
    word = 0;
    if (++w < t->wo) continue;
    w = 0;
    h++;
  }
}
`;
}
