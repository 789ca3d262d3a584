/** The dialects, in the order in which they are recognised. */

import { nearestMean } from "../lower/shape.js";
import type { RawModel } from "../raw.js";
import { deeploy } from "./deeploy.js";
import { commonRows, type Dialect } from "./dialect.js";
import { nemo } from "./nemo.js";
import { plinio } from "./plinio.js";
import { quantlab } from "./quantlab.js";

/**
 * Standard operators on integers, from no tool that we know: a mean rounds as Deeploy's does, the only tool
 * that leaves it unwritten.
 */
export const plain: Dialect = {
  name: "integer",
  detects: () => true,
  rows: { ...commonRows, ReduceMean: nearestMean },
};

export const dialects: readonly Dialect[] = [deeploy, quantlab, nemo, plinio, plain];
export const dialectOf = (model: RawModel): Dialect => dialects.find((d) => d.detects(model))!;
