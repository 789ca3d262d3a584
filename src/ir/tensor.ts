/** A typed block of numbers: what engines pass around. */
import { type Data, type Storage, storages } from "./storage.js";
import { elements, type TensorType } from "./type.js";

/** Data with its type: one element per slot, row-major, channels last. */
export interface Tensor {
  readonly type: TensorType;
  readonly data: Data;
}

/** Zeros for so many elements of a storage. */
export const allocate = (storage: Storage, count: number): Data => new storages[storage].array(count);

/** A tensor from numbers. Throws where there are more or fewer than its type says. */
export function tensor(type: TensorType, values: ArrayLike<number | bigint>): Tensor {
  const count = elements(type);
  if (values.length !== count) throw new Error(`${count} elements expected, ${values.length} given`);
  const data = allocate(type.storage, count);
  if (data instanceof BigInt64Array) for (let i = 0; i < count; i++) data[i] = BigInt(values[i]!);
  else for (let i = 0; i < count; i++) data[i] = Number(values[i]);
  return { type, data };
}

/** Little-endian bytes of the elements, one slot each. */
export const bytesOf = (data: Data): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Row-major strides of a shape, in elements. */
export function strides(shape: readonly number[]): number[] {
  const out = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) out[i] = out[i + 1]! * shape[i + 1]!;
  return out;
}

/** Calls `visit` for every index of `shape` in row-major order; the array is reused between calls. */
export function forEachIndex(
  shape: readonly number[],
  visit: (index: readonly number[], at: number) => void,
): void {
  const index = new Array<number>(shape.length).fill(0);
  const count = shape.reduce((a, b) => a * b, 1);
  for (let at = 0; at < count; at++) {
    visit(index, at);
    for (let d = shape.length - 1; d >= 0 && ++index[d]! === shape[d]; d--) index[d] = 0;
  }
}

/** The tensor with its axes reordered: result axis i is source axis `perm[i]`. */
export function permute(data: Data, shape: readonly number[], perm: readonly number[]): Data {
  const from = strides(shape);
  const out = new (data.constructor as new (n: number) => Data)(data.length);
  forEachIndex(
    perm.map((p) => shape[p]!),
    (index, at) => {
      let source = 0;
      for (let i = 0; i < perm.length; i++) source += index[i]! * from[perm[i]!]!;
      out[at] = data[source]!;
    },
  );
  return out;
}
