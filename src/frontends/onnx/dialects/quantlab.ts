/**
 * Quantlab (DORY's second frontend): Mul, Add, Div, Floor, Clip with widths as attributes, and an Add that
 * requantises its operands and its sum. Attributes of that Add, as quantlib's exporter writes them: `in1_`,
 * `in2_` and `out_` times `mul`, `add`, `shift`, `n_levels`, `rq` (is it requantised at all?), and perhaps
 * `out_signed`: clip(floor((x * mul + add) / 2^shift)) to `n_levels` levels.
 */
import { lowest } from "../../../ir/bounds.js";
import { isWhole, plus, times } from "../affine.js";
import { hasAttribute, intOf, numberOf } from "../attributes.js";
import { clipped, commit, intervalAfter, sourceValue } from "../commit.js";
import { type Context, refuse } from "../context.js";
import { settled, withMap } from "../lower/arithmetic.js";
import { added } from "../lower/binary.js";
import { type Lowering, outputName, tensorInput } from "../lower/operands.js";
import type { RawNode } from "../raw.js";
import { type Tensor, tensorOf } from "../tensor.js";
import { commonRows, type Dialect, someAttribute, someInitialiser } from "./dialect.js";

/** [0, n - 1], or n levels around zero. */
export function levels(n: number, signed: boolean): { lo: number; hi: number } {
  return signed ? { lo: -Math.floor(n / 2), hi: Math.ceil(n / 2) - 1 } : { lo: 0, hi: n - 1 };
}

const isSigned = (cx: Context, t: Tensor): boolean => lowest(cx.bounds(commit(cx, t))) < 0;

/** Can nothing be rounded or clamped? Then the numbers are factors and offsets, which a sum can carry. */
function isExact(cx: Context, t: Tensor, { lo, hi }: { lo: number; hi: number }): boolean {
  if (!isWhole(t.map) || t.relu) return false;
  const base = sourceValue(cx, t);
  const reached = intervalAfter(t.map, cx.bounds(base), base);
  return reached.lo >= lo && reached.hi <= hi;
}

/** One of the three requantisations; `rq` = 0 leaves the tensor as it is. */
function requantised(
  cx: Context,
  node: RawNode,
  t: Tensor,
  part: "in1" | "in2" | "out",
  signed: boolean,
  name: string,
): Tensor {
  const number = (what: string, otherwise: number) => numberOf(cx, node, `${part}_${what}`) ?? otherwise;
  if (number("rq", 1) === 0) return t;
  const [mul, add, shift] = [number("mul", 1), number("add", 0), number("shift", 0)];
  if (![mul, add, shift].every(Number.isSafeInteger) || shift < 0)
    refuse(cx, "onnx/attribute", `its ${part}_mul, ${part}_add and ${part}_shift are no integers`, {
      found: `${mul}, ${add}, ${shift}`,
    });
  const x = settled(cx, t);
  const scaled = times(x.map, { num: [BigInt(mul)], den: 1n });
  const map = times(plus(scaled, { num: [BigInt(add)], den: 1n }), { num: [1n], den: 1n << BigInt(shift) });
  const scaledBy = withMap(x, name, map);
  const range = levels(number("n_levels", 256), signed);
  if (part !== "out" && isExact(cx, scaledBy, range)) return scaledBy;
  const value = clipped(cx, { ...scaledBy, floored: true }, range, name);
  return tensorOf(name, t.shape, value, t.layout);
}

/**
 * Operands keep the sign of their type, as DORY infers it; the sum's sign is written, or signed when an
 * operand is.
 */
const requantisingAdd: Lowering = (cx, node, inputs) => {
  if (!["in1_mul", "in2_mul", "out_mul"].some((name) => hasAttribute(node, name)))
    return commonRows.Add!(cx, node, inputs);
  const [a, b] = [tensorInput(cx, inputs, 0), tensorInput(cx, inputs, 1)];
  const [signA, signB] = [isSigned(cx, a), isSigned(cx, b)];
  const name = outputName(node);
  const x = requantised(cx, node, a, "in1", signA, `${name}.in1`);
  const y = requantised(cx, node, b, "in2", signB, `${name}.in2`);
  const plain = numberOf(cx, node, "out_rq") === 0;
  const sum = added(cx, x, y, plain ? name : `${name}.sum`, 1n);
  const signed = intOf(cx, node, "out_signed", Number(signA || signB)) === 1;
  return plain ? { ...sum, name } : requantised(cx, node, sum, "out", signed, name);
};

export const quantlab: Dialect = {
  name: "quantlab",
  detects: (model) =>
    someAttribute(model, ["in1_mul", "out_n_levels"]) || someInitialiser(model, /_QL_REPLACED_/),
  rows: { ...commonRows, Add: requantisingAdd },
};
