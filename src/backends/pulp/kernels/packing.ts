/** Constants of kernels that have none, or few. */
import type { PackedConstants } from "../contract.js";

export const nothingPacked: PackedConstants = {
  weights: new Uint8Array(),
  channels: new Uint8Array(),
  block: 1,
  shared: new Uint8Array(),
};
