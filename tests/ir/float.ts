/** Runs float graphs on plain numbers. */
import { inference, runFloat as runTensors } from "../../src/backends/float/index.js";
import type { Graph } from "../../src/ir/graph.js";
import type { FloatRun } from "../../src/ir/op.js";
import { type Tensor, tensor } from "../../src/ir/tensor.js";
import type { TensorType } from "../../src/ir/type.js";

export { inference };

export interface FloatOutcome {
  readonly outputs: readonly (readonly number[])[];
  /** By result name, then by operand name. */
  readonly updates: ReadonlyMap<string, Readonly<Record<string, readonly number[]>>>;
}

/** `inputs` in the graph's order; a symbolic batch takes the size that they give it. */
export async function runFloat(
  graph: Graph,
  inputs: readonly ArrayLike<number>[],
  run: FloatRun = inference,
): Promise<FloatOutcome> {
  const given = graph.inputs.map((v, i) => batched(v.type, inputs[i]!));
  const { values, updates } = await runTensors(graph, given, { run });
  const lists = (of: Readonly<Record<string, Float32Array>>) =>
    Object.fromEntries(Object.entries(of).map(([name, data]) => [name, [...data]]));
  return {
    outputs: graph.outputs.map((v) => Array.from(values.get(v.name)!.data, Number)),
    updates: new Map([...updates].map(([name, of]) => [name, lists(of)])),
  };
}

/** The numbers as a tensor of the type, which may have a symbolic batch. */
export function batched(type: TensorType, values: ArrayLike<number>): Tensor {
  const rest = type.shape.reduce<number>((product, d) => (d === "N" ? product : product * d), 1);
  return tensor({ ...type, shape: type.shape.map((d) => (d === "N" ? values.length / rest : d)) }, values);
}
