/** What happens to an accumulator before it is stored: the packed constants of a channel, and the C text. */
import { type Storage, slotBytes } from "../../../ir/storage.js";
import type { Layer, Layout, Requant } from "../contract.js";

/** `narrow`: requant in 32 bits; `wide`: in 64; `sum`: the accumulator plus the bias is the result. */
export type Finish = "narrow" | "wide" | "sum";
export const finishOf = ({ requant }: Layer): Finish =>
  requant ? (requant.narrow ? "narrow" : "wide") : "sum";

/** 32-bit words of constants per channel. */
export const constantWords: Readonly<Record<Finish, number>> = { narrow: 3, wide: 4, sum: 1 };

/** The constants of a requant, without its clamp. */
export type Scaling = Pick<Requant, "mul" | "add" | "shift">;

/** Constants of all channels, padded with zeros to a multiple of `block`. */
export function packFinish(
  layer: Layer,
  block: number,
  scaling: Scaling | undefined = layer.requant,
): Uint8Array {
  const words = constantWords[finishOf(layer)];
  const packed = new Int32Array(Math.ceil(layer.out.c / block) * block * words);
  for (let c = 0; c < layer.out.c; c++) packed.set(constantsOf(layer, c, scaling), c * words);
  return new Uint8Array(packed.buffer);
}

const low = (v: bigint): number => Number(BigInt.asIntN(32, v));

function constantsOf(layer: Layer, c: number, scaling: Scaling | undefined): readonly number[] {
  if (!scaling) return [layer.bias[c] ?? 0];
  const [mul, add, shift] = [scaling.mul[c]!, scaling.add[c]!, scaling.shift[c]!];
  return finishOf(layer) === "narrow" ? [mul, low(add), shift] : [mul, low(add), low(add >> 32n), shift];
}

const fits = (v: bigint, bits: bigint): boolean => BigInt.asIntN(Number(bits), v) === v;

/**
 * The same scaling with multipliers and addends so much larger that every channel shifts 32 to 63 bits out: then the
 * high word of the sum is all that is needed. Nothing where numbers do not fit. `reach` gives the ends of a sum.
 */
export function highScaling(
  { mul, add, shift }: Scaling,
  reach: (channel: number) => readonly bigint[],
): Scaling | undefined {
  const extra = shift.map((s) => BigInt(Math.max(0, 32 - s)));
  const factors = mul.map((m, c) => BigInt(m) << extra[c]!);
  const sums = add.map((a, c) => a << extra[c]!);
  const exact = factors.every(
    (m, c) => fits(m, 32n) && [0n, ...reach(c)].every((v) => fits(v * m + sums[c]!, 64n) && fits(v, 32n)),
  );
  if (!exact) return undefined;
  return { mul: factors.map(Number), add: sums, shift: shift.map((s) => Math.max(32, s)) };
}

/** The C expression of the result of accumulator `acc`; `q` points at the channel's constants. */
export function finishText({ requant }: Layer, acc: string, q: string): string {
  if (!requant) return `${acc} + ${q}[0]`;
  const bits = requant.narrow ? 32 : 64;
  return `pulsec_clip(pulsec_scale${bits}_of(${acc}, ${q}), ${cInt(requant.lo)}, ${cInt(requant.hi)})`;
}

/** A 32-bit number in C. */
export const cInt = (v: number): string => (v === -(2 ** 31) ? "INT32_MIN" : v < 0 ? `(${v})` : `${v}`);

/** The C type of stored elements; sub-byte ones take a byte each. */
export const cType = (storage: Storage): string =>
  `${storage.startsWith("u") ? "u" : ""}int${8 * slotBytes(storage)}_t`;

/** The C text of `n` elements padded as the layout asks. */
export const padded = (n: string, { align }: Layout): string =>
  align === 1 ? n : `((${n} + ${align - 1}) & ~${align - 1})`;
