import { defineOp } from "../op.js";

const perChannel = { storage: ["f32"], rank: 1, param: true } as const;

export const instancenorm = defineOp({
  name: "instancenorm",
  summary:
    "gamma * (x - mean) / sqrt(var + epsilon) + beta per channel. `instance` takes mean and (population) variance " +
    "of every sample over its positions; `running` takes the stored ones and alone folds or quantises.",
  operands: {
    x: { storage: ["f32"], rank: [3, 4] },
    gamma: perChannel,
    beta: perChannel,
    mean: { ...perChannel, optional: true },
    var: { ...perChannel, optional: true },
  },
  attrs: {
    epsilon: { kind: "float", default: 1e-5 },
    statistics: { kind: "enum", of: ["instance", "running"], default: "instance" },
  },
  traits: [],

  infer({ x, ...affine }, { epsilon, statistics }) {
    const channels = x.shape.at(-1);
    for (const [name, type] of Object.entries(affine))
      if (type && type.shape[0] !== channels)
        return `${name} has ${type.shape[0]} elements for ${channels} channels`;
    if (statistics === "running" && !affine.var)
      return "statistics = running needs the operands mean and var";
    if (statistics === "instance" && affine.mean)
      return "mean and var are only read when statistics = running";
    return epsilon > 0 ? x : `epsilon = ${epsilon} is not positive`;
  },

  float(f, { x, gamma, beta, mean, var: variance }, { epsilon, statistics }) {
    const spatial = [...x.shape.keys()].slice(1, -1);
    const of =
      statistics === "running" && mean && variance ? { mean, variance } : f.moments(x, spatial, true);
    const normal = f.div(f.sub(x, of.mean), f.sqrt(f.add(of.variance, epsilon)));
    return { y: f.add(f.mul(normal, gamma), beta) };
  },

  examples: [
    {
      text: `param @beta : f32[1] = [10]
param @gamma : f32[1] = [2]

graph @instance(%x: f32[1x2x1]) -> (%y: f32[1x2x1]) stage float {
  %y = instancenorm %x, @gamma, @beta {epsilon = 3} : f32[1x2x1]
}
`,
      inputs: [[1, 3]],
      output: [9, 11],
    },
    {
      text: `param @beta : f32[1] = [10]
param @gamma : f32[1] = [2]
param @mean : f32[1] = [1]
param @var : f32[1] = [3]

graph @running(%x: f32[1x2x1]) -> (%y: f32[1x2x1]) stage float {
  %y = instancenorm %x, @gamma, @beta, @mean, @var {epsilon = 1, statistics = running} : f32[1x2x1]
}
`,
      inputs: [[1, 3]],
      output: [10, 12],
    },
  ],
});
