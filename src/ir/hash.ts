/** What a param holds, as a hash: how IR text names params that are too large to write out. */
import { createHash } from "node:crypto";
import type { Param } from "./graph.js";
import { bytesOf } from "./tensor.js";
import { printType } from "./type.js";

/** The text with U+FFFD for halves of surrogate pairs, which no UTF-8 file can hold. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd");

/** sha256 of a param's type and little-endian element bytes (sub-byte: one element per byte). */
export function contentHash(param: Param): string {
  return createHash("sha256")
    .update(`${printType(param.type)}\n`)
    .update(bytesOf(param.data))
    .digest("hex");
}
