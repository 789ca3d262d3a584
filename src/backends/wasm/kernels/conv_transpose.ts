import { convTranspose } from "../../../ir/ops/conv_transpose.js";
import { twoD, twoDBegins } from "../../../ir/ops/window.js";
import { type Data, storages } from "../../../ir/storage.js";
import { always, kernel, type Source } from "../kernel.js";
import type { View } from "../view.js";
import { convolve, startOfSums } from "./conv.js";
import { widened } from "./widen.js";
import { asImage, type Image } from "./window.js";

/**
 * Results p = r + q * stride of one axis meet the same taps for all q: those where stride divides
 * r + begin - t * dilation. So each residue r is a convolution of stride 1 over x, whose taps
 * reach x[q + first], x[q + first + step], ...
 */
interface Residue {
  readonly r: number;
  readonly count: number;
  /** In the order of rising x. */
  readonly taps: readonly number[];
  readonly first: number;
  readonly step: number;
}

function residues(size: number, kernel: number, stride: number, dilation: number, begin: number): Residue[] {
  return Array.from({ length: Math.min(stride, size) }, (_, r) => {
    const reached = (t: number) => (r + begin - t * dilation) / stride;
    const taps = Array.from({ length: kernel }, (_, i) => kernel - 1 - i).filter((t) =>
      Number.isInteger(reached(t)),
    );
    const [first = 0, second = first + 1] = taps.map(reached);
    return { r, count: Math.ceil((size - r) / stride), taps, first, step: second - first };
  });
}

/** What must stand before and after x so that every tap of every residue falls inside. */
function reach(all: readonly Residue[], size: number): { before: number; after: number } {
  const met = all.filter((p) => p.taps.length > 0);
  const last = ({ first, step, taps, count }: Residue) => first + (taps.length - 1) * step + count - 1;
  return {
    before: Math.max(0, ...met.map((p) => -p.first)),
    after: Math.max(0, ...met.map((p) => last(p) - (size - 1))),
  };
}

export const convTransposeKernel = kernel(
  convTranspose,
  (e, { x, w, b }, { stride, dilation, groups, pads }, y, finish) => {
    const [input, result] = [asImage(x), asImage(y)];
    const [, h, wd] = input.shape;
    const [kh, kw] = twoD(w.shape.slice(1, -1), 1);
    const [[sh, sw], [dh, dw], [top, left]] = [twoD(stride, 1), twoD(dilation, 1), twoDBegins(pads)];
    const rows = residues(result.shape[1], kh, sh, dh, top);
    const columns = residues(result.shape[2], kw, sw, dw, left);
    const [v, u] = [reach(rows, h), reach(columns, wd)];
    const wide = widened(e, input, [v.before, u.before, v.after, u.after], "constant", x.zero);
    for (const row of rows)
      for (const column of columns) {
        const taps = pickTaps(w, kh, kw, row.taps, column.taps);
        convolve(e, {
          x: { ...wide, view: from(wide.view, row.first + v.before, column.first + u.before) },
          w: taps,
          kernel: [row.taps.length, column.taps.length],
          stride: [1, 1],
          dilation: [row.step, column.step],
          groups,
          init: startOfSums(x.zero, taps, w.shape[0]!, b),
          y: every(result, row, column, sh, sw),
          finish,
        });
      }
  },
  always,
);

const from = (view: View, h: number, w: number): View => ({
  ...view,
  start: view.start + h * view.strides[1]! + w * view.strides[2]!,
});

/** The positions (r + q * stride) of an image. */
function every({ view, shape }: Image, row: Residue, column: Residue, sh: number, sw: number): Image {
  const [n, h, w, c] = view.strides as readonly [number, number, number, number];
  const strides = [n, h * sh, w * sw, c];
  return {
    view: { ...from(view, row.r, column.r), strides },
    shape: [shape[0], row.count, column.count, shape[3]],
  };
}

/** Co Kh Kw Ci with only the given rows and columns of taps, in the given order. */
function pickTaps(
  w: Source,
  kh: number,
  kw: number,
  rows: readonly number[],
  columns: readonly number[],
): Data {
  const [co, ci] = [w.shape[0]!, w.shape.at(-1)!];
  const picked = new storages[w.type.storage].array(co * rows.length * columns.length * ci);
  let to = 0;
  for (let o = 0; o < co; o++)
    for (const ky of rows)
      for (const kx of columns)
        for (let c = 0; c < ci; c++) picked[to++] = w.data![((o * kh + ky) * kw + kx) * ci + c]!;
  return picked;
}
