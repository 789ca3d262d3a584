import { linear } from "../../../ir/ops/linear.js";
import { matmul } from "../../../ir/ops/matmul.js";
import { blocksFor, contract } from "../contract.js";
import { always, kernel, type Source } from "../kernel.js";
import { view } from "../view.js";
import { convolve, startOfSums } from "./conv.js";
import { widened } from "./widen.js";
import { asImage } from "./window.js";

const count = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** A convolution without extent: every row is a position. */
export const linearKernel = kernel(
  linear,
  (e, { x, w, b }, _, y, finish) => {
    const [co, ci] = w.shape as readonly [number, number];
    const image = (of: Source, channels: number) =>
      asImage({ buffer: of.buffer, shape: [1, count(x.shape.slice(0, -1)), channels] });
    convolve(e, {
      x: widened(e, image(x, ci), [0, 0, 0, 0], "constant", 0),
      w: w.data!,
      kernel: [1, 1],
      stride: [1, 1],
      dilation: [1, 1],
      groups: 1,
      init: startOfSums(x.zero, w.data!, co, b),
      y: image(y, co),
      finish,
    });
  },
  always,
);

export const matmulKernel = kernel(matmul, (e, { a, b }, _, y) => {
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = b.shape.at(-1)!;
  const { positions, channels } = blocksFor(m, n);
  contract(e.code, {
    streams: { x: view(a.buffer, []), w: view(b.buffer, []), y: view(y.buffer, []) },
    axes: [
      { count: count(a.shape.slice(0, -2)), x: m * k, w: k * n, y: m * n },
      { count: m, block: positions, x: k, w: 0, y: n },
      { count: n, block: channels, x: 0, w: 1, y: 1 },
    ],
    sums: [{ count: k, x: 1, w: n }],
    zeros: [a.zero, b.zero],
  });
});
