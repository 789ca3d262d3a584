/** Random layers of the windowed, weighted, elementwise and moving ops, as integers with a meaning in reals. */
import fc from "fast-check";
import type { Attrs, OpDef } from "../../src/ir/op.js";
import { add } from "../../src/ir/ops/add.js";
import { avgpool } from "../../src/ir/ops/avgpool.js";
import { concat } from "../../src/ir/ops/concat.js";
import { conv } from "../../src/ir/ops/conv.js";
import { convTranspose } from "../../src/ir/ops/conv_transpose.js";
import { crop } from "../../src/ir/ops/crop.js";
import { globalAvgpool } from "../../src/ir/ops/global_avgpool.js";
import { linear } from "../../src/ir/ops/linear.js";
import { matmul } from "../../src/ir/ops/matmul.js";
import { maxpool } from "../../src/ir/ops/maxpool.js";
import { mul } from "../../src/ir/ops/mul.js";
import { pad } from "../../src/ir/ops/pad.js";
import { slice } from "../../src/ir/ops/slice.js";
import { sub } from "../../src/ir/ops/sub.js";
import { upsample } from "../../src/ir/ops/upsample.js";
import { activationStorages, type IntStorage, type Storage, storages } from "../../src/ir/storage.js";
import { type Shape, type TensorType, tensorType } from "../../src/ir/type.js";

export interface Operand {
  readonly type: TensorType;
  readonly data: readonly number[];
  readonly param?: true;
}
export interface Case {
  readonly attrs: Attrs;
  /** Where the float meaning needs others (a pad value counts in reals). */
  readonly floatAttrs?: Attrs;
  readonly operands: Readonly<Record<string, Operand>>;
  /** How far the real value of the integer result may be from the float result; 0 where both are exact. */
  readonly tolerance?: number;
}

export const type = (storage: Storage, shape: Shape, scale = 1, zero = 0) =>
  tensorType(storage, shape, { scale, zero });
/** What the stored integers mean. */
export const real = ({ type: { quant }, data }: Operand) => data.map((v) => (v - quant!.zero) * quant!.scale);

export type Pick = <T>(arbitrary: fc.Arbitrary<T>) => T;
const int = (pick: Pick, min: number, max: number): number => pick(fc.integer({ min, max }));
const times = <T>(n: number, of: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => of(i));

/** Elements of a storage, often its ends; i16 within what f32 sums exactly. */
function operand(pick: Pick, storage: IntStorage, shape: readonly number[], zero = 0, scale = 1): Operand {
  const { min, max } = storages[storage];
  const [lo, hi] = [Math.max(min, -300), Math.min(max, 300)];
  const element = fc.oneof(fc.integer({ min: lo, max: hi }), fc.constantFrom(lo, hi, zero));
  const n = shape.reduce((a, b) => a * b, 1);
  return {
    type: type(storage, shape, scale, zero),
    data: pick(fc.array(element, { minLength: n, maxLength: n })),
  };
}
const param = (o: Operand): Operand => ({ ...o, param: true });
const activationStorage = (pick: Pick): IntStorage => pick(fc.constantFrom(...activationStorages));

function activation(pick: Pick, shape: readonly number[], storage = activationStorage(pick)): Operand {
  const { min, max } = storages[storage];
  return operand(pick, storage, shape, int(pick, Math.max(min, -300), Math.min(max, 300)));
}

interface WindowSizes {
  readonly spatial: number[];
  readonly kernel: number[];
  readonly attrs: { stride: number[]; dilation: number[]; pads: number[] };
}
/** A window that fits: kernels larger than x where the pads allow it, negative pads, strides, dilations. */
function window(
  pick: Pick,
  dims: number,
  o: { dilated: boolean; mode?: string; leastPad?: number },
): WindowSizes {
  const each = times(dims, () => {
    const [kernel, dilation] = [int(pick, 1, 4), o.dilated ? int(pick, 1, 3) : 1];
    const [begin, end] = [int(pick, o.leastPad ?? -2, 3), int(pick, o.leastPad ?? -2, 3)];
    const cropped = 1 - Math.min(begin, 0) - Math.min(end, 0);
    const mirrored = o.mode === "reflect" ? Math.max(begin, end, 0) + 1 : 1;
    const least = Math.max(cropped, mirrored, (kernel - 1) * dilation + 1 - begin - end);
    return { kernel, dilation, begin, end, stride: int(pick, 1, 3), size: least + int(pick, 0, 3) };
  });
  const pads = [...each.map((e) => e.begin), ...each.map((e) => e.end)];
  return {
    spatial: each.map((e) => e.size),
    kernel: each.map((e) => e.kernel),
    attrs: { stride: each.map((e) => e.stride), dilation: each.map((e) => e.dilation), pads },
  };
}

