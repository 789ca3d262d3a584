import type * as tfjs from "@tensorflow/tfjs-core";
import { defineOp, type FloatOps } from "../op.js";
import type { Rule } from "../rewrite.js";
import { anyStorage } from "../storage.js";
import { allocate, type Tensor } from "../tensor.js";
import { activation, sameShape, sizes } from "../type.js";
import { takeFloat } from "./float.js";
import { cutsChannels, range, spatialSources, takeInt } from "./take.js";
import { neededPerSpatial } from "./window.js";

type Align = "half_pixel" | "align_corners";
const aligns = ["half_pixel", "align_corners"] as const;

/** Fraction bits of the integer weights. */
const fraction = 2 ** 15;

const nearest = (lin: number, lout: number): number[] =>
  range(0, lout).map((i) => Math.floor((i * lin) / lout));

/** A result row lies between rows `j` and `next` of x, at `r / of` of the way. */
interface Row {
  readonly j: number;
  readonly next: number;
  readonly r: number;
  readonly of: number;
}

function linearRows(lin: number, lout: number, align: Align): Row[] {
  const of = align === "half_pixel" ? 2 * lout : Math.max(lout - 1, 1);
  return range(0, lout).map((i) => {
    const p = align === "half_pixel" ? Math.max(0, (2 * i + 1) * lin - lout) : i * (lin - 1);
    const j = Math.floor(p / of);
    return { j, next: Math.min(j + 1, lin - 1), r: j === lin - 1 ? 0 : p % of, of };
  });
}

/** floor(r * 2^15 / of + 1/2), in integers. */
const weight = ({ r, of }: Row): number => Math.floor((2 * r * fraction + of) / (2 * of));

/** One axis at a time, rounded after each; i32 elements need the 53 bits of a double for the products. */
function stretchInt(x: Tensor, axis: number, rows: readonly Row[]): Tensor {
  const shape = sizes(x.type);
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const type = { ...x.type, shape: shape.with(axis, rows.length) };
  const data = allocate(type.storage, (x.data.length / shape[axis]!) * rows.length);
  for (let to = 0; to < data.length; to++) {
    const row = rows[Math.floor(to / inner) % rows.length]!;
    const block = Math.floor(to / inner / rows.length) * shape[axis]!;
    const at = (j: number) => Number(x.data[(block + j) * inner + (to % inner)]);
    const w = weight(row);
    data[to] = Math.floor((at(row.j) * (fraction - w) + at(row.next) * w + fraction / 2) / fraction);
  }
  return { type, data };
}

function stretchFloat(f: FloatOps, x: tfjs.Tensor, axis: number, rows: readonly Row[]): tfjs.Tensor {
  const along = x.shape.map((_, d) => (d === axis ? rows.length : 1));
  const part = (picked: readonly number[], weights: number[]) =>
    f.mul(takeFloat(f, x, axis, picked), f.tensor(weights, along));
  const here = rows.map(({ j }) => j);
  const next = rows.map((row) => row.next);
  const way = rows.map(({ r, of }) => r / of);
  const rest = way.map((w) => 1 - w);
  return f.add(part(here, rest), part(next, way));
}

const rules: readonly Rule[] = [
  {
    name: "upsample-to-itself",
    equation: "upsample(x) = x, to the size that x has",
    root: "upsample",
    rewrite: ({ operands: [x], result }) => (sameShape(x!.type.shape, result.type.shape) ? x : undefined),
  },
];

export const upsample = defineOp({
  name: "upsample",
  summary: "Stretches length or height and width to `size`: nearest repeats, linear interpolates.",
  integer:
    "nearest: y[i] = x[floor(i * in / out)]. linear, height first, then width, rounded after each: " +
    "y = (x[j] * (2^15 - w) + x[j + 1] * w + 2^14) >> 15, j = p div d, w = floor((p mod d) * 2^15 / d + 1/2), " +
    "with p = i * (in - 1), d = out - 1 (align_corners) or p = max(0, (2i + 1) * in - out), d = 2 * out (half_pixel)",
  operands: { x: { storage: anyStorage, rank: [3, 4] } },
  attrs: {
    size: neededPerSpatial,
    mode: { kind: "enum", of: ["nearest", "linear"], default: "nearest" },
    align: { kind: "enum", of: aligns, default: "half_pixel" },
  },
  traits: [],
  quantise: "same",

  infer({ x }, { size }) {
    const { n, spatial, channels } = activation(x);
    const changed = spatial.flatMap((s, i) => (s === size[i] ? [] : [i + 1]));
    return cutsChannels(x.quant, changed) ?? { ...x, shape: [n, ...size, channels] };
  },

  float(f, { x }, { size, mode, align }) {
    let y = x;
    for (const [i, lout] of size.entries()) {
      const lin = x.shape[i + 1]!;
      y =
        mode === "nearest"
          ? takeFloat(f, y, i + 1, nearest(lin, lout))
          : stretchFloat(f, y, i + 1, linearRows(lin, lout, align));
    }
    return { y };
  },

  int({ x }, { size, mode, align }) {
    if (mode === "nearest")
      return takeInt(
        x,
        spatialSources(x.type, (i, lin) => nearest(lin, size[i]!)),
      );
    let y = x;
    for (const [i, lout] of size.entries())
      y = stretchInt(y, i + 1, linearRows(sizes(x.type)[i + 1]!, lout, align));
    return y.data;
  },

  bounds: ({ x }) => ({ lo: x.bounds.lo, hi: x.bounds.hi }),

  canonical: rules,

  examples: [
    {
      text: `graph @repeat(%x: i8[1x2x2]) -> (%y: i8[1x4x2]) stage integer {
  %y = upsample %x {size = 4} : i8[1x4x2]
}
`,
      inputs: [[1, 2, 3, 4]],
      output: [1, 2, 1, 2, 3, 4, 3, 4],
    },
    {
      text: `graph @corners(%x: (u8[1x3x1] - 10) * 0.5) -> (%y: (u8[1x5x1] - 10) * 0.5) stage integer {
  %y = upsample %x {size = 5, mode = linear, align = align_corners} : (u8[1x5x1] - 10) * 0.5
}
`,
      inputs: [[0, 10, 15]],
      output: [0, 5, 10, 13, 15],
    },
    {
      text: `graph @real(%x: f32[1x2x1]) -> (%y: f32[1x4x1]) stage float {
  %y = upsample %x {size = 4, mode = linear} : f32[1x4x1]
}
`,
      inputs: [[0, 4]],
      output: [0, 1, 3, 4],
    },
  ],
});
