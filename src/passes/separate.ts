/** Params that a pass made in one graph get other names than those of the module's other graphs. */
import { type Graph, isParam, type Module, type Param, paramsOf, type Value } from "../ir/graph.js";

/** `graph` with every param renamed that is new and has the name of another param in `others`. */
export function separated(graph: Graph, others: readonly Graph[], before: Module): Graph {
  const old = new Set(paramsOf(before.graphs));
  const theirs = new Map(paramsOf(others).map((p) => [p.name, p]));
  const own = paramsOf([graph]);
  const taken = new Set([...theirs.keys(), ...own.map((p) => p.name)]);
  const names = new Map<Param, string>();
  for (const p of own) {
    if (old.has(p) || !theirs.has(p.name) || theirs.get(p.name) === p) continue;
    let i = 1;
    while (taken.has(`${p.name}_${i}`)) i++;
    names.set(p, `${p.name}_${i}`);
    taken.add(`${p.name}_${i}`);
  }
  return names.size === 0 ? graph : renamed(graph, names);
}

/** Types refer to params too: scales per channel. */
function renamed(graph: Graph, names: ReadonlyMap<Param, string>): Graph {
  const made = new Map<Value, Value>();
  const of = <V extends Value>(value: V): V => {
    const had = made.get(value);
    if (had) return had as V;
    const name = isParam(value) ? names.get(value) : undefined;
    const channels = value.type.quant?.channels;
    const scales = channels && of(channels);
    const next: V =
      name === undefined && scales === channels
        ? value
        : {
            ...value,
            name: name ?? value.name,
            ...(scales ? { type: { ...value.type, quant: { ...value.type.quant!, channels: scales } } } : {}),
          };
    made.set(value, next);
    return next;
  };
  return {
    ...graph,
    inputs: graph.inputs.map(of),
    nodes: graph.nodes.map((n) => ({ ...n, operands: n.operands.map(of), result: of(n.result) })),
    outputs: graph.outputs.map(of),
  };
}
