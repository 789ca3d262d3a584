/** Depthwise convolution of bytes: a channel's rows lie in rows of words, where the input does not, planes are made of it. */
import { slotBytes, storages } from "../../../ir/storage.js";
import type { Layer, LayerLayouts, Layout, TileKernel, TileShape } from "../contract.js";
import { outputSizes, stridesOf } from "./boxes.js";
import { cyclesOf } from "./cost.js";
import { rowOperands, rowsBlock } from "./depthwise-assembly.js";
import { depthwiseWork } from "./depthwise-cost.js";
import { fromPixels, inAssembly, pieceRows, pieceSteps } from "./depthwise-plan.js";
import { byteOfTap, type Depthwise, depthwiseOf, packTaps, rowPlan, tapBytes } from "./depthwise-weights.js";
import { finishOf, finishText, packFinish } from "./finish.js";
import { cType, padded } from "./output.js";
import { reachOver } from "./window.js";

const planes: Layout = { order: "chw", align: 4 };
const pixels = (align: 1 | 4): Layout => ({ order: "hwc", align });

/** Bytes that the immediate of a load reaches, and some. */
const farthest = 2000;

const isDepthwise = ({ anchor, inputs, out }: Layer): boolean =>
  anchor.op.name === "conv" && inputs[0]?.channels === "same" && inputs[0].extent.c === out.c;

function refuses(layer: Layer): string | undefined {
  const [x] = layer.inputs;
  if (!isDepthwise(layer)) return "it is no depthwise convolution with as many outputs as inputs";
  if (x!.y.kind !== "window" || x!.x.kind !== "window") return "it does not slide a window";
  if (storages[x!.value.type.storage].bits > 8) return `its input is ${x!.value.type.storage}, not bytes`;
  if (storages[layer.anchor.operands[1]!.type.storage].bits > 8) return "its weights are wider than 8 bits";
  // A step reads up to 3 * stride + 3 bytes behind the row; 16 are readable.
  if (x!.x.stride > 4) return `its stride ${x!.x.stride} is above 4`;
  return tooLong(depthwiseOf(layer));
}

/** Why words of x or of taps would lie too far from their pointers. */
function tooLong({ y, x }: Depthwise): string | undefined {
  const reach = reachOver(x) + 3 * x.stride;
  if (reach > farthest)
    return `its window reaches over ${reachOver(x)} positions of a row; ${farthest - 3 * x.stride} are possible`;
  const bytes = tapBytes({ y, x });
  return bytes > farthest
    ? `the moved taps of a channel take ${bytes} bytes; ${farthest} are possible`
    : undefined;
}

function scratch(layer: Layer, layouts: LayerLayouts, { out }: TileShape, cores: number): number {
  const { y, x } = depthwiseOf(layer);
  if (!fromPixels(layouts)) return 0;
  const single = layer.out.h === 1;
  const rows = ((single ? 1 : Math.min(out.h, pieceRows)) - 1) * y.stride + (y.kernel - 1) * y.dilation + 1;
  const positions = single ? Math.min(4 * pieceSteps, out.w) + 4 : out.w;
  const width = (positions - 1) * x.stride + (x.kernel - 1) * x.dilation + 1;
  return cores * 4 * rows * 4 * Math.ceil(width / 4) + 16;
}

export const depthwise: TileKernel = {
  name: "depthwise",
  refuses,
  layouts: () =>
    [planes, pixels(4), pixels(1)].flatMap((input) =>
      [planes, pixels(4), pixels(1)].map((output) => ({ inputs: [input], output })),
    ),
  pack(layer, layouts) {
    const block = fromPixels(layouts) ? 4 : 1;
    return {
      weights: packTaps(layer, block),
      channels: packFinish(layer, block),
      block,
      shared: new Uint8Array(),
    };
  },
  grain: (_, layouts) => ({ h: 1, w: 4, c: fromPixels(layouts) ? 4 : 1 }),
  scratch,
  cycles: (...of) => cyclesOf(depthwiseWork(...of)),
  headers: ["pulsec_tile.h", "pulsec_scale.h", "pulsec_transpose.h"],
  emit,
};

