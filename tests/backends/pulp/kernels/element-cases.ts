/** Graphs of one layer of pools, upsampling, copies and element-wise runs. */
import { GraphBuilder } from "../../../../src/ir/build.js";
import type { Graph, Value } from "../../../../src/ir/graph.js";
import type { Attrs } from "../../../../src/ir/op.js";
import { opNamed } from "../../../../src/ir/ops/index.js";
import type { Data, Storage } from "../../../../src/ir/storage.js";
import { sizes, tensorType } from "../../../../src/ir/type.js";

export interface Wiring {
  input(storage: Storage, shape: readonly number[], zero?: number): Value;
  op(name: string, operands: readonly Value[], attrs?: Attrs, result?: Storage, zero?: number): Value;
  param(storage: Storage, shape: readonly number[], data: Data): Value;
}

/** A graph of the value that `wire` makes. */
export function graphOf(wire: (w: Wiring) => Value): Graph {
  const b = new GraphBuilder("main", "integer");
  const quant = (zero?: number) => (zero === undefined ? undefined : { scale: 1, zero });
  return b.finish([
    wire({
      input: (storage, shape, zero) => b.input("x", tensorType(storage, shape, quant(zero))),
      op: (name, operands, attrs = {}, result, zero) =>
        b.add(opNamed(name)!, operands, attrs as never, {
          ...(result ? { type: tensorType(result, sizes(operands[0]!.type), quant(zero)) } : {}),
        }),
      param: (storage, shape, data) => b.param("p", tensorType(storage, shape), data),
    }),
  ]);
}

/** Rescaled with one multiplier for all channels, or one for each. */
export const requant = (
  w: Wiring,
  x: Value,
  mul: readonly number[],
  add: readonly (number | bigint)[],
  shift: number,
  result: Storage,
  zero?: number,
): Value =>
  w.op(
    "requant",
    [
      x,
      w.param("i32", [mul.length], Int32Array.from(mul)),
      w.param("i64", [add.length], BigInt64Array.from(add.map(BigInt))),
    ],
    { shift: [shift] },
    result,
    zero,
  );
