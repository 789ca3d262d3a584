/** The float graph that an importer split off behind an integer one; `run --tail` puts both together again. */
import type { PrepareOptions } from "../ir/contracts.js";
import type { Graph } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor.js";
import { tensorType } from "../ir/type.js";
import { refuse } from "./command.js";
import { assertRuns, engineNamed } from "./engines.js";
import type { LoadedModel } from "./model.js";
import type { Toolchain } from "./toolchain.js";

/** The graph @tail of a model whose first graph is an integer one. */
export const tailOf = ({ graph, module }: LoadedModel): Graph | undefined =>
  graph.stage === "integer" ? module.graphs.find((g) => g !== graph && g.name === "tail") : undefined;

export function neededTail(model: LoadedModel): Graph {
  return (
    tailOf(model) ??
    refuse("run/no-tail", `${model.file} has no float graph @tail behind an integer graph`, {
      expected: "a network that ends in float operators, as import splits it into @main and @tail",
      help: "leave --tail out",
    })
  );
}

/** Runs @tail on the stored integers of `values`: its inputs carry the names of the outputs that they continue. */
export async function runTail(
  toolchain: Toolchain,
  tail: Graph,
  values: ReadonlyMap<string, Tensor>,
  options: PrepareOptions,
): Promise<ReadonlyMap<string, Tensor>> {
  const engine = await engineNamed(toolchain, "float");
  assertRuns(engine, tail);
  const inputs = tail.inputs.map(({ name }) => {
    const from = values.get(name);
    if (!from)
      return refuse("run/tail-input", `@tail reads %${name}, which is no output of the first graph`, {
        expected: `one of ${[...values.keys()].join(", ")}`,
        help: "the inputs of @tail carry the names of the outputs that they continue",
      });
    return { type: tensorType("f32", from.type.shape), data: Float32Array.from(from.data, Number) };
  });
  const session = await engine.prepare(tail, options);
  return session.run(inputs).finally(() => session.dispose());
}
