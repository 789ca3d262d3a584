/** Every op, one line each. */
import type { OpDef } from "../op.js";
import { batchnorm } from "./batchnorm.js";
import { clip } from "./clip.js";
import { conv } from "./conv.js";
import { dequantize } from "./dequantize.js";
import { dropout } from "./dropout.js";
import { flatten } from "./flatten.js";
import { instancenorm } from "./instancenorm.js";
import { leakyRelu } from "./leaky_relu.js";
import { lut } from "./lut.js";
import { prelu } from "./prelu.js";
import { quantize } from "./quantize.js";
import { reduceMean } from "./reduce_mean.js";
import { reduceSum } from "./reduce_sum.js";
import { relu } from "./relu.js";
import { requant } from "./requant.js";
import { reshape } from "./reshape.js";
import { sigmoid } from "./sigmoid.js";
import { softmax } from "./softmax.js";
import { squeeze } from "./squeeze.js";
import { tanh } from "./tanh.js";
import { transpose } from "./transpose.js";

export const ops: readonly OpDef[] = [
  batchnorm,
  clip,
  conv,
  dequantize,
  dropout,
  flatten,
  instancenorm,
  leakyRelu,
  lut,
  prelu,
  quantize,
  reduceMean,
  reduceSum,
  relu,
  requant,
  reshape,
  sigmoid,
  softmax,
  squeeze,
  tanh,
  transpose,
];

const byName = new Map(ops.map((op) => [op.name, op]));
export const opNamed = (name: string): OpDef | undefined => byName.get(name);
