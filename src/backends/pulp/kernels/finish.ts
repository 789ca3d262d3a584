/** What becomes of an accumulator before it is stored: a formula that fits the layer, and its constants per channel. */
import { isParam } from "../../../ir/graph.js";
import { storages } from "../../../ir/storage.js";
import { zeroPoint } from "../../../ir/type.js";
import type { Access, Layer, Requant } from "../contract.js";
import { clampedRequant, type Interval } from "./clamped.js";
import { windowOf } from "./window.js";

/**
 * `sum`: a bias is added. `narrow`: requant in 32 bits. `clamped`: the same of sums that are clamped before (clamped.ts).
 * `high`: the high word of a 64-bit sum, shifted further. `wide`: 64 bits and any shift.
 */
export type FinishKind = "sum" | "narrow" | "clamped" | "high" | "wide";

export interface Finish {
  readonly kind: FinishKind;
  /** 32-bit words of constants per channel: [bias], [mul, add, shift (, from, to)], [mul, add's low and high word, shift]. */
  readonly words: number;
  readonly constants: (channel: number) => readonly number[];
  /** What is shifted right by, for every channel; of `high` as of the high word. */
  readonly shifts: readonly number[];
  /** Every multiplier is 1, every bias 0, every low word of what is added 0. */
  readonly unscaled: boolean;
  readonly unbiased: boolean;
  readonly evenHigh: boolean;
  /** Of the result; where sums are clamped before, lo >= 0 makes shifts logical ones. */
  readonly lo: number;
  readonly hi: number;
}

const low = (v: bigint): number => Number(BigInt.asIntN(32, v));
const fits = (v: bigint, bits: number): boolean => BigInt.asIntN(bits, v) === v;

const known = new WeakMap<Layer, Finish>();
/** The formula of a layer's sums. */
export function finishOf(layer: Layer): Finish {
  const had = known.get(layer) ?? formula(layer);
  known.set(layer, had);
  return had;
}

function formula(layer: Layer): Finish {
  const { requant, bias } = layer;
  const rest = { unscaled: false, unbiased: false, evenHigh: false };
  if (!requant) {
    const unbiased = bias.every((b) => b === 0);
    return {
      ...rest,
      kind: "sum",
      words: 1,
      constants: (c) => [bias[c] ?? 0],
      shifts: [],
      unbiased,
      lo: 0,
      hi: 0,
    };
  }
  const { mul, add, shift, lo, hi } = requant;
  if (requant.narrow) {
    const constants = (c: number) => [mul[c]!, low(add[c]!), shift[c]!];
    const unscaled = mul.every((m) => m === 1);
    return { ...rest, kind: "narrow", words: 3, constants, shifts: shift, unscaled, lo, hi };
  }
  const reach = Array.from({ length: layer.out.c }, (_, c) => reachOf(layer, c));
  return clamped(requant, reach) ?? high(requant, reach) ?? wide(requant);
}

function clamped(r: Requant, reach: readonly Interval[]): Finish | undefined {
  const channels = clampedRequant(r, reach);
  const constants = (c: number) => {
    const { mul, add, from, to } = channels![c]!;
    return [mul, add, r.shift[c]!, from, to];
  };
  const rest = { unscaled: false, unbiased: false, evenHigh: false };
  return channels && { ...rest, kind: "clamped", words: 5, constants, shifts: r.shift, lo: r.lo, hi: r.hi };
}

function wide({ mul, add, shift, lo, hi }: Requant): Finish {
  const constants = (c: number) => [mul[c]!, low(add[c]!), low(add[c]! >> 32n), shift[c]!];
  const rest = { unscaled: false, unbiased: false, evenHigh: false };
  return { ...rest, kind: "wide", words: 4, constants, shifts: shift, lo, hi };
}

/** Multipliers and addends so much larger that every channel shifts at least 32 bits out. */
function high(r: Requant, reach: readonly Interval[]): Finish | undefined {
  const extra = r.shift.map((s) => BigInt(Math.max(0, 32 - s)));
  const factors = r.mul.map((m, c) => BigInt(m) << extra[c]!);
  const sums = r.add.map((a, c) => a << extra[c]!);
  const exact = factors.every((m, c) =>
    [0n, reach[c]!.lo, reach[c]!.hi].every((v) => fits(m, 32) && fits(v, 32) && fits(v * m + sums[c]!, 64)),
  );
  if (!exact) return undefined;
  const shift = r.shift.map((s) => Math.max(32, s));
  const all = wide({ ...r, mul: factors.map(Number), add: sums, shift });
  return {
    ...all,
    kind: "high",
    shifts: shift.map((s) => s - 32),
    evenHigh: sums.every((s) => low(s) === 0),
  };
}

/** Between which numbers the sum of a channel lies, whatever the input holds. */
function reachOf({ anchor, inputs, out }: Layer, c: number): Interval {
  const [input] = inputs;
  const { min, max } = storages[input!.value.type.storage];
  const w = anchor.operands[1];
  if (w && isParam(w)) {
    const taps = w.data.length / out.c;
    const all = Array.from({ length: taps }, (_, t) => Number(w.data[c * taps + t]));
    const sum = (below: number, above: number) => all.reduce((n, v) => n + v * (v < 0 ? below : above), 0);
    return { lo: BigInt(sum(max, min)), hi: BigInt(sum(min, max)) };
  }
  const zero = zeroPoint(input!.value.type);
  if (anchor.op.name === "matmul") return productReach(inputs);
  const along = (access: Access, size: number) => (access.kind === "whole" ? size : windowOf(access).kernel);
  const count = along(input!.y, input!.extent.h) * along(input!.x, input!.extent.w);
  // Reciprocals of counts add up to 2^15, rounded for every element.
  const most = anchor.op.name !== "avgpool" ? count : Math.max(count, 2 ** 15 + count);
  return { lo: BigInt(Math.min(0, min - zero) * most), hi: BigInt(Math.max(0, max - zero) * most) };
}

/** Of the sum of products of two values. */
function productReach(inputs: Layer["inputs"]): Interval {
  const [a, b] = inputs.map(({ value: { type } }) =>
    [storages[type.storage].min, storages[type.storage].max].map((v) => v - zeroPoint(type)),
  ) as [number[], number[]];
  const ends = a.flatMap((p) => b.map((q) => p * q * inputs[0]!.extent.c));
  return { lo: BigInt(Math.min(...ends)), hi: BigInt(Math.max(...ends)) };
}

/** Constants of all channels, padded with zeros to a multiple of `block`. */
export function packFinish(layer: Layer, block: number): Uint8Array {
  const { words, constants } = finishOf(layer);
  const packed = new Int32Array(Math.ceil(layer.out.c / block) * block * words);
  for (let c = 0; c < layer.out.c; c++) packed.set(constants(c), c * words);
  return new Uint8Array(packed.buffer);
}

/** The C expression of the result of accumulator `acc`; `q` points at the channel's constants. */
export function finishText(layer: Layer, acc: string, q: string): string {
  const { kind, lo, hi } = finishOf(layer);
  if (kind === "sum") return `${acc} + ${q}[0]`;
  if (kind === "clamped") return `pulsec_clamped${lo >= 0 ? "_unsigned" : ""}_of(${acc}, ${q})`;
  const bits = kind === "narrow" ? 32 : 64;
  return `pulsec_clip(pulsec_scale${bits}_of(${acc}, ${q}), ${cInt(lo)}, ${cInt(hi)})`;
}

/** A 32-bit number in C. */
export const cInt = (v: number): string => (v === -(2 ** 31) ? "INT32_MIN" : v < 0 ? `(${v})` : `${v}`);
