/** Tensors as they lie in a block of memory: rows that may be apart, in another order than the IR's. */
import { slotBytes, storages } from "../../../ir/storage.js";
import { bytesOf, type Tensor } from "../../../ir/tensor.js";
import { elements, type TensorType } from "../../../ir/type.js";
import type { Strides } from "../../schedule/program.js";

/** `planes` times `rows` rows of `bytes` bytes; strides in bytes. */
export interface Rows {
  readonly planes: number;
  readonly planeStride: number;
  readonly rows: number;
  readonly stride: number;
  readonly bytes: number;
}

/** `strides` where the value is not row-major without gaps. */
export function rowsOf(strides: Strides | undefined, type: TensorType): Rows {
  const slot = slotBytes(type.storage);
  if (!strides) return { planes: 1, planeStride: 0, rows: 1, stride: 0, bytes: elements(type) * slot };
  const { order, h, w, c, pitch, stride } = strides;
  return order === "hwc"
    ? { planes: h, planeStride: stride, rows: w, stride: pitch, bytes: c * slot }
    : { planes: c, planeStride: stride, rows: h, stride: pitch, bytes: w * slot };
}

/** Bytes from the first to the end of the last row. */
export const spanOf = ({ planes, planeStride, rows, stride, bytes }: Rows): number =>
  (planes - 1) * planeStride + (rows - 1) * stride + bytes;

/** Calls `visit` for each element: its number in the IR's order and its byte in memory. */
function walk(
  strides: Strides | undefined,
  type: TensorType,
  visit: (element: number, byte: number) => void,
): void {
  const slot = slotBytes(type.storage);
  if (!strides) {
    const count = elements(type);
    for (let i = 0; i < count; i++) visit(i, i * slot);
    return;
  }
  const { order, h, w, c, pitch, stride } = strides;
  let at = 0;
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let k = 0; k < c; k++)
        visit(at++, order === "hwc" ? y * stride + x * pitch + k * slot : k * stride + y * pitch + x * slot);
}

/** The tensor of the bytes in memory. */
export function fromPhysical(strides: Strides | undefined, type: TensorType, memory: Uint8Array): Tensor {
  const slot = slotBytes(type.storage);
  const bytes = new Uint8Array(elements(type) * slot);
  walk(strides, type, (element, byte) => {
    for (let i = 0; i < slot; i++) bytes[element * slot + i] = memory[byte + i]!;
  });
  const { array } = storages[type.storage];
  const data = new (array as unknown as new (b: ArrayBufferLike) => Tensor["data"])(bytes.buffer);
  return { type, data };
}

/** The bytes of the rows one after the other, as a CRC runs over them. */
export function rowBytes(strides: Strides | undefined, { type, data }: Tensor): Uint8Array {
  const slot = slotBytes(type.storage);
  const { planes, planeStride, rows, stride, bytes } = rowsOf(strides, type);
  const memory = new Uint8Array(spanOf(rowsOf(strides, type)));
  const source = bytesOf(data);
  walk(strides, type, (element, byte) => {
    for (let i = 0; i < slot; i++) memory[byte + i] = source[element * slot + i]!;
  });
  const packed = new Uint8Array(planes * rows * bytes);
  let at = 0;
  for (let p = 0; p < planes; p++)
    for (let r = 0; r < rows; r++, at += bytes) {
      const from = p * planeStride + r * stride;
      packed.set(memory.subarray(from, from + bytes), at);
    }
  return packed;
}
