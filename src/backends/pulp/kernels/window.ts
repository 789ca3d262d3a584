/** Windows that a layer slides along an axis of its input. */
import type { Access } from "../contract.js";

export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
}

export const windowOf = (access: Access): Window => {
  if (access.kind !== "window") throw new Error(`a window is needed, not ${access.kind}`);
  return access;
};

/** From the first position that a window sees to behind the last. */
export const reachOver = ({ kernel, dilation }: Window): number => (kernel - 1) * dilation + 1;
