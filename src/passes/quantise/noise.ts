/** How far integers are from the real values that they stand for. */
import { storages } from "../../ir/storage.js";
import { allocate, type Tensor } from "../../ir/tensor.js";
import { elements, type TensorType } from "../../ir/type.js";
import { stored } from "./activation.js";

/** Sums of squares: of the real values, and of what is off. */
export interface Noise {
  signal: number;
  noise: number;
  /** Largest distance of one element. */
  worst: number;
}

export const noNoise = (): Noise => ({ signal: 0, noise: 0, worst: 0 });

export function addNoise(sum: Noise, real: ArrayLike<number | bigint>, got: ArrayLike<number>): void {
  for (let i = 0; i < got.length; i++) {
    const [r, d] = [Number(real[i]), Number(real[i]) - got[i]!];
    sum.signal += r * r;
    sum.noise += d * d;
    sum.worst = Math.max(sum.worst, Math.abs(d));
  }
}

/** Noise as a part of the signal; 1 where there is only noise. */
export const relative = ({ signal, noise }: Noise): number =>
  noise === 0 ? 0 : signal === 0 ? 1 : noise / signal;
/** Signal-to-noise ratio of a relative squared error, in decibels: infinite where nothing is off. */
export const decibels = (error: number): number => (error === 0 ? Infinity : -10 * Math.log10(error));

/** What stored integers mean: (x - zero) * scale * channel's scale. */
export function realValues({ type, data }: Tensor): Float32Array {
  const { scale = 1, zero = 0, channels, axis = 0 } = type.quant ?? {};
  const after = type.shape.slice(axis + 1).reduce<number>((n, d) => n * Number(d), 1);
  const count = channels?.data.length ?? 1;
  return Float32Array.from(data as ArrayLike<number>, (v, i) => {
    const channel = channels ? Number(channels.data[Math.floor(i / after) % count]) : 1;
    return (v - zero) * scale * channel;
  });
}

/** Real values as the integers of a type. Throws where the type has no scale. */
export function storedTensor({ data }: Pick<Tensor, "data">, type: TensorType): Tensor {
  const { storage, quant } = type;
  if (!quant || storage === "f32" || storage === "i64")
    throw new Error(`${storage} without a scale stores no reals`);
  const out = allocate(storage, elements(type)) as Int32Array;
  for (let i = 0; i < out.length; i++) out[i] = stored(Number(data[i]), storage, quant);
  return { type, data: out };
}

/** How many real values lie more than half a step outside of what the type can say. */
export function clippedIn(data: ArrayLike<number | bigint>, { storage, quant }: TensorType): number {
  const { min, max } = storages[storage];
  const { scale, zero } = quant!;
  let clipped = 0;
  for (let i = 0; i < data.length; i++) {
    const q = Number(data[i]) / scale + zero;
    if (q > max + 0.5 || q < min - 0.5) clipped++;
  }
  return clipped;
}
