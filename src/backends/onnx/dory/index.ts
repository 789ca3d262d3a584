/**
 * Export for DORY: an ONNX file in Quantlab's dialect, its configuration, and the goldens that DORY checks its
 * firmware with.
 *
 *   exportDory(module, { inputs: [tensor], name?: "net" }): Promise<Result<Map of file name to content>>
 */
import { error, Refusal, type Result } from "../../../ir/diagnostic.js";
import type { Graph, Module } from "../../../ir/graph.js";
import { intEngine, interpret } from "../../../ir/interpreter.js";
import type { Tensor } from "../../../ir/tensor.js";
import { graphNamed } from "../graph-named.js";
import { emitModel } from "./emit.js";
import { factsOf } from "./facts.js";
import { configuration, goldens } from "./files.js";
import { kernelWarnings, type Plan, planOf, refusals } from "./plan.js";

export interface DoryExportOptions {
  /** Name of the graph; default the first. */
  readonly graph?: string;
  /** Of `NAME.onnx` and `config_NAME.json`; default the graph's name. */
  readonly name?: string;
  /** The graph's input, once for each test set: integers of its type, channels last. */
  readonly inputs: readonly Tensor[];
  /** Bytes of L2 that DORY keeps free for code and its own data; default 150000. */
  readonly codeReservedSpace?: number;
}

/**
 * The files that DORY reads, by name: `NAME.onnx`, `config_NAME.json`, and `input.txt`, `out_layer0.txt`, ... of one
 * test set, or `input_K.txt`, `out_K_layer0.txt`, ... of several. Refused, with all reasons: what the dialect cannot
 * say. Warnings: what it says and DORY's own kernels cannot run.
 */
export async function exportDory(
  module: Module,
  options: DoryExportOptions,
): Promise<Result<ReadonlyMap<string, string | Uint8Array>>> {
  try {
    const plan = expressible(graphNamed(module, options.graph));
    return { ok: true, value: await filesOf(plan, options), diagnostics: kernelWarnings(plan.facts) };
  } catch (e) {
    if (e instanceof Refusal) return { ok: false, diagnostics: e.diagnostics };
    throw e;
  }
}

/** The plan of a graph that DORY's dialect can say and `int` can run. */
function expressible(graph: Graph): Plan {
  if (graph.stage !== "integer") {
    const more = {
      found: `stage ${graph.stage}`,
      help: "quantise the network first: DORY runs integers alone",
    };
    throw new Refusal(error("export/dory-type", `@${graph.name} is no integer graph`, more));
  }
  const facts = factsOf(graph);
  const unrunnable = intEngine
    .refuses(graph)
    .map((r) => error("engine/refuses", `engine int cannot run @${graph.name}: ${r}`));
  const found = [...refusals(facts), ...unrunnable];
  if (found.length > 0) throw new Refusal(...found);
  return planOf(facts);
}

async function filesOf(
  plan: Plan,
  { name = plan.facts.graph.name, inputs, codeReservedSpace = 150_000 }: DoryExportOptions,
): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const session = interpret(plan.facts.graph);
  const runs: ReadonlyMap<string, Tensor>[] = [];
  for (const tensor of inputs) runs.push(await session.run([tensor]));
  return new Map<string, string | Uint8Array>([
    [`${name}.onnx`, await emitModel(plan, name).finish()],
    [`config_${name}.json`, configuration(plan, { name, codeReservedSpace, sets: inputs.length })],
    ...goldens(plan, runs),
  ]);
}
