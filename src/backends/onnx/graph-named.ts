import { error, nearest, Refusal } from "../../ir/diagnostic.js";
import type { Graph, Module } from "../../ir/graph.js";

/** The graph of that name, or the first. Throws a `Refusal` where there is none. */
export function graphNamed(module: Module, name: string | undefined): Graph {
  const found = name === undefined ? module.graphs[0] : module.graphs.find((g) => g.name === name);
  if (found) return found;
  const names = module.graphs.map((g) => g.name);
  const guess = nearest(name ?? "", names);
  throw new Refusal(
    error("export/no-graph", `there is no graph @${name}`, {
      expected: names.map((n) => `@${n}`).join(", "),
      ...(guess ? { help: `did you mean @${guess}?` } : {}),
    }),
  );
}
