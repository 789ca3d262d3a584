/** Resize, Upsample and reductions. */

import type { TestAttribute } from "../../frontends/onnx-model.js";
import type { Draw, Generators } from "./draw.js";

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

const ratios = [1, 1.5, 2, 2.5, 3, 0.5, 0.6, 0.75, 1.3];

function upsample(d: Draw): void {
  const shape = [1, d.between(1, 3), ...range(d.opset < 9 ? 2 : 2).map(() => d.between(1, 5))];
  const mode = d.pick(["nearest", "nearest", "linear"]);
  const scales = shape.map((_, i) => (i < 2 ? 1 : d.pick([1, 2, 3, 1.5])));
  const x = d.input(shape);
  const named = d.once(4) && mode === "nearest" ? {} : { mode };
  if (d.opset < 9) d.emit("Upsample", [x], { scales: { floats: scales }, ...named });
  else d.emit("Upsample", [x, d.known({ shape: [scales.length], data: scales })], named);
}

const transforms = ["half_pixel", "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"];
const rounding = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];

function modes(d: Draw, rank: number): Record<string, TestAttribute> {
  const mode = d.pick(rank === 4 ? ["nearest", "nearest", "linear", "cubic"] : ["nearest", "linear"]);
  const all = d.opset >= 19 ? [...transforms, "half_pixel_symmetric"] : transforms;
  const attributes: Record<string, TestAttribute> = { mode };
  if (d.next(4)) attributes.coordinate_transformation_mode = d.pick(all);
  if (mode === "nearest" && d.next(3)) attributes.nearest_mode = d.pick(rounding);
  if (mode === "cubic" && d.once(2)) attributes.cubic_coeff_a = { float: -0.5 };
  if (mode === "cubic" && d.once(3)) attributes.exclude_outside = 1;
  if (d.opset >= 18 && mode !== "nearest" && d.once(3)) attributes.antialias = 1;
  return attributes;
}

function resize(d: Draw): void {
  const rank = d.pick([3, 4, 4, 4]);
  const shape = [d.between(1, 2), d.between(1, 3), ...range(rank - 2).map(() => d.between(1, 6))];
  const x = d.input(shape);
  const factors = shape.map((_, i) => (i < 2 ? 1 : d.pick(ratios)));
  const enough = factors.map((f, i) => (Math.floor(f * shape[i]!) < 1 ? 1 : f));
  const scalesOf = (list: readonly number[]) => d.known({ shape: [list.length], data: list });
  if (d.opset < 11) {
    // Opset 10 does not say how nearest rounds where it shrinks.
    const grown = enough.map((f) => Math.max(f, 1));
    return void d.emit(
      "Resize",
      [x, scalesOf(grown)],
      d.once(2) ? {} : { mode: d.pick(["nearest", "linear"]) },
    );
  }
  const attributes = modes(d, rank);
  const some = d.opset >= 18 && d.once(3);
  const axes = some ? range(rank - 2).map((i) => i + 2) : range(rank);
  // Where corners align, onnxruntime counts the elements of the result, the specification scale * size.
  const cut = attributes.coordinate_transformation_mode === "align_corners";
  const fitting = cut ? enough.map((f, i) => Math.floor(f * shape[i]!) / shape[i]!) : enough;
  const named = some ? { axes: d.once(2) ? axes : axes.map((a) => a - rank) } : {};
  const roi = d.opset < 13 ? d.known({ shape: [0], data: [] }) : "";
  if (d.once(2))
    return void d.emit("Resize", [x, roi, scalesOf(axes.map((a) => fitting[a]!))], {
      ...attributes,
      ...named,
    });
  const policy =
    d.opset >= 18 && some && d.once(2)
      ? { keep_aspect_ratio_policy: d.pick(["not_larger", "not_smaller", "stretch"]) }
      : {};
  const sizes = axes.map((a) => (a < 2 ? shape[a]! : d.between(1, 9)));
  const noScales = d.opset < 13 ? d.known({ shape: [0], data: [] }) : "";
  d.emit("Resize", [x, roi, noScales, d.list(sizes)], { ...attributes, ...named, ...policy });
}

/** The part of the image that a region of interest names. */
function crop(d: Draw): void {
  const shape = [1, 1, d.between(2, 6), d.between(2, 6)];
  const data = [0, 0, ...d.numbers(2, 0, 0.5), 1, 1, ...d.numbers(2, 0.6, 1.3)];
  // onnxruntime forgets the region along an axis whose size stays.
  const other = (n: number) => d.pick([1, 2, 3, 4, 5, 6, 7].filter((v) => v !== n));
  const sizes = [1, 1, other(shape[2]!), other(shape[3]!)];
  const attributes = {
    coordinate_transformation_mode: "tf_crop_and_resize",
    mode: d.pick(["linear", "nearest"]),
    ...(d.once(2) ? { extrapolation_value: { float: 10 } } : {}),
  };
  const none = d.opset < 13 ? d.known({ shape: [0], data: [] }) : "";
  d.emit("Resize", [d.input(shape), d.known({ shape: [8], data }), none, d.list(sizes)], attributes);
}

/** Operators whose axes became an input with opset 13, the others' with 18. */
const reduction = (op: string) => ({
  draw(d: Draw) {
    const shape = d.shape(1, 5);
    const rank = shape.length;
    const late = op === "ReduceSum" ? 13 : 18;
    const axes = range(rank)
      .filter(() => d.once(2))
      .map((a) => (d.opset >= 11 && d.once(3) ? a - rank : a));
    const keep = d.once(3) ? {} : { keepdims: d.next(2) };
    const type =
      (op === "ReduceMax" || op === "ReduceMin") && d.opset >= 12 && d.once(4)
        ? d.pick(["i8", "u8", "i32"] as const)
        : "f32";
    const x = d.input(shape, { type });
    if (d.opset < late) return void d.emit(op, [x], { ...keep, ...(axes.length ? { axes } : {}) }, [type]);
    const noop = d.once(3) ? { noop_with_empty_axes: d.next(2) } : {};
    const more = axes.length > 0 || d.once(3) ? [d.list(axes)] : [];
    d.emit(op, [x, ...more], { ...keep, ...noop }, [type]);
  },
});

const reductions = ["Sum", "Mean", "SumSquare", "L1", "Max", "Min", "L2", "Prod", "LogSum", "LogSumExp"];

export const resampled: Generators = {
  Upsample: { since: 7, until: 9, draw: upsample },
  Resize: { since: 10, draw: resize },
  "Resize of a region": { since: 11, draw: crop },
  ...Object.fromEntries(reductions.map((name) => [`Reduce${name}`, reduction(`Reduce${name}`)])),
};
