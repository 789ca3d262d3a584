/** Pools of channels-last bytes, four channels at a time. */
import { slotBytes } from "../../../ir/storage.js";
import type { Layer, LayerLayouts } from "../contract.js";
import * as a from "./assembly.js";
import { inputSizes, outputSizes, stridesOf } from "./boxes.js";
import { finishOf, finishText } from "./finish.js";
import { padded } from "./output.js";
import { windowOf } from "./window.js";

const mostTaps = 16;
const words4 = { order: "hwc", align: 4 } as const;

const signed = ({ inputs }: Layer): boolean => inputs[0]!.value.type.storage.startsWith("i");
const tapsOf = ({ inputs }: Layer): readonly (readonly [number, number])[] => {
  const [y, x] = [windowOf(inputs[0]!.y), windowOf(inputs[0]!.x)];
  return Array.from({ length: y.kernel * x.kernel }, (_, i) => [
    Math.floor(i / x.kernel) * y.dilation,
    (i % x.kernel) * x.dilation,
  ]);
};

/** Do words of four channels lie on both sides, and every tap in a register? */
export const poolsWords = (layer: Layer, { inputs, output }: LayerLayouts): boolean =>
  [...inputs, output].every((l) => l.order === "hwc" && l.align === 4) &&
  slotBytes(layer.inputs[0]!.value.type.storage) === 1 &&
  slotBytes(layer.output.type.storage) === 1 &&
  tapsOf(layer).length <= mostTaps;

/** A pixel is computed by `pixel`, with `p` at the first tap of its first channel and `out`. */
function pixelsText(layer: Layer, name: string, setup: string, pixel: string): string {
  const [wy, wx] = [windowOf(layer.inputs[0]!.y), windowOf(layer.inputs[0]!.x)];
  const [x, y] = [stridesOf(words4, inputSizes), stridesOf(words4, outputSizes)];
  return `static void ${name}(const pulsec_tile *t, int core) {
  const int32_t xcolumn = ${x.column}, xrow = t->wi * xcolumn, ycolumn = ${y.column};
  const int32_t words = (t->co + 3) >> 2;
  ${setup}
  int32_t piece, end;
  pulsec_share(t->ho * t->wo, core, &piece, &end);
  int32_t h = piece / t->wo, w = piece - h * t->wo;
  for (; piece < end; piece++) {
    const uint8_t *p = (const uint8_t *)t->x[0] + h * ${wy.stride} * xrow + w * ${wx.stride} * xcolumn;
    uint8_t *out = (uint8_t *)t->y + piece * ycolumn;
    ${pixel}
    if (++w == t->wo) {
      w = 0;
      h++;
    }
  }
}
`;
}

const offset = ([row, column]: readonly [number, number]): string =>
  [...(row ? [`${row} * xrow`] : []), ...(column ? [`${column} * xcolumn`] : [])].join(" + ") || "0";

/** A row of pixels at a time. */
export function maxWordsText(layer: Layer, name: string): string {
  const [wy, wx] = [windowOf(layer.inputs[0]!.y), windowOf(layer.inputs[0]!.x)];
  const pointers = tapsOf(layer).map((tap) => `(uintptr_t)(p + ${offset(tap)})`);
  const rest = [
    "(uintptr_t)out",
    "(uintptr_t)words",
    `(uintptr_t)(${wx.stride} * xcolumn - 4 * words)`,
    "(uintptr_t)n",
  ];
  return `static void ${name}(const pulsec_tile *t, int core) {
  const int32_t words = (t->co + 3) >> 2, xcolumn = ${padded("t->ci", words4)}, xrow = t->wi * xcolumn;
  int32_t piece, end;
  pulsec_share(t->ho * t->wo, core, &piece, &end);
  int32_t h = piece / t->wo, w = piece - h * t->wo;
  for (; piece < end; w = 0, h++) {
    const int32_t n = pulsec_min(t->wo - w, end - piece);
    const uint8_t *p = (const uint8_t *)t->x[0] + h * ${wy.stride} * xrow + w * ${wx.stride} * xcolumn;
    uint8_t *out = (uint8_t *)t->y + piece * 4 * words;
    const uintptr_t operands[] = {${[...pointers, ...rest].join(", ")}};
    ${maxBlock(layer)}
    piece += n;
  }
}
`;
}

/** The largest of all taps: a pointer for each, moved from pixel to pixel in the outer loop. */
function maxBlock(layer: Layer): string {
  const free = [...a.freeRegisters];
  const taps = tapsOf(layer).map(() => free.shift()!);
  const [y, words, next, best, u, v] = free as [string, string, string, string, string, string];
  const prologue = [...taps, y, words, next, best].map((x, i) => a.lw(x, 4 * i, "a0"));
  const max = a.maxBytes(signed(layer));
  const [first, ...rest] = taps;
  const into = (i: number) => (i % 2 === 0 ? u : v);
  const body = [a.lwPost(best, first!, 4)];
  for (const [i, tap] of rest.entries()) {
    body.push(a.lwPost(into(i), tap, 4));
    if (i > 0) body.push(max(best, best, into(i - 1)));
  }
  if (rest.length > 0) body.push(max(best, best, into(rest.length - 1)));
  body.push(a.storePost(4)(best, y, 4));
  const pixel = [...a.loop(0, words, body), ...taps.map((tap) => a.add(tap, tap, next))];
  return a.block([...prologue, ...a.loop(1, best, pixel)], "operands");
}

/** Sums of all taps, lane by lane, times `factor`; channels behind the last are computed too. */
export function averageWordsText(
  layer: Layer,
  name: string,
  setup: string,
  start: number,
  factor: string,
): string {
  const words = finishOf(layer).words;
  const dot = signed(layer) ? "pulsec_sdotsp_b" : "pulsec_sdotusp_b";
  const lanes = [0, 1, 2, 3] as const;
  const taps = tapsOf(layer).map(
    (tap) => `{
        const uint32_t v = pulsec_lw(p + ${offset(tap)});
        ${lanes.map((l) => `s${l} = ${dot}(s${l}, v, 1u << ${8 * l});`).join("\n        ")}
      }`,
  );
  const finish = lanes.map((l) =>
    finishText(layer, `(int32_t)s${l}${factor ? " * factor" : ""}`, `(q + ${words * l})`),
  );
  return pixelsText(
    layer,
    name,
    setup,
    `const int32_t *q = (const int32_t *)t->q;
    ${factor ? `const int32_t factor = ${factor};` : ""}
    for (int32_t i = 0; i < words; i++, p += 4, out += 4, q += ${4 * words}) {
      uint32_t ${lanes.map((l) => `s${l} = ${start < 0 ? `(uint32_t)(${start})` : start}`).join(", ")};
      ${taps.join("\n      ")}
      pulsec_sw(out, pulsec_pack4(${finish.join(",\n        ")}));
    }`,
  );
}
