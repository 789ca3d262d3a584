/** A float graph's values on data: what quantised ones are measured against. */
import type { Engine } from "../../ir/contracts.js";
import { type Graph, isParam, type Node, type Value } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor.js";
import { addNoise, type Noise, noNoise, realValues, relative, storedTensor } from "./noise.js";
import { splitTail } from "./split-tail.js";

export interface Reference {
  /** Ends where the integer graph ends. */
  readonly graph: Graph;
  readonly engine: Engine;
  readonly samples: readonly (readonly Tensor[])[];
  /** Every value by name, for each sample. */
  readonly values: readonly ReadonlyMap<string, Tensor>[];
}

/** Runs `float`, the graph that became integers, on `samples`. Undefined where nothing of it can become integers. */
export async function referenceOf(
  float: Graph,
  samples: Reference["samples"],
  engine: Engine,
): Promise<Reference | undefined> {
  const graph = splitTail(float).main;
  if (!graph) return undefined;
  const values = await runs(graph, samples, engine, "all");
  return { graph, engine, samples, values };
}

async function runs(graph: Graph, samples: Reference["samples"], engine: Engine, expose: "all" | "outputs") {
  const session = await engine.prepare(graph, { expose });
  const values: ReadonlyMap<string, Tensor>[] = [];
  try {
    for (const inputs of samples) values.push(await session.run(inputs));
  } finally {
    await session.dispose();
  }
  return values;
}

export interface IntegerRun {
  /** Of each value that both graphs have, by name. */
  readonly noise: ReadonlyMap<string, Noise>;
  /** Mean over the outputs of noise as a part of the signal. */
  readonly error: number;
}

/** The integer graph on the same data, inputs rounded to its types. `expose` says whether all values are compared. */
export async function integerRun(
  integer: Graph,
  reference: Reference,
  engine: Engine,
  expose: "all" | "outputs",
): Promise<IntegerRun> {
  const samples = reference.samples.map((s) => integer.inputs.map((v, i) => storedTensor(s[i]!, v.type)));
  const noise = new Map<string, Noise>();
  for (const [s, values] of (await runs(integer, samples, engine, expose)).entries())
    for (const [name, tensor] of values) {
      const real = reference.values[s]!.get(name);
      if (!real || real.data.length !== tensor.data.length || !tensor.type.quant) continue;
      const sum = noise.get(name) ?? noNoise();
      noise.set(name, sum);
      addNoise(sum, real.data, realValues(tensor));
    }
  const outputs = integer.outputs.map((v) => relative(noise.get(v.name) ?? noNoise()));
  return { noise, error: mean(outputs) };
}

const mean = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0) / Math.max(of.length, 1);

/** Error of the outputs when `value` is what `changed` says for each sample, and all else is computed in floats. */
export async function errorThrough(
  value: Value,
  changed: readonly Float32Array[],
  reference: Reference,
): Promise<number> {
  const after = behind(reference.graph, value);
  const samples = reference.values.map((values, s) =>
    after.inputs.map((v): Tensor => {
      const real = values.get(v.name)!;
      return v === value ? { type: real.type, data: changed[s]! } : real;
    }),
  );
  const found = after.nodes.length === 0 ? [] : await runs(after, samples, reference.engine, "outputs");
  const errors = reference.graph.outputs.map((output) => {
    const sum = noNoise();
    for (const [s, values] of reference.values.entries()) {
      const got =
        output === value ? changed[s]! : (found[s]?.get(output.name)?.data as Float32Array | undefined);
      const real = values.get(output.name)!.data;
      addNoise(sum, real, got ?? (real as Float32Array));
    }
    return relative(sum);
  });
  return mean(errors);
}

/** What depends on `value`, as a graph of its own; the values that it reads beside are inputs too. */
function behind(graph: Graph, value: Value): Graph {
  const moved = new Set<Value>([value]);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    if (!node.operands.some((v) => moved.has(v))) continue;
    moved.add(node.result);
    nodes.push(node);
  }
  const beside = nodes.flatMap((n) => n.operands.filter((v) => !isParam(v) && !moved.has(v)));
  return {
    ...graph,
    inputs: [value, ...new Set(beside)],
    nodes,
    outputs: graph.outputs.filter((v) => v !== value && moved.has(v)),
  };
}
