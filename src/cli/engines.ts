/** The engines by name; each loads only when it is asked for. */
import type { Engine } from "../ir/contracts.js";
import { error, Refusal } from "../ir/diagnostic.js";
import type { Graph } from "../ir/graph.js";
import { intEngine } from "../ir/interpreter.js";
import { list, oneOf } from "./command.js";

/** All of them give the same bytes for an integer graph. */
export const integerEngines = ["int", "wasm", "c"] as const;
export const engineNames = [...integerEngines, "float"] as const;
export type EngineName = (typeof engineNames)[number];

const engines: Readonly<Record<EngineName, () => Promise<Engine>>> = {
  int: async () => intEngine,
  wasm: async () => (await import("../backends/wasm/index.js")).wasmEngine,
  c: async () => (await import("../backends/c/index.js")).cEngine(),
  float: async () => (await import("../backends/float/index.js")).floatEngine,
};

export const engineNamed = (name: EngineName): Promise<Engine> => engines[name]();

/** What stands for an engine in a comparison. WebAssembly also runs as it ships, with memory reused: only its outputs can be seen then. */
export async function enginesToVerify(name: EngineName): Promise<readonly Engine[]> {
  const engine = await engineNamed(name);
  if (name !== "wasm") return [engine];
  const shipped: Engine = {
    ...engine,
    name: "wasm as it ships",
    prepare: (graph) => engine.prepare(graph, { expose: "outputs" }),
  };
  return [engine, shipped];
}

/** The engine for a graph when none is asked for. */
export const engineFor = ({ stage }: Graph): EngineName => (stage === "integer" ? "int" : "float");

/** `--engine int,wasm`, checked against `known` names. */
export function engineList<T extends EngineName>(
  texts: readonly string[],
  fallback: readonly T[],
  known: readonly T[],
): readonly T[] {
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
