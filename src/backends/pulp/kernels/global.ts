/** Sums over all positions of a channel, with an epilogue. */
import { zeroPoint } from "../../../ir/type.js";
import type { Layer, LayerLayouts, TileKernel } from "../contract.js";
import { elementsText, everyLayout, inputSizes, stridesOf } from "./boxes.js";
import { constantWords, cType, finishOf, finishText, packFinish } from "./output.js";
import { nothingPacked } from "./packing.js";

const sums: ReadonlySet<string> = new Set(["global_avgpool", "reduce_mean", "reduce_sum"]);

export const globalSum: TileKernel = {
  name: "global-sum",
  refuses({ anchor, inputs }) {
    if (!sums.has(anchor.op.name)) return `it sums over no space, it is ${anchor.op.name}`;
    return inputs[0]!.y.kind === "whole" && inputs[0]!.x.kind === "whole" ? undefined : "it sums over other axes";
  },
  layouts: () => everyLayout.flatMap((output) => everyLayout.map((input) => ({ inputs: [input], output }))),
  pack: (layer) => ({ ...nothingPacked, channels: packFinish(layer, 1) }),
  grain: () => ({ h: 1, w: 1, c: 4 }),
  scratch: () => 0,
  cycles: (_, __, { inputs: [x], out }, cores) =>
    150 + 8 * x!.h * x!.w * Math.ceil(out.c / cores),
  headers: ["pulsec_tile.h", "pulsec_scale.h"],
  emit,
};

function emit(layer: Layer, { inputs, output }: LayerLayouts, name: string): string {
  const [input] = layer.inputs;
  const type = cType(input!.value.type.storage);
  const x = stridesOf(inputs[0]!, inputSizes);
  const zero = zeroPoint(input!.value.type);
  const c = output.order === "hwc" ? "i" : "c";
  return elementsText(layer, output, name, {
    setup: `const ${type} *const x = (const ${type} *)t->x[0];
  const int32_t *const constants = (const int32_t *)t->q;`,
    run: "",
    body: `int32_t acc = ${zero === 0 ? "0" : `-(${zero}) * t->hi * t->wi`};
      for (int32_t row = 0; row < t->hi; row++)
        for (int32_t column = 0; column < t->wi; column++)
          acc += x[row * (${x.row}) + column * (${x.column}) + ${c} * (${x.channel})];
      const int32_t *const q = constants + ${constantWords[finishOf(layer)]} * ${c};
      out[i] = (${cType(layer.output.type.storage)})(${finishText(layer, "acc", "q")});`,
  });
}
