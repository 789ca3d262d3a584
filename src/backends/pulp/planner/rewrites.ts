/** Nodes that no tile kernel knows, as others that one does, with the same integers. */
import { makeNode, makeParam } from "../../../ir/build.js";
import type { Graph, Node, Value } from "../../../ir/graph.js";
import { conv } from "../../../ir/ops/conv.js";
import { linear } from "../../../ir/ops/linear.js";
import { pad } from "../../../ir/ops/pad.js";
import { squeeze } from "../../../ir/ops/squeeze.js";
import { activationStorages } from "../../../ir/storage.js";
import { sizes, tensorType } from "../../../ir/type.js";

type Rewrite = (node: Node) => readonly Node[] | undefined;

/** The node with the value that others know. */
const giving = (node: Node, result: Value): Node => ({ ...node, result });

/** A convolution whose borders repeat the input: a pad, and a convolution without. */
const repeatedBorders: Rewrite = ({ op, attrs, operands: [x, ...others], result }) => {
  const pads = attrs.pads as readonly number[];
  if (op !== conv || attrs.pad_mode === "constant" || pads.every((p) => p === 0)) return undefined;
  const { name, places } = result;
  const wider = makeNode(pad, [x!], { pads, pad_mode: attrs.pad_mode! }, { name: `${name}.padded`, places });
  const rest = { ...attrs, pads: pads.map(() => 0), pad_mode: "constant" };
  return [wider, giving(makeNode(conv, [wider.result, ...others], rest, { name, places }), result)];
};

const reductions: ReadonlySet<string> = new Set(["reduce_sum", "reduce_mean"]);

/** Sums over channels: a fully connected layer whose weights are all 1. */
function overChannels(x: Value, name: string): Node {
  const channels = sizes(x.type).at(-1)!;
  const type = tensorType("i8", [1, channels], x.type.quant && { scale: 1, zero: 0 });
  const ones = makeParam(`${name}.ones`, type, new Int8Array(channels).fill(1));
  return makeNode(linear, [x, ones], {}, { name });
}

/** Sums over channels, then over what else there is; axes that go, go last. */
const sums: Rewrite = ({ op, attrs, operands: [x], result }) => {
  if (!reductions.has(op.name)) return undefined;
  const rank = x!.type.shape.length;
  const axes = (attrs.axes as readonly number[]).map((a) => (a < 0 ? a + rank : a));
  const mixing =
    axes.includes(rank - 1) && (activationStorages as readonly string[]).includes(x!.type.storage);
  const shifting = attrs.keepdims === false && rank === 4 && axes.join() === "2";
  if (rank < 2 || !(mixing || shifting)) return undefined;
  const { name, places } = result;
  const nodes: Node[] = mixing ? [overChannels(x!, `${name}.channels`)] : [];
  const others = mixing ? axes.filter((a) => a !== rank - 1) : axes;
  if (others.length > 0) {
    const from = nodes.at(-1)?.result ?? x!;
    nodes.push(makeNode(op, [from], { axes: others, keepdims: true }, { name: `${name}.kept`, places }));
  }
  if (attrs.keepdims === false)
    nodes.push(makeNode(squeeze, [nodes.at(-1)!.result], { axes }, { name, places }));
  return nodes.with(-1, giving(nodes.at(-1)!, result));
};

const rewrites: readonly Rewrite[] = [repeatedBorders, sums];

/** The graph in ops that tile kernels know, as far as there are rules. Values of the graph stay the same ones. */
export function rewritten(graph: Graph): Graph {
  const all = (node: Node): readonly Node[] => {
    for (const rewrite of rewrites) {
      const made = rewrite(node);
      if (made) return made;
    }
    return [node];
  };
  return { ...graph, nodes: graph.nodes.flatMap(all) };
}
