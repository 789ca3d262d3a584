/** The sum of each op that has one, from operands that are integers already. */

import { highest, lowest } from "../../ir/bounds.js";
import { error, Refusal } from "../../ir/diagnostic.js";
import { isParam, type Node, type Param, type Value } from "../../ir/graph.js";
import { mul } from "../../ir/ops/mul.js";
import { prelu } from "../../ir/ops/prelu.js";
import { storages } from "../../ir/storage.js";
import { printType, type Quant, tensorType, zeroPoint } from "../../ir/type.js";
import { activationQuant, type Bits, stored } from "./activation.js";
import type { Activation } from "./assign.js";
import type { Chain } from "./chains.js";
import { weighted } from "./chains.js";
import type { Emitter } from "./emitter.js";
import { quantiseWeights, type WeightOptions } from "./weights.js";

export interface LayerContext {
  readonly e: Emitter;
  /** The integer value of a float value. */
  value(v: Value): Value;
  weights(sum: Node): WeightOptions;
  /** What is added to a bias so that the layer's mean comes out right: see `meanErrors`. */
  correction?(sum: Node, stored: Float32Array): Float32Array;
}

/** The i32 sum of a chain, its bend included. `to` is what it will be requantised to. */
export function sumOf(cx: LayerContext, chain: Chain, to: Activation): Value {
  const { bend } = chain;
  const name = cx.e.fresh(`${chain.end.name}.sum`);
  const y = lower(cx, chain, name, to);
  return bend ? bent(cx, bend, y, cx.e.fresh(`${chain.end.name}.bent`)) : y;
}

function lower(cx: LayerContext, chain: Chain, name: string, to: Activation): Value {
  const { sum } = chain;
  if (weighted.has(sum.op.name)) return weightedSum(cx, chain, name, to);
  switch (sum.op.name) {
    case "add":
    case "sub":
      return addition(cx, sum, name, to);
    case "mul":
      return product(cx, sum, name);
    case "prelu":
    case "leaky_relu":
      return bent(cx, sum, cx.value(sum.operands[0]!), name);
    default:
      return plainSum(cx, sum, name);
  }
}

/** The op itself on integers: of the user's own, too. */
function plainSum(cx: LayerContext, sum: Node, name: string): Value {
  const operands = sum.operands.map((v) => (isParam(v) ? constantOf(cx, v, sum) : cx.value(v)));
  const y = cx.e.node(sum.op, operands, sum.attrs, name, sum);
  if (y.type.storage === "i32" && y.type.quant) return y;
  throw new Refusal(
    error("quant/rule", `%${sum.result.name}: ${sum.op.name} gives no sum with a scale`, {
      ...(sum.result.places[0] ? { place: sum.result.places[0] } : {}),
      found: printType(y.type),
      expected: 'i32 with a scale, as its record says `quantise: "sum"`',
      help: "let `infer` give the result of integers with a scale a scale of its own",
    }),
  );
}

/** Largest |x - zero| of an integer value. */
function reachOf(cx: LayerContext, x: Value): number {
  const bounds = cx.e.bounds(x);
  const zero = zeroPoint(x.type);
  return Math.max(highest(bounds) - zero, zero - lowest(bounds), 1);
}

function weightedSum(cx: LayerContext, { sum, bend }: Chain, name: string, to: Activation): Value {
  const [input, w, b] = sum.operands as [Value, Param, Param | undefined];
  const x = cx.value(input);
  const channels = w.type.shape[0] as number;
  const options = cx.weights(sum);
  const steepest = bend ? steepestOf(bend) : 0;
  const scales = {
    input: x.type.quant!.scale,
    output: to.quant.scale,
    reach: reachOf(cx, x),
    steepest: Math.max(steepest, 1),
    // One bit is kept free for what rounds half up.
    widened: (reach: number) => (bend ? 2 * reach * steepest * unitOf(reach * steepest) : reach),
  };
  const bias = b?.data as Float32Array | undefined;
  let q = quantiseWeights(w.data as Float32Array, bias, channels, scales, options);
  if (cx.correction) {
    const taps = q.weights.length / channels;
    const real = Float32Array.from(q.weights, (v, i) => v * q.scales[Math.floor(i / taps)]!);
    const corrected = cx.correction(sum, real).map((v, c) => v + (bias?.[c] ?? 0));
    q = quantiseWeights(w.data as Float32Array, corrected, channels, scales, options);
  }
  const { e } = cx;
  const quant: Quant = options.perChannel
    ? {
        scale: 1,
        zero: 0,
        axis: 0,
        channels: e.param(`${w.name}.scale`, tensorType("f32", [channels]), q.scales),
      }
    : { scale: q.scales[0]!, zero: 0 };
  const origin = { param: w.name, bits: options.bits };
  const operands: Value[] = [
    x,
    e.param(`${w.name}.${q.storage}`, tensorType(q.storage, w.type.shape, quant), q.weights, origin),
  ];
  if (q.bias) {
    const from = b ? { param: b.name, bits: 32 } : undefined;
    operands.push(e.param(`${b?.name ?? `${w.name}.bias`}.i32`, tensorType("i32", [channels]), q.bias, from));
  }
  return e.node(sum.op, operands, sum.attrs, name, sum);
}

