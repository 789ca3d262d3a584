/** ONNX nodes of a plan, with the attributes that DORY reads. */
import { lowest } from "../../../ir/bounds.js";
import type { Node, Param, Value } from "../../../ir/graph.js";
import { limitsOf } from "../../../ir/ops/clip.js";
import { requantClamp } from "../../../ir/ops/requant.js";
import { permute } from "../../../ir/tensor.js";
import { type ModelBuilder, modelBuilder, type OnnxAttribute, type OnnxTensor } from "../model.js";
import { channelsFirst, type Facts, ints, isMoved, onnxShape, paramAt, shapeOf, viewed } from "./facts.js";
import { bitsOf, type Plan, type Step } from "./plan.js";
import { exactInFloat, largest, levelsOf, pooledElements, type Scaling, scalingOf } from "./scaling.js";

/** As Quantlab writes; the newest opset in which Clip has attributes. */
const opset = 10;
/** ONNX's TensorProto.DataType. */
const [float, double] = [1, 11];

interface Emitter {
  readonly facts: Facts;
  readonly builder: ModelBuilder;
  node(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes?: Readonly<Record<string, OnnxAttribute | undefined>>,
  ): string;
}

/** ONNX's tensors may be called by numbers, the IR's values may not: the importer puts a v before them. */
export const onnxName = ({ name }: Value): string => name.replace(/^v(?=[\d.])/, "");

/** The model of a plan, as a builder that is complete. */
export function emitModel({ facts, steps }: Plan, name: string): ModelBuilder {
  const { graph } = facts;
  const values = [...graph.inputs, ...graph.nodes.map((n) => n.result)];
  const builder = modelBuilder({ graph: name, opset, producer: "pulsec" }, values.map(onnxName));
  let count = 0;
  const emitter: Emitter = {
    facts,
    builder,
    node(op, inputs, output, attributes = {}) {
      builder.node({ op, inputs, outputs: [output], attributes, name: `${op}_${count++}` });
      return output;
    },
  };
  for (const value of graph.inputs)
    builder.input({ name: onnxName(value), type: "f32", shape: onnxShape(value) });
  for (const step of steps) emitStep(emitter, step);
  for (const value of graph.outputs)
    builder.output({ name: onnxName(value), type: "f32", shape: onnxShape(value) });
  return builder;
}

function emitStep(e: Emitter, step: Step): void {
  if (step.kind === "sum") emitSum(e, step);
  else if (step.kind === "requant") emitRequant(e, step.node, step.perChannel);
  else emitters[step.node.op.name]!(e, step.node);
}

const floats = (
  e: Emitter,
  wish: string,
  shape: readonly number[],
  data: ArrayLike<number | bigint>,
): string => e.builder.constant(wish, { type: "f32", shape, data });
const input = (node: Node): string => onnxName(node.operands[0]!);

/** The window of a conv or pool. */
function windowAttributes(node: Node, kernel: readonly number[]) {
  return { kernel_shape: kernel, pads: ints(node, "pads"), strides: ints(node, "stride") };
}

function conv(e: Emitter, node: Node): void {
  const [w, b] = [paramAt(node, 1)!, paramAt(node, 2)];
  const shape = shapeOf(w);
  const perm = channelsFirst(shape.length);
  const weights = floats(
    e,
    onnxName(w),
    perm.map((a) => shape[a]!),
    permute(w.data, shape, perm),
  );
  const bias = b ? [floats(e, onnxName(b), shapeOf(b), b.data)] : [];
  e.node("Conv", [input(node), weights, ...bias], onnxName(node.result), {
    dilations: ints(node, "dilation"),
    group: node.attrs.groups as number,
    ...windowAttributes(node, shape.slice(1, -1)),
    ...weightBits(w),
  });
}
const weightBits = (w: Param) => ({ weight_bits: bitsOf(w), bias_bits: 32 });

/** Weights as [inputs, outputs]: DORY takes the axis that is as long as the input for the inputs. */
function linear(e: Emitter, node: Node): void {
  const [w, b] = [paramAt(node, 1)!, paramAt(node, 2)];
  const [width, depth] = shapeOf(w) as [number, number];
  const order = flattenedOrder(viewed(e.facts, node.operands[0]!), depth);
  const data = new Float64Array(depth * width);
  for (const [k, from] of order.entries())
    for (let n = 0; n < width; n++) data[k * width + n] = Number(w.data[n * depth + from]);
  const weights = floats(e, onnxName(w), [depth, width], data);
  const y = onnxName(node.result);
  if (!b) return void e.node("MatMul", [input(node), weights], y, weightBits(w));
  const bias = floats(e, onnxName(b), [width], b.data);
  const one = { float: 1 };
  e.node("Gemm", [input(node), weights, bias], y, {
    alpha: one,
    beta: one,
    transA: 0,
    transB: 0,
    ...weightBits(w),
  });
}

/** For each position of ONNX's flattened map, channels first, the position in the IR's. */
function flattenedOrder(map: Value, depth: number): readonly number[] {
  const positions = Array.from({ length: depth }, (_, i) => i);
  if (!isMoved(map)) return positions;
  const shape = shapeOf(map);
  return Array.from(permute(Int32Array.from(positions), shape, channelsFirst(shape.length)), Number);
}

