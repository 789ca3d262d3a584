/** Pools over windows: the largest element, or the sum that an epilogue divides. */
import { storages } from "../../../ir/storage.js";
import { zeroPoint } from "../../../ir/type.js";
import type { Layer, LayerLayouts, TileKernel, TileShape } from "../contract.js";
import { elementsText, everyLayout, innerStride, inputSizes, runOffset, stridesOf } from "./boxes.js";
import { crossedInputs, cyclesOf, elementCounts, mostOf, rowsOfCore, type Work } from "./cost.js";
import { finishOf, finishText, packFinish } from "./finish.js";
import { cType } from "./output.js";
import { nothingPacked } from "./packing.js";
import { averageWordsText, maxWordsText, poolsWords } from "./pool-words.js";
import { windowOf } from "./window.js";

/** Counts of taps that reciprocals are tabled for. */
const mostTaps = 1024;
const fraction = 2 ** 15;

const isMax = ({ anchor }: Layer): boolean => anchor.op.name === "maxpool";
/** Is every window divided by the same count, inside the epilogue? */
const plainSum = ({ anchor }: Layer): boolean =>
  anchor.attrs.count_include_pad === true || (anchor.attrs.pads as readonly number[]).every((p) => p <= 0);
const taps = ({ inputs }: Layer): number => windowOf(inputs[0]!.y).kernel * windowOf(inputs[0]!.x).kernel;

function refuses(layer: Layer): string | undefined {
  const { anchor, nodes } = layer;
  if (anchor.op.name !== "maxpool" && anchor.op.name !== "avgpool")
    return `it is no pool but ${anchor.op.name}`;
  if (isMax(layer) && nodes.length > 1) return "something follows the pool";
  if (!isMax(layer) && !plainSum(layer) && taps(layer) > mostTaps)
    return `its windows of ${taps(layer)} positions are above ${mostTaps}`;
  return undefined;
}

/** floor(2^15 / count + 1/2) for every count of taps: see the op. */
const reciprocals = (layer: Layer): Uint8Array =>
  isMax(layer) || plainSum(layer)
    ? new Uint8Array()
    : new Uint8Array(
        Int32Array.from({ length: taps(layer) + 1 }, (_, n) =>
          n === 0 ? 0 : Math.floor((2 * fraction + n) / (2 * n)),
        ).buffer,
      );

/** What the slowest core does. */
export function poolWork(layer: Layer, layouts: LayerLayouts, tile: TileShape, cores: number): Work {
  const n = taps(layer);
  const kind = isMax(layer) ? "max" : ["high", "wide"].includes(finishOf(layer).kind) ? "mean64" : "mean";
  if (poolsWords(layer, layouts)) {
    const pixels = mostOf(tile.out.h * tile.out.w, cores);
    const words = pixels * Math.ceil(tile.out.c / 4);
    const rows = rowsOfCore(tile.out.h * tile.out.w, tile.out.w, cores);
    return { variant: `pool.${kind}`, counts: [1, rows, rows * n, pixels, pixels * n, words, words * n] };
  }
  const [runs, elements] = elementCounts(layouts, tile, cores);
  const [y, x] = [windowOf(layer.inputs[0]!.y), windowOf(layer.inputs[0]!.x)];
  // The compiler unrolls loops over two taps.
  const looped = x.kernel > 2 ? elements * n : 0;
  const each = [elements, elements * y.kernel, elements * n, looped];
  return {
    variant: `pool.${kind}.elements.${layouts.output.order}`,
    counts: [1, runs, ...each, ...each.map((v) => v * crossedInputs(layouts))],
  };
}

export const pool: TileKernel = {
  name: "pool",
  refuses,
  layouts: () =>
    everyLayout.flatMap((output) =>
      [output, ...everyLayout.filter((l) => l !== output)].map((input) => ({ inputs: [input], output })),
    ),
  pack(layer, layouts) {
    if (isMax(layer)) return nothingPacked;
    const block = poolsWords(layer, layouts) ? 4 : 1;
    return { ...nothingPacked, channels: packFinish(layer, block), block, shared: reciprocals(layer) };
  },
  grain: () => ({ h: 1, w: 1, c: 4 }),
  scratch: () => 0,
  cycles: (...of) => cyclesOf(poolWork(...of)),
  headers: ["pulsec_tile.h", "pulsec_scale.h", "pulsec_pool.h", "pulsec_words.h"],
  emit,
};

