/**
 * Weights of depthwise convolutions over rows of width: four neighbouring outputs are computed from aligned words of x,
 * so every output of the four has the taps moved by as many lanes as its inputs lie from the word's begin. Words of
 * moved taps that several outputs need are held once; those without a tap do not exist.
 */
import { isParam } from "../../../ir/graph.js";
import type { Layer } from "../contract.js";
import { type Window, windowOf } from "./window.js";

export interface Depthwise {
  readonly y: Window;
  readonly x: Window;
}

export const depthwiseOf = ({ inputs }: Layer): Depthwise => ({
  y: windowOf(inputs[0]!.y),
  x: windowOf(inputs[0]!.x),
});

/** Input word `word` of the row, counted from the first of four outputs, meets `output` of the four in the moved taps `weight`. */
export interface Product {
  readonly output: number;
  readonly word: number;
  readonly weight: number;
}
export interface RowPlan {
  /** First tap position that each word of moved taps covers. */
  readonly starts: readonly number[];
  /** By word, the last first: a register may then step its pointer behind word 0. */
  readonly products: readonly Product[];
}

const tapAt = (
  position: number,
  { kernel, dilation }: Omit<Window, "before" | "stride">,
): number | undefined =>
  position >= 0 && position % dilation === 0 && position / dilation < kernel
    ? position / dilation
    : undefined;
const lanes = [0, 1, 2, 3] as const;

/** Which words of x meet which words of taps, for one row of the kernel. */
export function rowPlan(window: Omit<Window, "before">): RowPlan {
  const reach = (window.kernel - 1) * window.dilation + 1;
  const starts: number[] = [];
  const products: Product[] = [];
  for (let word = Math.floor((reach - 1 + 3 * window.stride) / 4); word >= 0; word--)
    for (const output of lanes) {
      const start = 4 * word - output * window.stride;
      if (!lanes.some((b) => tapAt(start + b, window) !== undefined)) continue;
      if (!starts.includes(start)) starts.push(start);
      products.push({ output, word, weight: starts.indexOf(start) });
    }
  return { starts, products };
}

/** Byte of a row's packed taps that holds tap `t`. */
export function byteOfTap(plan: RowPlan, window: Window, t: number): number {
  const position = t * window.dilation;
  const start = position - (position % 4);
  return 4 * plan.starts.indexOf(start) + (position % 4);
}

/** Bytes of one channel's taps. */
export const tapBytes = (d: Depthwise): number => 4 * d.y.kernel * rowPlan(d.x).starts.length;

/** The moved taps of all channels, padded with zeros to a multiple of `block`. */
export function packTaps(layer: Layer, block: number): Uint8Array {
  const d = depthwiseOf(layer);
  const plan = rowPlan(d.x);
  const w = layer.anchor.operands[1]!;
  if (!isParam(w)) throw new Error(`${w.name} is a param`);
  const size = tapBytes(d);
  const packed = new Int8Array(Math.ceil(layer.out.c / block) * block * size);
  let to = 0;
  for (let row = 0; row < layer.out.c * d.y.kernel; row++)
    for (const start of plan.starts)
      for (const b of lanes) {
        const tap = tapAt(start + b, d.x);
        packed[to++] = tap === undefined ? 0 : Number(w.data[row * d.x.kernel + tap]);
      }
  return new Uint8Array(packed.buffer);
}
