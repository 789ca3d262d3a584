/** Convolutions, transposed convolutions and fully connected layers: assembler blocks over packed weights. */
import { slotBytes, storages } from "../../../ir/storage.js";
import type { Extent, Layer, LayerLayouts, Layout, TileKernel } from "../contract.js";
import { convWork } from "./conv-cost.js";
import { convFinish } from "./conv-finish.js";
import { blockChannels, packConv } from "./conv-pack.js";
import { finishOf, planOf, spread, sumsBytes } from "./conv-plan.js";
import { convOps, convShape } from "./conv-shape.js";
import { emitConv } from "./conv-text.js";
import { cyclesOf } from "./cost.js";

const hwc = (align: 1 | 4): Layout => ({ order: "hwc", align });

/** Layouts that differ for this number of channels, the aligned one first. */
const channelsLast = (c: number): readonly Layout[] => (c % 4 === 0 ? [hwc(1), hwc(4)] : [hwc(4), hwc(1)]);

function refuses(layer: Layer): string | undefined {
  if (!convOps.has(layer.anchor.op.name)) return "it is no convolution";
  const [input] = layer.inputs;
  if (input?.channels !== "all") return "channels are computed one by one";
  const shape = convShape(layer);
  if (slotBytes(input.value.type.storage) > 2) return "its input has elements of more than 16 bits";
  if (shape.xBytes === 1 && storages[shape.weights.type.storage].bits > 8)
    return "its weights have more bits than its input";
  if (!convFinish(layer)) return "its sums do not fit the packed kernel's arithmetic";
  return undefined;
}

/** Cores that layouts are compared on. */
const team = 8;

/** Narrow inputs are faster without padding, others where positions begin at words: as the model has it. */
function layouts(layer: Layer): readonly LayerLayouts[] {
  const outputs: Layout[] = [...channelsLast(layer.out.c)];
  if (!convShape(layer).transposed) outputs.push({ order: "chw", align: 4 });
  return channelsLast(layer.inputs[0]!.extent.c)
    .flatMap((x) => outputs.map((output): LayerLayouts => ({ inputs: [x], output })))
    .map((at) => ({ at, cycles: cyclesOf(convWork(layer, at, layer, team)) }))
    .toSorted((a, b) => a.cycles - b.cycles)
    .map(({ at }) => at);
}

function grain(layer: Layer): Extent {
  const [h, w] = spread(convShape(layer));
  return { h, w: 4 * w, c: blockChannels };
}

/** Inputs of 8 bits with weights of 8, 4 or 2, and inputs of 16 bits. */
export const convKernel: TileKernel = {
  name: "conv",
  refuses,
  layouts,
  pack: (layer, at) => packConv(layer, at, finishOf(layer)),
  grain,
  addendBytes: (addend, at) => (convShape(addend).own.groups === 1 ? planOf(addend, at).record : undefined),
  scratch: sumsBytes,
  cycles: (...of) => cyclesOf(convWork(...of)),
  headers: ["pulsec_conv.h"],
  emit: emitConv,
};
