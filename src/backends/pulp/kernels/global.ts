/** Sums over all positions of a channel, with an epilogue. */
import { slotBytes } from "../../../ir/storage.js";
import { zeroPoint } from "../../../ir/type.js";
import type { Layer, LayerLayouts, Layout, TileKernel, TileShape } from "../contract.js";
import { elementsText, everyLayout, inputSizes, outputSizes, stridesOf } from "./boxes.js";
import { cyclesOf, mostOf, type Work } from "./cost.js";
import { finishOf, finishText, packFinish } from "./finish.js";
import { cType, padded } from "./output.js";
import { nothingPacked } from "./packing.js";

const sums: ReadonlySet<string> = new Set(["global_avgpool", "reduce_mean", "reduce_sum"]);

/** What the slowest core does. */
export function globalWork(
  layer: Layer,
  { inputs: [layout] }: LayerLayouts,
  tile: TileShape,
  cores: number,
): Work {
  const [x] = tile.inputs;
  const positions = x!.h * x!.w;
  const bytes = slotBytes(layer.inputs[0]!.value.type.storage) === 1;
  const wide = ["high", "wide"].includes(finishOf(layer).kind) ? "64" : "";
  if (bytes && layout!.order === "hwc" && layout!.align === 4) {
    const words = mostOf(Math.ceil(tile.out.c / 4), cores);
    return { variant: `global.pixels${wide}`, counts: [1, words, words * positions] };
  }
  const channels = mostOf(tile.out.c, cores);
  if (bytes && layout!.order === "chw")
    return {
      variant: `global.rows${wide}`,
      counts: [1, channels, channels * x!.h, channels * x!.h * (x!.w >> 3), channels * x!.h * (x!.w & 7)],
    };
  return { variant: `global.elements${wide}`, counts: [1, channels, channels * x!.h, channels * positions] };
}

export const globalSum: TileKernel = {
  name: "global-sum",
  refuses({ anchor, inputs }) {
    if (!sums.has(anchor.op.name)) return `it sums over no space, it is ${anchor.op.name}`;
    return inputs[0]!.y.kind === "whole" && inputs[0]!.x.kind === "whole"
      ? undefined
      : "it sums over other axes";
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
  const channel = `x + ${c} * (${x.channel})`;
  const sum =
    bytes && inputs[0]!.order === "chw"
      ? `for (int32_t row = 0; row < t->hi; row++)
        acc += pulsec_sum_row_${sign(layer)}((const uint8_t *)(${channel} + row * (${x.row})), t->wi);`
      : `for (int32_t row = 0; row < t->hi; row++)
        for (int32_t column = 0; column < t->wi; column++)
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
const start = ({ inputs }: Layer): string => {
  const zero = zeroPoint(inputs[0]!.value.type);
  return zero === 0 ? "0" : `-(${zero}) * t->hi * t->wi`;
};

/** Four channels of all pixels at a time. */
function pixelsText(layer: Layer, x: Layout, layout: Layout, name: string): string {
  const type = cType(layer.output.type.storage);
  const y = stridesOf(layout, outputSizes);
  return `static void ${name}(const pulsec_tile *t, int core) {
  const int32_t pitch = ${padded("t->ci", x)};
  ${type} *const y = (${type} *)t->y;
  int32_t word, end;
  pulsec_share((t->co + 3) >> 2, core, &word, &end);
  for (; word < end; word++) {
    int32_t sums[4];
    pulsec_sum_pixels_${sign(layer)}((const uint8_t *)t->x[0] + 4 * word, pitch, t->hi * t->wi, sums);
    for (int32_t c = 4 * word; c < pulsec_min(4 * word + 4, t->co); c++) {
      const int32_t acc = sums[c & 3] + ${start(layer)};
      const int32_t *const q = (const int32_t *)t->q + ${finishOf(layer).words} * c;
      y[c * (${y.channel})] = (${type})(${finishText(layer, "acc", "q")});
    }
  }
}
`;
}
