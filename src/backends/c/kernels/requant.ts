import type { Known } from "../../../ir/bounds.js";
import type { Kernel, KernelFacts } from "../../../ir/contracts.js";
import { isParam, type Node, type Value } from "../../../ir/graph.js";
import { axisOf } from "../../../ir/ops/axes.js";
import { requant, requantClamp, requantFits32 } from "../../../ir/ops/requant.js";
import { storages } from "../../../ir/storage.js";
import { strides } from "../../../ir/tensor.js";
import { elements, sizes, type TensorType, zeroPoint } from "../../../ir/type.js";
import { call, initialiser, kernelType } from "../text.js";
import { kernel, type Layer } from "./kernel.js";

type RequantLayer = Layer<(typeof requant)["operands"], (typeof requant)["attrs"]>;

const known = (v: Value, { bounds }: KernelFacts): Known => ({
  type: v.type,
  bounds: bounds.get(v)!,
  ...(isParam(v) ? { data: v.data } : {}),
});

function needs64({ operands, attrs, result }: Node, facts: KernelFacts): string | undefined {
  const [x, mul, add] = operands.map((v) => known(v, facts)) as [Known, Known, Known];
  if (!requantFits32(x, mul, add, attrs.axis as number)) return "x * mul + add may leave 32 bits";
  const { lo, hi } = clampBeforeZero(attrs, result.type, "i32");
  return lo > hi ? "the clamp lies beyond 32 bits before the zero point is added" : undefined;
}

/** Sums are taken modulo 2^32, so the low half of `add` is all of it that counts. */
function lowHalf(node: Node, operand: number): ReturnType<NonNullable<Kernel["pack"]>> {
  if (operand !== 2) return undefined;
  const add = (node.operands[2] as Value & { data: BigInt64Array }).data;
  return { form: "i32", storage: "i32", data: Int32Array.from(add, (v) => Number(BigInt.asIntN(32, v))) };
}

/** The clamp before the zero point is added, cut to what the sum can hold; empty where they do not meet. */
function clampBeforeZero(
  a: Parameters<typeof requantClamp>[0],
  y: TensorType,
  sum: "i32" | "i64",
): { lo: number; hi: number } {
  const { lo, hi } = requantClamp(a, y);
  const { min, max } = storages[sum];
  return { lo: Math.max(lo - zeroPoint(y), min), hi: Math.min(hi - zeroPoint(y), max) };
}

function emit(name: string, sum: "i32" | "i64", { x, attrs, y, at, to }: RequantLayer): string {
  const shape = sizes(x.x);
  const along = axisOf(shape.length, attrs.axis);
  const [channels, inner] = [shape[along]!, strides(shape)[along]!];
  const shifts = attrs.shift.map((s) => Math.min(s, storages[sum].bits - 1));
  const table = shifts.length > 1;
  const body = call(name, [at.x, at.mul, at.add, table ? "shifts" : "NULL", to], "pulsec_requant_shape", {
    x_type: kernelType(x.x.storage),
    y_type: kernelType(y.storage),
    outer: elements(x.x) / (channels * inner),
    channels,
    inner,
    mul_step: elements(x.mul) === 1 ? 0 : 1,
    add_step: elements(x.add) === 1 ? 0 : 1,
    shift: table ? 0 : shifts[0]!,
    zero: zeroPoint(y),
    ...clampBeforeZero(attrs, y, sum),
  });
  return table
    ? `  static const uint8_t shifts[${channels}] = ${initialiser(shifts).replaceAll("\n", "\n  ")};\n${body}`
    : body;
}

/** 32-bit arithmetic where the bounds allow it, else 64-bit. */
export const requantKernels = [
  kernel("pulsec_requant32", requant, "requant", (layer) => emit("pulsec_requant32", "i32", layer), {
    refuses: needs64,
    pack: lowHalf,
  }),
  kernel("pulsec_requant64", requant, "requant", (layer) => emit("pulsec_requant64", "i64", layer)),
];
