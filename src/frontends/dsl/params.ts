/** Params that a model's calls need: from the file that the model names, else seeded random numbers. */
import { makeParam } from "../../ir/build.js";
import type { Place } from "../../ir/diagnostic.js";
import type { Param } from "../../ir/graph.js";
import { randomFrom } from "../../ir/random.js";
import { sameShape, tensorType } from "../../ir/type.js";
import type { ParamRow, Sized } from "./calls.js";

/** Params by name, as a container holds them. */
export type WeightFile = ReadonlyMap<string, Param>;

export interface ParamMaker {
  readonly seed: number;
  /** What the names of a model's params start with, where a file has several models. */
  readonly prefix: string;
  readonly weights: WeightFile | undefined;
  /** Why params are not those of the file. */
  readonly missing: string[];
  readonly left: { elements: number };
}

export function makeModelParam(
  maker: ParamMaker,
  name: string,
  row: ParamRow,
  sized: Sized,
  places: readonly Place[],
): Param | undefined {
  const shape = row.shape(sized);
  const count = shape.reduce((a, b) => a * b, 1);
  maker.left.elements -= count;
  if (!(maker.left.elements >= 0)) return undefined;
  const fullName = `${maker.prefix}${name}`;
  const type = tensorType("f32", shape);
  const options = { trainable: row.trainable ?? true, places };
  const found = maker.weights?.get(fullName) ?? maker.weights?.get(name);
  if (found && found.type.storage === "f32" && sameShape(found.type.shape, shape))
    return makeParam(fullName, type, found.data, {
      ...options,
      ...(found.origin ? { origin: found.origin } : {}),
    });
  if (maker.weights) {
    const holds = found ? `is ${found.type.storage}[${found.type.shape.join("x")}]` : "is not there";
    maker.missing.push(`@${name}: f32[${shape.join("x")}] ${holds}`);
  }
  const data = new Float32Array(count);
  if (row.fill === "he") fillUniform(data, maker.seed, name, Math.sqrt(6 / Math.max(1, count / shape[0]!)));
  else data.fill(row.fill);
  return makeParam(fullName, type, data, options);
}

/** Uniform in [-bound, bound); He et al. 2015: bound = sqrt(6 / inputs of one output) keeps the variance through relu. */
function fillUniform(data: Float32Array, seed: number, name: string, bound: number): void {
  const random = randomFrom(seed ^ hash(name));
  for (let i = 0; i < data.length; i++) data[i] = (2 * random() - 1) * bound;
}

/** FNV-1a: a param's numbers depend on the seed and its name, not on what stands around it. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}
