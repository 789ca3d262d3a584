/** Float ops at the end of a network (softmax, say) become a float graph of their own behind the integer one. */

import { makeNode, makeParam } from "../../ir/build.js";
import { type Graph, isParam, type Node, type Value } from "../../ir/graph.js";
import type { OpDef } from "../../ir/op.js";
import { mul } from "../../ir/ops/mul.js";
import { sub } from "../../ir/ops/sub.js";
import { atBatch, tensorType } from "../../ir/type.js";
import { namesIn } from "../names.js";
import { hasIntegerMeaning } from "./meaning.js";

/** Name of the graph that goes on where an integer graph ends: its inputs carry the names of that graph's outputs. */
const tailName = "tail";

/** `main` ends before the first ops without integer meaning; nothing of it remains where the graph begins with those. */
export function splitTail(graph: Graph): { readonly main?: Graph; readonly tail?: Graph } {
  const behind = new Set<Value>();
  const nodes = graph.nodes.filter((n) => {
    const floats = !hasIntegerMeaning(n) || n.operands.some((v) => behind.has(v));
    if (floats) behind.add(n.result);
    return floats;
  });
  if (nodes.length === 0) return { main: graph };
  const main = graph.nodes.filter((n) => !behind.has(n.result));
  if (main.length === 0) return {};
  const boundary = [
    ...new Set(nodes.flatMap((n) => n.operands.filter((v) => !isParam(v) && !behind.has(v)))),
  ];
  const outputs = [...new Set([...graph.outputs.filter((v) => !behind.has(v)), ...boundary])];
  return { main: { ...graph, nodes: main, outputs }, tail: tailOf(graph, nodes, boundary) };
}

function tailOf(graph: Graph, nodes: readonly Node[], boundary: readonly Value[]): Graph {
  const fixed = new Map<Value, Value>();
  const one = (v: Value): Value => {
    if (isParam(v)) return v;
    const made = fixed.get(v) ?? { ...v, type: atBatch(v.type, 1) };
    fixed.set(v, made);
    return made;
  };
  return {
    name: tailName,
    stage: "float",
    inputs: boundary.map(one),
    nodes: nodes.map((n) => ({ ...n, operands: n.operands.map(one), result: one(n.result) })),
    outputs: graph.outputs.filter((v) => nodes.some((n) => n.result === v)).map(one),
  };
}

/** The tail fed with the stored integers of `outputs` as floats: (x - zero) * scale stands in front of what it was. */
export function fedWithStored(tail: Graph, outputs: readonly Value[]): Graph {
  const fresh = namesIn(tail);
  const types = new Map(outputs.map((v) => [v.name, v.type]));
  const real = new Map<Value, Value>();
  const front = tail.inputs.flatMap((input): Node[] => {
    const { scale, zero, channels } = types.get(input.name)!.quant!;
    const rank = input.type.shape.length;
    const scales = Float32Array.from((channels?.data as Float32Array) ?? [1], (v) => v * scale);
    const step = (op: OpDef, x: Value, kind: string, data: Float32Array): Node => {
      const type = tensorType("f32", [...Array<number>(rank - 1).fill(1), data.length]);
      const param = makeParam(fresh(`${input.name}.${kind}`), type, data);
      return makeNode(op, [x, param], {}, { name: fresh(`${input.name}.${op.name}`), places: input.places });
    };
    const centred = zero === 0 ? [] : [step(sub, input, "zero", Float32Array.of(zero))];
    const scaled = step(mul, centred[0]?.result ?? input, "scale", scales);
    real.set(input, scaled.result);
    return [...centred, scaled];
  });
  const nodes = tail.nodes.map((n) => ({ ...n, operands: n.operands.map((v) => real.get(v) ?? v) }));
  return { ...tail, nodes: [...front, ...nodes] };
}
