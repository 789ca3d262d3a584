/** What stays float behind the integer graph: a graph of its own, fed with stored integers as floats. */
import { GraphBuilder } from "../../../ir/build.js";
import { type Graph, isParam, producersOf, type Value } from "../../../ir/graph.js";
import type { OpDef } from "../../../ir/op.js";
import { tensor } from "../../../ir/tensor.js";
import { tensorType, zeroPoint } from "../../../ir/type.js";
import { stored } from "./emit.js";
import { type PerChannel, type Real, type Sum, sumOf } from "./real.js";
import { type State, Stuck } from "./state.js";

export interface Tail {
  readonly graph: Graph;
  /** Integer values that it reads, in the order of its inputs. */
  readonly boundary: readonly Value[];
}

/** The graph of `outputs`, floats of the source. Its inputs are named as the integer values that they continue. */
export function tailFor(s: State, outputs: readonly Value[], ops: readonly OpDef[]): Tail {
  const boundary = built(s, outputs, ops, []).boundary;
  return built(s, outputs, ops, boundary);
}

/** The one integer value behind a real, as a sum. */
function crossing(s: State, real: Real | undefined): Sum | undefined {
  if (real?.kind === "sum" && real.terms.length === 1 && !isParam(real.terms[0]!.value)) return real;
  const value = real && real.kind !== "mapped" && real.kind !== "entering" ? stored(s, real) : undefined;
  return value && sumOf({ value, zero: zeroPoint(value.type), scale: [value.type.quant!.scale] });
}

/** The builder of the tail with what is in it so far. */
interface Growing {
  readonly builder: GraphBuilder;
  readonly inputs: Map<Value, Value>;
  op(name: string): OpDef;
}

function inputFor({ builder, inputs }: Growing, v: Value): Value {
  const value = inputs.get(v) ?? builder.input(v.name, tensorType("f32", v.type.shape), v.places);
  inputs.set(v, value);
  return value;
}

/** x with a number, or one per channel. */
function withNumbers(g: Growing, op: string, x: Value, name: string, list: PerChannel): Value {
  const last = x.type.shape.length - 1;
  const type = tensorType(
    "f32",
    x.type.shape.map((_, i) => (i === last ? list.length : 1)),
  );
  const param = g.builder.param(`${name}.${op}`, type, tensor(type, list).data);
  return g.builder.add(g.op(op), [x, param], {}, { name, places: x.places });
}

/** The real numbers that stored integers stand for. An offset far below their step is rounding of the file's own scales. */
function dequantised(g: Growing, { terms: [t], offset, lo, hi }: Sum, name: string): Value {
  let x = inputFor(g, t!.value);
  if (t!.zero !== 0) x = withNumbers(g, "sub", x, name, [t!.zero]);
  x = withNumbers(g, "mul", x, name, t!.scale);
  const step = Math.min(...t!.scale.map(Math.abs));
  if (offset.some((v) => Math.abs(v) > 1e-3 * step)) x = withNumbers(g, "add", x, name, offset);
  const limits = { ...(lo > -Infinity ? { lo } : {}), ...(hi < Infinity ? { hi } : {}) };
  return Object.keys(limits).length > 0 ? g.builder.add(g.op("clip"), [x], limits, { name }) : x;
}

function built(s: State, outputs: readonly Value[], ops: readonly OpDef[], known: readonly Value[]): Tail {
  const byName = new Map(ops.map((op) => [op.name, op]));
  const builder = new GraphBuilder("tail", "float");
  const g: Growing = { builder, inputs: new Map(), op: (name) => byName.get(name)! };
  for (const v of known) inputFor(g, v);
  const producers = producersOf(s.source);
  const done = new Map<Value, Value>();
  const made = (v: Value): Value => {
    const sum = crossing(s, s.reals.get(v));
    if (sum) return dequantised(g, sum, v.name);
    const node = producers.get(v);
    if (!node || node.op.name === "dequantize")
      throw new Stuck(node, `the float input ${v.name} reaches an output without being quantised`);
    const { name, places } = v;
    return builder.add(node.op, node.operands.map(floatOf), node.attrs, { name, places });
  };
  const floatOf = (v: Value): Value => {
    const value = isParam(v) ? v : (done.get(v) ?? made(v));
    done.set(v, value);
    return value;
  };
  return { graph: builder.finish(outputs.map(floatOf)), boundary: [...g.inputs.keys()] };
}
