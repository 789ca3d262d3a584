/** Graphs of one op each. */
import { GraphBuilder } from "../src/ir/build.js";
import type { Graph, Value } from "../src/ir/graph.js";
import type { Attrs } from "../src/ir/op.js";
import { opNamed } from "../src/ir/ops/index.js";
import type { IntStorage } from "../src/ir/storage.js";
import { allocate } from "../src/ir/tensor.js";
import { elements, tensorType } from "../src/ir/type.js";

/** Makes graphs of one op, with a requant behind sums as real networks have it. */
export class Maker {
  readonly b = new GraphBuilder("case", "integer");
  x(storage: IntStorage, shape: readonly number[], zero?: number): Value {
    return this.b.input(
      "x",
      tensorType(storage, shape, zero === undefined ? undefined : { scale: 0.5, zero }),
    );
  }
  param(storage: IntStorage, shape: readonly number[]): Value {
    const type = tensorType(storage, shape);
    const data = allocate(storage, elements(type)) as Int8Array;
    return this.b.param("p", type, data.fill(1));
  }
  op(name: string, operands: readonly Value[], attrs: Attrs = {}, result?: Value["type"]): Value {
    return this.b.add(opNamed(name)!, operands, attrs as never, result ? { type: result } : {});
  }
  /** Rescaled, so that 32 bits hold it or not. */
  scaled(y: Value, to: IntStorage = "i8", wide = false): Value {
    const add = this.b.param("a", tensorType("i64", [1]), BigInt64Array.of(wide ? 2n ** 40n : 1n));
    const mul = this.b.param("m", tensorType("i32", [1]), Int32Array.of(wide ? 2 ** 30 : 1));
    const { shape } = y.type;
    return this.op("requant", [y, mul, add], { shift: [wide ? 44 : 6] }, tensorType(to, shape as number[]));
  }
}

/** `op` is done as `what` says. */
export interface Row {
  readonly op: string;
  readonly what: string;
  readonly graph: Graph;
}

/** By op, in no order. */
export const rows: Row[] = [];
/** Adds a case. */
export function row(op: string, what: string, make: (m: Maker) => Value | readonly Value[]): void {
  const m = new Maker();
  const made = make(m);
  rows.push({ op, what, graph: m.b.finish(Array.isArray(made) ? made : [made as Value]) });
}

/** Shapes of time series and of images with so many channels. */
export const line = (c: number): readonly number[] => [1, 32, c];
export const image = (c: number): readonly number[] => [1, 8, 8, c];
