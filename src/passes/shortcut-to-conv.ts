import { makeNode, makeParam } from "../ir/build.js";
import type { PlainPass } from "../ir/contracts.js";
import {
  type Graph,
  isParam,
  type Node,
  producersOf,
  unionPlaces,
  usersOf,
  type Value,
} from "../ir/graph.js";
import { add } from "../ir/ops/add.js";
import { batchnorm } from "../ir/ops/batchnorm.js";
import { concat } from "../ir/ops/concat.js";
import { conv } from "../ir/ops/conv.js";
import { padsWith } from "../ir/ops/pad.js";
import { transpose } from "../ir/ops/transpose.js";
import { removeDead } from "../ir/rewrite.js";
import { tensorType } from "../ir/type.js";
import { namesIn } from "./names.js";

/** `x` among zero channels: its first channel comes after `begin` of them. */
interface Widened {
  readonly x: Value;
  readonly begin: number;
  readonly nodes: readonly Node[];
}
type Producers = ReadonlyMap<Value, Node>;

const isZero = (v: Value): boolean => isParam(v) && v.data.every((e: number | bigint) => Number(e) === 0);

/** concat(zeros, x, zeros) along the channels. */
function byConcat(node: Node): Widened | undefined {
  const { operands, attrs, result } = node;
  const rank = result.type.shape.length;
  const at = operands.findIndex((v) => !isParam(v));
  const along = attrs.axis === -1 || attrs.axis === rank - 1;
  if (node.op !== concat || !along || at < 0 || operands.length < 2) return undefined;
  if (!operands.every((v, i) => i === at || isZero(v))) return undefined;
  const begin = operands.slice(0, at).reduce((sum, v) => sum + (v.type.shape.at(-1) as number), 0);
  return { x: operands[at]!, begin, nodes: [node] };
}

/** transpose(pad(transpose(x))), where only the channels are padded. */
function byPad(node: Node, producers: Producers): Widened | undefined {
  const pad = node.op === transpose ? producers.get(node.operands[0]!) : undefined;
  const inner = pad?.op.name === "pad" ? producers.get(pad.operands[0]!) : undefined;
  if (!pad || inner?.op !== transpose || !padsWith(pad, 0)) return undefined;
  const [there, back] = [inner.attrs.perm as readonly number[], node.attrs.perm as readonly number[]];
  const rank = there.length;
  const dim = there.indexOf(rank - 1) - 1;
  const pads = pad.attrs.pads as readonly number[];
  const inverse = back.every((from, to) => there[from] === to);
  const only = pads.every((p, i) => (i % (rank - 2) === dim ? p >= 0 : p === 0));
  if (!inverse || !only || dim < 0 || dim >= rank - 2 || pads.every((p) => p === 0)) return undefined;
  return { x: inner.operands[0]!, begin: pads[dim]!, nodes: [inner, pad, node] };
}

/** The 1x1 convolution and its norm. They begin as the zero padding that they replace. */
function convolution(root: Node, { x, begin, nodes }: Widened, name: (wish: string) => string): Node[] {
  const { result } = root;
  const [from, to] = [x.type.shape.at(-1) as number, result.type.shape.at(-1) as number];
  const places = unionPlaces(...nodes.map((n) => n.result.places));
  const vector = (what: string, value: number, trainable: boolean) =>
    makeParam(name(`${result.name}.${what}`), tensorType("f32", [to]), new Float32Array(to).fill(value), {
      trainable,
      places,
    });
  const kernel = new Float32Array(to * from);
  for (let c = 0; c < from; c++) kernel[(begin + c) * from + c] = 1;
  const shape = [to, ...x.type.shape.slice(1, -1).map(() => 1), from];
  const weight = makeParam(name(`${result.name}.weight`), tensorType("f32", shape), kernel, {
    trainable: true,
    places,
  });
  const mixed = makeNode(conv, [x, weight], {}, { name: name(`${result.name}.conv`), places });
  const [gamma, beta] = [vector("gamma", 1, true), vector("beta", 0, true)];
  const [mean, variance] = [vector("mean", 0, false), vector("var", 1, false)];
  const operands = [mixed.result, gamma, beta, mean, variance];
  return [mixed, makeNode(batchnorm, operands, {}, { name: result.name, places })];
}

function replaceAll(graph: Graph): Graph {
  if (graph.stage !== "float") return graph;
  const [producers, users] = [producersOf(graph), usersOf(graph)];
  const name = namesIn(graph);
  const map = new Map<Value, Value>();
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const current = { ...node, operands: node.operands.map((v) => map.get(v) ?? v) };
    const readers = users.get(node.result) ?? [];
    const isShortcut = readers.length > 0 && readers.every((n) => n.op === add);
    const widened =
      isShortcut && !graph.outputs.includes(node.result)
        ? (byConcat(current) ?? byPad(node, producers))
        : undefined;
    if (!widened) return [current];
    const made = convolution(node, { ...widened, x: map.get(widened.x) ?? widened.x }, name);
    map.set(node.result, made.at(-1)!.result);
    return made;
  });
  return map.size > 0 ? removeDead({ ...graph, nodes }) : graph;
}

export const shortcutToConv: PlainPass = {
  name: "shortcut-to-conv",
  summary:
    "Makes a shortcut that fills up channels with zeros a trainable 1x1 convolution with a batchnorm of its own.",
  changesFunction:
    "the convolutions begin as the padding that they replace, their norms take statistics of their own",
  run: replaceAll,
};
