import { makeParam } from "../ir/build.js";
import type { PlainPass } from "../ir/contracts.js";
import { type Graph, isParam, type Node, type Param, usersOf, type Value } from "../ir/graph.js";
import type { OpDef } from "../ir/op.js";
import { avgpool } from "../ir/ops/avgpool.js";
import { conv } from "../ir/ops/conv.js";
import { globalAvgpool } from "../ir/ops/global_avgpool.js";
import { linear } from "../ir/ops/linear.js";
import { maxpool } from "../ir/ops/maxpool.js";
import { prelu } from "../ir/ops/prelu.js";
import { relu } from "../ir/ops/relu.js";
import { upsample } from "../ir/ops/upsample.js";
import { namesIn } from "./names.js";

const layers: readonly OpDef[] = [conv, linear];
/** f(s * x) = s * f(x) for s > 0, channel by channel. */
const homogeneous: readonly OpDef[] = [relu, prelu, maxpool, avgpool, globalAvgpool, upsample];
/** Factors beyond this would only move the trouble into the activations. */
const mostScaling = 2 ** 6;

/** Nagel et al., Data-Free Quantization through Weight Equalization and Bias Correction, section 4.1. */
export const equalise: PlainPass = {
  name: "equalise",
  summary:
    "Scales channels between two layers so that both have weights of like size per channel: less is lost when they are rounded.",
  run(graph) {
    let current = graph;
    for (const first of graph.nodes) current = equalised(current, first.result.name);
    return current;
  },
};

interface Pair {
  readonly first: Node;
  readonly second: Node;
}

/** The layer that alone reads what `first` gives, through ops that let scales pass. */
function pairOf(graph: Graph, first: Node): Pair | undefined {
  const users = usersOf(graph);
  let value = first.result;
  for (;;) {
    const [next, ...more] = users.get(value) ?? [];
    if (!next || more.length > 0 || graph.outputs.includes(value) || next.operands[0] !== value)
      return undefined;
    if (homogeneous.includes(next.op)) value = next.result;
    else return layers.includes(next.op) && takesChannels(next, value) ? { first, second: next } : undefined;
  }
}
const takesChannels = ({ operands: [, w], attrs }: Node, value: Value): boolean =>
  ((attrs.groups as number | undefined) ?? 1) === 1 && w!.type.shape.at(-1) === value.type.shape.at(-1);

function equalised(graph: Graph, name: string): Graph {
  const first = graph.nodes.find((n) => n.result.name === name)!;
  const pair =
    layers.includes(first.op) && first.operands.slice(1).every(isParam) ? pairOf(graph, first) : undefined;
  if (!pair) return graph;
  const [w1, w2] = [pair.first.operands[1] as Param, pair.second.operands[1] as Param];
  const users = graph.nodes.filter((n) => n.operands.includes(w1) || n.operands.includes(w2));
  if (users.length !== 2) return graph;
  const factors = factorsOf(w1, w2);
  if (factors.every((s) => s === 1)) return graph;
  const fresh = namesIn(graph);
  const remade = (p: Param, data: Float32Array): Param =>
    makeParam(fresh(`${p.name}.equal`), p.type, data, {
      trainable: p.trainable,
      places: p.places,
      origin: { ...p.origin, param: p.origin?.param ?? p.name },
    });
  const taps = w1.data.length / factors.length;
  const map = new Map<Value, Value>([
    [
      w1,
      remade(
        w1,
        Float32Array.from(w1.data as Float32Array, (v, i) => v / factors[Math.floor(i / taps)]!),
      ),
    ],
    [
      w2,
      remade(
        w2,
        Float32Array.from(w2.data as Float32Array, (v, i) => v * factors[i % factors.length]!),
      ),
    ],
  ]);
  const b1 = pair.first.operands[2] as Param | undefined;
  if (b1)
    map.set(
      b1,
      remade(
        b1,
        Float32Array.from(b1.data as Float32Array, (v, c) => v / factors[c]!),
      ),
    );
  const changed = (n: Node) =>
    n === pair.first || n === pair.second ? { ...n, operands: n.operands.map((v) => map.get(v) ?? v) } : n;
  return { ...graph, nodes: graph.nodes.map(changed) };
}

/** s = sqrt(r1 / r2) per channel between the layers, r the largest weight: afterwards both are sqrt(r1 * r2). Powers of two, so that nothing is rounded. */
function factorsOf(w1: Param, w2: Param): readonly number[] {
  const channels = w1.type.shape[0] as number;
  const taps = w1.data.length / channels;
  const [r1, r2] = [new Float64Array(channels), new Float64Array(channels)];
  for (const [i, v] of (w1.data as Float32Array).entries())
    r1[Math.floor(i / taps)] = Math.max(r1[Math.floor(i / taps)]!, Math.abs(v));
  for (const [i, v] of (w2.data as Float32Array).entries())
    r2[i % channels] = Math.max(r2[i % channels]!, Math.abs(v));
  return Array.from({ length: channels }, (_, c) => {
    if (r1[c] === 0 || r2[c] === 0) return 1;
    const exponent = Math.round(Math.log2(Math.sqrt(r1[c]! / r2[c]!)));
    return 2 ** Math.min(Math.max(exponent, -Math.log2(mostScaling)), Math.log2(mostScaling));
  });
}
