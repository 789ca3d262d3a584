/** Mul, Add, Sub, Div, Floor, Cast, Clip, Relu: arithmetic that stays pending until it is clamped or used. */
import { highest, lowest } from "../../../ir/bounds.js";
import { storages } from "../../../ir/storage.js";
import {
  type Affine,
  clash,
  inverse,
  isWhole,
  negated,
  plus,
  type Ratios,
  ratios,
  times,
} from "../affine.js";
import { axisOrderOr, rearranged, reshapedView, sourceAxis } from "../arrange.js";
import { type Inputs, intOf, numberOf, scalarOf, sound } from "../attributes.js";
import { type Clip, clipped, commit, sourceValue } from "../commit.js";
import { type Constant, variation } from "../constant.js";
import { type Context, refuse } from "../context.js";
import { elementTypes, isFloatType, type RawNode } from "../raw.js";
import { broadcast, sameList } from "../shapes.js";
import { barrier, type Imported, type Tensor, tensorOf } from "../tensor.js";
import { added, multiplied } from "./binary.js";
import { constantTensor, type Lowering, outputName, tensorInput } from "./operands.js";
import { floatArithmetic } from "./tail.js";

/**
 * Ready for more arithmetic: what is floored becomes an integer first, a relu too unless `keepsRelu`. At
 * most one floor stays uncommitted, for a Clip to join.
 */
export function settled(cx: Context, t: Tensor, keepsRelu = false): Tensor {
  if (!(t.floored && !isWhole(t.map)) && (!t.relu || keepsRelu)) return t;
  sourceValue(cx, t);
  return barrier(t);
}

/**
 * The values of a constant as ratios along the source's axis, and the tensor that they apply to; nothing
 * where it takes a whole param.
 */
function alongSource(cx: Context, t: Tensor, c: Constant): { t: Tensor; r: Ratios } | "inexact" | undefined {
  const shape = sound(cx, broadcast(t.shape, c.shape));
  const varied = variation(c, shape.length);
  const same =
    shape.length === t.shape.length
      ? t
      : reshapedView(t, t.name, [...new Array(shape.length - t.shape.length).fill(1), ...t.shape]);
  if (!varied || !sameList(shape, same.shape)) return undefined;
  const r = ratios(varied.values);
  if (!r) return "inexact";
  if (varied.axis === undefined) return { t: same, r };
  const found = sourceAxis(cx, same, varied.axis);
  if (!found) return alongSource(cx, rearranged(cx, same, axisOrderOr(cx, same)), c);
  const ordered = { num: found.index.map((i) => r.num[i]!), den: r.den, axis: found.axis };
  return clash(same.map, ordered) ? alongSource(cx, barrier(same), c) : { t: same, r: ordered };
}

/** `t` with its map extended by a constant of one number, or one per index of one axis. */
export function mapped(
  cx: Context,
  t: Tensor,
  c: Constant,
  name: string,
  f: (map: Affine, r: Ratios) => Affine,
): Tensor {
  const found = alongSource(cx, t, c);
  if (found === undefined || found === "inexact")
    refuse(
      cx,
      "onnx/constant-shape",
      `its constant ${c.name} is neither one integer nor one per index of one axis`,
      { found: `[${c.shape.join("x")}]` },
    );
  return withMap(found.t, name, f(found.t.map, found.r));
}

export const withMap = (t: Tensor, name: string, map: Affine): Tensor => ({
  ...t,
  name,
  map,
  floored: false,
  truncates: false,
  implied: "floor",
});

type Arithmetic = "Add" | "Sub" | "Mul" | "Div";

