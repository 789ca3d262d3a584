/** Fully connected layers whose input and weights do not fit L1 together: sums over slices of the input, added up. */
import { makeNode, makeParam } from "../../ir/build.js";
import { type Graph, isParam, type Node, type Param, type Value } from "../../ir/graph.js";
import { add } from "../../ir/ops/add.js";
import { conv } from "../../ir/ops/conv.js";
import { reshape } from "../../ir/ops/reshape.js";
import { slotBytes } from "../../ir/storage.js";
import { elements, sizes, type TensorType, tensorType } from "../../ir/type.js";

/** Channels of weights that a kernel holds together, what it holds beside them, and what slices are a multiple of. */
const block = 4;
const beside = 1024;
const grain = 16;

/** Length of the slices of a linear node's input under a budget; nothing where it fits, or cannot be cut evenly. */
function sliceOf(node: Node, l1: number): number | undefined {
  const [x, w] = node.operands;
  if (node.op.name !== "linear" || !isParam(w!) || x!.type.shape.length !== 2) return undefined;
  const channels = elements(x!.type);
  if (channels !== sizes(w.type)[1]) return undefined;
  const each = slotBytes(x!.type.storage) * (1 + block);
  const fits = (n: number) => each * n + beside <= l1;
  if (fits(channels)) return undefined;
  const lengths = Array.from({ length: channels }, (_, i) => channels - i);
  const even = lengths.filter((n) => channels % n === 0 && fits(n));
  return even.find((n) => n % grain === 0) ?? even.find((n) => n % block === 0) ?? even.find((n) => n > 1);
}

/** The columns [from, from + length) of the weights, as those of a convolution with one tap. */
function columnsOf(w: Param, from: number, length: number): Param {
  const [co, ci] = sizes(w.type) as [number, number];
  const data = w.data.slice(0, co * length);
  for (let o = 0; o < co; o++)
    data.set(w.data.subarray(o * ci + from, o * ci + from + length) as never, o * length);
  return makeParam(`${w.name}.slice${from}`, tensorType(w.type.storage, [co, 1, length]), data, {
    places: w.places,
  });
}

/** Scales are left out: the sums of the slices are parts of a value that has one. */
function withoutScale(v: Value | undefined): Value | undefined {
  if (!v || !isParam(v)) return v;
  return makeParam(`${v.name}.raw`, tensorType(v.type.storage, v.type.shape), v.data, { places: v.places });
}

/** Nodes that compute the same as a linear one, whose result the last of them has. */
function sliced(node: Node, length: number): readonly Node[] {
  const [x, w, b] = node.operands as readonly [Value, Param, Value?];
  const { name, places } = node.result;
  const count = elements(x.type) / length;
  const nodes: Node[] = [];
  const emit = (made: Node): Value => {
    nodes.push(made);
    return made.result;
  };
  const view = emit(makeNode(reshape, [x], { shape: [0, count, length] }, { name: `${name}.view`, places }));
  const part = (i: number): Value => {
    const bias = i === 0 ? withoutScale(b) : undefined;
    const operands = [view, columnsOf(w, i * length, length), ...(bias ? [bias] : [])];
    // Negative pads crop: what is left is the slice.
    const pads = [-i, i + 1 - count];
    return emit(makeNode(conv, operands, { pads }, { name: `${name}.slice${i}`, places }));
  };
  let sum = part(0);
  for (let i = 1; i < count; i++)
    sum = emit(makeNode(add, [sum, part(i)], {}, { name: `${name}.sum${i}`, places }));
  const type: TensorType = node.result.type;
  const last = makeNode(reshape, [sum], { shape: sizes(type) }, { name: `${name}.joined`, places });
  return [...nodes, { ...last, result: node.result }];
}

/** The graph with every fully connected layer cut that is too large for `l1` bytes; the same integers. */
export function withSlicedSums(graph: Graph, l1: number): Graph {
  const cut = new Map(graph.nodes.map((n) => [n, sliceOf(n, l1)] as const));
  if ([...cut.values()].every((length) => length === undefined)) return graph;
  const nodes = graph.nodes.flatMap((n) => {
    const length = cut.get(n);
    return length === undefined ? [n] : sliced(n, length);
  });
  return { ...graph, nodes };
}
