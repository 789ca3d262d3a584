/**
 * Deeploy: RequantShift(x, mul, add) {div, n_levels or n_levels_out, signed} rounds half up: ((x * mul +
 * add) + div / 2) >> log2(div), clamped to the levels. Other operators are ONNX's, on integers kept in
 * floats.
 */
import { plus, times } from "../affine.js";
import { constantInput, numberOf } from "../attributes.js";
import { clipped } from "../commit.js";
import type { Constant } from "../constant.js";
import { refuse } from "../context.js";
import { mapped, settled, withMap } from "../lower/arithmetic.js";
import { type Lowering, outputName, tensorInput } from "../lower/operands.js";
import { nearestMean } from "../lower/shape.js";
import { broadcast, isWrong, product, sameList } from "../shapes.js";
import { type Tensor, tensorOf } from "../tensor.js";
import { commonRows, type Dialect } from "./dialect.js";

/**
 * One number per channel (axis 1) may come in a shape that does not broadcast to it: [C], or [C, 1, 1] for
 * data of rank 3.
 */
function perChannel(t: Tensor, c: Constant): Constant {
  const channels = t.shape[1];
  if (t.shape.length < 3 || channels === 1 || product(c.shape) !== channels) return c;
  const joined = broadcast(t.shape, c.shape);
  if (c.shape.length > 1 && !isWrong(joined) && sameList(joined, t.shape)) return c;
  return { ...c, shape: [channels!, ...t.shape.slice(2).map(() => 1)] };
}

const requantShift: Lowering = (cx, node, inputs) => {
  const t = settled(cx, tensorInput(cx, inputs, 0));
  const [mul, add] = [constantInput(cx, inputs, 1, "mul"), constantInput(cx, inputs, 2, "add")];
  const div = numberOf(cx, node, "div") ?? 1;
  const n = numberOf(cx, node, "n_levels") ?? numberOf(cx, node, "n_levels_out");
  if (!mul || !add || n === undefined) refuse(cx, "onnx/attribute", "it lacks mul, add or n_levels");
  if (!(Number.isInteger(Math.log2(div)) && div >= 1))
    refuse(cx, "onnx/attribute", "its div is no power of two", { found: String(div) });
  const half = { num: [BigInt(div) >> 1n], den: 1n };
  const scaled = mapped(cx, t, perChannel(t, mul), t.name, times);
  const offset = mapped(cx, scaled, perChannel(t, add), t.name, plus);
  const map = times(plus(offset.map, half), { num: [1n], den: BigInt(div) });
  const name = outputName(node);
  const value = clipped(
    cx,
    { ...withMap(offset, name, map), floored: true },
    deeployLevels(n, numberOf(cx, node, "signed") === 1),
    name,
  );
  return tensorOf(name, offset.shape, value, offset.layout);
};

const deeployLevels = (n: number, signed: boolean) =>
  signed ? { lo: -Math.floor(n / 2), hi: Math.floor(n / 2) - 1 } : { lo: 0, hi: n - 1 };

/** Operators that only Deeploy's tools write. */
const own = /^(RequantShift|RQ[A-Z]|i[A-Z]|ITA|Requantized)/;

export const deeploy: Dialect = {
  name: "deeploy",
  detects: (model) => model.domains.includes("PACTOps") || model.nodes.some((n) => own.test(n.op)),
  rows: { ...commonRows, RequantShift: requantShift, ReduceMean: nearestMean },
};