function emit(layer: Layer, layouts: LayerLayouts, name: string): string {
  const types = { x: cType(layer.inputs[0]!.value.type.storage), y: cType(layer.output.type.storage) };
  return [
    plainText(layer, name, types),
    inAssembly(layer) ? rowsText(layer, layouts, name, types) : "",
    partText(layer, layouts, name, types),
    fromPixels(layouts) ? groupText(layer, layouts, name, types) : "",
    kernelText(layer, layouts, name, types),
  ].join("\n");
}

interface Types {
  readonly x: string;
  readonly y: string;
}

/** In C: every output by itself. */
function plainText(layer: Layer, name: string, types: Types): string {
  const { y, x } = depthwiseOf(layer);
  const plan = rowPlan(x);
  const bytes = Array.from({ length: x.kernel }, (_, t) => byteOfTap(plan, x, t));
  const channels =
    layer.out.h === 1 ? `\n    w += ${tapBytes({ y, x })};\n    q += ${finishOf(layer).words};` : "";
  return `/* Depthwise, ${y.kernel} x ${x.kernel}, stride ${y.stride} x ${x.stride}, dilation ${y.dilation} x ${x.dilation}. */
__attribute__((unused)) static void ${name}_plain(const ${types.x} *x, const int8_t *w, const int32_t *q, ${types.y} *y, int32_t repeats,
                         int32_t count, int32_t pitch, int32_t xnext, int32_t ystep, int32_t ynext) {
  static const uint16_t tap[${x.kernel}] = {${bytes.join(", ")}};
  for (int32_t r = 0; r < repeats; r++, x += xnext, y += ynext) {
    for (int32_t i = 0; i < count; i++) {
      int32_t acc = 0;
      for (int32_t ky = 0; ky < ${y.kernel}; ky++)
        for (int32_t kx = 0; kx < ${x.kernel}; kx++)
          acc += x[ky * ${y.dilation} * pitch + i * ${x.stride} + kx * ${x.dilation}] * w[ky * ${4 * plan.starts.length} + tap[kx]];
      y[i * ystep] = (${types.y})(${finishText(layer, "acc", "q")});
    }${channels}
  }
}
`;
}

/** Steps of four outputs, of several rows or channels. */
function rowsText(layer: Layer, layouts: LayerLayouts, name: string, types: Types): string {
  const { y, x } = depthwiseOf(layer);
  const size = slotBytes(layer.output.type.storage);
  const operands: Record<(typeof rowOperands)[number], string> = {
    x: "(uintptr_t)x",
    taps: "(uintptr_t)w",
    constants: "(uintptr_t)q",
    y: "(uintptr_t)y",
    repeats: "(uintptr_t)repeats",
    steps: "(uintptr_t)steps",
    nextTap: `(uintptr_t)(${y.dilation} * pitch)`,
    nextStep: `(uintptr_t)(${4 * x.stride} - ${(y.kernel - 1) * y.dilation} * pitch)`,
    xNext: `(uintptr_t)(xnext - ${4 * x.stride} * steps)`,
    yNext: `(uintptr_t)(${size} * (ynext - 4 * steps * ystep))`,
    yStep: `(uintptr_t)(${size} * ystep)`,
  };
  return `#ifdef PULSEC_XPULP
PULSEC_INLINE void ${name}_rows(const ${types.x} *x, const int8_t *w, const int32_t *q, ${types.y} *y, int32_t repeats,
                         int32_t steps, int32_t pitch, int32_t xnext, int32_t ystep, int32_t ynext) {
  uintptr_t operands[] = {${rowOperands.map((o) => operands[o]).join(", ")}};
  ${rowsBlock(layer, layouts)}
}
#endif
`;
}

