import { makeNode, makeParam } from "../ir/build.js";
import type { PlainPass } from "../ir/contracts.js";
import type { Node, Value } from "../ir/graph.js";
import { conv } from "../ir/ops/conv.js";
import { activation, tensorType } from "../ir/type.js";
import { namesIn } from "./names.js";
import { affineOf, isAffine } from "./norm-affine.js";

export const normToConv: PlainPass = {
  name: "norm-to-conv",
  summary:
    "Makes batchnorms and running instancenorms that nothing takes in depthwise convolutions of one tap, which integers can compute.",
  run(graph) {
    const fresh = namesIn(graph);
    const map = new Map<Value, Value>();
    const nodes = graph.nodes.map((node): Node => {
      const operands = node.operands.map((v) => map.get(v) ?? v);
      const rank = node.result.type.shape.length;
      if (!isAffine(node) || (rank !== 3 && rank !== 4)) {
        if (operands.every((v, i) => v === node.operands[i])) return node;
        return { ...node, operands };
      }
      const made = depthwise(node, operands[0]!, fresh);
      map.set(node.result, made.result);
      return made;
    });
    if (map.size === 0) return graph;
    return { ...graph, nodes, outputs: graph.outputs.map((v) => map.get(v) ?? v) };
  },
};

function depthwise(norm: Node, x: Value, fresh: (wish: string) => string): Node {
  const { factor, offset } = affineOf(norm);
  const { spatial, channels } = activation(x.type);
  const { name, places } = norm.result;
  const shape = [channels, ...spatial.map(() => 1), 1];
  const options = { trainable: true, places };
  const w = makeParam(fresh(`${name}.weight`), tensorType("f32", shape), Float32Array.from(factor), options);
  const b = makeParam(
    fresh(`${name}.bias`),
    tensorType("f32", [channels]),
    Float32Array.from(offset),
    options,
  );
  return makeNode(conv, [x, w, b], { groups: channels }, { name, places });
}