/** Bits that multipliers of an addition get; more would leave the sum of two bytes no room in 32 bits. */
const additionBits = 20;

/** Both operands at a scale `2^-additionBits` of the result's, so that their multipliers are as good as exact. */
function addition(cx: LayerContext, sum: Node, name: string, to: Activation): Value {
  const [a, b] = sum.operands.map((v) => (isParam(v) ? undefined : cx.value(v)));
  const present = [a, b].filter((v) => v !== undefined);
  const coarse = present.map((v) => v.type.quant!.scale / to.quant.scale);
  const reach = present.map((v) => reachOf(cx, v));
  const whole = coarse.reduce((total, c, i) => total + c * reach[i]!, 0);
  const finest = Math.min(additionBits, Math.floor(Math.log2(2 ** 29 / whole)));
  const first = Math.max(1, Math.round(coarse[0]! * 2 ** finest));
  // The second follows from the first, so that both stand for one scale as nearly as integers can.
  const factors = coarse.map((c) => Math.max(1, Math.round((first * c) / coarse[0]!)));
  if (a && b) return cx.e.node(sum.op, [a, b], { mul: factors }, name, sum);
  const [x, factor] = [present[0]!, factors[0]!];
  const constant = (a ? sum.operands[1] : sum.operands[0]) as Param;
  const scale = x.type.quant!.scale / factor;
  const param = cx.e.param(
    `${constant.name}.i32`,
    tensorType("i32", constant.type.shape, { scale, zero: 0 }),
    Int32Array.from(constant.data as Float32Array, (v) => Math.floor(v / scale + 0.5)),
    { param: constant.name, bits: 32 },
  );
  return a
    ? cx.e.node(sum.op, [x, param], { mul: [factor, 1] }, name, sum)
    : cx.e.node(sum.op, [param, x], { mul: [1, factor] }, name, sum);
}

function product(cx: LayerContext, sum: Node, name: string): Value {
  const operands = sum.operands.map((v) => (isParam(v) ? constantOf(cx, v, sum) : cx.value(v)));
  return cx.e.node(mul, operands, {}, name, sum);
}

/** A constant factor as an activation would be stored. */
export function constantOf(cx: LayerContext, constant: Param, sum: Node): Param {
  const data = constant.data as Float32Array;
  const [low, high] = [data.reduce((a, v) => Math.min(a, v), 0), data.reduce((a, v) => Math.max(a, v), 0)];
  const bits: Bits = cx.weights(sum).bits;
  const { storage, quant } = activationQuant({ low, high }, bits, false);
  return constantAs(cx, constant, { storage, quant });
}

/** A constant in a given type. */
export function constantAs(cx: LayerContext, constant: Param, { storage, quant }: Activation): Param {
  const data = new storages[storage].array(constant.data.length) as Int8Array;
  for (let i = 0; i < data.length; i++) data[i] = stored(Number(constant.data[i]), storage, quant);
  return cx.e.param(`${constant.name}.${storage}`, tensorType(storage, constant.type.shape, quant), data, {
    param: constant.name,
    bits: storages[storage].bits,
  });
}

/** Slope 1 of a bend counts this much, at most; less where the sum needs the room. */
const finestSlope = 2 ** 10;
/** What a bent sum may reach, so that 6 bits remain for a multiplier. */
const bentReach = 2 ** 25;

/** What slope 1 counts for a sum within `reach`: a power of two. */
function unitOf(reach: number): number {
  let unit = finestSlope;
  while (unit > 1 && reach * unit >= bentReach) unit /= 2;
  return unit;
}

function bent(cx: LayerContext, bend: Node, x: Value, name: string): Value {
  const reach = reachOf(cx, x) * steepestOf(bend);
  const positive = unitOf(reach);
  if (reach * positive >= 2 ** 31)
    throw new Refusal(
      error("quant/overflow", `%${bend.result.name}: its slopes take the sum out of 32 bits`, {
        ...(bend.result.places[0] ? { place: bend.result.places[0] } : {}),
        found: `a sum within ${reachOf(cx, x)} and a slope of ${steepestOf(bend)}`,
        help: "make the slopes smaller, or the sum, with fewer input channels",
      }),
    );
  const slopes = slopesOf(bend);
  const alpha = cx.e.param(
    `${bend.result.name}.alpha`,
    tensorType("i32", [slopes.length]),
    Int32Array.from(slopes, (s) => Math.floor(s * positive + 0.5)),
  );
  return cx.e.node(prelu, [x, alpha], { positive }, name, bend);
}

const slopesOf = ({ operands, attrs }: Node): readonly number[] =>
  operands[1] && isParam(operands[1]) ? [...operands[1].data].map(Number) : [attrs.alpha as number];
/** Largest magnitude of a bend's slopes, that of 1 above zero included. */
const steepestOf = (bend: Node): number => slopesOf(bend).reduce((most, s) => Math.max(most, Math.abs(s)), 1);
