import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { anyStorage } from "../storage.js";
import { activation } from "../type.js";
import { padFloat } from "./float.js";
import { cutsChannels, range, spatialSources, takeInt } from "./take.js";

const rules: readonly Rule[] = [
  {
    name: "crop-nothing",
    equation: "crop(x, 0) = x",
    root: "crop",
    rewrite: ({ operands: [x], attrs }) =>
      (attrs.edges as readonly number[]).every((e) => e === 0) ? x : undefined,
  },
  {
    name: "crop-of-crop",
    equation: "crop(crop(x)) = crop(x) with both edges added",
    root: "crop",
    rewrite({ op, operands: [x], attrs }, cx) {
      const inner = cx.producer(x, crop);
      if (!inner || !cx.onlyUse(inner.result)) return undefined;
      const [first, second] = [inner.attrs.edges as readonly number[], attrs.edges as readonly number[]];
      return cx.emit(op, [inner.operands[0]!], { edges: first.map((e, i) => e + second[i]!) });
    },
  },
];

export const crop = defineOp({
  name: "crop",
  summary: "Removes positions from the begins, then the ends, of length or height and width.",
  integer: "y[p] = x[p + begin]",
  operands: { x: { storage: anyStorage, rank: [3, 4] } },
  attrs: { edges: { kind: "ints", length: "edges", min: 0 } },
  traits: ["reads"],
  quantise: "same",

  infer({ x }, { edges }) {
    const { n, spatial, channels } = activation(x);
    const left = spatial.map((size, i) => size - edges[i]! - edges[i + spatial.length]!);
    const gone = left.findIndex((size) => size < 1);
    if (gone >= 0)
      return `the edges [${edges.join(", ")}] leave nothing of the ${spatial[gone]} positions of axis ${gone + 1}`;
    const changed = spatial.flatMap((size, i) => (left[i] === size ? [] : [i + 1]));
    return cutsChannels(x.quant, changed) ?? { ...x, shape: [n, ...left, channels] };
  },

  float: (f, { x }, { edges }) => ({
    y: padFloat(
      f,
      x,
      edges.map((e) => -e),
      "constant",
      0,
    ),
  }),

  int: ({ x }, { edges }) =>
    takeInt(
      x,
      spatialSources(x.type, (i, size) => range(edges[i]!, size - edges[i + edges.length / 2]!)),
    ),

  canonical: rules,

  examples: [
    {
      text: `graph @skip_connection(%x: i8[1x3x2]) -> (%y: i8[1x2x2]) stage integer {
  %y = crop %x {edges = [1, 0]} : i8[1x2x2]
}
`,
      inputs: [[1, 2, 3, 4, 5, 6]],
      output: [3, 4, 5, 6],
    },
    {
      text: `graph @real(%x: f32[1x3x1]) -> (%y: f32[1x1x1]) stage float {
  %y = crop %x {edges = [1, 1]} : f32[1x1x1]
}
`,
      inputs: [[0.25, 0.5, 0.75]],
      output: [0.5],
    },
  ],
});
