/** Numbers beside tensors: `0.5 * x` is `mul` with a param of one element, `0.5` in a model's text. */
import { makeParam } from "../../ir/build.js";
import { isParam, type Param, type Value } from "../../ir/graph.js";
import { tensorType } from "../../ir/type.js";

/** A param of one element that is broadcast over a tensor of `rank`, or why f32 cannot hold the number. */
export function constantOf(value: number, rank: number): Param | string {
  const stored = Math.fround(value);
  if (!Number.isFinite(stored)) return `${value} is too large for f32`;
  if (stored === 0 && value !== 0) return `${value} is too small for f32: it would become 0`;
  const type = tensorType("f32", new Array<number>(rank).fill(1));
  return makeParam(numberText(stored), type, new Float32Array([stored]));
}

/** The number that a param stands for, where a model's text can say it. */
export function numberOf(value: Value): number | undefined {
  if (!isParam(value) || value.type.storage !== "f32" || value.data.length !== 1) return undefined;
  const number = Number(value.data[0]);
  return Number.isFinite(number) && !Object.is(number, -0) ? number : undefined;
}

/** The shortest decimal that reads back as this f32: nine digits always do. */
export function numberText(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}
