import { makeNode, makeParam } from "../ir/build.js";
import type { PlainPass } from "../ir/contracts.js";
import {
  type Graph,
  isParam,
  type Node,
  type Param,
  producersOf,
  unionPlaces,
  usersOf,
  type Value,
} from "../ir/graph.js";
import type { OpDef } from "../ir/op.js";
import { avgpool } from "../ir/ops/avgpool.js";
import { batchnorm } from "../ir/ops/batchnorm.js";
import { clip } from "../ir/ops/clip.js";
import { conv } from "../ir/ops/conv.js";
import { convTranspose } from "../ir/ops/conv_transpose.js";
import { crop } from "../ir/ops/crop.js";
import { dropout } from "../ir/ops/dropout.js";
import { instancenorm } from "../ir/ops/instancenorm.js";
import { leakyRelu } from "../ir/ops/leaky_relu.js";
import { maxpool } from "../ir/ops/maxpool.js";
import { pad } from "../ir/ops/pad.js";
import { prelu } from "../ir/ops/prelu.js";
import { relu } from "../ir/ops/relu.js";
import { sigmoid } from "../ir/ops/sigmoid.js";
import { tanh } from "../ir/ops/tanh.js";
import { upsample } from "../ir/ops/upsample.js";
import { tensorType } from "../ir/type.js";
import { namesIn } from "./names.js";

const norms: readonly OpDef[] = [batchnorm, instancenorm];
const convs: readonly OpDef[] = [conv, convTranspose];
const activations: readonly OpDef[] = [relu, prelu, leakyRelu, clip, sigmoid, tanh, dropout];
/** What may stand between a norm and the conv that it goes behind: it keeps channels apart. */
const passable: readonly OpDef[] = [...activations, pad, crop, upsample, maxpool, avgpool];

interface Facts {
  producer(value: Value): Node | undefined;
  /** The only reader of a value that is no output. */
  onlyUser(value: Value): Node | undefined;
  isOutput(value: Value): boolean;
}

function factsOf(graph: Graph): Facts {
  const [producers, users] = [producersOf(graph), usersOf(graph)];
  const isOutput = (value: Value): boolean => graph.outputs.includes(value);
  return {
    producer: (value) => producers.get(value),
    onlyUser(value) {
      const [first, ...more] = users.get(value) ?? [];
      return more.length > 0 || isOutput(value) ? undefined : first;
    },
    isOutput,
  };
}

/** Nothing but the norm reads what the conv gives, so the norm folds into it. */
function isInPlace(norm: Node, facts: Facts): boolean {
  const x = norm.operands[0]!;
  const producer = facts.producer(x);
  return producer !== undefined && convs.includes(producer.op) && facts.onlyUser(x) !== undefined;
}

/** conv, activations, norm: the conv and the last activation. */
function convBefore(norm: Node, facts: Facts): { conv: Node; last: Node } | undefined {
  let x = norm.operands[0]!;
  const last = facts.producer(x);
  for (;;) {
    const producer = facts.producer(x);
    if (!producer || !last || !facts.onlyUser(x)) return undefined;
    if (convs.includes(producer.op)) return producer === last ? undefined : { conv: producer, last };
    if (!activations.includes(producer.op)) return undefined;
    x = producer.operands[0]!;
  }
}

/** norm, activations and resampling, conv: the conv. None that gives an output: normalised, that would lose its level. */
function convBehind(norm: Node, facts: Facts): Node | undefined {
  let y = norm.result;
  for (;;) {
    const user = facts.onlyUser(y);
    if (!user) return undefined;
    if (convs.includes(user.op)) return facts.isOutput(user.result) ? undefined : user;
    if (!passable.includes(user.op)) return undefined;
    y = user.result;
  }
}

/** The graph with the first norm moved that can be, or nothing. */
function moveOne(graph: Graph): Graph | undefined {
  const facts = factsOf(graph);
  for (const norm of graph.nodes) {
    if (!norms.includes(norm.op) || isInPlace(norm, facts)) continue;
    const before = convBefore(norm, facts);
    if (before) return moveBack(graph, norm, before.conv, before.last);
    const behind = convBehind(norm, facts);
    if (behind) return moveOn(graph, norm, behind);
  }
  return undefined;
}

