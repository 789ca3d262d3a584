/** Matrices of weights as two thinner ones, by their largest singular values. */
import {
  definePass,
  type Graph,
  isParam,
  makeNode,
  makeParam,
  type Node,
  opNamed,
  type Param,
  printType,
  tensorType,
  type Value,
} from "pulsec";
import { singularValues } from "./svd.ts";

/** The weights, channels out times channels in, as `left` (out x rank) times `right` (rank x in). */
interface Factors {
  readonly left: Param;
  readonly right: Param;
  readonly rank: number;
  /** Largest singular value that was left out: no output moves by more than this times the length of its input. */
  readonly bound: number;
}

/** The weights of a node that multiplies each position by one matrix: a linear layer, a convolution with kernel 1. */
function matrixOf({ op, operands: [, w], attrs }: Node): Param | undefined {
  if (!w || !isParam(w)) return undefined;
  if (op === opNamed("linear")) return w;
  if (op !== opNamed("conv") || attrs.groups !== 1) return undefined;
  const pads = attrs.pads as readonly number[];
  return pads.every((p) => p === 0) && w.type.shape.slice(1, -1).every((k) => k === 1) ? w : undefined;
}

/** The smallest rank within the tolerance, if two factors of it multiply less than the matrix. */
function factorise(w: Param, tolerance: number): Factors | undefined {
  const shape = w.type.shape as readonly number[];
  const [rows, columns] = [shape[0]!, shape.at(-1)!];
  const { u, sigma, v } = singularValues(w.data as Float32Array, rows, columns);
  const energy = sigma.map((s) => s * s);
  const allowed = tolerance ** 2 * energy.reduce((a, b) => a + b, 0);
  let [rank, lost] = [sigma.length, 0];
  while (rank > 1 && lost + energy[rank - 1]! <= allowed) lost += energy[--rank]!;
  if (rank * (rows + columns) >= rows * columns) return undefined;
  const param = (name: string, out: number, into: number, at: (row: number, column: number) => number) =>
    makeParam(
      `${w.name}.${name}`,
      tensorType("f32", [out, ...shape.slice(1, -1), into]),
      Float32Array.from({ length: out * into }, (_, i) => at(Math.floor(i / into), i % into)),
      { trainable: w.trainable, origin: { param: w.name }, places: w.places },
    );
  // Both get the root of the singular value, so that neither needs a wider range than the other.
  const left = param("left", rows, rank, (r, k) => u[k]![r]! * Math.sqrt(sigma[k]!));
  const right = param("right", rank, columns, (k, c) => v[k]![c]! * Math.sqrt(sigma[k]!));
  return { left, right, rank, bound: sigma[rank] ?? 0 };
}

/** Left times (right times x). Strides belong to the first, which then computes fewer positions. */
function split({ op, operands, attrs, result }: Node, { left, right }: Factors): readonly [Node, Node] {
  const [x, , bias] = operands as readonly [Value, Value, Value | undefined];
  const { name, places } = result;
  const first = makeNode(op, [x, right], attrs, { name: `${name}.thin`, places });
  const second = makeNode(op, [first.result, left, ...(bias ? [bias] : [])], {}, { name, places });
  return [first, second];
}

export const lowRank = definePass({
  name: "low-rank",
  summary: "Makes two thinner layers of a pointwise convolution or linear layer where they multiply less.",
  changesFunction: "weights are only as near to what they were as the tolerance says",
  options: { tolerance: { kind: "float", default: 0.1 } },
  run(graph, { options, report }): Graph {
    if (graph.stage !== "float") return graph;
    const known = new Map<Param, Factors | undefined>();
    const factorsOf = (w: Param): Factors | undefined => {
      if (!known.has(w)) known.set(w, factorise(w, options.tolerance));
      return known.get(w);
    };
    const replaced = new Map<Value, Value>();
    const now = (v: Value): Value => replaced.get(v) ?? v;
    const nodes = graph.nodes.flatMap((before): readonly Node[] => {
      const node = { ...before, operands: before.operands.map(now) };
      const w = matrixOf(node);
      const factors = w && factorsOf(w);
      if (!factors) return [node];
      const made = split(node, factors);
      replaced.set(before.result, made[1].result);
      report({
        id: "low-rank/replaced",
        severity: "note",
        text: `%${node.result.name}: ${printType(w.type)} has rank ${factors.rank} now`,
        found: `at every position |y - y'| <= ${factors.bound.toPrecision(3)} * |x|`,
      });
      return made;
    });
    if (replaced.size === 0) return graph;
    return { ...graph, nodes, outputs: graph.outputs.map(now) };
  },
});
