/** Runs a graph on tfjs: floats by the ops' float meanings, stored integers by their integer ones. */
import type * as tfjs from "@tensorflow/tfjs-core";
import { guarded } from "../../ir/fault.js";
import { type Graph, isParam, type Node, type Value } from "../../ir/graph.js";
import { integers } from "../../ir/interpreter.js";
import { bind, type FloatOps, type FloatResult, type FloatRun } from "../../ir/op.js";
import type { Tensor } from "../../ir/tensor.js";
import { atBatch, sizes, type TensorType } from "../../ir/type.js";

/** Where a value's elements are: floats in tfjs, stored integers on the host. */
export type Held = tfjs.Tensor | Tensor;
const inTfjs = (held: Held): held is tfjs.Tensor => "dataId" in held;

export interface Evaluated {
  /** Inputs, params that were read and results. */
  readonly values: ReadonlyMap<Value, Held>;
  /** New values of statistics, by result and operand name; only training has any. */
  readonly updates: ReadonlyMap<string, NonNullable<FloatResult["updates"]>>;
}

/** f32 goes to tfjs, which shares the elements and does not write to them. */
export const load = (f: FloatOps, { type, data }: Tensor): Held =>
  type.storage === "f32" ? f.tensor(data as Float32Array, [...sizes(type)], "float32") : { type, data };

const onHost = (held: Held, type: TensorType): Tensor => ({
  type,
  data: inTfjs(held) ? (held.dataSync() as Float32Array) : held.data,
});

/** A copy on the host: tfjs hands out its own memory. */
export function unload(held: Held, type: TensorType): Tensor {
  return { type, data: onHost(held, type).data.slice() };
}

/** Has the node a meaning here: a float one if it is all float, else an integer one? */
export const hasMeaning = (node: Node): boolean => isFloat(node) || node.op.int !== undefined;

const isFloat = ({ op, operands, result }: Node): boolean =>
  op.float !== undefined && [...operands, result].every((v) => v.type.storage === "f32");

/**
 * Evaluates all nodes. `given` holds the inputs, and may hold params: those it lacks are taken as they are.
 * Whoever calls it owns the tensors that come back: call it inside `f.tidy`.
 */
export function evaluate(
  f: FloatOps,
  graph: Graph,
  given: ReadonlyMap<Value, Held>,
  batch: number,
  run: FloatRun,
): Evaluated {
  const values = new Map(given);
  const updates = new Map<string, NonNullable<FloatResult["updates"]>>();
  const of = (value: Value): Held => {
    if (isParam(value) && !values.has(value)) values.set(value, load(f, value));
    return values.get(value)!;
  };
  for (const node of graph.nodes) {
    const { result, operands } = node;
    if (isFloat(node)) {
      const made = float(f, node, operands.map(of) as tfjs.Tensor[], run);
      values.set(result, made.y);
      if (made.updates) updates.set(result.name, made.updates);
    } else {
      const stored = operands.map((v) => onHost(of(v), atBatch(v.type, batch)));
      values.set(result, load(f, integer(node, stored, atBatch(result.type, batch))));
    }
  }
  return { values, updates };
}

/** What the op makes on its way is gone afterwards. */
function float(f: FloatOps, node: Node, operands: readonly tfjs.Tensor[], run: FloatRun): FloatResult {
  const { op, attrs } = node;
  let made: FloatResult | undefined;
  f.tidy(() => {
    made = guarded(`the float meaning of ${op.name}`, node, () =>
      op.float!(f, bind(op, operands), attrs as never, run),
    );
    return { y: made.y, ...made.updates };
  });
  return made!;
}

function integer(node: Node, operands: readonly Tensor[], type: TensorType): Tensor {
  return { type, data: integers(node, operands, type) };
}