function emit(layer: Layer, { inputs, output }: LayerLayouts, name: string): string {
  if (poolsWords(layer, { inputs, output }))
    return `#ifdef PULSEC_XPULP\n${wordsText(layer, name)}#else\n${plainText(layer, { inputs, output }, name)}#endif\n`;
  return plainText(layer, { inputs, output }, name);
}

function wordsText(layer: Layer, name: string): string {
  if (isMax(layer)) return maxWordsText(layer, name);
  const factor = plainSum(layer) ? "" : `reciprocals[${counts(layer, "h", "w")}]`;
  return averageWordsText(
    layer,
    name,
    tableSetup(layer).trim(),
    -zeroPoint(layer.inputs[0]!.value.type) * taps(layer),
    factor,
  );
}

function plainText(layer: Layer, { inputs, output }: LayerLayouts, name: string): string {
  const [input] = layer.inputs;
  const [wy, wx] = [windowOf(input!.y), windowOf(input!.x)];
  const x = stridesOf(inputs[0]!, inputSizes);
  const moved = { ...x, row: `${wy.stride} * ${x.row}`, column: `${wx.stride} * ${x.column}` };
  const type = cType(input!.value.type.storage);
  const each = (statement: string) => `for (int32_t ky = 0; ky < ${wy.kernel}; ky++)
        for (int32_t kx = 0; kx < ${wx.kernel}; kx++) ${statement}`;
  const tap = `p[ky * ${wy.dilation} * (${x.row}) + kx * ${wx.dilation} * (${x.column})]`;
  const body = isMax(layer)
    ? `int32_t best = ${storages[layer.output.type.storage].min === -(2 ** 31) ? "INT32_MIN" : storages[layer.output.type.storage].min};
      ${each(`best = pulsec_max(best, ${tap});`)}
      out[i] = (${cType(layer.output.type.storage)})best;`
    : averageBody(layer, output.order === "hwc", each(`acc += ${tap};`));
  return elementsText(layer, output, name, {
    setup: `const ${type} *const x = (const ${type} *)t->x[0];${isMax(layer) ? "" : "\n  const int32_t *const constants = (const int32_t *)t->q;"}${tableSetup(layer)}`,
    run: `const ${type} *const in = x + ${runOffset(moved, output)};`,
    body: `const ${type} *const p = in + i * (${innerStride(moved, output)});
      ${body}`,
  });
}

const tableSetup = (layer: Layer): string =>
  isMax(layer) || plainSum(layer) ? "" : `\n  const int32_t *const reciprocals = (const int32_t *)t->shared;`;

/** C text of how many taps lie inside of x. */
function counts({ inputs: [input] }: Layer, h: string, w: string): string {
  const inside = (p: string, axis: "y" | "x", size: number) => {
    const window = windowOf(input![axis]);
    return `pulsec_taps_inside(${p} * ${window.stride} - ${(input![axis] as { before: number }).before}, ${window.kernel}, ${size})`;
  };
  return `${inside(`(t->oy + ${h})`, "y", input!.extent.h)} * ${inside(`(t->ox + ${w})`, "x", input!.extent.w)}`;
}

/** The sum, and where pads do not count, times the reciprocal of the positions inside of x. */
function averageBody(layer: Layer, hwc: boolean, sum: string): string {
  const zero = zeroPoint(layer.inputs[0]!.value.type);
  const [w, c] = hwc ? ["w", "i"] : ["i", "c"];
  const scaled = plainSum(layer) ? "" : `\n      acc *= reciprocals[${counts(layer, "h", w)}];`;
  return `int32_t acc = ${-zero * taps(layer)};
      ${sum}${scaled}
      const int32_t *const q = constants + ${finishOf(layer).words} * ${c};
      out[i] = (${cType(layer.output.type.storage)})(${finishText(layer, "acc", "q")});`;
}
