/** What each layer costs: the error of the outputs when this layer alone is quantised, and all others compute in floats. */
import { type Graph, isParam, type Node, type Param, paramsOf, type Value } from "../../ir/graph.js";
import type { Layer } from "./layer-list.js";
import { realValues, storedTensor } from "./noise.js";
import { errorThrough, type Reference } from "./reference.js";

/**
 * Error of the outputs (noise as a part of the signal) by layer name: weights, bias and result of one layer are rounded as in
 * `integer`. Small errors of several layers add up, so the shares say where to spend bits.
 */
export async function errorsAlone(
  layers: readonly Layer[],
  integer: Graph,
  reference: Reference,
  onLayer?: (done: number) => void,
): Promise<ReadonlyMap<string, number>> {
  const rounded = new Map<string, Param>();
  for (const p of paramsOf([integer]))
    if (p.origin && p.type.quant && !rounded.has(p.origin.param)) rounded.set(p.origin.param, p);
  const errors = new Map<string, number>();
  for (const [i, layer] of layers.entries()) {
    onLayer?.(i + 1);
    const changed = (await resultsOf(layer, rounded, reference)).map((data, s) => {
      const { type } = reference.values[s]!.get(layer.value.name)!;
      const stored = storedTensor({ data }, { ...layer.integer.type, shape: type.shape });
      return realValues(stored);
    });
    errors.set(layer.value.name, await errorThrough(layer.value, changed, reference));
  }
  return errors;
}

/** What a layer gives with rounded weights, before its result is rounded. */
async function resultsOf(
  { value, chain }: Layer,
  rounded: ReadonlyMap<string, Param>,
  { graph, engine, values }: Reference,
): Promise<readonly Float32Array[]> {
  const asTheyAre = () => values.map((v) => v.get(value.name)!.data as Float32Array);
  if (!chain) return asTheyAre();
  const nodes = [chain.sum, ...(chain.bend ? [chain.bend] : []), ...chain.clamps].map((n) =>
    withRounded(n, rounded),
  );
  const own = new Set(nodes.map((n) => n.result));
  const inputs = [...new Set(nodes.flatMap((n) => n.operands.filter((v) => !isParam(v) && !own.has(v))))];
  const session = await engine.prepare({ ...graph, inputs, nodes, outputs: [value] }, { expose: "outputs" });
  const results: Float32Array[] = [];
  try {
    for (const known of values) {
      const run = await session.run(inputs.map((v) => known.get(v.name)!));
      results.push(run.get(value.name)!.data as Float32Array);
    }
  } finally {
    await session.dispose();
  }
  return results;
}

function withRounded(node: Node, rounded: ReadonlyMap<string, Param>): Node {
  const operands = node.operands.map((v): Value => {
    const integer = isParam(v) ? rounded.get(v.name) : undefined;
    return integer ? ({ ...v, data: realValues(integer) } as Param) : v;
  });
  return { ...node, operands };
}
