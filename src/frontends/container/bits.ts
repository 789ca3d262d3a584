/** Storages below a byte as one little-endian bit stream: the first element in the lowest bits. */
import { type Data, packedBytes, type Storage, storages } from "../../ir/storage.js";

export function packBits(data: Data, storage: Storage): Uint8Array {
  const { bits } = storages[storage];
  const [mask, perByte] = [2 ** bits - 1, 8 / bits];
  const bytes = new Uint8Array(packedBytes(storage, data.length));
  for (let i = 0; i < data.length; i++)
    bytes[Math.floor(i / perByte)]! |= (Number(data[i]) & mask) << (bits * (i % perByte));
  return bytes;
}

/** `count` elements, one per slot; `bytes` must hold them. */
export function unpackBits(bytes: Uint8Array, storage: Storage, count: number): Data {
  const { bits, min, array } = storages[storage];
  const [mask, perByte] = [2 ** bits - 1, 8 / bits];
  const unused = min < 0 ? 32 - bits : 0;
  const data = new array(count);
  for (let i = 0; i < count; i++) {
    const stored = (bytes[Math.floor(i / perByte)]! >> (bits * (i % perByte))) & mask;
    data[i] = (stored << unused) >> unused;
  }
  return data;
}
