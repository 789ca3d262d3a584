/** Every op, one line each. */
import type { OpDef } from "../op.js";
import { add } from "./add.js";
import { avgpool } from "./avgpool.js";
import { batchnorm } from "./batchnorm.js";
import { clip } from "./clip.js";
import { concat } from "./concat.js";
import { conv } from "./conv.js";
import { convTranspose } from "./conv_transpose.js";
import { crop } from "./crop.js";
import { dequantize } from "./dequantize.js";
import { dropout } from "./dropout.js";
import { flatten } from "./flatten.js";
import { globalAvgpool } from "./global_avgpool.js";
import { instancenorm } from "./instancenorm.js";
import { leakyRelu } from "./leaky_relu.js";
import { linear } from "./linear.js";
import { lut } from "./lut.js";
import { matmul } from "./matmul.js";
import { maxpool } from "./maxpool.js";
import { mul } from "./mul.js";
import { pad } from "./pad.js";
import { prelu } from "./prelu.js";
import { quantize } from "./quantize.js";
import { reduceMean } from "./reduce_mean.js";
import { reduceSum } from "./reduce_sum.js";
import { relu } from "./relu.js";
import { requant } from "./requant.js";
import { reshape } from "./reshape.js";
import { sigmoid } from "./sigmoid.js";
import { slice } from "./slice.js";
import { softmax } from "./softmax.js";
import { squeeze } from "./squeeze.js";
import { sub } from "./sub.js";
import { tanh } from "./tanh.js";
import { transpose } from "./transpose.js";
import { upsample } from "./upsample.js";

/** The built-in ops. */
export const ops: readonly OpDef[] = [
  add,
  avgpool,
  batchnorm,
  clip,
  concat,
  conv,
  convTranspose,
  crop,
  dequantize,
  dropout,
  flatten,
  globalAvgpool,
  instancenorm,
  leakyRelu,
  linear,
  lut,
  matmul,
  maxpool,
  mul,
  pad,
  prelu,
  quantize,
  reduceMean,
  reduceSum,
  relu,
  requant,
  reshape,
  sigmoid,
  slice,
  softmax,
  squeeze,
  sub,
  tanh,
  transpose,
  upsample,
];

const byName = new Map(ops.map((op) => [op.name, op]));
/** The built-in op of this name. */
export const opNamed = (name: string): OpDef | undefined => byName.get(name);
