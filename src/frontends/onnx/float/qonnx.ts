/**
 * QONNX (domain qonnx.custom_op.general; older files: onnx.brevitas, finn.custom_op.general): Quant, BipolarQuant and Trunc take
 * floats and give floats on a grid. Semantics: the operators' execution in the qonnx package.
 */
import { type IntStorage, storages } from "../../../ir/storage.js";
import { tensorType } from "../../../ir/type.js";
import { intOf, stringOf } from "../attributes.js";
import { type Constant, constant, onGrid } from "../constant.js";
import { type Context, refuse } from "../context.js";
import { type Lowering, outputName } from "../lower/operands.js";
import { own, type RawNode } from "../raw.js";
import { product } from "../shapes.js";
import type { FloatTensor, Imported } from "../tensor.js";
import { combined, emitted, number } from "./elementwise.js";
import { type FloatRows, floatAt, knownAt, unsupported } from "./operands.js";

type Inputs = readonly (Imported | undefined)[];

/** The integers of a Quant, before the scale. */
interface Levels {
  readonly bits: number;
  readonly min: number;
  readonly max: number;
  readonly round: string;
}

const needed = (cx: Context, inputs: Inputs, index: number, what: string): Constant =>
  knownAt(cx, inputs, index, what) ?? refuse(cx, "onnx/operands", `it has no ${what}`);

const wholeNumber = (cx: Context, c: Constant): number =>
  Number.isInteger(c.data[0]) ? c.data[0]! : unsupported(cx, `${c.name} is ${c.data[0]}, no whole number`);

function levelsOf(cx: Context, node: RawNode, bits: number, signed: boolean): Levels {
  const narrow = intOf(cx, node, "narrow", 0);
  const [min, max] = signed
    ? [-(2 ** (bits - 1)) + narrow, 2 ** (bits - 1) - 1]
    : [0, 2 ** bits - 1 - narrow];
  return { bits, min, max, round: stringOf(cx, node, "rounding_mode", "ROUND").toUpperCase() };
}

function halfEven(v: number): number {
  const near = Math.round(v);
  return Math.abs(v % 1) === 0.5 && near % 2 !== 0 ? near - 1 : near;
}
const roundings: Readonly<Record<string, (v: number) => number>> = {
  ROUND: halfEven,
  FLOOR: Math.floor,
  CEIL: Math.ceil,
};

const rounding = (cx: Context, mode: string) =>
  own(roundings, mode) ?? unsupported(cx, `its rounding mode is ${mode}`);

/** The element of `c`, repeated to `shape` from the right, at each position of `shape`. */
function repeated(cx: Context, c: Constant, shape: readonly number[]): (i: number) => number {
  if (c.data.length === 1) return () => c.data[0]!;
  const wide = [...new Array<number>(Math.max(shape.length - c.shape.length, 0)).fill(1), ...c.shape];
  const axes = wide.flatMap((d, a) => (d > 1 ? [a] : []));
  const [axis] = axes;
  if (axes.length > 1 || axis === undefined || wide[axis] !== shape[axis])
    return unsupported(cx, `${c.name} varies along several axes`);
  const inner = product(shape.slice(axis + 1));
  return (i) => c.data[Math.floor(i / inner) % c.data.length]!;
}

/** Weights: known while importing. */
function onLevels(cx: Context, node: RawNode, x: Constant, scale: Constant, zero: Constant, l: Levels) {
  const [s, z] = [repeated(cx, scale, x.shape), repeated(cx, zero, x.shape)];
  const round = rounding(cx, l.round);
  const bipolar = l.bits === 1 && l.min < 0;
  const data = x.data.map((v, i) => {
    const level = v / s(i) + z(i);
    const stored = bipolar ? (level >= 0 ? 1 : -1) : round(Math.min(Math.max(level, l.min), l.max));
    return (stored - z(i)) * s(i);
  });
  return onGrid(constant(outputName(node), "f32", x.shape, data), { steps: [...scale.data], bits: l.bits });
}

const signedOnes: readonly IntStorage[] = ["i2", "i4", "i8", "i16"];
const unsignedOnes: readonly IntStorage[] = ["u2", "u4", "u8", "i16", "i32"];

/** quantize in the narrowest storage that holds the levels, and dequantize; a clip where it holds more. */
function rounded(
  cx: Context,
  x: FloatTensor,
  scale: number,
  zero: number,
  l: Levels,
  name: string,
): FloatTensor {
  const storage = (l.min < 0 ? signedOnes : unsignedOnes).find(
    (s) => storages[s].min <= l.min && storages[s].max >= l.max,
  );
  if (!storage || storages[storage].min > zero || storages[storage].max < zero)
    return unsupported(cx, `its ${l.bits} bits around ${zero} are more than 16`);
  const full = storages[storage].min === l.min && storages[storage].max === l.max;
  const limits = { lo: (l.min - zero) * scale, hi: (l.max - zero) * scale };
  const within = full ? x : emitted(cx, "clip", x, name, limits);
  const type = tensorType(storage, x.value.type.shape, { scale, zero });
  const q = cx.main.emit("quantize", [within.value], {}, name, type);
  return emitted(cx, "dequantize", { ...x, value: q }, name);
}

