import { type Bounds, interval, union } from "../bounds.js";
import type { Node } from "../graph.js";
import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { anyStorage, storages } from "../storage.js";
import { activation, type TensorType, zeroPoint } from "../type.js";
import { padFloat } from "./float.js";
import { cutsChannels, range, spatialSources, takeInt } from "./take.js";
import { edgePads, padModes, source, wrongPads } from "./window.js";

/** What a pad writes outside x: the stored value, which is the zero point unless another is given. */
const padValue = (type: TensorType, value: number | undefined): number => value ?? zeroPoint(type);

function wrongValue(x: TensorType, mode: string, value: number | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (mode !== "constant") return `pad_mode ${mode} shows elements of x; value is for constant`;
  const { min, max } = storages[x.storage];
  if (x.storage === "f32" || (Number.isInteger(value) && value >= min && value <= max)) return undefined;
  return `value ${value} is not a stored ${x.storage} of [${min}, ${max}]`;
}

/** Does this pad node write `value` (stored) wherever it writes outside x? */
export function padsWith({ operands: [x], attrs }: Node, value: number): boolean {
  return attrs.pad_mode === "constant" && padValue(x!.type, attrs.value as number | undefined) === value;
}
export const padsWithZero = (node: Node): boolean => padsWith(node, zeroPoint(node.operands[0]!.type));

/** One list of pads for `inner`, then `outer` pads of the same constant, where that is the same function. */
export function mergedPads(inner: Node, outer: readonly number[]): readonly number[] | undefined {
  const pads = inner.attrs.pads as readonly number[];
  if (pads.some((p, i) => p < 0 && outer[i]! > 0)) return undefined;
  const sum = pads.map((p, i) => p + outer[i]!);
  return wrongPads(activation(inner.operands[0]!.type).spatial, sum, "constant") ? undefined : sum;
}

const rules: readonly Rule[] = [
  {
    name: "pad-nothing",
    equation: "pad(x, 0) = x",
    root: "pad",
    rewrite: ({ operands: [x], attrs }) =>
      (attrs.pads as readonly number[]).every((p) => p === 0) ? x : undefined,
  },
  {
    name: "pad-of-pad",
    equation: "pad(pad(x)) = pad(x) with both pads added, when both write the same constant",
    root: "pad",
    rewrite(root, cx) {
      const inner = cx.producer(root.operands[0], pad);
      const value = padValue(root.result.type, root.attrs.value as number | undefined);
      if (!inner || !cx.onlyUse(inner.result) || !padsWith(inner, value) || !padsWith(root, value))
        return undefined;
      const pads = mergedPads(inner, root.attrs.pads as readonly number[]);
      return pads && cx.emit(root.op, [inner.operands[0]!], { ...root.attrs, pads });
    },
  },
];

export const pad = defineOp({
  name: "pad",
  summary:
    "Widens length or height and width by a constant, the border (edge) or the mirror image (reflect); " +
    "negative pads crop.",
  integer:
    "y[p] = x[p - begin] inside x; outside `value` (stored; default zero), the nearest or the mirrored x",
  operands: { x: { storage: anyStorage, rank: [3, 4] } },
  attrs: {
    pads: edgePads,
    pad_mode: { kind: "enum", of: padModes, default: "constant" },
    value: { kind: "float", optional: true },
  },
  traits: [],
  quantise: "same",

  infer({ x }, { pads, pad_mode, value }) {
    const { n, spatial, channels } = activation(x);
    const changed = spatial.flatMap((_, i) => (pads[i] || pads[i + spatial.length] ? [i + 1] : []));
    const wrong =
      wrongPads(spatial, pads, pad_mode) ?? wrongValue(x, pad_mode, value) ?? cutsChannels(x.quant, changed);
    if (wrong) return wrong;
    return {
      ...x,
      shape: [n, ...spatial.map((size, i) => size + pads[i]! + pads[i + spatial.length]!), channels],
    };
  },

  float: (f, { x }, { pads, pad_mode, value }) => ({ y: padFloat(f, x, pads, pad_mode, value ?? 0) }),

  int({ x }, { pads, pad_mode, value }) {
    const sources = spatialSources(x.type, (i, size) => {
      const [begin, end] = [pads[i]!, pads[i + pads.length / 2]!];
      return range(-begin, size + end).map((p) => source(p, size, pad_mode));
    });
    return takeInt(x, sources, padValue(x.type, value));
  },

  bounds({ x }, { pads, pad_mode, value }): Bounds {
    if (pad_mode !== "constant" || pads.every((p) => p <= 0)) return { lo: x.bounds.lo, hi: x.bounds.hi };
    const outside = padValue(x.type, value);
    return union([x.bounds, interval(outside, outside)]);
  },

  canonical: rules,

  examples: [
    {
      text: `graph @zero_point(%x: (u8[1x2x1] - 10) * 0.5) -> (%y: (u8[1x4x1] - 10) * 0.5) stage integer {
  %y = pad %x {pads = [2, 0]} : (u8[1x4x1] - 10) * 0.5
}
`,
      inputs: [[1, 2]],
      output: [10, 10, 1, 2],
    },
    {
      text: `graph @mirrored(%x: i8[1x4x1]) -> (%y: i8[1x5x1]) stage integer {
  %y = pad %x {pads = [2, -1], pad_mode = reflect} : i8[1x5x1]
}
`,
      inputs: [[1, 2, 3, 4]],
      output: [3, 2, 1, 2, 3],
    },
    {
      text: `graph @real(%x: f32[1x2x1]) -> (%y: f32[1x4x1]) stage float {
  %y = pad %x {pads = [1, 1], value = -0.5} : f32[1x4x1]
}
`,
      inputs: [[1, 2]],
      output: [-0.5, 1, 2, -0.5],
    },
  ],
});
