/** What computes shapes and constants, and chains of nodes that exporters write. */

import type { TestAttribute, TestType } from "../../frontends/onnx-model.js";
import { type Draw, type Generators, size } from "./draw.js";
import { range, types, written } from "./shapes.js";

/** x reshaped, expanded or sliced by numbers that are computed from its shape. */
function computed(d: Draw): void {
  const shape = d.shape(2, 4);
  const x = d.input(shape);
  const whole = d.inner("Shape", [x], d.opset >= 15 && d.once(2) ? { start: 0, end: shape.length } : {});
  const first = d.inner("Gather", [whole, d.scalar(0, "i64")], { axis: 0 });
  const [more, attributes] = written(d, "axes", [0], 13);
  const row = d.inner("Unsqueeze", [first, ...more], attributes);
  const target = d.inner("Concat", [row, d.list([-1])], { axis: 0 });
  const flat = d.inner("Reshape", [x, target]);
  const scaled = d.inner("Cast", [first], { to: 1 });
  d.emit("Mul", [flat, scaled]);
}

function shapeOf(d: Draw): void {
  const shape = d.shape(0, 5);
  const part =
    d.opset >= 15
      ? d.pick([{}, { start: d.between(-2, 2) }, { end: d.between(-2, 7) }, { start: 1, end: -1 }])
      : {};
  d.emit("Shape", [d.input(shape)], part, ["i64"]);
}

function constantForms(d: Draw): void {
  const forms: readonly (readonly [Record<string, TestAttribute>, TestType])[] = [
    [{ value_float: { float: 1.5 } }, "f32"],
    [{ value_floats: { floats: [1.5, -2] } }, "f32"],
    [{ value_int: 7 }, "i64"],
    [{ value_ints: [1, 2, 3] }, "i64"],
  ];
  const type = d.pick(types);
  const shape = d.shape(0, 3);
  const tensor = { shape, data: range(size(shape)), type };
  const [attributes, out] =
    d.opset >= 12 && d.once(2) ? d.pick(forms) : ([{ value: { tensor } }, type] as const);
  const c = d.inner("Constant", [], attributes);
  d.emit("Identity", [c], {}, [out]);
}

function constantOfShape(d: Draw): void {
  const type = d.pick(types);
  const value = d.once(3) ? {} : { value: { tensor: { shape: [1], data: [3], type } } };
  d.emit("ConstantOfShape", [d.list(d.shape(1, 3))], value, ["value" in value ? type : "f32"]);
}

function rangeOf(d: Draw): void {
  const type = d.pick(["f32", "i64", "i32"] as const);
  const down = d.once(2);
  d.emit(
    "Range",
    [down ? 9 : 1, down ? 2 : 8, down ? -3 : 2].map((v) => d.scalar(v, type)),
    {},
    [type],
  );
}

/** Reshape, Transpose, Reshape: what PyTorch writes for PixelShuffle. */
function pixelShuffle(d: Draw): void {
  const [n, c, r, h, w] = [
    d.between(1, 2),
    d.between(1, 3),
    d.between(1, 3),
    d.between(1, 4),
    d.between(1, 4),
  ];
  const parts = d.inner("Reshape", [d.input([n, c * r * r, h, w]), d.list([n, c, r, r, h, w])]);
  const turned = d.inner("Transpose", [parts], { perm: [0, 1, 4, 2, 5, 3] });
  d.emit("Reshape", [turned, d.list([n, c, h * r, w * r])]);
}

/** A half of the channels gates the other. */
function gated(d: Draw): void {
  const shape = d.shape(2, 4);
  const x = d.input(shape.with(1, shape[1]! * 2));
  const half = (from: number) => {
    const bounds = { starts: [from], ends: [from + shape[1]!], axes: [1] };
    if (d.opset < 10) return d.inner("Slice", [x], bounds);
    return d.inner("Slice", [x, ...Object.values(bounds).map((v) => d.list(v))]);
  };
  d.emit("Mul", [half(0), d.inner("Sigmoid", [half(shape[1]!)])]);
}

const compared = (op: string) => (d: Draw) => {
  const shape = d.shape(0, 3);
  const [a, b] = [d.floats(shape), d.floats(shape)];
  const where = d.inner(op, [a, b]);
  const y = d.inner("Where", [where, a, b]);
  d.emit("Add", [d.input(shape), y]);
};

export const computations: Generators = {
  Shape: { draw: shapeOf },
  Size: { draw: (d) => void d.emit("Size", [d.input(d.shape(0, 4))], {}, ["i64"]) },
  "Shape and what follows": { draw: computed },
  "Pixels shuffled": { draw: pixelShuffle },
  "Gated halves": { since: 7, draw: gated },
  Constant: { draw: constantForms },
  ConstantOfShape: { since: 9, draw: constantOfShape },
  Range: { since: 11, draw: rangeOf },
  Greater: { since: 9, draw: compared("Greater") },
  Less: { since: 9, draw: compared("Less") },
  Equal: { since: 11, draw: compared("Equal") },
};
