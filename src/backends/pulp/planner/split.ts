/** Fully connected layers with more inputs than memory takes at once: sums over parts of the inputs, added up. */
import { makeNode, makeParam } from "../../../ir/build.js";
import type { Graph, Node, Param, Value } from "../../../ir/graph.js";
import { isParam } from "../../../ir/graph.js";
import { add } from "../../../ir/ops/add.js";
import { linear } from "../../../ir/ops/linear.js";
import { slice } from "../../../ir/ops/slice.js";
import { sizes } from "../../../ir/type.js";

/** Parts begin at multiples of this, where packed weights of every width begin a word. */
const grain = 16;

/** The columns [from, to) of a matrix of weights. */
function columns(w: Param, from: number, to: number, part: number): Param {
  const [rows, width] = sizes(w.type) as [number, number];
  const data = w.data.slice(0, rows * (to - from));
  for (let r = 0; r < rows; r++)
    for (let c = from; c < to; c++) data[r * (to - from) + c - from] = w.data[r * width + c]!;
  return makeParam(`${w.name}.part${part}`, { ...w.type, shape: [rows, to - from] }, data);
}

/** The nodes that compute `node` in parts of at most `most` inputs. */
function parts(node: Node, most: number): readonly Node[] {
  const [x, w, b] = node.operands as readonly [Value, Param, Value?];
  const width = sizes(x.type).at(-1)!;
  const count = Math.ceil(width / most);
  const step = Math.ceil(width / count / grain) * grain;
  const { name, places } = node.result;
  const made: Node[] = [];
  let sum: Value | undefined;
  for (let from = 0, i = 0; from < width; from += step, i++) {
    const to = Math.min(width, from + step);
    const attrs = { axis: x.type.shape.length - 1, begin: from, end: to };
    const piece = makeNode(slice, [x], attrs, { name: `${name}.part${i}`, places });
    const operands = [piece.result, columns(w, from, to, i), ...(b && i === 0 ? [b] : [])];
    const partial = makeNode(linear, operands, {}, { name: `${name}.sum${i}`, places });
    made.push(piece, partial);
    if (sum) {
      const named = to === width ? name : `${name}.sum0to${i}`;
      const total = makeNode(add, [sum, partial.result], {}, { name: named, places });
      made.push(total);
      sum = total.result;
    } else sum = partial.result;
  }
  return made;
}

/** Is it a fully connected layer on one vector? */
function splittable({ op, operands: [x, w] }: Node): boolean {
  if (op.name !== linear.name || !w || !isParam(w)) return false;
  const shape = sizes(x!.type);
  return shape.length === 2 && shape[0] === 1;
}

/**
 * The graph with every fully connected layer of more than `most(node)` inputs in parts. Sums of parts are exact: the
 * bound that the verifier proves holds in any order.
 */
export function splitSums(graph: Graph, most: (node: Node) => number): Graph {
  const replaced = new Map<Value, Value>();
  const nodes = graph.nodes.flatMap((given): readonly Node[] => {
    const node = { ...given, operands: given.operands.map((v) => replaced.get(v) ?? v) };
    const limit = splittable(node) ? Math.floor(most(node) / grain) * grain : 0;
    if (limit < grain || sizes(node.operands[0]!.type)[1]! <= limit) return [node];
    const made = parts(node, limit);
    replaced.set(given.result, made.at(-1)!.result);
    return made;
  });
  if (replaced.size === 0) return graph;
  return { ...graph, nodes, outputs: graph.outputs.map((v) => replaced.get(v) ?? v) };
}
