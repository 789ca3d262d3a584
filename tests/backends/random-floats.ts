/** Random float networks: the real meaning of random scaled integer ones, with activations where those requantise. */
import { GraphBuilder } from "../../src/ir/build.js";
import { type Graph, isParam, type Param, type Value } from "../../src/ir/graph.js";
import { type TensorType, tensorType } from "../../src/ir/type.js";
import { op } from "./random-sums.js";

const float = ({ shape }: TensorType): TensorType => tensorType("f32", shape);

/** Small numbers instead of the params' integers, so that sums stay where f32 is fine. */
const small = ({ data }: Param): Float32Array => {
  const list = Array.from(data as Int8Array, Number);
  const largest = Math.max(1, ...list.map(Math.abs));
  return Float32Array.from(list, (v) => v / largest);
};

/** Attributes that only integers have. */
const integerAttrs = ["mul", "positive"];

export function asFloats(graph: Graph): Graph {
  const b = new GraphBuilder("floats", "float");
  const now = new Map<Value, Value>(graph.inputs.map((v) => [v, b.input(v.name, float(v.type))]));
  const of = (v: Value): Value => {
    const made = now.get(v) ?? b.param(v.name, float(v.type), small(v as Param));
    now.set(v, made);
    return made;
  };
  for (const { op: own, operands, attrs, result } of graph.nodes) {
    const [x] = operands;
    const name = { name: result.name };
    const kept = Object.fromEntries(Object.entries(attrs).filter(([key]) => !integerAttrs.includes(key)));
    const way = own.name === "requant" ? "tanh" : own.name === "lut" ? "sigmoid" : own.name;
    const activation = way !== own.name;
    const inputs = activation ? [of(x!)] : operands.map(of);
    now.set(result, b.add(op(way), inputs, activation || way === "clip" ? {} : kept, name));
  }
  return b.finish(graph.outputs.filter((v) => !isParam(v)).map(of));
}
