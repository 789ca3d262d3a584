import type { Kernel } from "../../../ir/contracts.js";
import type { AttrsOf, OpDef } from "../../../ir/op.js";
import { axisOf } from "../../../ir/ops/axes.js";
import { concat } from "../../../ir/ops/concat.js";
import { crop } from "../../../ir/ops/crop.js";
import { flatten } from "../../../ir/ops/flatten.js";
import { pad } from "../../../ir/ops/pad.js";
import { reshape } from "../../../ir/ops/reshape.js";
import { slice } from "../../../ir/ops/slice.js";
import { squeeze } from "../../../ir/ops/squeeze.js";
import { transpose } from "../../../ir/ops/transpose.js";
import { twoDBegins } from "../../../ir/ops/window.js";
import { type Storage, slotBytes } from "../../../ir/storage.js";
import { strides } from "../../../ir/tensor.js";
import { elements, sizes, type TensorType, zeroPoint } from "../../../ir/type.js";
import { call, kernelType } from "../text.js";
import { extents, kernel, walk, wrongRank } from "./kernel.js";

/** Where in x the result begins, and how far apart in x its neighbours along each dimension lie. */
interface Steps {
  readonly begin: number;
  readonly steps: readonly number[];
}

type Unary = OpDef<{ x: { storage: readonly Storage[] } }>;

/** An op that reads x with regular steps. */
function gather<D extends OpDef>(
  op: D,
  stepsOf: (x: TensorType, attrs: AttrsOf<D["attrs"]>) => Steps,
): Kernel {
  type A = AttrsOf<D["attrs"]>;
  const walked = (x: TensorType, attrs: A, y: TensorType) => walk(sizes(y), stepsOf(x, attrs).steps);
  return kernel(
    "pulsec_gather",
    op as Unary,
    "shape",
    ({ x, attrs, y, at, to }) => {
      const { fields, steps } = walked(x.x, attrs, y);
      return call("pulsec_gather", [at.x, to], "pulsec_gather_shape", {
        type: kernelType(y.storage),
        begin: stepsOf(x.x, attrs).begin,
        ...fields,
        x_step: steps[0]!,
      });
    },
    {
      refuses: ({ operands: [x], attrs, result }) => wrongRank(walked(x!.type, attrs as A, result.type)),
    },
  );
}

const copy = (op: OpDef): Kernel =>
  kernel(
    "pulsec_copy",
    op,
    "shape",
    ({ y, at, to }) => `  pulsec_copy(${at.x}, ${to}, ${elements(y) * slotBytes(y.storage)});`,
  );

const concatKernel = kernel("pulsec_place", concat, "shape", ({ x, attrs, y, at, to }) => {
  const along = axisOf(y.shape.length, attrs.axis);
  const block = (type: TensorType) =>
    sizes(type)
      .slice(along)
      .reduce((a, b) => a * b, 1);
  const slot = slotBytes(y.storage);
  let begin = 0;
  return x.xs
    .map((type, i) => {
      const [blocks, bytes] = [elements(type) / block(type), block(type) * slot];
      const line = `  pulsec_place(${at.xs[i]}, ${to} + ${begin}, ${blocks}, ${bytes}, ${block(y) * slot});`;
      begin += block(type);
      return line;
    })
    .join("\n");
});

const padKernel = kernel("pulsec_pad", pad, "shape", ({ x, attrs, y, at, to }) => {
  const [top, left] = twoDBegins(attrs.pads);
  const out = extents(y);
  return call("pulsec_pad", [at.x, to], "pulsec_pad_shape", {
    type: kernelType(y.storage),
    ...extents(x.x),
    out_height: out.height,
    out_width: out.width,
    top,
    left,
    value: attrs.value ?? zeroPoint(x.x),
    border: `PULSEC_${attrs.pad_mode.toUpperCase()}`,
  });
});

const cropSteps = (x: TensorType, { edges }: { readonly edges: readonly number[] }): Steps => {
  const steps = strides(sizes(x));
  const begins = edges.slice(0, edges.length / 2);
  return { begin: begins.reduce((sum, e, i) => sum + e * steps[i + 1]!, 0), steps };
};

export const shapeKernels = [
  copy(reshape),
  copy(flatten),
  copy(squeeze),
  concatKernel,
  padKernel,
  gather(crop, cropSteps),
  gather(slice, (x, { axis, begin, step }) => {
    const steps = strides(sizes(x));
    const along = axisOf(steps.length, axis);
    return { begin: begin * steps[along]!, steps: steps.with(along, steps[along]! * step) };
  }),
  gather(transpose, (x, { perm }) => {
    const steps = strides(sizes(x));
    return { begin: 0, steps: perm.map((p) => steps[p]!) };
  }),
];
