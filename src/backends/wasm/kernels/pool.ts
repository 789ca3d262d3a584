import { avgpool } from "../../../ir/ops/avgpool.js";
import { globalAvgpool } from "../../../ir/ops/global_avgpool.js";
import { maxpool } from "../../../ir/ops/maxpool.js";
import { twoD, windowCounts } from "../../../ir/ops/window.js";
import { slotBytes, storages } from "../../../ir/storage.js";
import { add, type Expr, max, mul, sub } from "../expr.js";
import { type Emission, kernel } from "../kernel.js";
import { eight, loadWide, storeWide } from "../lanes.js";
import { steps } from "../turns.js";
import { add4, lanes, splat } from "../vector.js";
import { type Cursor, nest, type View, view } from "../view.js";
import { asImage, edges, type Image, padded } from "./window.js";

interface Pool {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** What the window's elements are folded into, from `start` on. */
  readonly start: number;
  fold(soFar: Expr, element: Expr): Expr;
  /** `fold` on four lanes. */
  fold4(soFar: Expr, elements: Expr): Expr;
  /** Stepped through beside the result, for `finish`. */
  readonly aside?: View;
  /** From the folded value to the result. */
  finish?(folded: Expr, aside: Cursor | undefined): Expr;
}

/** Folds every window of an image that already has its padding. */
function slide(e: Emission, x: Image, y: Image, p: Pool): void {
  if (y.shape[3] >= eight && !p.aside) slideEights(e, x, y, p);
  else slideOnes(e, x, y, p);
}

/** Eight channels of a window at a time. */
function slideEights({ code }: Emission, x: Image, y: Image, p: Pool): void {
  const [n, h, w] = x.view.strides as readonly [number, number, number];
  const [[sh, sw], [dh, dw]] = [p.stride, p.dilation];
  const from = { ...x.view, strides: [n, sh * h, sw * w] };
  const to = { ...y.view, strides: y.view.strides.slice(0, 3) };
  const { storage } = x.view.buffer;
  const slots = [storage, y.view.buffer.storage].map(slotBytes) as [number, number];
  nest(code, y.shape.slice(0, 3), [from, to], (at, result) => {
    const streams = [
      [at!.pointer, slots[0]],
      [result!.pointer, slots[1]],
    ] as const;
    steps(code, y.shape[3], eight, streams, ([px, py]) => {
      const folded = [0, 1].map(() => code.variable(splat(p.start)));
      nest(code, p.kernel, [at!.at(px!).view([dh * h, dw * w])], (tap) => {
        const elements = loadWide(code, tap!.place(), storage);
        for (const [i, half] of folded.entries()) half.set(p.fold4(half.value, elements[i]!));
      });
      const [low, high] = folded.map((half) => half.value) as [Expr, Expr];
      storeWide(code, result!.at(py!).place(), y.view.buffer.storage, [low, high]);
    });
  });
}

function slideOnes(e: Emission, x: Image, y: Image, p: Pool): void {
  const [n, h, w, c] = x.view.strides as readonly [number, number, number, number];
  const [[sh, sw], [dh, dw]] = [p.stride, p.dilation];
  const from = { ...x.view, strides: [n, sh * h, sw * w, c] };
  nest(e.code, y.shape, [from, y.view, ...(p.aside ? [p.aside] : [])], (at, to, aside) => {
    const folded = e.code.variable(p.start);
    nest(e.code, p.kernel, [at!.view([dh * h, dw * w])], (tap) =>
      folded.set(p.fold(folded.value, tap!.load())),
    );
    to!.store(e.code, p.finish ? p.finish(folded.value, aside) : folded.value);
  });
}

const maxpoolKernel = kernel(maxpool, (e, { x }, { kernel, stride, dilation, pads }, y) => {
  const { min } = storages[x.type.storage];
  const pool = { kernel: twoD(kernel, 1), stride: twoD(stride, 1), dilation: twoD(dilation, 1) };
  slide(e, padded(e, asImage(x), edges(pads), "constant", min), asImage(y), {
    ...pool,
    start: min,
    fold: max,
    fold4: (a, b) => lanes("i32x4.max_s", a, b),
  });
});

const avgpoolKernel = kernel(avgpool, (e, { x }, { kernel, stride, pads, count_include_pad }, y) => {
  const image = padded(e, asImage(x), edges(pads), "constant", x.zero);
  const pool: Pool = {
    kernel: twoD(kernel, 1),
    stride: twoD(stride, 1),
    dilation: [1, 1],
    ...summing(x.zero),
  };
  const plain = count_include_pad || pads.every((p) => p <= 0);
  if (plain) {
    slide(e, image, asImage(y), pool);
    return;
  }
  const window = { kernel, stride, pads, dilation: kernel.map(() => 1) };
  const [rows, columns] = twoD(windowCounts(x.shape.slice(1, -1), window), [1]);
  const factors = rows.flatMap((r) => columns.map((c) => reciprocal(r * c)));
  const aside = view(e.constant("i32", Int32Array.from(factors)), [0, columns.length, 1, 0]);
  slide(e, image, asImage(y), { ...pool, aside, finish: (sum, factor) => mul(sum, factor!.load()) });
});

/** The sum of (x - zero). */
const summing = (zero: number): Pick<Pool, "start" | "fold" | "fold4"> => ({
  start: 0,
  fold: (sum, element) => add(sum, sub(element, zero)),
  fold4: (sum, elements) => add4(sum, zero === 0 ? elements : lanes("i32x4.sub", elements, splat(zero))),
});

/** floor(2^15 / count + 1/2), in integers. */
const reciprocal = (count: number): number => Math.floor((2 ** 16 + count) / (2 * count));

const globalAvgpoolKernel = kernel(globalAvgpool, (e, { x }, _, y) => {
  const image = asImage(x);
  const [, h, w] = image.shape;
  slide(e, image, asImage(y), {
    kernel: [h, w],
    stride: [1, 1],
    dilation: [1, 1],
    ...summing(x.zero),
  });
});

export const poolKernels = [maxpoolKernel, avgpoolKernel, globalAvgpoolKernel];
