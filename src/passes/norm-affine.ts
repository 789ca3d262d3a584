/** What a norm with fixed statistics does: y = x * factor + offset, per channel. */
import type { Node, Param } from "../ir/graph.js";
import { batchnorm } from "../ir/ops/batchnorm.js";
import { instancenorm } from "../ir/ops/instancenorm.js";

/** A batchnorm, or an instancenorm that uses running statistics. */
export const isAffine = ({ op, attrs }: Node): boolean =>
  op === batchnorm || (op === instancenorm && attrs.statistics === "running");

/** factor = gamma / sqrt(var + epsilon), offset = beta - mean * factor, in double precision. */
export function affineOf(norm: Node): { factor: Float64Array; offset: Float64Array } {
  const [gamma, beta, mean, variance] = norm.operands
    .slice(1)
    .map((p) => Float64Array.from((p as Param).data, Number));
  const epsilon = norm.attrs.epsilon as number;
  const factor = gamma!.map((g, c) => g / Math.sqrt(variance![c]! + epsilon));
  return { factor, offset: beta!.map((b, c) => b - mean![c]! * factor[c]!) };
}
