import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { anyStorage } from "../storage.js";
import { permute } from "../tensor.js";
import { type Shape, sizes, tensorType } from "../type.js";
import { reshape, reshapeTo } from "./reshape.js";

const permOf = (attrs: { readonly perm?: unknown }): readonly number[] => attrs.perm as readonly number[];
const inOrder = (list: readonly number[]): boolean => list.every((v, i) => i === 0 || list[i - 1]! < v);

/** Does the permutation leave the order of all dimensions longer than 1 as it is? Then no element moves. */
const movesNothing = (shape: Shape, perm: readonly number[]): boolean =>
  inOrder(perm.filter((p) => shape[p] !== 1));

const rules: readonly Rule[] = [
  {
    name: "transpose-of-transpose",
    equation: "transpose(transpose(x, p), q) = transpose(x, p[q])",
    root: "transpose",
    rewrite(root, cx) {
      const inner = cx.producer(root.operands[0], transpose);
      if (!inner) return undefined;
      const first = permOf(inner.attrs);
      return cx.emit(transpose, inner.operands, { perm: permOf(root.attrs).map((q) => first[q]!) });
    },
  },
  {
    name: "transpose-nothing",
    equation: "transpose(x, [0, 1, ...]) = x",
    root: "transpose",
    rewrite: ({ operands: [x], attrs }) => (inOrder(permOf(attrs)) ? x : undefined),
  },
  {
    name: "transpose-as-reshape",
    equation: "transpose(x) = reshape(x), where only dimensions of size 1 move",
    root: "transpose",
    rewrite({ operands: [x], attrs, result }, cx) {
      if (x!.type.quant?.channels || !movesNothing(x!.type.shape, permOf(attrs))) return undefined;
      const shape = reshapeTo(x!.type.shape, result.type.shape);
      return shape && cx.emit(reshape, [x!], { shape });
    },
  },
];

export const transpose = defineOp({
  name: "transpose",
  summary:
    "Reorders dimensions: dimension i of the result is dimension perm[i] of x. A symbolic batch stays first.",
  integer: "y[i0, i1, ...] = x at the index whose entry perm[k] is ik",
  operands: { x: { storage: anyStorage } },
  attrs: { perm: { kind: "ints", min: 0 } },
  traits: ["reads"],
  quantise: "same",

  infer({ x }, { perm }) {
    const { storage, shape, quant } = x;
    if (perm.length !== shape.length || !shape.every((_, i) => perm.includes(i)))
      return `perm = [${perm.join(", ")}] is no order of the dimensions 0 to ${shape.length - 1}`;
    if (shape[0] === "N" && perm[0] !== 0) return "the symbolic batch N stays the first dimension";
    const moved = perm.map((p) => shape[p]!);
    if (!quant?.channels) return tensorType(storage, moved, quant);
    return tensorType(storage, moved, { ...quant, axis: perm.indexOf(quant.axis!) });
  },

  float: (f, { x }, { perm }) => ({ y: f.transpose(x, [...perm]) }),

  int: ({ x }, { perm }) => permute(x.data, sizes(x.type), perm),

  canonical: rules,

  examples: [
    {
      text: `graph @channels_first(%x: u8[1x2x3]) -> (%y: u8[1x3x2]) stage integer {
  %y = transpose %x {perm = [0, 2, 1]} : u8[1x3x2]
}
`,
      inputs: [[1, 2, 3, 4, 5, 6]],
      output: [1, 4, 2, 5, 3, 6],
    },
  ],
});