const further = "pitch, xnext, ystep, ynext";

/** Outputs [first, last) of several rows of one channel, or of one row of several channels. */
function partText(layer: Layer, layouts: LayerLayouts, name: string, types: Types): string {
  const { x } = depthwiseOf(layer);
  const call = (at: string, steps: string) =>
    `${name}_rows(x + (${at}) * ${x.stride}, w, q, y + (${at}) * ystep, repeats, ${steps}, ${further});`;
  const plain = `${name}_plain(x + first * ${x.stride}, w, q, y + first * ystep, repeats, last - first, ${further});`;
  const rest = `/* What is left of four is computed with outputs before it again. */
  const int32_t steps = (last - first) >> 2;
  if (steps > 0) ${call("first", "steps")}
  if (((last - first) & 3) == 0) return;
  if (last >= 4) ${call("last - 4", "1")}
  else ${plain}`;
  const assembly = layouts.output.order === "hwc" ? rest : call("first", "(last - first + 3) >> 2");
  const body = inAssembly(layer)
    ? `#ifdef PULSEC_XPULP
  ${assembly}
#else
  ${plain}
#endif`
    : `  ${plain}`;
  return `PULSEC_INLINE void ${name}_part(const ${types.x} *x, const int8_t *w, const int32_t *q, ${types.y} *y, int32_t repeats,
                        int32_t first, int32_t last, int32_t pitch, int32_t xnext, int32_t ystep, int32_t ynext) {
${body}
}
`;
}

/** Four channels of pixels: makes planes of what the outputs [first, last) of several rows need. */
function groupText(layer: Layer, layouts: LayerLayouts, name: string, types: Types): string {
  const { y, x } = depthwiseOf(layer);
  const words = finishOf(layer).words;
  const hwc = layouts.output.order === "hwc";
  const part = (channel: string, repeats: string, next: string) =>
    `${name}_part((const ${types.x} *)(plane + ${channel} * high * pitch), w + ${channel} * ${tapBytes({ y, x })}, q + ${channel} * ${words},
      y + ${channel} * yplane + from * ystep, ${repeats}, first - from, last - from, pitch, ${next});`;
  const parts =
    layer.out.h === 1
      ? `(void)yrow;
  ${part("0", "live", "high * pitch, ystep, yplane")}`
      : `for (int32_t k = 0; k < live; k++)
    ${part("k", "rows", `${y.stride} * pitch, ystep, yrow`)}`;
  return `static void ${name}_group(const ${types.x} *x, const int8_t *w, const int32_t *q, ${types.y} *y, int32_t live,
                         int32_t rows, int32_t first, int32_t last, int32_t xpixel, int32_t xrow, int32_t ystep,
                         int32_t yrow, int32_t yplane, uint8_t *plane) {
  const int32_t from = ${hwc ? "last - first < 4 && last >= 4 ? last - 4 : " : ""}first;
  const int32_t width = (last - 1 - from) * ${x.stride} + ${(x.kernel - 1) * x.dilation + 1};
  const int32_t pitch = (width + 3) & ~3;
  const int32_t high = (rows - 1) * ${y.stride} + ${(y.kernel - 1) * y.dilation + 1};
  for (int32_t r = 0; r < high; r++)
    pulsec_transpose4((const uint8_t *)(x + r * xrow + from * ${x.stride} * xpixel), xpixel, plane + r * pitch, high * pitch, width);
  ${parts}
}
`;
}

