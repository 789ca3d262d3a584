import type { Kernel } from "../../../ir/contracts.js";
import type { Node } from "../../../ir/graph.js";
import { add } from "../../../ir/ops/add.js";
import { clip } from "../../../ir/ops/clip.js";
import { lut } from "../../../ir/ops/lut.js";
import { mul } from "../../../ir/ops/mul.js";
import { prelu } from "../../../ir/ops/prelu.js";
import { relu } from "../../../ir/ops/relu.js";
import { sub } from "../../../ir/ops/sub.js";
import { storages } from "../../../ir/storage.js";
import { elements, sizes, type TensorType, zeroPoint } from "../../../ir/type.js";
import { call, type Field, kernelType } from "../text.js";
import { broadcastSteps, kernel, walk, wrongRank } from "./kernel.js";

const meeting = (a: TensorType, b: TensorType, y: TensorType) =>
  walk(sizes(y), broadcastSteps(a), broadcastSteps(b));

const refusesRank: Partial<Pick<Kernel, "refuses">> = {
  refuses: ({ operands: [a, b], result }: Node) => wrongRank(meeting(a!.type, b!.type, result.type)),
};

function binaryShape(
  a: TensorType,
  b: TensorType,
  y: TensorType,
  factors: Record<string, Field>,
): Record<string, Field> {
  const { fields, steps } = meeting(a, b, y);
  return {
    a_type: kernelType(a.storage),
    b_type: kernelType(b.storage),
    a_zero: zeroPoint(a),
    b_zero: zeroPoint(b),
    ...factors,
    ...fields,
    a_step: steps[0]!,
    b_step: steps[1]!,
  };
}

const sum = (op: typeof add | typeof sub, sign: 1 | -1): Kernel =>
  kernel(
    "pulsec_add",
    op,
    "elementwise",
    ({ x, attrs, y, at, to }) => {
      const factors = { a_mul: attrs.mul[0]!, b_mul: sign * attrs.mul[1]! };
      return call("pulsec_add", [at.a, at.b, to], "pulsec_binary_shape", binaryShape(x.a, x.b, y, factors));
    },
    refusesRank,
  );

const clipped = (
  type: TensorType,
  { lo, hi }: { lo?: number | undefined; hi?: number | undefined },
): Record<string, Field> => ({
  type: kernelType(type.storage),
  count: elements(type),
  lo: lo ?? storages[type.storage].min,
  hi: hi ?? storages[type.storage].max,
});

export const elementwiseKernels = [
  sum(add, 1),
  sum(sub, -1),
  kernel(
    "pulsec_mul",
    mul,
    "elementwise",
    ({ x, y, at, to }) =>
      call("pulsec_mul", [at.a, at.b, to], "pulsec_binary_shape", binaryShape(x.a, x.b, y, {})),
    refusesRank,
  ),
  kernel("pulsec_clip", clip, "elementwise", ({ x, attrs, at, to }) =>
    call("pulsec_clip", [at.x, to], "pulsec_clip_shape", clipped(x.x, attrs)),
  ),
  kernel("pulsec_clip", relu, "elementwise", ({ x, at, to }) =>
    call("pulsec_clip", [at.x, to], "pulsec_clip_shape", clipped(x.x, { lo: zeroPoint(x.x) })),
  ),
  kernel("pulsec_prelu", prelu, "elementwise", ({ x, attrs, at, to }) => {
    const channels = sizes(x.x).at(-1)!;
    return call("pulsec_prelu", [at.x, at.alpha, to], "pulsec_prelu_shape", {
      x_type: kernelType(x.x.storage),
      alpha_type: kernelType(x.alpha.storage),
      rows: elements(x.x) / channels,
      channels,
      alpha_step: elements(x.alpha) === 1 ? 0 : 1,
      positive: attrs.positive,
      zero: zeroPoint(x.x),
    });
  }),
  kernel("pulsec_lut", lut, "elementwise", ({ x, y, at, to }) =>
    call("pulsec_lut", [at.x, at.table, to], "pulsec_lut_shape", {
      x_type: kernelType(x.x.storage),
      y_type: kernelType(y.storage),
      count: elements(x.x),
      lowest: storages[x.x.storage].min,
    }),
  ),
];
