/** Runs the float meaning of a graph on stock tfjs: the oracle that tests compare with. */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { type Graph, isParam, type Value } from "../../src/ir/graph.js";
import { bind, type FloatRun } from "../../src/ir/op.js";
import { sizes } from "../../src/ir/type.js";

export const inference: FloatRun = {
  training: false,
  uniform: () => {
    throw new Error("inference draws no noise");
  },
  schedule: (name) => {
    throw new Error(`nothing is scheduled, ${name} least of all`);
  },
};

export interface FloatOutcome {
  readonly outputs: readonly (readonly number[])[];
  /** By result name, then by operand name. */
  readonly updates: ReadonlyMap<string, Readonly<Record<string, readonly number[]>>>;
}

/** `inputs` as plain numbers in the graph's order; a symbolic batch takes the size that they give it. */
export async function runFloat(
  graph: Graph,
  inputs: readonly ArrayLike<number>[],
  run: FloatRun = inference,
): Promise<FloatOutcome> {
  await tf.setBackend("cpu");
  const list = (t: tf.Tensor): number[] => [...t.dataSync()];
  const updates = new Map<string, Record<string, number[]>>();
  const outputs: number[][] = [];
  tf.tidy(() => {
    const known = new Map<Value, tf.Tensor>(graph.inputs.map((v, i) => [v, floatTensor(v, inputs[i]!)]));
    const of = (value: Value) =>
      isParam(value) ? floatTensor(value, Array.from(value.data, Number)) : known.get(value)!;
    for (const { op, operands, attrs, result } of graph.nodes) {
      const made = op.float!(tf, bind(op, operands.map(of)), attrs as never, run);
      known.set(result, made.y);
      const moved = Object.entries(made.updates ?? {});
      if (moved.length > 0) updates.set(result.name, Object.fromEntries(moved.map(([k, v]) => [k, list(v)])));
    }
    outputs.push(...graph.outputs.map((v) => list(of(v))));
  });
  return { outputs, updates };
}

function floatTensor({ type }: Value, values: ArrayLike<number>): tf.Tensor {
  const rest = type.shape.filter((d) => d !== "N").reduce((a, b) => a * b, 1);
  const shape = type.shape.includes("N")
    ? type.shape.map((d) => (d === "N" ? values.length / rest : d))
    : sizes(type);
  return tf.tensor(Array.from(values), shape as number[], "float32");
}
