/** Float networks against their goldens: engine `float`, outputs in ONNX's axis order within a tolerance. */
import { floatEngine } from "../../src/backends/float/index.js";
import type { LoadedModel } from "../../src/cli/model.js";
import type { RawArray } from "../../src/data/tensor-files/index.js";
import type { Mapped } from "../../src/frontends/onnx/index.js";
import { permute, type Tensor, tensor } from "../../src/ir/tensor.js";
import { atBatch } from "../../src/ir/type.js";
import type { GoldenSet } from "../../src/verify/index.js";

/** Elements in ONNX's order as the value of `mapped` has them. */
export const axisOrdered = (data: Float64Array, { onnxShape, perm }: Mapped): ArrayLike<number> =>
  perm ? (permute(data as never, onnxShape, perm) as ArrayLike<number>) : data;

export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}
export interface Difference {
  /** Position in the golden, row by row. */
  readonly at: number;
  readonly found: number;
  readonly expected: number;
}

/** The first element that is off by more than `relative` of the golden plus `absolute`; infinities must be met. */
export function firstDifference(
  found: Tensor,
  expected: Float64Array,
  { perm }: Mapped,
  { relative, absolute }: Tolerance,
): Difference | undefined {
  const back = perm?.map((_, i) => perm.indexOf(i));
  const data = back ? permute(found.data, found.type.shape as readonly number[], back) : found.data;
  if (data.length !== expected.length)
    return { at: Math.min(data.length, expected.length), found: Number.NaN, expected: Number.NaN };
  for (const [at, wanted] of expected.entries()) {
    const have = Number(data[at]);
    const near = Math.abs(have - wanted) <= relative * Math.abs(wanted) + absolute;
    if (!near && !Object.is(have, wanted) && have !== wanted) return { at, found: have, expected: wanted };
  }
  return undefined;
}

const numbers = (a: RawArray): Float64Array => Float64Array.from(a.data as ArrayLike<number>, Number);

/** What a golden set says of a float network: how many outputs agree, or the first that does not. */
export async function floatGoldens(
  { graph, imported }: LoadedModel,
  set: GoldenSet,
  tolerance: Tolerance,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const fed = graph.inputs.map((value, i) => {
    const mapped = imported!.inputs[i]!;
    return tensor(atBatch(value.type, mapped.onnxShape[0]!), axisOrdered(numbers(set.inputs[i]!), mapped));
  });
  const session = await floatEngine.prepare(graph, { expose: "outputs" });
  const values = await session.run(fed);
  await session.dispose();
  for (const [i, mapped] of imported!.outputs.entries()) {
    const golden = set.outputs[i];
    if (!golden) return { ok: false, text: `no golden for the output ${mapped.onnxName}` };
    const wrong = firstDifference(values.get(mapped.name)!, numbers(golden), mapped, tolerance);
    if (wrong)
      return { ok: false, text: `${mapped.onnxName}[${wrong.at}] is ${wrong.found}, not ${wrong.expected}` };
  }
  return { ok: true, text: `${imported!.outputs.length} outputs` };
}
