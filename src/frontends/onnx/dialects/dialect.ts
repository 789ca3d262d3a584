/** A dialect: how a tool writes integer networks as ONNX. Rows say what its op types mean. */

import { arithmeticRows } from "../lower/arithmetic.js";
import { linearRows } from "../lower/linear.js";
import type { Lowering } from "../lower/operands.js";
import { poolRows } from "../lower/pool.js";
import { shapeRows } from "../lower/shape.js";
import { tailRows } from "../lower/tail.js";
import type { RawModel } from "../raw.js";

export type Rows = Readonly<Record<string, Lowering>>;

export interface Dialect {
  readonly name: string;
  /** Was the model written by this tool? The first dialect that says yes is taken. */
  detects(model: RawModel): boolean;
  /** ONNX op type to lowering. */
  readonly rows: Rows;
}

/** What all dialects share: standard operators on integers that files keep in floats. */
export const commonRows: Rows = { ...arithmeticRows, ...linearRows, ...poolRows, ...shapeRows, ...tailRows };

export const someAttribute = (model: RawModel, names: readonly string[]): boolean =>
  model.nodes.some((n) => names.some((name) => n.attributes.has(name)));
export const someInitialiser = (model: RawModel, pattern: RegExp): boolean =>
  [...model.initialisers.keys()].some((name) => pattern.test(name));
