/** Do two graphs compute the same? Measured on given inputs: what `--check-values` does between passes. */
import type { Engine } from "../ir/contracts.js";
import type { Graph } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor.js";
import { printType, sameType } from "../ir/type.js";

/**
 * Largest difference of float outputs, relative to the largest magnitude of the output, that counts as rounding: passes may
 * add up and multiply in another order, and f32 keeps 2^-24 of each of some thousand terms.
 */
const floatTolerance = 1e-4;

export interface ValueCheckOptions {
  engine(graph: Graph): Promise<Engine>;
  /** The inputs that a graph is run on, one list per inference. */
  inputs(graph: Graph): readonly (readonly Tensor[])[];
}

/** Compares outputs of the graph before and after a pass: integers exactly, floats to 1e-4 of the output's largest magnitude. */
export function valueCheck({ engine, inputs }: ValueCheckOptions) {
  return async (before: Graph, after: Graph): Promise<string | undefined> => {
    const signature = changedSignature(before, after);
    if (signature) return signature;
    for (const [i, given] of inputs(before).entries()) {
      const [expected, got] = [await outputs(engine, before, given), await outputs(engine, after, given)];
      for (const [o, value] of before.outputs.entries()) {
        const difference = differenceOf(expected[o]!, got[o]!);
        if (difference) return `%${value.name}${difference}, on inputs ${i}`;
      }
    }
    return undefined;
  };
}

function changedSignature(before: Graph, after: Graph): string | undefined {
  const [a, b] = [before, after].map((g) => [...g.inputs, ...g.outputs]);
  if (a!.length !== b!.length || before.inputs.length !== after.inputs.length)
    return "other numbers of inputs or outputs";
  const i = a!.findIndex((v, k) => !sameType(v.type, b![k]!.type));
  return i < 0 ? undefined : `%${a![i]!.name} was ${printType(a![i]!.type)}, is ${printType(b![i]!.type)}`;
}

async function outputs(
  engine: ValueCheckOptions["engine"],
  graph: Graph,
  inputs: readonly Tensor[],
): Promise<readonly Tensor[]> {
  const session = await (await engine(graph)).prepare(graph, { expose: "outputs" });
  const values = await session.run(inputs).finally(() => session.dispose());
  return graph.outputs.map((v) => values.get(v.name)!);
}

function differenceOf(expected: Tensor, got: Tensor): string | undefined {
  let [worst, at, largest] = [0, -1, 0];
  for (let i = 0; i < expected.data.length; i++) {
    const [e, g] = [Number(expected.data[i]), Number(got.data[i])];
    const d = Object.is(e, g) ? 0 : Math.abs(e - g);
    largest = Math.max(largest, Math.abs(e));
    // A NaN on one side only is the worst there is.
    if (!(d <= worst)) [worst, at] = [Number.isNaN(d) ? Infinity : d, i];
  }
  const allowed = expected.type.storage === "f32" ? floatTolerance * Math.max(largest, 1e-30) : 0;
  return worst <= allowed ? undefined : `[${at}] was ${expected.data[at]}, is ${got.data[at]}`;
}
