/** A module as the text of a `.pulse` file and the params that go beside it. */
import { attempt, type Result, unwrap } from "../../ir/diagnostic.js";
import { type Graph, isParam, type Module, type Param, type Value } from "../../ir/graph.js";
import type { OpDef } from "../../ir/op.js";
import { parsePulse } from "./parse.js";
import { printPulse } from "./print.js";

export interface PrintedModels {
  readonly text: string;
  /** The graphs as the text gives them, with the module's params under the names that the models give them. */
  readonly module: Module;
}

/** All graphs of `module` as models that name the file `weights`, if they need one. Refuses what `printPulse` refuses. */
export async function printModels(
  module: Module,
  ops: readonly OpDef[],
  weights: string | undefined,
): Promise<Result<PrintedModels>> {
  const printed = await Promise.all(module.graphs.map((graph) => printPulse(graph, ops)));
  const bare = attempt(() => printed.map(unwrap).join("\n"));
  if (!bare.ok) return bare;
  const line = weights === undefined ? "" : `  weights ${JSON.stringify(weights)}\n`;
  const text = bare.value.replace(/^model .*\{\n/gm, (head) => head + line);
  const back = await parsePulse(text, { file: "printed.pulse", ops });
  return attempt(() => {
    const { graphs } = unwrap(back).module;
    const filled = graphs.map((graph, i) => withParams(graph, module.graphs[i]!));
    return { text, module: { ...module, graphs: filled } };
  });
}

/** `graph` with the elements of the params that stand at the same places in `source`. */
function withParams(graph: Graph, source: Graph): Graph {
  const fill = (value: Value, other: Value): Value =>
    isParam(value) ? filled(value, other as Param) : value;
  const nodes = graph.nodes.map((node, n) => ({
    ...node,
    operands: node.operands.map((v, i) => fill(v, source.nodes[n]!.operands[i]!)),
  }));
  return { ...graph, nodes };
}

const filled = (param: Param, { data, trainable, origin }: Param): Param => ({
  ...param,
  data,
  trainable,
  ...(origin ? { origin } : {}),
});
