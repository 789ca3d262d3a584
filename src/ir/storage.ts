/** How a tensor's elements are stored: the whole vocabulary of number formats, as data. */

export type IntStorage = "i32" | "i16" | "i8" | "u8" | "i4" | "u4" | "i2" | "u2";
/** `i64` occurs in params only (the `add` of a requant). */
export type Storage = "f32" | "i64" | IntStorage;

/** One element per slot: engines and dumps hold sub-byte elements in a byte each. */
export type Data = Float32Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

interface StorageInfo {
  readonly bits: number;
  readonly min: number;
  readonly max: number;
  readonly array: new (length: number) => Data;
}

const signed = (bits: number, array: StorageInfo["array"]): StorageInfo => ({
  bits,
  min: -(2 ** (bits - 1)),
  max: 2 ** (bits - 1) - 1,
  array,
});
const unsigned = (bits: number): StorageInfo => ({ bits, min: 0, max: 2 ** bits - 1, array: Uint8Array });

/** What each storage holds: bits, range, and the array that has its elements, one per slot. */
export const storages: Readonly<Record<Storage, StorageInfo>> = {
  f32: { bits: 32, min: -Infinity, max: Infinity, array: Float32Array },
  i64: signed(64, BigInt64Array),
  i32: signed(32, Int32Array),
  i16: signed(16, Int16Array),
  i8: signed(8, Int8Array),
  u8: unsigned(8),
  i4: signed(4, Int8Array),
  u4: unsigned(4),
  i2: signed(2, Int8Array),
  u2: unsigned(2),
};

export const isStorage = (text: string): text is Storage => Object.hasOwn(storages, text);
export const isInteger = (s: Storage): s is IntStorage => s !== "f32" && s !== "i64";

/** Every integer format an activation may have before it is summed. */
export const activationStorages = ["i16", "i8", "u8", "i4", "u4", "i2", "u2"] as const;
export const weightStorages = ["i16", "i8", "i4", "i2"] as const;
export const integerStorages = ["i32", ...activationStorages] as const;
export const anyStorage = ["f32", ...integerStorages] as const;

/** Narrowest byte-or-wider format that holds [lo, hi]; u8 is preferred to i16 where both signs fit. */
export function storageFor(lo: number, hi: number, from: readonly IntStorage[] = ["u8", "i8", "i16", "i32"]) {
  return from.find((s) => lo >= storages[s].min && hi <= storages[s].max);
}

/** Bytes that `count` elements take in memory, sub-byte formats packed. */
export const packedBytes = (s: Storage, count: number): number => Math.ceil((count * storages[s].bits) / 8);
/** Bytes of one element in engines and dumps. */
export const slotBytes = (s: Storage): number => Math.max(1, storages[s].bits / 8);
