/** The integer graph while it is made. */
import { type Bounds, extendBounds, highest, lowest } from "../../../ir/bounds.js";
import { GraphBuilder } from "../../../ir/build.js";
import { type Graph, isParam, type Node, type Param, type Value } from "../../../ir/graph.js";
import type { Attrs, OpDef } from "../../../ir/op.js";
import type { Storage } from "../../../ir/storage.js";
import { tensor } from "../../../ir/tensor.js";
import { type TensorType, tensorType } from "../../../ir/type.js";
import { extremes } from "../constant.js";
import type { Real } from "./real.js";
import type { Rounding } from "./rule.js";

/** What a float param was before it was rounded to f32: multiples of steps along its output channels. */
export interface Exact {
  readonly data: Float64Array;
  readonly steps: readonly number[];
  /** The width that the file declares for the integers. */
  readonly bits?: number;
}

/** Why a network cannot become integers: the first node in the way. */
export class Stuck extends Error {
  readonly node: Node | undefined;
  constructor(node: Node | undefined, why: string) {
    super(why);
    this.name = "Stuck";
    this.node = node;
  }
}

export interface State {
  /** What is converted. */
  readonly source: Graph;
  readonly exact: ReadonlyMap<Value, Exact>;
  /** What the float values of the source are. */
  readonly reals: Map<Value, Real>;
  /** What the integer values of the source have become. */
  readonly integers: Map<Value, Value>;
  /** Why a float value of the source is no integer arithmetic. */
  readonly obstacles: Map<Value, Stuck>;
  readonly roundings: Rounding[];
  readonly quantised: Map<Real, Map<string, Value>>;
  input(name: string, type: TensorType): Value;
  emit(op: string, operands: readonly Value[], attrs: Attrs, like: Value, type?: TensorType): Value;
  param(name: string, storage: Storage, shape: readonly number[], data: ArrayLike<number | bigint>): Param;
  bounds(value: Value): { readonly lo: number; readonly hi: number };
  finish(outputs: readonly Value[]): Graph;
}

export function createState(source: Graph, exact: ReadonlyMap<Value, Exact>, ops: readonly OpDef[]): State {
  const builder = new GraphBuilder("main", "integer");
  const byName = new Map(ops.map((op) => [op.name, op]));
  const bounds = new Map<Value, Bounds>();
  return {
    source,
    exact,
    reals: new Map(),
    integers: new Map(),
    obstacles: new Map(),
    roundings: [],
    quantised: new Map(),
    input: (name, type) => builder.input(name, type, source.inputs.find((v) => v.name === name)?.places),
    emit(op, operands, attrs, like, type) {
      const def = byName.get(op);
      if (!def) throw new Error(`the op list holds no ${op}`);
      const { name, places } = like;
      return builder.add(def, operands, attrs, { name, places, ...(type ? { type } : {}) });
    },
    param: (name, storage, shape, data) => {
      const type = tensorType(storage, shape);
      return builder.param(name, type, tensor(type, data).data);
    },
    bounds(value) {
      if (isParam(value)) return extremes(value.data);
      const all = extendBounds(builder.finish([]), bounds).get(value)!;
      return { lo: lowest(all), hi: highest(all) };
    },
    finish: (outputs) => builder.finish(outputs),
  };
}
