/** Signatures by name, with a requantisation behind them, in other storage formats. */
import { storages as formats, type Storage } from "../ir/storage.js";
import { isStorageNarrow } from "./binding.js";
import { type Signature, signatures } from "./signatures.js";

/** Short names for the usual meaning. */
const aliases: Readonly<Record<string, string>> = {
  conv: "conv2d",
  depthwise: "depthwise2d",
  conv_transpose: "conv_transpose2d",
  maxpool: "maxpool2d",
  avgpool: "avgpool2d",
};

export const signatureNamed = (name: string): Signature | undefined =>
  signatures.find((s) => s.name === (aliases[name] ?? name));

/** The chain with a requantisation of its sums at the end. */
export function withRequant(signature: Signature, storage: Storage = "u8"): Signature {
  const { y, ...inputs } = signature.tensors;
  const channel = channelSize(signature);
  return {
    ...signature,
    name: `${signature.name}+requant`,
    summary: `${signature.summary}, rescaled to ${storage}`,
    ops: [...signature.ops, "requant"],
    tensors: {
      ...inputs,
      mul: { storage: "i32", shape: [channel], axes: "C" },
      add: { storage: "i64", shape: [channel], axes: "C" },
      y: { ...y!, storage },
    },
    attrs: { ...signature.attrs, requant: { shift: ["auto"] } },
  };
}

/** The size that the result's channels have, or 1 where no size has its name. */
const channelSize = ({ sizes }: Signature): string | number =>
  ["Co", "C", "P"].find((name) => name in sizes) ?? 1;

/** Other storage formats for tensors: sub-byte ones are packed. */
export function withStorages(signature: Signature, storages: Readonly<Record<string, Storage>>): Signature {
  const tensors = Object.entries(signature.tensors).map(([name, t]) => {
    const storage = storages[name] ?? t.storage;
    const shape = name === "table" && storages.x ? { shape: [2 ** formats[storages.x].bits] } : {};
    return [
      name,
      { ...t, ...shape, storage, ...(isStorageNarrow(storage) ? { packing: "low-first" } : {}) },
    ] as const;
  });
  return { ...signature, tensors: Object.fromEntries(tensors) };
}