/** The call for `n` pieces from `at` of channel, or group of channels, `c`. */
function pieceText(layer: Layer, layouts: LayerLayouts, name: string): string {
  const { y, x } = depthwiseOf(layer);
  const { words } = finishOf(layer);
  const single = layer.out.h === 1;
  const taps = tapBytes({ y, x });
  const yAt = single ? "" : " + at * yrow";
  const xAt = (row: string) => (single ? "" : ` + at * ${y.stride} * ${row}`);
  const outputs = single ? "4 * at, pulsec_min(4 * (at + n), t->wo)" : "0, t->wo";
  if (fromPixels(layouts))
    return `${name}_group(x + 4 * c${xAt("xrow")}, w + 4 * c * ${taps}, q + 4 * c * ${words}, y + 4 * c * yplane${yAt},
      pulsec_min(4, t->co - 4 * c), ${single ? "1" : "n"}, ${outputs}, xpixel, xrow, ystep, yrow, yplane, plane);`;
  const next = single ? "t->hi * pitch, ystep, yplane" : `${y.stride} * pitch, ystep, yrow`;
  return `${name}_part(x + c * t->hi * pitch${xAt("pitch")}, w + c * ${taps}, q + c * ${words},
      y + c * yplane${yAt}, ${single ? "channels" : "n"}, ${outputs}, pitch, ${next});`;
}

/** How many pieces a call takes: whole rows of several channels at once where planes hold 1-D data. */
function limitText(single: boolean, grouped: boolean): string {
  if (grouped) return `n = pulsec_min(n, ${single ? pieceSteps : pieceRows});`;
  if (!single) return "";
  return `int32_t channels = 1;
    if (at == 0 && end - piece >= count) {
      channels = even ? even : (end - piece) / count;
      n = count;
    }`;
}

function kernelText(layer: Layer, layouts: LayerLayouts, name: string, types: Types): string {
  const grouped = fromPixels(layouts);
  const single = layer.out.h === 1;
  const several = single && !grouped;
  const out = stridesOf(layouts.output, outputSizes);
  return `static void ${name}(const pulsec_tile *t, int core) {
  const ${types.x} *x = (const ${types.x} *)t->x[0];
  const int8_t *w = (const int8_t *)t->w;
  const int32_t *q = (const int32_t *)t->q;
  ${types.y} *y = (${types.y} *)t->y;
  const int32_t ystep = ${out.column}${several ? "" : `, yrow = ${out.row}`}, yplane = ${out.channel};
  const int32_t count = ${single ? "(t->wo + 3) >> 2" : "t->ho"};
  ${grouped ? groupedSetup(layer, layouts) : `const int32_t pitch = ${padded("t->wi", layouts.inputs[0]!)};`}
  const int32_t rows = ${grouped ? "(t->co + 3) >> 2" : "t->co"}, even = rows % PULSEC_CORES ? 0 : rows / PULSEC_CORES;
  int32_t piece, end;
  pulsec_share(rows * count, core, &piece, &end);
  /* Divisions take 35 cycles. */
  int32_t c = even ? core * even : piece / count, at = even ? 0 : piece - c * count;
  while (piece < end) {
    int32_t n = pulsec_min(count - at, end - piece);
    ${limitText(single, grouped)}
    ${pieceText(layer, layouts, name)}
    piece += ${several ? "channels * n" : "n"};
    at += n;
    if (at == count) {
      at = 0;
      c += ${several ? "channels" : "1"};
    }
  }
}
`;
}

function groupedSetup(layer: Layer, { inputs }: LayerLayouts): string {
  const { y, x } = depthwiseOf(layer);
  const single = layer.out.h === 1;
  const widest = single ? `pulsec_min(${4 * pieceSteps}, t->wo) + 4` : "t->wo";
  const most = single ? "1" : `pulsec_min(t->ho, ${pieceRows})`;
  return `const int32_t xpixel = ${padded("t->ci", inputs[0]!)}, xrow = t->wi * xpixel;
  const int32_t width = (${widest} - 1) * ${x.stride} + ${(x.kernel - 1) * x.dilation + 1};
  const int32_t high = (${most} - 1) * ${y.stride} + ${(y.kernel - 1) * y.dilation + 1};
  uint8_t *plane = (uint8_t *)t->scratch + core * 4 * high * ((width + 3) & ~3);`;
}