/** Input channels, output channels and groups; depthwise with a multiplier among them. */
function channels(pick: Pick): { ci: number; co: number; groups: number } {
  const groups = int(pick, 1, 3);
  return { groups, ci: groups * int(pick, 1, 3), co: groups * int(pick, 1, 3) };
}
const weights = (pick: Pick, shape: readonly number[]): Operand =>
  param(operand(pick, pick(fc.constantFrom("i8" as const, "i4" as const, "i2" as const)), shape));
const bias = (pick: Pick, co: number): Record<string, Operand> =>
  pick(fc.boolean()) ? { b: param(operand(pick, "i32", [co])) } : {};

const anyConv = (pick: Pick): Case => {
  const dims = int(pick, 1, 2);
  const mode = pick(fc.constantFrom("constant", "edge", "reflect"));
  const { ci, co, groups } = channels(pick);
  const { spatial, kernel, attrs } = window(pick, dims, { dilated: true, mode });
  const x = activation(pick, [int(pick, 1, 2), ...spatial, ci]);
  const w = weights(pick, [co, ...kernel, ci / groups]);
  return { attrs: { ...attrs, groups, pad_mode: mode }, operands: { x, w, ...bias(pick, co) } };
};

const anyConvTranspose = (pick: Pick): Case => {
  const dims = int(pick, 1, 2);
  const { ci, co, groups } = channels(pick);
  const list = (min: number, max: number, n = dims) => times(n, () => int(pick, min, max));
  const [spatial, kernel, stride, dilation] = [list(1, 4), list(1, 4), list(1, 3), list(1, 3)];
  const full = spatial.map((s, i) => (s - 1) * stride[i]! + (kernel[i]! - 1) * dilation[i]! + 1);
  const begins = full.map((s) => int(pick, -2, Math.min(s - 1, 3)));
  const pads = [
    ...begins,
    ...full.map((s, i) => int(pick, -2, Math.min(s - 1 - Math.max(begins[i]!, 0), 3))),
  ];
  const x = activation(pick, [int(pick, 1, 2), ...spatial, ci]);
  const w = weights(pick, [co, ...kernel, ci / groups]);
  const attrs = { stride, dilation, groups, pads, output_padding: list(0, 2) };
  return { attrs, operands: { x, w, ...bias(pick, co) } };
};

const anyLinear = (pick: Pick): Case => {
  const [ci, co] = [int(pick, 1, 9), int(pick, 1, 5)];
  const x = activation(pick, [...times(int(pick, 1, 3), () => int(pick, 1, 3)), ci]);
  return { attrs: {}, operands: { x, w: weights(pick, [co, ci]), ...bias(pick, co) } };
};

const anyMatmul = (pick: Pick): Case => {
  const leading = times(int(pick, 0, 2), () => int(pick, 1, 3));
  const [m, k, n] = [int(pick, 1, 4), int(pick, 1, 5), int(pick, 1, 4)];
  return {
    attrs: {},
    operands: { a: activation(pick, [...leading, m, k]), b: activation(pick, [...leading, k, n]) },
  };
};

/** Two shapes of equal rank, some sizes of one of them 1. */
function broadcastShapes(pick: Pick): [number[], number[]] {
  const shape = times(int(pick, 1, 4), () => int(pick, 1, 3));
  const thin = () => shape.map((s) => (int(pick, 0, 3) === 0 ? 1 : s));
  return pick(fc.boolean()) ? [shape, thin()] : [thin(), shape];
}
const anySum = (pick: Pick): Case => {
  const factors = [int(pick, 1, 5), int(pick, 1, 5)];
  const [sa, sb] = broadcastShapes(pick);
  const of = (shape: number[], scale: number) => {
    const storage = pick(fc.constantFrom("i32" as const, ...activationStorages));
    const { min, max } = storages[storage];
    return operand(pick, storage, shape, int(pick, Math.max(min, -300), Math.min(max, 300)), scale);
  };
  const b = of(sb, factors[1]!);
  const operands = { a: of(sa, factors[0]!), b: pick(fc.boolean()) ? b : param(b) };
  return { attrs: { mul: factors }, floatAttrs: {}, operands };
};
const anyProduct = (pick: Pick): Case => {
  const [sa, sb] = broadcastShapes(pick);
  return { attrs: {}, operands: { a: activation(pick, sa), b: activation(pick, sb) } };
};