const only = (cx: Context, c: Constant): number =>
  c.data.length === 1 ? c.data[0]! : unsupported(cx, "it quantises activations with several scales");

function quantiser(cx: Context, node: RawNode, inputs: Inputs): FloatTensor | Constant {
  const [scale, zero] = [needed(cx, inputs, 1, "scale"), needed(cx, inputs, 2, "zero point")];
  const bits = wholeNumber(cx, needed(cx, inputs, 3, "bit width"));
  const levels = levelsOf(cx, node, bits, intOf(cx, node, "signed", 1) === 1);
  if (inputs[0]?.kind === "constant") return onLevels(cx, node, inputs[0], scale, zero, levels);
  if (bits === 1 && levels.min < 0) return unsupported(cx, "activations of one signed bit");
  const [x, s, name] = [floatAt(cx, inputs, 0), only(cx, scale), outputName(node)];
  only(cx, zero);
  const z = wholeNumber(cx, zero);
  if (levels.round === "ROUND") return rounded(cx, x, s, z, levels, name);
  if (levels.round !== "FLOOR") return unsupported(cx, `its rounding mode is ${levels.round}`);
  return rounded(cx, combined(cx, "sub", x, number(`${name}.half`, s / 2), name), s, z, levels, name);
}

const bipolar: Lowering = (cx, node, inputs) => {
  const scale = needed(cx, inputs, 1, "scale");
  const levels: Levels = { bits: 1, min: -1, max: 1, round: "ROUND" };
  const zero = constant(`${scale.name}.zero`, "f32", [], [0]);
  if (inputs[0]?.kind === "constant") return onLevels(cx, node, inputs[0], scale, zero, levels);
  return unsupported(cx, "activations of one signed bit");
};

/**
 * Drops low bits: floor(q / 2^t) of the integers q behind x. Half a step of q is added first, so that no rounding of floats
 * moves an integer below itself. With five operands the result keeps the scale, with seven it has its own.
 */
const trunc: Lowering = (cx, node, inputs) => {
  const [x, name] = [floatAt(cx, inputs, 0), outputName(node)];
  const [scale, zero] = [
    only(cx, needed(cx, inputs, 1, "scale")),
    only(cx, needed(cx, inputs, 2, "zero point")),
  ];
  if (zero !== 0) return unsupported(cx, "its zero point is not 0");
  const round = stringOf(cx, node, "rounding_mode", "FLOOR").toUpperCase();
  if (round !== "FLOOR") return unsupported(cx, `its rounding mode is ${round}`);
  const own = inputs.length >= 7;
  const bits = wholeNumber(cx, needed(cx, inputs, own ? 6 : 4, "output bit width"));
  const step = own ? only(cx, needed(cx, inputs, 4, "output scale")) : scale;
  const dropped = own
    ? Math.round(Math.log2(step / scale))
    : wholeNumber(cx, needed(cx, inputs, 3, "input bit width")) - bits;
  const wide = scale * 2 ** dropped;
  const moved = combined(cx, "add", x, number(`${name}.half`, (scale - wide) / 2), name);
  const y = step === wide ? moved : combined(cx, "mul", moved, number(`${name}.factor`, step / wide), name);
  const levels = own ? levelsOf(cx, node, bits, intOf(cx, node, "signed", 1) === 1) : unbounded(bits);
  return rounded(cx, y, step, 0, levels, name);
};

/** Without `signed`, either sign may come. */
const unbounded = (bits: number): Levels => ({ bits, min: -(2 ** bits), max: 2 ** bits - 1, round: "FLOOR" });

const limits =
  "several scales on activations; rounding modes other than ROUND and FLOOR; 1 signed bit on activations";
const quant = {
  lower: quantiser as Lowering,
  known: [1, 2, 3],
  becomes: "quantize, dequantize; clip where bits are no storage",
  limits,
};

export const qonnxRows: FloatRows = {
  Quant: quant,
  IntQuant: quant,
  BipolarQuant: { lower: bipolar, known: [0, 1], becomes: "weights", limits: "activations" },
  Trunc: {
    lower: trunc,
    known: [1, 2, 3, 4, 5, 6],
    becomes: "add, quantize, dequantize",
    limits: "zero points; rounding modes other than FLOOR",
  },
};
