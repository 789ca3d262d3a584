/** Small graphs of one op, for tests of single ops. */
import fc from "fast-check";
import { boundsOf } from "../../src/ir/bounds.js";
import { GraphBuilder } from "../../src/ir/build.js";
import { Refusal } from "../../src/ir/diagnostic.js";
import type { Graph, Stage } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import type { Attrs, OpDef } from "../../src/ir/op.js";
import { type Data, isInteger, type Storage, storages } from "../../src/ir/storage.js";
import { tensor } from "../../src/ir/tensor.js";
import { type Shape, type TensorType, tensorType } from "../../src/ir/type.js";

/** Operands with data are params, the others inputs. */
export interface OneOp {
  readonly operands: Readonly<Record<string, readonly [TensorType, ArrayLike<number | bigint>?]>>;
  readonly attrs?: Attrs;
  readonly type?: TensorType;
}

export const t = (storage: Storage, shape: Shape, scale?: number, zero = 0): TensorType =>
  tensorType(storage, shape, scale === undefined ? undefined : { scale, zero });

/** The graph `%y = op operands`; operands without data are its inputs. Throws the op's `Refusal`. */
export function graphOf(op: OpDef, { operands, attrs = {}, type }: OneOp, stage?: Stage): Graph {
  const types = Object.values(operands).map(([of]) => of);
  const guess: Stage = types.every((of) => of.storage === "f32") ? "float" : "integer";
  const b = new GraphBuilder("one", stage ?? guess);
  const values = Object.entries(operands).map(([name, [of, data]]) =>
    data ? b.param(name, of, tensor(of, data).data) : b.input(name, of),
  );
  const y = b.add(op, values, attrs, { name: "y", ...(type ? { type } : {}) });
  return b.finish([y]);
}

/** Why the op does not accept this, or nothing. */
export function refusal(op: OpDef, one: OneOp): string | undefined {
  try {
    graphOf(op, one);
    return undefined;
  } catch (e) {
    if (e instanceof Refusal) return e.diagnostics[0]!.text;
    throw e;
  }
}

/** The first output's elements on the given inputs. */
export async function runInt(graph: Graph, ...inputs: readonly ArrayLike<number>[]): Promise<Data> {
  const given = graph.inputs.map((v, i) => tensor(v.type, inputs[i]!));
  const values = await interpret(graph).run(given);
  return values.get(graph.outputs[0]!.name)!.data;
}

/** The first element that leaves the interval which the analysis gives to the first output. */
export function outside(graph: Graph, data: Data): string | undefined {
  const output = graph.outputs[0]!;
  const { lo, hi } = boundsOf(graph).get(output)!;
  const channels = lo.length === 1 ? 1 : lo.length;
  for (const [i, v] of Array.from(data, Number).entries()) {
    const c = i % channels;
    if (v < lo[c]! || v > hi[c]!) return `element ${i} is ${v}, outside [${lo[c]}, ${hi[c]}]`;
  }
  return undefined;
}

/** The ends of a storage, its middle and its neighbours: where arithmetic goes wrong first. */
export function extremes(storage: Storage): readonly number[] {
  if (!isInteger(storage)) return [0, 1, -1, 0.5];
  const { min, max } = storages[storage];
  return [...new Set([min, min + 1, 0, 1, Math.max(min, -1), max - 1, max])];
}

/** Any value of a storage, its ends more often than chance. */
export const anyValue = (storage: Storage): fc.Arbitrary<number> =>
  fc.oneof(
    fc.constantFrom(...extremes(storage)),
    fc.integer({ min: storages[storage].min, max: storages[storage].max }),
  );

export interface Sample {
  readonly type: TensorType;
  readonly data: readonly number[];
}

/** A quantised tensor whose scale is a power of two, so that real values are exact in f32. */
export const anySample = (
  storage: readonly Storage[],
  shape: fc.Arbitrary<readonly number[]>,
): fc.Arbitrary<Sample> =>
  fc.tuple(fc.constantFrom(...storage), shape, fc.constantFrom(1, 0.5, 0.03125)).chain(([s, dims, scale]) => {
    const count = dims.reduce((a, b) => a * b, 1);
    return fc.record({
      type: anyValue(s).map((zero) => t(s, dims, scale, zero)),
      data: fc.array(anyValue(s), { minLength: count, maxLength: count }),
    });
  });

/** What the stored integers stand for. */
export const realOf = ({ quant }: TensorType, data: Iterable<number | bigint>): number[] =>
  Array.from(data, (v) => (Number(v) - (quant?.zero ?? 0)) * (quant?.scale ?? 1));
