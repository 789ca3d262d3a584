import type * as tfjs from "@tensorflow/tfjs-core";
import { defineOp } from "../op.js";

const perChannel = { storage: ["f32"], rank: 1, param: true } as const;

export const batchnorm = defineOp({
  name: "batchnorm",
  summary:
    "gamma * (x - mean) / sqrt(var + epsilon) + beta per channel. Training normalises by mean and (population) " +
    "variance of the batch and moves the stored ones to momentum * stored + (1 - momentum) * batch.",
  operands: {
    x: { storage: ["f32"], rank: [2, 3, 4] },
    gamma: perChannel,
    beta: perChannel,
    mean: perChannel,
    var: perChannel,
  },
  attrs: {
    epsilon: { kind: "float", default: 1e-5 },
    momentum: { kind: "float", default: 0.9 },
  },
  traits: [],

  infer({ x, ...statistics }, { epsilon, momentum }) {
    const channels = x.shape.at(-1);
    for (const [name, { shape }] of Object.entries(statistics))
      if (shape[0] !== channels) return `${name} has ${shape[0]} elements for ${channels} channels`;
    if (!(epsilon > 0)) return `epsilon = ${epsilon} is not positive`;
    return momentum >= 0 && momentum <= 1 ? x : `momentum = ${momentum} lies outside [0, 1]`;
  },

  float(f, { x, gamma, beta, mean, var: variance }, { epsilon, momentum }, run) {
    const vector = (t: tfjs.Tensor) => t as tfjs.Tensor1D;
    const norm = (m: tfjs.Tensor, v: tfjs.Tensor) =>
      f.batchNorm(x, vector(m), vector(v), vector(beta), vector(gamma), epsilon);
    if (!run.training) return { y: norm(mean, variance) };
    const batch = f.moments(x, [...x.shape.keys()].slice(0, -1));
    const moved = (stored: tfjs.Tensor, seen: tfjs.Tensor) =>
      f.add(f.mul(stored, momentum), f.mul(seen, 1 - momentum));
    const updates = { mean: moved(mean, batch.mean), var: moved(variance, batch.variance) };
    return { y: norm(batch.mean, batch.variance), updates };
  },

  examples: [
    {
      text: `param @beta : f32[2] = [1, 0]
param @gamma : f32[2] = [2, 1]
param @mean : f32[2] = [3, 0]
param @var : f32[2] = [3, 0]

graph @two_channels(%x: f32[1x2x2]) -> (%y: f32[1x2x2]) stage float {
  %y = batchnorm %x, @gamma, @beta, @mean, @var {epsilon = 1} : f32[1x2x2]
}
`,
      inputs: [[3, 5, 7, -5]],
      output: [1, 5, 5, -5],
    },
  ],
});