/** Before the activations: the channels are the same, so it keeps its params. */
function moveBack(graph: Graph, norm: Node, target: Node, last: Node): Graph {
  const moved = renewed(norm, target.result, norm.operands.slice(1));
  const others = graph.nodes.filter((n) => n !== norm);
  return insert({ ...graph, nodes: others }, target, moved, new Map([[norm.result, last.result]]));
}

/** Behind the next conv: other channels, so it starts anew. */
function moveOn(graph: Graph, norm: Node, target: Node): Graph {
  const channels = target.result.type.shape.at(-1) as number;
  const fresh = namesIn(graph);
  const params = norm.operands
    .slice(1)
    .filter(isParam)
    .map((p, i) => identity(p, fresh(`${p.name}.moved`), i, channels));
  const moved = renewed(norm, target.result, params);
  const others = graph.nodes.filter((n) => n !== norm);
  return insert({ ...graph, nodes: others }, target, moved, new Map([[norm.result, norm.operands[0]!]]));
}

/** gamma and var are 1, beta and mean 0: the norm of data that is normal already. */
function identity(old: Param, name: string, position: number, channels: number): Param {
  const data = new Float32Array(channels).fill(position === 0 || position === 3 ? 1 : 0);
  const { trainable, places } = old;
  return makeParam(name, tensorType("f32", [channels]), data, {
    trainable,
    places,
    origin: { param: old.name },
  });
}

function renewed(norm: Node, x: Value, params: readonly Value[]): Node {
  const { name, places } = norm.result;
  return makeNode(norm.op, [x, ...params], norm.attrs, {
    name,
    places: unionPlaces(places, x.places),
    ...(norm.comments ? { comments: norm.comments } : {}),
    ...(norm.remark === undefined ? {} : { remark: norm.remark }),
  });
}

/** Puts `added` behind `target`, whose readers read it instead; `bridged` values give way to others. */
function insert(graph: Graph, target: Node, added: Node, bridged: ReadonlyMap<Value, Value>): Graph {
  const map = new Map([...bridged, [target.result, added.result]]);
  const now = (v: Value): Value => map.get(v) ?? v;
  const nodes = graph.nodes.flatMap((n) => {
    const node = { ...n, operands: n.operands.map(now) };
    return n === target ? [node, added] : [node];
  });
  return keepNames({ ...graph, nodes, outputs: graph.outputs.map(now) }, graph.outputs);
}

/** Outputs are the graph's signature: the value that became one takes its name and gives its own away. */
function keepNames(graph: Graph, outputs: readonly Value[]): Graph {
  const names = new Map<string, string>();
  for (const [i, { name }] of graph.outputs.entries()) {
    const wanted = outputs[i]!.name;
    if (name !== wanted) names.set(name, wanted).set(wanted, name);
  }
  if (names.size === 0) return graph;
  const renamed = new Map<Value, Value>();
  const now = (v: Value): Value => renamed.get(v) ?? v;
  const nodes = graph.nodes.map((node) => {
    const { result } = node;
    const name = names.get(result.name);
    if (name !== undefined) renamed.set(result, { ...result, name });
    return { ...node, operands: node.operands.map(now), result: now(result) };
  });
  return { ...graph, nodes, outputs: graph.outputs.map(now) };
}

/** Ends: a norm goes on past convs, and back only to the conv that it came from. */
function moveAll(graph: Graph): Graph {
  if (graph.stage !== "float") return graph;
  let current = graph;
  for (let next = moveOne(current); next; next = moveOne(current)) current = next;
  return current;
}

export const normAfterConv: PlainPass = {
  name: "norm-after-conv",
  summary:
    "Moves a batchnorm or instancenorm of a float graph directly behind a convolution, so that it can be folded into it.",
  changesFunction: "moved norms normalise other values; those that moved past a convolution start anew",
  run: moveAll,
};