function pad(e: Emitter, node: Node): void {
  const pads = ints(node, "pads");
  const half = pads.length / 2;
  const all = [0, 0, ...pads.slice(0, half), 0, 0, ...pads.slice(half)];
  e.node("Pad", [input(node)], onnxName(node.result), { mode: "constant", pads: all, value: { float: 0 } });
}

const flatten = (e: Emitter, node: Node): void =>
  void e.node("Flatten", [input(node)], onnxName(node.result), { axis: 1 });

const emitters: Readonly<Record<string, (e: Emitter, node: Node) => void>> = {
  conv,
  linear,
  pad,
  flatten,
  reshape: flatten,
  squeeze: flatten,
  maxpool: (e, node) =>
    void e.node(
      "MaxPool",
      [input(node)],
      onnxName(node.result),
      windowAttributes(node, ints(node, "kernel")),
    ),
  avgpool: (e, node) =>
    void e.node("AveragePool", [input(node)], onnxName(node.result), {
      ...windowAttributes(node, ints(node, "kernel")),
      count_include_pad: node.attrs.count_include_pad ? 1 : undefined,
    }),
  global_avgpool: (e, node) => void e.node("GlobalAveragePool", [input(node)], onnxName(node.result)),
};

/** Mul, Add, Div, Floor, Clip: in doubles where the numbers are beyond what floats hold exactly. */
function emitRequant(e: Emitter, node: Node, perChannel: boolean): void {
  const pooled = pooledElements(e.facts.producer(node.operands[0]!));
  const scaling = scalingOf(node, pooled);
  const isWide = largest(e.facts, node, scaling, pooled) > exactInFloat;
  const name = onnxName(node.result);
  const part = (what: string) => e.builder.fresh(`${name}.${what}`);
  const type = isWide ? "f64" : "f32";
  const constant = (what: string, tensor: Omit<OnnxTensor, "type">) =>
    e.builder.constant(`${name}.${what}`, { type, ...tensor });
  const list = channelList(node, perChannel);
  const bits = (list: readonly bigint[]) => (list.every((v) => BigInt.asIntN(32, v) === v) ? 32 : 64);
  let x = input(node);
  if (isWide) x = e.node("Cast", [x], part("wide"), { to: double });
  x = e.node("Mul", [x, constant("mul", list(scaling.mul))], part("scaled"), {
    mult_bits: bits(scaling.mul),
  });
  x = e.node("Add", [x, constant("add", list(scaling.add))], part("offset"), { add_bits: bits(scaling.add) });
  x = e.node("Div", [x, constant("div", { shape: [], data: [2 ** scaling.shift] })], part("quotient"));
  x = e.node("Floor", [x], part("floor"));
  if (isWide) x = e.node("Cast", [x], part("narrow"), { to: float });
  const { lo, hi } = requantClamp(limitsOf(node), node.result.type);
  e.node("Clip", [x], name, { max: { float: hi }, min: { float: lo }, out_bits: bitsOf(node.result) });
}

/** [C, 1, ...] against ONNX's [N, C, ...], or a scalar. */
function channelList(node: Node, perChannel: boolean) {
  const shape = shapeOf(node.result);
  const channels = shape.at(-1)!;
  return (list: Scaling["mul"]): Omit<OnnxTensor, "type"> => {
    if (list.length === 1 && !perChannel) return { shape: [], data: list };
    const data = list.length === 1 ? new Array<bigint>(channels).fill(list[0]!) : list;
    return { shape: [channels, ...shape.slice(2).map(() => 1)], data };
  };
}

/** Quantlab's Add: the requants of both operands and of the sum are attributes. */
function emitSum(e: Emitter, { node, operands, out }: Extract<Step, { kind: "sum" }>): void {
  const factors = ints(node, "mul");
  const sides = node.operands.map((value, i) => {
    const requant = operands[i];
    return requant
      ? { source: requant.operands[0]!, attributes: requantAttributes(`in${i + 1}`, requant) }
      : { source: value, attributes: factorAttributes(`in${i + 1}`, e.facts, value, factors[i]!) };
  });
  e.node(
    "Add",
    sides.map((s) => onnxName(s.source)),
    onnxName(out.result),
    {
      ...sides[0]!.attributes,
      ...sides[1]!.attributes,
      ...requantAttributes("out", out),
      out_signed: Number(levelsOf(out)!.signed),
      add_bits: 32,
    },
  );
}

type Numbers = Readonly<Record<string, number>>;
const addAttributes = (part: string, mul: number, add: number, shift: number, levels: number): Numbers => ({
  [`${part}_mul`]: mul,
  [`${part}_add`]: add,
  [`${part}_shift`]: shift,
  [`${part}_n_levels`]: levels,
  [`${part}_rq`]: 1,
});

function requantAttributes(part: string, requant: Node): Numbers {
  const { mul, add, shift } = scalingOf(requant);
  return addAttributes(part, Number(mul[0]), Number(add[0]), shift, levelsOf(requant)!.count);
}

/** An operand times an integer, with levels enough that nothing is clamped. */
function factorAttributes(part: string, facts: Facts, value: Value, factor: number): Numbers {
  const bounds = facts.bounds(value);
  const isSigned = lowest(bounds) < 0;
  let levels = 2 ** bitsOf(value);
  const reach = factor * 2 ** (bitsOf(value) - (isSigned ? 1 : 0));
  while ((isSigned ? levels / 2 : levels) < reach) levels *= 2;
  return addAttributes(part, factor, 0, 0, levels);
}
