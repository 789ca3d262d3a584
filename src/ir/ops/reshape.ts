import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { anyStorage } from "../storage.js";
import { type Dim, type Shape, sameType, tensorType } from "../type.js";
import { wrongJoin } from "./axes.js";

const count = (shape: Shape): number => shape.reduce<number>((n, d) => (d === "N" ? n : n * d), 1);

/** The `shape` attribute that gives `to`: 0 keeps the leading dimension of `from`, symbolic or not. */
export function reshapeTo(from: Shape, to: Shape): readonly number[] | undefined {
  const [leading, ...rest] = to;
  if (rest.includes("N")) return undefined;
  if (leading !== from[0]) return leading === "N" ? undefined : (to as readonly number[]);
  return [0, ...(rest as number[])];
}

const rules: readonly Rule[] = [
  {
    name: "reshape-of-reshape",
    equation: "reshape(reshape(x)) = reshape(x)",
    root: "reshape",
    rewrite(root, cx) {
      const inner = cx.producer(root.operands[0], reshape);
      const shape = inner && reshapeTo(inner.operands[0]!.type.shape, root.result.type.shape);
      return shape && cx.emit(reshape, inner.operands, { shape });
    },
  },
  {
    name: "reshape-to-itself",
    equation: "reshape(x) = x, to the shape that x has",
    root: "reshape",
    rewrite: ({ operands: [x], result }) => (sameType(x!.type, result.type) ? x : undefined),
  },
];

export const reshape = defineOp({
  name: "reshape",
  summary:
    "The same elements, row by row, under another shape. A 0 in first place keeps the leading dimension.",
  integer: "y[i] = x[i], i the row-major position",
  operands: { x: { storage: anyStorage } },
  attrs: { shape: { kind: "ints", min: 0 } },
  traits: ["reads", "reshapes"],
  quantise: "same",

  infer({ x }, { shape: [first, ...rest] }) {
    if (first === undefined) return "shape is empty";
    if (rest.includes(0))
      return "shape holds a 0 that is not in first place: only the leading dimension is copied";
    const leading: Dim = first === 0 ? x.shape[0]! : first;
    const shape = [leading, ...rest];
    if (x.shape[0] === "N" && leading !== "N")
      return "x has a symbolic batch: shape must begin with 0, which keeps it";
    if (count(shape) !== count(x.shape))
      return `[${x.shape.join("x")}] does not hold the elements of [${shape.join("x")}]`;
    return wrongJoin(x) ?? tensorType(x.storage, shape, x.quant);
  },

  float: (f, { x }, { shape: [first, ...rest] }) => ({
    y: f.reshape(x, [first === 0 ? x.shape[0]! : first!, ...rest]),
  }),

  int: ({ x }) => x.data.slice(),

  canonical: rules,

  examples: [
    {
      text: `graph @rows(%x: i8[1x2x3] * 0.5) -> (%y: i8[1x6] * 0.5) stage integer {
  %y = reshape %x {shape = [0, 6]} : i8[1x6] * 0.5
}
`,
      inputs: [[1, 2, 3, 4, 5, 6]],
      output: [1, 2, 3, 4, 5, 6],
    },
  ],
});
