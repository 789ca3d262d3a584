/** Requantisation constants for random vectors: results spread over their type and beyond both of its ends. */
import type { Data } from "../ir/storage.js";
import { storages } from "../ir/storage.js";
import { allocate, type Tensor } from "../ir/tensor.js";
import { elements, type TensorType } from "../ir/type.js";
import { type Binding, resultName } from "./binding.js";
import { elementRange } from "./memory.js";
import { pick, pickMagnitude } from "./random.js";

export interface Rescale {
  readonly shift: readonly number[];
  /** Data of the operands mul and add, by tensor. */
  readonly data: ReadonlyMap<string, Data>;
}

interface Wish {
  readonly binding: Binding;
  /** The tensors that hold mul and add. */
  readonly names: readonly string[];
  readonly types: readonly TensorType[];
  /** What is rescaled. */
  readonly x: Tensor;
  /** Given by the binding; chosen here where it is absent. */
  readonly shift: readonly number[] | undefined;
  readonly next: () => number;
}

/** Shifts of kernels that hold products in 64 bits go this far. */
const mostShift = { 32: 30, 64: 56 };

export function chooseRescale({ binding, names, types, x, shift, next }: Wish): Rescale {
  const [mulName, addName] = names as readonly [string, string];
  const peak = Math.max(1, largest(x.data));
  const y = binding.tensors.get(resultName)!;
  const levels = storages[y.storage].max - storages[y.storage].min + 1;
  const [mulLeast, mulMost] = rangeOf(binding, mulName);
  // Sum and product of a kernel that holds 32 bits stay below 2^30 each.
  const room = binding.product === 32 ? Math.floor(2 ** 30 / peak) : 2 ** 31 - 1;
  const highest = Math.max(1, Math.min(mulMost, room));
  const lowest = Math.max(1, Math.min(mulLeast, highest));
  const most = shift
    ? clamp(Math.floor((levels * 2 ** shift[0]!) / peak), lowest, highest)
    : pickMagnitude(next, lowest, highest);
  const mul = allocate("i32", elements(types[0]!)) as Int32Array;
  for (let i = 0; i < mul.length; i++) mul[i] = pick(next, Math.max(lowest, Math.floor(most / 4)), most);
  const wanted = Math.log2((peak * most) / (levels * 2 ** (3 * next() - 2)));
  const chosen = shift ?? [clamp(Math.round(wanted), 0, mostShift[binding.product])];
  return {
    shift: chosen,
    data: new Map<string, Data>([
      [mulName, mul],
      [addName, addends(binding, addName, types[1]!, peak * most, chosen, next)],
    ]),
  };
}

/** What the binding allows, or else all that storage and C element hold. */
function rangeOf(binding: Binding, name: string): readonly [number, number] {
  const bound = binding.tensors.get(name)!;
  const { min, max } = storages[bound.storage];
  const [least, most] = elementRange(bound).map(Number) as [number, number];
  return bound.range ?? [Math.max(min, least), Math.min(max, most)];
}

/** Addends of a quarter of the products' size; those of a kernel that rounds half up hold the half, too. */
function addends(
  binding: Binding,
  name: string,
  type: TensorType,
  product: number,
  shift: readonly number[],
  next: () => number,
): Data {
  const [least, most] = rangeOf(binding, name);
  const [lo, hi] = [Math.max(least, -product / 4), Math.min(most, product / 4)];
  const data = allocate("i64", elements(type)) as BigInt64Array;
  for (let c = 0; c < data.length; c++)
    data[c] = BigInt(pick(next, Math.ceil(lo), Math.floor(hi))) + half(binding, shift, c);
  return data;
}

/** What a kernel that rounds half up adds by itself. */
export function half(
  { rounding }: Pick<Binding, "rounding">,
  shift: readonly number[],
  channel: number,
): bigint {
  const s = shift[shift.length === 1 ? 0 : channel]!;
  return rounding === "half-up" && s > 0 ? 1n << BigInt(s - 1) : 0n;
}

const clamp = (v: number, lo: number, hi: number): number => Math.min(hi, Math.max(lo, v));

function largest(data: Data): number {
  let most = 0;
  for (const v of data) most = Math.max(most, Math.abs(Number(v)));
  return most;
}
