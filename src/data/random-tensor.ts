/** Test inputs: seeded noise and the extremes of a type. */

import { randomFrom } from "../ir/random.js";
import { storages } from "../ir/storage.js";
import { allocate, type Tensor } from "../ir/tensor.js";
import { elements, type TensorType, zeroPoint } from "../ir/type.js";

/** Every stored value equally likely; floats are uniform in [-1, 1). */
export function randomTensor(type: TensorType, seed: number): Tensor {
  const next = randomFrom(seed);
  const { min, max } = storages[type.storage];
  const data = allocate(type.storage, elements(type)) as Int32Array;
  for (let i = 0; i < data.length; i++) {
    const unit = next();
    data[i] = type.storage === "f32" ? 2 * unit - 1 : min + Math.floor(unit * (max - min + 1));
  }
  return { type, data };
}

const filled = (type: TensorType, value: number): Tensor => ({
  type,
  data: (allocate(type.storage, elements(type)) as Int32Array).fill(value),
});

/** Inputs of one inference, under a name for reports. */
export interface InputSet {
  readonly name: string;
  readonly inputs: readonly Tensor[];
}

/** All lowest, all highest, all zero point, then `count` random sets from `seed`. */
export function testInputs(types: readonly TensorType[], count: number, seed: number): readonly InputSet[] {
  const limit = (t: TensorType, of: "min" | "max") =>
    t.storage === "f32" ? (of === "min" ? -1 : 1) : storages[t.storage][of];
  return [
    { name: "all lowest", inputs: types.map((t) => filled(t, limit(t, "min"))) },
    { name: "all highest", inputs: types.map((t) => filled(t, limit(t, "max"))) },
    { name: "all zero", inputs: types.map((t) => filled(t, zeroPoint(t))) },
    ...Array.from({ length: count }, (_, i) => ({
      name: `random, seed ${seed + i}`,
      inputs: types.map((t, k) => randomTensor(t, (seed + i) * 1000 + k)),
    })),
  ];
}
