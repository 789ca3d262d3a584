/** Engine `float`: runs graphs of stage float and quantised on tfjs. What it gives is exact to f32 rounding, not to the bit. */
import type { Engine, PrepareOptions } from "../../ir/contracts.js";
import type { Graph, Node, Stage } from "../../ir/graph.js";
import type { FloatOps, FloatRun } from "../../ir/op.js";
import type { Tensor } from "../../ir/tensor.js";
import { atBatch } from "../../ir/type.js";
import { evaluate, hasMeaning, load, unload } from "./evaluate.js";
import { batchOf } from "./inputs.js";

/** Evaluation as it is deployed: no noise, no schedule, stored statistics. */
export const inference: FloatRun = {
  training: false,
  uniform: () => {
    throw new Error("inference draws no noise");
  },
  schedule: (name) => {
    throw new Error(`inference has no schedule, so no ${name}`);
  },
};

export interface FloatOptions extends PrepareOptions {
  /** Default: inference. */
  readonly run?: FloatRun;
}
export interface FloatOutcome {
  /** Copies, by value name. */
  readonly values: ReadonlyMap<string, Tensor>;
  /** Moved statistics, by result name, then by operand name. Inference moves none. */
  readonly updates: ReadonlyMap<string, Readonly<Record<string, Float32Array>>>;
}

const elsewhere: Partial<Readonly<Record<Stage, string>>> = {
  integer: "it is an integer graph: engines int, wasm and c run it",
  relaxed: "its search is not committed: a relaxed graph stands for many networks",
};
const unmeant = ({ op, result }: Node): string =>
  `%${result.name}: ${op.name} has no meaning on ${result.type.storage}`;

/** The symbolic batch takes the leading size of the inputs, which must agree. */
export const floatEngine: Engine = {
  name: "float",
  refuses(graph) {
    const why = elsewhere[graph.stage];
    return why ? [why] : graph.nodes.filter((n) => !hasMeaning(n)).map(unmeant);
  },
  async prepare(graph, options = {}) {
    return {
      run: async (inputs) => (await runFloat(graph, inputs, options)).values,
      async dispose() {},
    };
  },
};

/** One evaluation of a graph that the engine does not refuse. Throws a `Refusal` when the inputs do not fit. */
export async function runFloat(
  graph: Graph,
  inputs: readonly Tensor[],
  { expose = "all", run = inference }: FloatOptions = {},
): Promise<FloatOutcome> {
  const batch = batchOf(graph, inputs);
  const f = await tfjs();
  await f.setBackend("cpu");
  const values = new Map<string, Tensor>();
  const updates = new Map<string, Record<string, Float32Array>>();
  f.tidy(() => {
    const given = new Map(graph.inputs.map((v, i) => [v, load(f, inputs[i]!)]));
    const all = evaluate(f, graph, given, batch, run);
    const results = expose === "all" ? graph.nodes.map((n) => n.result) : graph.outputs;
    for (const v of new Set([...graph.inputs, ...results]))
      values.set(v.name, unload(all.values.get(v)!, atBatch(v.type, batch)));
    for (const [name, moved] of all.updates)
      updates.set(
        name,
        Object.fromEntries(Object.entries(moved).map(([k, t]) => [k, Float32Array.from(t.dataSync())])),
      );
  });
  return { values, updates };
}

let loading: Promise<FloatOps> | undefined;

/** tfjs with its CPU backend, loaded when first needed. */
const tfjs = (): Promise<FloatOps> => (loading ??= loadTfjs());

async function loadTfjs(): Promise<FloatOps> {
  const [f] = await Promise.all([import("@tensorflow/tfjs-core"), import("@tensorflow/tfjs-backend-cpu")]);
  // Otherwise its first tensor writes an advertisement for native bindings to stderr.
  f.enableProdMode();
  return f;
}
