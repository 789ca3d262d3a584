/** Float graph and ranges in, integer graph out. */

import { definePass } from "../../ir/contracts.js";
import { type Diagnostic, error, Refusal } from "../../ir/diagnostic.js";
import { type Graph, isParam, type Node, type Range, type Value } from "../../ir/graph.js";
import { batchnorm } from "../../ir/ops/batchnorm.js";
import { clip } from "../../ir/ops/clip.js";
import { instancenorm } from "../../ir/ops/instancenorm.js";
import { lut } from "../../ir/ops/lut.js";
import { pad } from "../../ir/ops/pad.js";
import { storages } from "../../ir/storage.js";
import { atBatch, sameQuant, tensorType } from "../../ir/type.js";
import { isAffine } from "../norm-affine.js";
import { type Bits, stored } from "./activation.js";
import { type Activation, type Assignment, assign } from "./assign.js";
import { parseLayerBits } from "./bits.js";
import { emitterFor } from "./emitter.js";
import { constantAs, type LayerContext, sumOf } from "./layers.js";
import { meanErrors } from "./mean-errors.js";
import { lacksRule, tableOf } from "./meaning.js";
import { requantise, rescaled } from "./requantise.js";
import { fedWithStored, splitTail } from "./split-tail.js";

const bitChoices = { kind: "int", default: 8, min: 2, max: 8 } as const;

export const toInteger = definePass({
  name: "to-integer",
  summary: "Makes a float graph with known ranges an integer graph: 8, 4 or 2 bit weights and activations.",
  changesFunction: "it computes with rounded weights and activations",
  options: {
    weights: bitChoices,
    activations: bitChoices,
    layers: { kind: "text", optional: true },
    per_channel: { kind: "bool", default: true },
    zero_points: { kind: "bool", default: false },
    method: { kind: "enum", of: ["max", "mse"], default: "mse" },
    exact_multipliers: { kind: "bool", default: true },
    requant_tolerance: { kind: "float", default: 2 ** -10 },
    bias_correction: { kind: "bool", default: false },
    outputs: { kind: "enum", of: ["activation", "accumulator"], default: "activation" },
  },
  async run(graph, cx) {
    if (graph.stage !== "float") return graph;
    const { options } = cx;
    const { main, tail } = splitTail(graph);
    if (!main) return graph;
    const layers = parseLayerBits(options.layers, main, {
      weights: options.weights as Bits,
      activations: options.activations as Bits,
    });
    const correction = options.bias_correction ? await meanErrors(main, cx) : undefined;
    const integer = integerGraph(main, cx.ranges, {
      zeroPoints: options.zero_points,
      tolerance: options.requant_tolerance,
      accumulatorOutputs: options.outputs === "accumulator",
      activationBits: (v) => layers(v.name).activations,
      weights: (sum) => ({
        bits: layers(sum.result.name).weights,
        perChannel: options.per_channel,
        method: options.method,
        exactMultipliers: options.exact_multipliers,
      }),
      ...(correction ? { correction } : {}),
    });
    return { graph: integer, ...(tail ? { split: [fedWithStored(tail, integer.outputs)] } : {}) };
  },
});

interface IntegerOptions extends Pick<LayerContext, "weights" | "correction"> {
  readonly zeroPoints: boolean;
  readonly tolerance: number;
  readonly accumulatorOutputs: boolean;
  activationBits(value: Value): Bits;
}

/** Throws a `Refusal` with everything that has no integer meaning, or whose range is not known. */
function integerGraph(graph: Graph, ranges: readonly Range[], options: IntegerOptions): Graph {
  const refused = graph.nodes.flatMap((n) => refusal(n) ?? []);
  if (refused.length > 0) throw new Refusal(...refused);
  const assignment = assign(graph, ranges, { zeroPoints: options.zeroPoints, bits: options.activationBits });
  const e = emitterFor(graph);
  const made = new Map<Value, Value>();
  const inputs = graph.inputs.map((v): Value => {
    const { storage, quant } = assignment.of(v);
    return { ...v, type: tensorType(storage, atBatch(v.type, 1).shape, quant) };
  });
  for (const [i, v] of graph.inputs.entries()) made.set(v, inputs[i]!);
  const cx: LayerContext = { ...options, e, value: (v) => made.get(v)! };
  for (const node of graph.nodes) {
    const chain = assignment.chains.get(node);
    if (!chain && assignment.inside.has(node)) continue;
    if (!chain) {
      made.set(node.result, other(cx, node, assignment, options.tolerance));
      continue;
    }
    const to = assignment.of(chain.end);
    const sum = sumOf(cx, chain, to);
    made.set(
      chain.end,
      options.accumulatorOutputs && graph.outputs.includes(chain.end) && chain.clamps.length === 0
        ? sum
        : requantise(e, sum, chain, to, options.tolerance),
    );
  }
  const outputs = graph.outputs.map((v) => made.get(v)!);
  return renamed({ ...graph, stage: "integer", inputs, outputs, nodes: e.nodes }, graph);
}

