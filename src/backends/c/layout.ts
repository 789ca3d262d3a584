/** Bytes of values as they enter and leave C: elements as they lie in memory, one tensor after the other. */
import { storages } from "../../ir/storage.js";
import type { Tensor } from "../../ir/tensor.js";
import type { Buffer, Schedule } from "./host-schedule.js";

/** Results of the layers in the order in which the network reports them. */
export const resultsOf = ({ steps }: Schedule): readonly Buffer[] =>
  steps.flatMap((s) => (s.kind === "run" ? [s.result] : []));

/** A copy: the bytes may be unaligned, and the memory behind them may change. */
export function tensorFrom(buffer: Buffer, bytes: Uint8Array): Tensor {
  const own = new Uint8Array(bytes);
  const { array } = storages[buffer.storage];
  const data = new (array as unknown as new (b: ArrayBufferLike) => Tensor["data"])(own.buffer);
  return { type: buffer.value.type, data };
}

/** Inputs, then all results where `all` is set, then outputs, by name. */
export function valuesByName(
  { inputs: wanted, outputs, ...schedule }: Schedule,
  inputs: readonly Tensor[],
  results: readonly Tensor[],
  returned: readonly Tensor[],
  all: boolean,
): ReadonlyMap<string, Tensor> {
  const traced = all ? resultsOf({ inputs: wanted, outputs, ...schedule }) : [];
  return new Map([
    ...wanted.map((b, i) => [b.value.name, inputs[i]!] as const),
    ...traced.map((b, i) => [b.value.name, results[i]!] as const),
    ...outputs.map((b, i) => [b.value.name, returned[i]!] as const),
  ]);
}