const anyShape = (pick: Pick, least = 1): number[] => times(int(pick, least, 4), () => int(pick, 1, 4));
const anyConcat = (pick: Pick): Case => {
  const shape = anyShape(pick);
  const axis = int(pick, 0, shape.length - 1);
  const first = activation(pick, shape);
  const { storage, quant } = first.type;
  const more = times(int(pick, 0, 3), () =>
    operand(pick, storage as IntStorage, shape.with(axis, int(pick, 1, 3)), quant!.zero),
  );
  const all = [first, ...more];
  const back = pick(fc.boolean()) ? axis : axis - shape.length;
  return { attrs: { axis: back }, operands: Object.fromEntries(all.map((x, i) => [`x${i}`, x])) };
};
const anySlice = (pick: Pick): Case => {
  const x = activation(pick, anyShape(pick));
  const axis = int(pick, 0, x.type.shape.length - 1);
  const end = int(pick, 1, x.type.shape[axis] as number);
  return { attrs: { axis, begin: int(pick, 0, end - 1), end, step: int(pick, 1, 3) }, operands: { x } };
};
const anyCrop = (pick: Pick): Case => {
  const dims = int(pick, 1, 2);
  const edges = times(2 * dims, () => int(pick, 0, 3));
  const spatial = times(dims, (i) => edges[i]! + edges[i + dims]! + int(pick, 1, 3));
  return { attrs: { edges }, operands: { x: activation(pick, [1, ...spatial, int(pick, 1, 3)]) } };
};
const anyPad = (pick: Pick): Case => {
  const dims = int(pick, 1, 2);
  const mode = pick(fc.constantFrom("constant", "edge", "reflect"));
  const { spatial, attrs } = window(pick, dims, { dilated: false, mode });
  const x = activation(pick, [1, ...spatial, int(pick, 1, 3)]);
  const base = { pads: attrs.pads, pad_mode: mode };
  if (mode !== "constant" || pick(fc.boolean())) return { attrs: base, operands: { x } };
  const { min, max } = storages[x.type.storage];
  const value = int(pick, Math.max(min, -300), Math.min(max, 300));
  return {
    attrs: { ...base, value },
    floatAttrs: { ...base, value: value - x.type.quant!.zero },
    operands: { x },
  };
};

const anyMaxpool = (pick: Pick): Case => {
  const { spatial, kernel, attrs } = window(pick, int(pick, 1, 2), { dilated: true });
  return { attrs: { kernel, ...attrs }, operands: { x: activation(pick, [1, ...spatial, int(pick, 1, 3)]) } };
};
/** f32 rounding of a mean of at most 16 elements below 2^10. */
const meanRounding = 2 ** 10 * 2 ** -22;
const anyAvgpool = (pick: Pick): Case => {
  const { spatial, kernel, attrs } = window(pick, int(pick, 1, 2), { dilated: false });
  const { stride, pads } = attrs;
  const blind = pads.some((p, i) => p >= kernel[i % kernel.length]!);
  const include = blind || pick(fc.boolean());
  const x = activation(pick, [1, ...spatial, int(pick, 1, 3)]);
  // A reciprocal of 15 bits is off by at most 2^-16, the sum of 16 elements by that much each.
  const largest = Math.max(...real(x).map(Math.abs));
  const tolerance = meanRounding + (include ? 0 : largest * 16 * 2 ** -16);
  return { attrs: { kernel, stride, pads, count_include_pad: include }, operands: { x }, tolerance };
};
const anyGlobalAvgpool = (pick: Pick): Case => {
  const shape = [int(pick, 1, 2), ...times(int(pick, 1, 2), () => int(pick, 1, 4)), int(pick, 1, 3)];
  return { attrs: {}, operands: { x: activation(pick, shape) }, tolerance: meanRounding };
};
const anyUpsample = (pick: Pick): Case => {
  const dims = int(pick, 1, 2);
  const mode = pick(fc.constantFrom("nearest", "linear"));
  const align = pick(fc.constantFrom("half_pixel", "align_corners"));
  const x = activation(pick, [1, ...times(dims, () => int(pick, 1, 5)), int(pick, 1, 3)]);
  const span = Math.max(...x.data) - Math.min(...x.data);
  // Per axis: half a unit of rounding, weights off by 2^-16 of a difference; then f32 noise.
  const tolerance = mode === "nearest" ? 0 : dims * (0.5 + span * 2 ** -16) + 1e-3;
  return { attrs: { size: times(dims, () => int(pick, 1, 9)), mode, align }, operands: { x }, tolerance };
};

export const cases: readonly (readonly [OpDef, (pick: Pick) => Case])[] = [
  [add, anySum],
  [avgpool, anyAvgpool],
  [concat, anyConcat],
  [conv, anyConv],
  [convTranspose, anyConvTranspose],
  [crop, anyCrop],
  [globalAvgpool, anyGlobalAvgpool],
  [linear, anyLinear],
  [matmul, anyMatmul],
  [maxpool, anyMaxpool],
  [mul, anyProduct],
  [pad, anyPad],
  [slice, anySlice],
  [sub, anySum],
  [upsample, anyUpsample],
];