/** Outputs that are sums carry the name of what they stand for. */
function renamed(integer: Graph, float: Graph): Graph {
  const swap = new Map<Value, Value>();
  for (const [i, v] of integer.outputs.entries())
    if (v.name !== float.outputs[i]!.name) swap.set(v, { ...v, name: float.outputs[i]!.name });
  if (swap.size === 0) return integer;
  const nodes = integer.nodes.map((n) => ({
    ...n,
    operands: n.operands.map((v) => swap.get(v) ?? v),
    result: swap.get(n.result) ?? n.result,
  }));
  return { ...integer, nodes, outputs: integer.outputs.map((v) => swap.get(v) ?? v) };
}

/** A node that is no sum. */
function other(cx: LayerContext, node: Node, types: Assignment, tolerance: number): Value {
  const { op, result } = node;
  const to = types.of(result);
  if (op.name === "concat") return concatenation(cx, node, to, tolerance);
  const x = cx.value(node.operands[0]!);
  if (op.name === "dropout") return x;
  const f = tableOf(node);
  if (f) return table(cx, node, f, x, to);
  return cx.e.node(op, [x], storedAttrs(node, to), result.name, node);
}

/** Attributes that hold real values become stored integers. */
function storedAttrs({ op, attrs }: Node, { storage, quant }: Activation): Node["attrs"] {
  const limit = (v: unknown) => (v === undefined ? undefined : stored(v as number, storage, quant));
  if (op === clip) return { ...attrs, lo: limit(attrs.lo), hi: limit(attrs.hi) };
  if (op === pad && attrs.value !== undefined) return { ...attrs, value: limit(attrs.value) };
  return attrs;
}

function concatenation(cx: LayerContext, node: Node, to: Activation, tolerance: number): Value {
  const operands = node.operands.map((v, i) => {
    if (isParam(v)) return constantAs(cx, v, to);
    const x = cx.value(v);
    if (x.type.storage === to.storage && sameQuant(x.type.quant, to.quant)) return x;
    return rescaled(cx.e, x, cx.e.fresh(`${node.result.name}.${i}`), node, to, tolerance);
  });
  return cx.e.node(node.op, operands, node.attrs, node.result.name, node);
}

function table(cx: LayerContext, node: Node, f: (x: number) => number, x: Value, to: Activation): Value {
  const { min, max } = storages[x.type.storage];
  const { scale, zero } = x.type.quant!;
  const entries = Array.from({ length: max - min + 1 }, (_, i) =>
    stored(f((min + i - zero) * scale), to.storage, to.quant),
  );
  const type = tensorType(to.storage, [entries.length], to.quant);
  const data = new storages[to.storage].array(entries.length) as Int8Array;
  data.set(entries);
  const param = cx.e.param(`${node.result.name}.table`, type, data);
  return cx.e.node(
    lut,
    [x, param],
    {},
    node.result.name,
    node,
    tensorType(to.storage, x.type.shape, to.quant),
  );
}

/** Norms that nothing took in, with the pass that helps, and ops without a rule; those without integer meaning are in the tail by now. */
function refusal(node: Node): Diagnostic | undefined {
  if (lacksRule(node)) return noRule(node);
  if (node.op !== batchnorm && node.op !== instancenorm) return undefined;
  const [text, help] = isAffine(node)
    ? [
        "is not folded",
        "run fold-norms, then norm-to-conv, which makes a convolution of what no other takes in",
      ]
    : [
        "normalises each input by its own statistics, which integers cannot follow",
        "run running-statistics, which changes the function, fine-tune, then fold-norms and norm-to-conv",
      ];
  const [place] = node.result.places;
  return error("quant/norm", `%${node.result.name}: this ${node.op.name} ${text}`, {
    ...(place ? { place } : {}),
    help,
  });
}

const noRule = ({ op, result }: Node): Diagnostic =>
  error("quant/rule", `%${result.name}: ${op.name} does not say how it becomes integers`, {
    ...(result.places[0] ? { place: result.places[0] } : {}),
    help: `give its record \`quantise\`: "sum", "same" or a table; or rewrite the graph without it before this pass`,
  });
