/** Integer weights and biases behind the float params of a dequantised network. */
import { isParam, type Param, type Value } from "../../../ir/graph.js";
import { type Storage, storages, weightStorages } from "../../../ir/storage.js";
import { sizes } from "../../../ir/type.js";
import { extremes } from "../constant.js";
import { at, type PerChannel, zipped } from "./real.js";
import type { State } from "./state.js";

/** The numbers of a param, before they were rounded to f32 where that is known. */
export const exactly = (s: State, p: Param): ArrayLike<number> =>
  s.exact.get(p)?.data ?? Float64Array.from(p.data as Float32Array);

/** One number for all, or one per index of the last axis; nothing where a param varies otherwise. */
export function channelsOf(s: State, p: Param): PerChannel | undefined {
  const shape = sizes(p.type);
  return shape.slice(0, -1).every((d) => d === 1) ? Array.from(exactly(s, p)) : undefined;
}

export interface Weights {
  readonly param: Param;
  /** Per output channel, or one. */
  readonly steps: PerChannel;
}

const wholeTolerance = 1e-9;

function wholes(data: ArrayLike<number>, step: (i: number) => number): Float64Array | undefined {
  const found = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const v = data[i]! / step(i);
    found[i] = Math.round(v) + 0;
    if (Math.abs(v - found[i]!) > wholeTolerance * Math.max(1, Math.abs(v))) return undefined;
  }
  return found;
}

/** As narrow as the file declares them, or as a byte; asymmetric ones lose their zero point and may need 16 bits. */
function storageOf(data: ArrayLike<number>, bits: number | undefined): Storage | undefined {
  const { lo, hi } = extremes(data);
  const fits = (st: Storage) => lo >= storages[st].min && hi <= storages[st].max;
  return [...weightStorages].reverse().find((st) => fits(st) && storages[st].bits >= (bits ?? 8));
}

/** A scale per channel is a param of the type, on axis 0; one for all stands in it. */
function scaled(s: State, p: Param, steps: PerChannel): Param {
  if (steps.length === 1) return { ...p, type: { ...p.type, quant: { scale: steps[0]!, zero: 0 } } };
  const channels = s.param(`${p.name}.scale`, "f32", [steps.length], steps);
  return { ...p, type: { ...p.type, quant: { scale: 1, zero: 0, channels, axis: 0 } } };
}

/** Weights [Co, ...] as integers times one step per output channel. */
export function weightsOf(s: State, w: Value | undefined): Weights | undefined {
  const exact = w && s.exact.get(w);
  if (!w || !isParam(w) || !exact) return undefined;
  const channels = sizes(w.type)[0]!;
  const { data, bits } = exact;
  const steps = exact.steps.every((v) => v === exact.steps[0]) ? [exact.steps[0]!] : exact.steps;
  if (steps.length !== 1 && steps.length !== channels) return undefined;
  const inner = data.length / channels;
  const found = wholes(data, (i) => at(steps, Math.floor(i / inner)));
  const storage = found && storageOf(found, bits);
  if (!storage) return undefined;
  return { param: scaled(s, s.param(w.name, storage, sizes(w.type), found), steps), steps };
}

/** Real biases as i32 in steps of the accumulator, and what that leaves. */
export function biasOf(
  s: State,
  b: Value | undefined,
  steps: PerChannel,
): { readonly param?: Param; readonly rest: PerChannel } {
  if (!b || !isParam(b)) return { rest: [0] };
  const real = Array.from(exactly(s, b));
  const whole = zipped(real, steps, (v, step) => Math.round(v / step) + 0);
  const { max } = storages.i32;
  if (whole.some((v) => Math.abs(v) > max / 2)) return { rest: real };
  const rest = real.map((v, c) => v - whole[c]! * at(steps, c));
  const negligible = rest.every((v, c) => Math.abs(v) <= 1e-12 * Math.abs(real[c]!));
  return { param: s.param(b.name, "i32", [whole.length], whole), rest: negligible ? [0] : rest };
}
