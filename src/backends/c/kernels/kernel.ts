/** How the portable kernels are declared: the function of the runtime, and the constants its call takes. */
import type { Kernel } from "../../../ir/contracts.js";
import { type AttrSpec, type AttrsOf, bind, type OpDef, type OperandSpec, type Per } from "../../../ir/op.js";
import { strides } from "../../../ir/tensor.js";
import { activation, sizes, type TensorType } from "../../../ir/type.js";
import type { Field } from "../text.js";

/** A node as a kernel sees it: types, attributes and the C expressions of its buffers. */
export interface Layer<O extends OperandSpec, A extends AttrSpec> {
  readonly x: Per<O, TensorType>;
  readonly attrs: AttrsOf<A>;
  readonly y: TensorType;
  readonly at: Per<O, string>;
  readonly to: string;
}

/** A kernel of the runtime; `header` without `pulsec_` and `.h`. */
export function kernel<O extends OperandSpec, A extends AttrSpec>(
  name: string,
  op: OpDef<O, A>,
  header: string,
  emit: (layer: Layer<O, A>) => string,
  more: Partial<Pick<Kernel, "refuses" | "pack">> = {},
): Kernel {
  return {
    name,
    op,
    header: `pulsec_${header}.h`,
    refuses: () => undefined,
    emit: ({ operands, attrs, result }, names) =>
      emit({
        x: bind(
          op,
          operands.map((v) => v.type),
        ) as Per<O, TensorType>,
        attrs: attrs as AttrsOf<A>,
        y: result.type,
        at: bind(op, names.operands) as Per<O, string>,
        to: names.result,
      }),
    ...more,
  };
}

/** Batch, height, width and channels of an activation; 1-D data has height 1. */
export function extents(type: TensorType): {
  batch: number;
  height: number;
  width: number;
  channels: number;
} {
  const { n, spatial, channels } = activation(type);
  const [height, width] = spatial.length === 1 ? [1, spatial[0]!] : [spatial[0]!, spatial[1]!];
  return { batch: n as number, height, width, channels };
}

/** Dimensions the runtime walks over: `PULSEC_RANK`. */
const walkRank = 6;

/** A row-major walk over `size` with steps in several tensors; dimensions that step evenly become one. */
export function walk(size: readonly number[], ...steps: readonly (readonly number[])[]) {
  const merged: { size: number; steps: readonly number[] }[] = [];
  for (const [i, count] of size.entries()) {
    if (count === 1) continue;
    const here = steps.map((s) => s[i]!);
    const outer = merged.at(-1);
    if (outer?.steps.every((s, k) => s === here[k]! * count))
      merged[merged.length - 1] = { size: outer.size * count, steps: here };
    else merged.push({ size: count, steps: here });
  }
  if (merged.length === 0) merged.push({ size: 1, steps: steps.map(() => 0) });
  const rows = merged.slice(0, -1).reduce((n, d) => n * d.size, 1);
  return {
    rank: merged.length,
    fields: { rank: merged.length, rows, size: merged.map((d) => d.size) } satisfies Record<string, Field>,
    steps: steps.map((_, k) => merged.map((d) => d.steps[k]!)),
  };
}

/** Why the runtime cannot walk this many dimensions. */
export const wrongRank = ({ rank }: { readonly rank: number }): string | undefined =>
  rank > walkRank ? `${rank} dimensions remain after merging neighbours; it takes ${walkRank}` : undefined;

/** Steps of a tensor stretched to a larger shape of the same rank: sizes of 1 repeat. */
export const broadcastSteps = (type: TensorType): readonly number[] =>
  strides(sizes(type)).map((step, i) => (type.shape[i] === 1 ? 0 : step));