/** `t op c`. */
function withConstant(cx: Context, op: Arithmetic, input: Tensor, c: Constant, name: string): Imported {
  const scales = op === "Mul" || op === "Div";
  const found = alongSource(cx, settled(cx, input, scales), c);
  if (found === "inexact") return floatArithmetic(cx, op, input, c, name);
  if (!found) return withParam(cx, op, input, c, name);
  const { r } = found;
  const t = found.t.relu && r.num.some((n) => n < 0n) ? barrier(found.t) : found.t;
  switch (op) {
    case "Add":
      return withMap(t, name, plus(t.map, r));
    case "Sub":
      return withMap(t, name, plus(t.map, negated(r)));
    case "Mul":
      return withMap(t, name, times(t.map, r));
    case "Div":
      return divided(cx, t, r, name);
  }
}

/** From this exponent on, 2^n - 1 is how some exporters write 2^n; DORY shifts by n. */
const roundedExponent = 16;

function divided(cx: Context, t: Tensor, r: Ratios, name: string): Tensor {
  const bits = (v: bigint) => (v + 1n).toString(2).length - 1;
  const almost = (v: bigint) => v + 1n === 1n << BigInt(bits(v)) && bits(v) >= roundedExponent;
  const round = r.den === 1n && r.num.every(almost);
  if (round) cx.note("onnx/rounded-divisor", "a divisor 2^n - 1 is read as 2^n, as DORY does");
  const by = inverse(round ? { ...r, num: r.num.map((v) => v + 1n) } : r);
  if (!by) refuse(cx, "onnx/division-by-zero", "it divides by a constant that holds 0");
  const map = times(t.map, by);
  const drops = t.integer && !isWhole(map);
  return { ...withMap(t, name, map), floored: drops, truncates: drops };
}

/** A constant that varies along several axes, or that widens the tensor, is a param of its own. */
function withParam(cx: Context, op: Arithmetic, t: Tensor, c: Constant, name: string): Tensor {
  if (op === "Div")
    refuse(cx, "onnx/divisor", "it divides by a constant that varies along several axes", {
      help: "divide by one number, or one per channel",
    });
  const rank = Math.max(t.shape.length, c.shape.length);
  const wide = reshapedView(t, t.name, [...new Array(rank - t.shape.length).fill(1), ...t.shape]);
  const other = constantTensor(cx, c, rank, axisOrderOr(cx, wide));
  return op === "Mul"
    ? multiplied(cx, wide, other, name)
    : added(cx, wide, other, name, op === "Add" ? 1n : -1n);
}

const arithmetic =
  (op: Arithmetic): Lowering =>
  (cx, node, inputs) => {
    const [a, b] = [inputs[0], inputs[1]];
    const name = outputName(node);
    if (a?.kind === "float" || b?.kind === "float")
      return floatArithmetic(cx, op, ...floatOperands(cx, inputs), name);
    if (b?.kind === "constant") return withConstant(cx, op, tensorInput(cx, inputs, 0), b, name);
    if (a?.kind === "constant") return constantFirst(cx, op, a, tensorInput(cx, inputs, 1), name);
    const [x, y] = [tensorInput(cx, inputs, 0), tensorInput(cx, inputs, 1)];
    if (op === "Div")
      refuse(cx, "onnx/divisor", "it divides one tensor by another", {
        help: "only divisions by constants are integer arithmetic",
      });
    return op === "Mul" ? multiplied(cx, x, y, name) : added(cx, x, y, name, op === "Add" ? 1n : -1n);
  };

function floatOperands(
  cx: Context,
  inputs: Inputs,
): [Tensor | Extract<Imported, { kind: "float" }>, Constant] {
  const [a, b] = [inputs[0], inputs[1]];
  if (a?.kind === "float" && b?.kind === "constant") return [a, b];
  refuse(cx, "onnx/float-network", "it computes with float tensors", {
    help: "the float tail may scale a tensor by constants, nothing more",
  });
}

function constantFirst(cx: Context, op: Arithmetic, c: Constant, t: Tensor, name: string): Imported {
  if (op === "Div") refuse(cx, "onnx/divisor", "it divides a constant by a tensor");
  if (op !== "Sub") return withConstant(cx, op, t, c, name);
  const minus = settled(cx, t);
  return withConstant(cx, "Add", withMap(minus, name, times(minus.map, { num: [-1n], den: 1n })), c, name);
}

