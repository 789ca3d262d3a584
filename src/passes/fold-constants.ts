import { makeParam } from "../ir/build.js";
import { definePass } from "../ir/contracts.js";
import { type Graph, isParam, type Node, type Param, type Value } from "../ir/graph.js";
import { removeDead } from "../ir/rewrite.js";
import { namesIn } from "./names.js";

export const foldConstants = definePass({
  name: "fold-constants",
  summary: "Computes what depends on params only, once and for all, and makes params of it.",
  async run(graph, cx) {
    const constant = new Set<Value>();
    const known = (n: Node) => n.operands.every((v) => isParam(v) || constant.has(v));
    const nodes = graph.nodes.filter((n) => {
      const folds = known(n) && !n.op.traits.includes("training-only");
      if (folds) constant.add(n.result);
      return folds;
    });
    const read = new Set(graph.nodes.filter((n) => !nodes.includes(n)).flatMap((n) => n.operands));
    const wanted = [...constant].filter((v) => read.has(v));
    if (wanted.length === 0) return graph;
    const alone: Graph = { name: graph.name, stage: graph.stage, inputs: [], outputs: wanted, nodes };
    const session = await (await cx.engine(alone)).prepare(alone);
    const values = await session.run([]).finally(() => session.dispose());
    const fresh = namesIn(graph);
    const params = new Map<Value, Param>(
      wanted.map((v) => [
        v,
        makeParam(fresh(`${v.name}.value`), v.type, values.get(v.name)!.data, { places: v.places }),
      ]),
    );
    // Folded nodes go as dead code; those behind an output stay, because an output is no param.
    const reads = (n: Node) => !constant.has(n.result) && n.operands.some((v) => params.has(v));
    const after = graph.nodes.map((n) =>
      reads(n) ? { ...n, operands: n.operands.map((v) => params.get(v) ?? v) } : n,
    );
    return removeDead({ ...graph, nodes: after });
  },
});
