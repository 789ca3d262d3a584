/** The engines of a toolchain by name. */
import type { Engine } from "../ir/contracts.js";
import { error, Refusal } from "../ir/diagnostic.js";
import type { Graph } from "../ir/graph.js";
import { list, oneOf } from "./command.js";
import type { Toolchain } from "./toolchain.js";

/** All of them give the same bytes for an integer graph. */
export const integerEngines = ({ engines }: Toolchain): readonly string[] =>
  engines.filter((e) => e.exact).map((e) => e.name);
/** Those of them that are compared where none is named. */
export const usualEngines = ({ engines }: Toolchain): readonly string[] =>
  engines.filter((e) => e.exact && !e.onDemand).map((e) => e.name);
export const engineNames = ({ engines }: Toolchain): readonly string[] => engines.map((e) => e.name);

/** The engine of a name that `engineNames` gives. */
export const engineNamed = (toolchain: Toolchain, name: string): Promise<Engine> =>
  toolchain.engines.find((e) => e.name === name)!.load(toolchain);

/** What stands for an engine in a comparison. WebAssembly also runs as it ships, with memory reused: only its outputs can be seen then. */
export async function enginesToVerify(toolchain: Toolchain, name: string): Promise<readonly Engine[]> {
  const engine = await engineNamed(toolchain, name);
  if (name !== "wasm") return [engine];
  const shipped: Engine = {
    ...engine,
    name: "wasm as it ships",
    prepare: (graph) => engine.prepare(graph, { expose: "outputs" }),
  };
  return [engine, shipped];
}

/** The engine for a graph when none is asked for. */
export const engineFor = ({ stage }: Graph): string => (stage === "integer" ? "int" : "float");

/** `--engine int,wasm`, checked against `known` names. */
export function engineList(
  texts: readonly string[],
  fallback: readonly string[],
  known: readonly string[],
): readonly string[] {
  const names = list(texts).map((name) => oneOf("engine", name, known));
  return names.length > 0 ? [...new Set(names)] : fallback;
}

/** Refuses, with all reasons at once, when an engine cannot run the graph. */
export function assertRuns(engine: Engine, graph: Graph): void {
  const reasons = engine.refuses(graph);
  if (reasons.length > 0) {
    throw new Refusal(
      ...reasons.map((r) => error("engine/refuses", `engine ${engine.name} cannot run @${graph.name}: ${r}`)),
    );
  }
}