const floor: Lowering = (cx, node, inputs) => ({
  ...tensorInput(cx, inputs, 0),
  name: outputName(node),
  floored: true,
});

const negation: Lowering = (cx, node, inputs) => {
  const t = settled(cx, tensorInput(cx, inputs, 0));
  return withMap(t, outputName(node), times(t.map, { num: [-1n], den: 1n }));
};

const relu: Lowering = (cx, node, inputs) => ({
  ...tensorInput(cx, inputs, 0),
  name: outputName(node),
  relu: true,
});

const cast: Lowering = (cx, node, inputs) => {
  const t = tensorInput(cx, inputs, 0);
  const name = outputName(node);
  const type = elementTypes[intOf(cx, node, "to", 0)] ?? "undefined";
  if (isFloatType(type)) return { ...t, name, integer: false };
  const drops = !t.floored && !isWhole(t.map);
  const whole: Tensor = { ...t, name, integer: true, floored: true, truncates: t.truncates || drops };
  if (["i32", "i64", "u32", "u64"].includes(type)) return whole;
  return narrowCast(cx, whole, type);
};

/**
 * A cast to 16 bits or fewer is nothing when the values are known to fit; otherwise its result is not
 * defined by ONNX.
 */
function narrowCast(cx: Context, t: Tensor, type: string): Tensor {
  const ranges: Readonly<Record<string, readonly [number, number]>> = { ...eachStorage(), u16: [0, 65535] };
  const range = ranges[type];
  if (!range) refuse(cx, "onnx/cast", `a cast to ${type} has no integer meaning`);
  const value = commit(cx, t);
  const [lo, hi] = [lowest(cx.bounds(value)), highest(cx.bounds(value))];
  if (lo < range[0] || hi > range[1]) {
    const help = "put a Clip before the Cast: what happens beyond the range is not defined";
    refuse(cx, "onnx/cast", `values may lie outside ${type}`, {
      found: `[${lo}, ${hi}]`,
      expected: `[${range.join(", ")}]`,
      help,
    });
  }
  return { ...tensorOf(t.name, t.shape, value, t.layout), integer: true };
}
const eachStorage = () =>
  Object.fromEntries(Object.entries(storages).map(([s, { min, max }]) => [s, [min, max] as const]));

const clip: Lowering = (cx, node, inputs) => {
  const t = tensorInput(cx, inputs, 0);
  return clippedTensor(cx, node, t, {
    lo: reachable(scalarOf(cx, node, inputs, "min", 1)),
    hi: reachable(scalarOf(cx, node, inputs, "max", 2)),
  });
};
/** Infinite bounds, and those beyond any integer that we hold, are none. */
const reachable = (v: number | undefined): number | undefined =>
  v === undefined || Math.abs(v) > 2 ** 40 ? undefined : v;

/** The clamp of a node as one committed value; `out_bits` is Quantlab's and PLiNIO's word for its width. */
function clippedTensor(cx: Context, node: RawNode, t: Tensor, bounds: Clip): Tensor {
  const value = clipped(cx, t, { ...bounds, bits: numberOf(cx, node, "out_bits") }, outputName(node));
  return { ...tensorOf(outputName(node), t.shape, value, t.layout), integer: t.integer };
}

const renamed: Lowering = (cx, node, inputs) => {
  const input = inputs[0];
  return input?.kind === "float"
    ? { ...input, name: outputName(node) }
    : { ...tensorInput(cx, inputs, 0), name: outputName(node) };
};

export const arithmeticRows: Readonly<Record<string, Lowering>> = {
  Add: arithmetic("Add"),
  Sub: arithmetic("Sub"),
  Mul: arithmetic("Mul"),
  Div: arithmetic("Div"),
  Neg: negation,
  Floor: floor,
  Cast: cast,
  Clip: clip,
  Relu: relu,
  Identity: renamed,
  Dropout: renamed,
};
