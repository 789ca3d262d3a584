/** Bytes of values as they enter and leave C: elements as they lie in memory, one tensor after the other. */
import { error, Refusal } from "../../ir/diagnostic.js";
import { storages } from "../../ir/storage.js";
import type { Tensor } from "../../ir/tensor.js";
import { elements, printType } from "../../ir/type.js";
import type { Buffer, Schedule } from "../schedule.js";

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

/** Refuses inputs that are not what the graph takes. */
export function checkInputs({ inputs: wanted, graph }: Schedule, inputs: readonly Tensor[]): void {
  if (inputs.length !== wanted.length)
    throw new Refusal(
      error("engine/inputs", `@${graph.name} takes ${wanted.length} inputs, ${inputs.length} are given`),
    );
  for (const [i, { value }] of wanted.entries()) {
    const { type, data } = inputs[i]!;
    if (type.storage === value.type.storage && data.length === elements(value.type)) continue;
    const more = { found: printType(type), expected: printType(value.type) };
    throw new Refusal(error("engine/inputs", `input %${value.name} has another type`, more));
  }
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
