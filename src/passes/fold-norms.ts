import { makeNode, makeParam } from "../ir/build.js";
import type { PlainPass } from "../ir/contracts.js";
import {
  type Graph,
  type Node,
  type Param,
  producersOf,
  unionPlaces,
  usersOf,
  type Value,
} from "../ir/graph.js";
import type { OpDef } from "../ir/op.js";
import { conv } from "../ir/ops/conv.js";
import { convTranspose } from "../ir/ops/conv_transpose.js";
import { linear } from "../ir/ops/linear.js";
import { removeDead } from "../ir/rewrite.js";
import { tensorType } from "../ir/type.js";
import { namesIn } from "./names.js";
import { affineOf, isAffine } from "./norm-affine.js";

const hosts: readonly OpDef[] = [conv, convTranspose, linear];

/** Ioffe and Szegedy, Batch Normalization, section 3.1: in inference a norm is an affine map per channel, and joins the one before it. */
export const foldNorms: PlainPass = {
  name: "fold-norms",
  summary:
    "Folds batchnorms and running instancenorms into the convolution or linear layer before them, which gets a bias.",
  run(graph) {
    const [producers, users] = [producersOf(graph), usersOf(graph)];
    const fresh = namesIn(graph);
    const map = new Map<Value, Value>();
    const nodes = graph.nodes.map((node) => {
      const host = isAffine(node) ? producers.get(node.operands[0]!) : undefined;
      const absorbed =
        host &&
        hosts.includes(host.op) &&
        users.get(host.result)!.length === 1 &&
        !graph.outputs.includes(host.result);
      const next = absorbed ? folded(substitute(host, map), node, fresh) : substitute(node, map);
      map.set(node.result, next.result);
      return next;
    });
    if (graph.nodes.every((n, i) => n.op === nodes[i]!.op)) return graph;
    const outputs = graph.outputs.map((v) => map.get(v) ?? v);
    return removeDead({ ...graph, nodes, outputs } as Graph);
  },
};

const substitute = (node: Node, map: ReadonlyMap<Value, Value>): Node =>
  node.operands.some((v) => (map.get(v) ?? v) !== v)
    ? { ...node, operands: node.operands.map((v) => map.get(v) ?? v) }
    : node;

/** The host with the norm's factors in its weights and offsets in its bias; gives what the norm gave, under its name. */
function folded(host: Node, norm: Node, fresh: (wish: string) => string): Node {
  const [x, w, b] = host.operands as [Value, Param, Param | undefined];
  const { factor, offset } = affineOf(norm);
  const taps = w.data.length / factor.length;
  const weights = Float32Array.from(w.data as Float32Array, (v, i) => v * factor[Math.floor(i / taps)]!);
  const bias = Float32Array.from(offset, (o, c) => o + factor[c]! * Number(b?.data[c] ?? 0));
  const made = (name: string, like: Param | undefined, type: Param["type"], data: Float32Array) =>
    makeParam(fresh(name), type, data, {
      trainable: true,
      places: unionPlaces(like?.places ?? [], norm.result.places),
      ...(like ? { origin: { ...like.origin, param: like.origin?.param ?? like.name } } : {}),
    });
  const operands = [
    x,
    made(`${w.name}.folded`, w, w.type, weights),
    made(`${b?.name ?? `${w.name}.bias`}.folded`, b, tensorType("f32", [factor.length]), bias),
  ];
  return makeNode(host.op, operands, host.attrs, {
    name: norm.result.name,
    places: unionPlaces(host.result.places, norm.result.places),
  });
}
