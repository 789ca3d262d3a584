/** Activations as i16 in scratch, padding made real: what the vector kernels of sums read. */
import type { PadMode } from "../../../ir/ops/window.js";
import { slotBytes } from "../../../ir/storage.js";
import type { Code } from "../code.js";
import type { Emission } from "../kernel.js";
import { eight, loadEight } from "../lanes.js";
import { steps } from "../turns.js";
import { storeLanes } from "../vector.js";
import { dense, fill, nest, type View } from "../view.js";
import { cropped, type Image, padded } from "./window.js";

/** The image as i16, widened by `pads` [top, left, bottom, right]. Where x is i16 and only cropped, it stays in place. */
export function widened(
  e: Emission,
  image: Image,
  pads: readonly number[],
  mode: PadMode,
  zero: number,
): Image {
  const grows = pads.some((p) => p > 0);
  if (grows && mode !== "constant")
    return widened(e, padded(e, image, pads, mode, zero), [0, 0, 0, 0], mode, zero);
  const [n, h, w, c] = image.shape;
  const [top, left, bottom, right] = pads as readonly [number, number, number, number];
  const shape = [n, h + top + bottom, w + left + right, c] as const;
  const { storage } = image.view.buffer;
  if (!grows && storage === "i16") return { view: cropped(image.view, -top, -left), shape };
  const buffer = e.scratch("i16", n * shape[1] * shape[2] * c);
  const view = dense(buffer, shape);
  if (grows) fill(e.code, buffer, zero);
  const inside = [
    n,
    h + Math.min(top, 0) + Math.min(bottom, 0),
    w + Math.min(left, 0) + Math.min(right, 0),
    c,
  ];
  if (inside.every((size) => size > 0))
    widen(
      e.code,
      inside,
      cropped(image.view, Math.max(-top, 0), Math.max(-left, 0)),
      cropped(view, Math.max(top, 0), Math.max(left, 0)),
    );
  return { view, shape };
}

/** Copies rows of elements, eight at a time where there are as many side by side. */
function widen(code: Code, counts: readonly number[], from: View, to: View): void {
  const { outer, width } = rows(counts, from, to);
  const along = (v: View) => ({ ...v, strides: v.strides.slice(0, outer.length) });
  const { storage } = from.buffer;
  if (width < eight) {
    nest(code, counts, [from, to], (x, y) => y!.store(code, x!.load()));
    return;
  }
  nest(code, outer, [along(from), along(to)], (x, y) => {
    const streams = [
      [x!.pointer, slotBytes(storage)],
      [y!.pointer, 2],
    ] as const;
    steps(code, width, eight, streams, ([px, py]) =>
      storeLanes(code, y!.at(py!).place(), loadEight(x!.at(px!).place(), storage)),
    );
  });
}

/** The inner axes that both views step through as one row, and the axes around it. */
function rows(counts: readonly number[], from: View, to: View): { outer: readonly number[]; width: number } {
  let [width, inner] = [1, counts.length];
  while (inner > 0) {
    const axis = inner - 1;
    if (counts[axis] !== 1 && (from.strides[axis] !== width || to.strides[axis] !== width)) break;
    width *= counts[axis]!;
    inner = axis;
  }
  return { outer: counts.slice(0, inner), width };
}
