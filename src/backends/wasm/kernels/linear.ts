import { linear } from "../../../ir/ops/linear.js";
import { matmul } from "../../../ir/ops/matmul.js";
import { blocksFor, contract } from "../contract.js";
import { kernel } from "../kernel.js";
import { view } from "../view.js";
import { startOfSums } from "./conv.js";

const count = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

export const linearKernel = kernel(linear, (e, { x, w, b }, _, y) => {
  const [co, ci] = w.shape as readonly [number, number];
  const rows = count(x.shape.slice(0, -1));
  const init = startOfSums(e, x.zero, w.data!, co, b);
  const { positions, channels } = blocksFor(rows, co);
  contract(e.code, {
    streams: {
      x: view(x.buffer, []),
      w: view(w.buffer, []),
      init: init && view(init, []),
      y: view(y.buffer, []),
    },
    axes: [
      { count: rows, block: positions, x: ci, w: 0, init: 0, y: co },
      { count: co, block: channels, x: 0, w: ci, init: 1, y: 1 },
    ],
    sums: [{ count: ci, x: 1, w: 1 }],
  });
});

export const matmulKernel = kernel(matmul, (e, { a, b }, _, y) => {
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = b.shape.at(-1)!;
  const { positions, channels } = blocksFor(m, n);
  contract(e.code, {
    streams: { x: view(a.buffer, []), w: view(b.buffer, []), init: undefined, y: view(y.buffer, []) },
    axes: [
      { count: count(a.shape.slice(0, -2)), x: m * k, w: k * n, init: 0, y: m * n },
      { count: m, block: positions, x: k, w: 0, init: 0, y: n },
      { count: n, block: channels, x: 0, w: 1, init: 0, y: 1 },
    ],
    sums: [{ count: k, x: 1, w: n }],
    zeros: [a.zero, b.zero],
  });
});
