/** Layers with more constants than L2 holds at once: parts of their output channels, each with its own constants, joined. */
import { makeNode, makeParam } from "../../../ir/build.js";
import { type Graph, isParam, type Node, type Param, usersOf, type Value } from "../../../ir/graph.js";
import { concat } from "../../../ir/ops/concat.js";
import { type IntStorage, storages } from "../../../ir/storage.js";
import { sizes } from "../../../ir/type.js";
import { foldable } from "./epilogue.js";

/** Parts begin at multiples of this: kernels work on groups of four channels, and joins want multiples of four. */
const grain = 4;

const channelsOf = (node: Node): number => sizes(node.result.type).at(-1)!;
const weightBytes = ({ operands: [, w] }: Node): number =>
  w && isParam(w) ? (w.data.length * storages[w.type.storage as IntStorage].bits) / 8 : 0;

/** Are the output channels independent sums over all inputs? */
const splittable = ({ op, attrs }: Node): boolean =>
  op.name === "linear" || ((op.name === "conv" || op.name === "conv_transpose") && attrs.groups === 1);

/** The layer that begins at `anchor`: what requantises and clamps its sums, where nothing else reads them. */
function chainFrom(anchor: Node, graph: Graph, users: ReadonlyMap<Value, readonly Node[]>): readonly Node[] {
  const chain = [anchor];
  for (;;) {
    const { result } = chain.at(-1)!;
    const [next, ...others] = users.get(result) ?? [];
    if (!next || others.length > 0 || graph.outputs.includes(result)) return chain;
    const fits = foldable(next) && (next.op.name === "requant") === (chain.length === 1);
    if (!fits || next.operands[0] !== result) return chain;
    chain.push(next);
  }
}

interface Cut {
  readonly from: number;
  readonly to: number;
  readonly part: number;
  /** Of the whole layer. */
  readonly channels: number;
}

/** The rows of a param that has one per channel, or the param itself. */
function rows(p: Param, { from, to, part, channels }: Cut): Param {
  const shape = sizes(p.type);
  if (shape[0] !== channels) return p;
  const each = p.data.length / channels;
  const { quant, ...bare } = p.type;
  const own = quant?.channels && {
    ...quant,
    channels: { ...quant.channels, data: quant.channels.data.slice(from, to) },
  };
  const type = { ...bare, ...(quant ? { quant: own ?? quant } : {}), shape: [to - from, ...shape.slice(1)] };
  return makeParam(`${p.name}.part${part}`, type, p.data.slice(from * each, to * each), p);
}

/** One node of a layer for some of its channels. */
function partOf(node: Node, x: Value, cut: Cut): Node {
  const { shape, quant, ...bare } = node.result.type;
  const { shift } = node.attrs as { shift?: readonly number[] };
  const attrs =
    shift && shift.length > 1 ? { ...node.attrs, shift: shift.slice(cut.from, cut.to) } : node.attrs;
  const operands = [x, ...node.operands.slice(1).map((v) => (isParam(v) ? rows(v, cut) : v))];
  const type = { ...bare, ...(quant ? { quant } : {}), shape: shape.with(-1, cut.to - cut.from) };
  const { name, places } = node.result;
  const typed = node.op.name === "requant" ? { type } : {};
  return makeNode(node.op, operands, attrs, { name: `${name}.part${cut.part}`, places, ...typed });
}

function parts(chain: readonly Node[], most: number): readonly Node[] {
  const [anchor, last] = [chain[0]!, chain.at(-1)!];
  const channels = channelsOf(anchor);
  const count = Math.ceil(weightBytes(anchor) / most);
  const step = Math.ceil(channels / count / grain) * grain;
  const made: Node[] = [];
  const ends: Value[] = [];
  for (let from = 0, part = 0; from < channels; from += step, part++) {
    let x = anchor.operands[0]!;
    for (const node of chain) {
      const piece = partOf(node, x, { from, to: Math.min(channels, from + step), part, channels });
      made.push(piece);
      x = piece.result;
    }
    ends.push(x);
  }
  const { name, places } = last.result;
  return [...made, makeNode(concat, ends, { axis: last.result.type.shape.length - 1 }, { name, places })];
}

/** The graph with every layer of more than `most` bytes of weights in parts of its output channels. */
export function splitChannels(graph: Graph, most: number): Graph {
  const users = usersOf(graph);
  const replaced = new Map<Value, Value>();
  const done = new Set<Node>();
  const nodes = graph.nodes.flatMap((given): readonly Node[] => {
    if (done.has(given)) return [];
    const node = { ...given, operands: given.operands.map((v) => replaced.get(v) ?? v) };
    if (!splittable(node) || weightBytes(node) <= most || channelsOf(node) <= grain) return [node];
    const chain = chainFrom(given, graph, users);
    for (const n of chain) done.add(n);
    const made = parts([node, ...chain.slice(1)], most);
    replaced.set(chain.at(-1)!.result, made.at(-1)!.result);
    return made;
  });
  if (replaced.size === 0) return graph;
  return { ...graph, nodes, outputs: graph.outputs.map((v) => replaced.get(v) ?? v) };
}
