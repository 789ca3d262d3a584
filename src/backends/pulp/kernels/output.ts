/** C text of stored elements. */
import { type Storage, slotBytes } from "../../../ir/storage.js";
import type { Layout } from "../contract.js";

/** The C type of stored elements; sub-byte ones take a byte each. */
export const cType = (storage: Storage): string =>
  `${storage.startsWith("u") ? "u" : ""}int${8 * slotBytes(storage)}_t`;

/** The C text of `n` elements padded as the layout asks. */
export const padded = (n: string, { align }: Layout): string =>
  align === 1 ? n : `((${n} + ${align - 1}) & ~${align - 1})`;
