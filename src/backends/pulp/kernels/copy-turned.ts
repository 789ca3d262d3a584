/** Copies of bytes between pixels and planes: blocks of four by four are transposed in registers. */
import { slotBytes } from "../../../ir/storage.js";
import type { Extent, Layer, LayerLayouts } from "../contract.js";
import { mostOf, rowsOfCore, type Work } from "./cost.js";
import { padded } from "./output.js";
import { windowOf } from "./window.js";

/** Are whole words written, of elements that lie next to each other on neither side? */
export const turns = (layer: Layer, { inputs: [x], output }: LayerLayouts): boolean =>
  slotBytes(layer.output.type.storage) === 1 &&
  x!.order !== output.order &&
  output.align === 4 &&
  [layer.inputs[0]!.y, layer.inputs[0]!.x].every((a) => windowOf(a).kernel === 1 && windowOf(a).stride === 1);

/** What the slowest core does: calls of the transposition, its blocks of 16 bytes, and what is left of four. */
export function turnedWork({ output }: LayerLayouts, { h, w, c }: Extent, cores: number): Work {
  const variant = `copy.turned.${output.order}`;
  const across = Math.ceil(w / 4);
  if (output.order === "hwc") {
    const calls = mostOf(h * across, cores);
    return { variant, counts: [1, calls, calls * Math.floor(c / 4), calls * (c % 4)] };
  }
  const rows = Math.ceil(c / 4) * h;
  const left = w % 4 === 0 ? 0 : mostOf(rows, cores);
  const counts = [
    1,
    rowsOfCore(rows * across, across, cores),
    mostOf(rows * across, cores) - left,
    left * (w % 4),
  ];
  return { variant, counts };
}

export const turnedText = (layouts: LayerLayouts, name: string): string =>
  layouts.output.order === "hwc" ? pixelsText(layouts, name) : planesText(layouts, name);

/** Four channels of a row at a time. */
const planesText = (
  { inputs: [x] }: LayerLayouts,
  name: string,
): string => `static void ${name}(const pulsec_tile *t, int core) {
  const int32_t pixel = ${padded("t->ci", x!)}, line = (t->wo + 3) & ~3, plane = t->ho * line, across = line >> 2;
  int32_t piece, end;
  pulsec_share(((t->co + 3) >> 2) * t->ho * across, core, &piece, &end);
  const int32_t run = piece / across;
  int32_t c = run / t->ho * 4, h = run % t->ho;
  for (int32_t from = 4 * (piece - run * across); piece < end; from = 0) {
    const int32_t to = pulsec_min(t->wo, from + 4 * (end - piece));
    const uint8_t *const in = (const uint8_t *)t->x[0] + (h * t->wi + from) * pixel + c;
    uint8_t *const out = (uint8_t *)t->y + c * plane + h * line + from;
    if (t->co - c >= 4)
      pulsec_transpose4(in, pixel, out, plane, to - from);
    else
      for (int32_t k = 0; k < t->co - c; k++) pulsec_copy_rows(out + k * plane, 1, in + k, pixel, to - from);
    piece += (to - from + 3) >> 2;
    if (++h < t->ho) continue;
    h = 0;
    c += 4;
  }
}
`;

/** Four pixels at a time. */
const pixelsText = (
  { inputs: [x] }: LayerLayouts,
  name: string,
): string => `static void ${name}(const pulsec_tile *t, int core) {
  const int32_t line = ${padded("t->wi", x!)}, plane = t->hi * line, pixel = (t->co + 3) & ~3;
  const int32_t across = (t->wo + 3) >> 2;
  int32_t piece, end;
  pulsec_share(t->ho * across, core, &piece, &end);
  int32_t h = piece / across, w = 4 * (piece - h * across);
  for (; piece < end; piece++) {
    const uint8_t *const in = (const uint8_t *)t->x[0] + h * line + w;
    uint8_t *const out = (uint8_t *)t->y + (h * t->wo + w) * pixel;
    if (t->wo - w >= 4)
      pulsec_transpose4(in, plane, out, pixel, t->co);
    else
      for (int32_t k = 0; k < t->wo - w; k++) pulsec_copy_rows(out + k * pixel, 1, in + k, plane, t->co);
    w += 4;
    if (w < t->wo) continue;
    w = 0;
    h++;
  }
}
`;
