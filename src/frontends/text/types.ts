/** Types as formulas: `(u8[1x64x8] - 128) * 0.02 * @scales axis 2`. */
import { type Extent, extentOf, type TypeSyntax } from "../../../grammar/ir-syntax.js";
import type { Param } from "../../ir/graph.js";
import { isStorage, type Storage, storages } from "../../ir/storage.js";
import { type Dim, type Quant, type TensorType, tensorType, wrongShape } from "../../ir/type.js";
import { wrongQuant } from "../../ir/verify.js";
import { type Context, guess } from "./context.js";

/** The param that holds scales; nothing when it is missing, which is then already reported. */
export type FindScales = (name: string, at: Extent) => Param | undefined;

export function readType(cx: Context, syntax: TypeSyntax, findScales: FindScales): TensorType | undefined {
  const storage = readStorage(cx, syntax);
  const shape = readShape(cx, syntax);
  const quant = readQuant(cx, syntax, findScales);
  if (!storage || !shape || quant === "wrong") return undefined;
  const type = tensorType(storage, shape, quant);
  const wrong = wrongQuant(type);
  if (wrong) cx.error("ir/quant", syntax.at, wrong);
  return wrong ? undefined : type;
}

function readStorage(cx: Context, { storage }: TypeSyntax): Storage | undefined {
  if (isStorage(storage.image)) return storage.image;
  const known = Object.keys(storages);
  const help = { help: `storages: ${known.join(", ")}`, ...guess(storage.image, known) };
  cx.error("text/unknown-storage", extentOf(storage), `there is no storage ${shorten(storage.image)}`, help);
  return undefined;
}

/** Names in messages stay readable, however long they are. */
export const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);

function readShape(cx: Context, { dims, shape: at }: TypeSyntax): readonly Dim[] | undefined {
  const shape = dims ? dims.image.split("x").map((d): Dim => (d === "N" ? d : Number(d))) : [];
  const wrong = wrongShape(shape);
  if (wrong) cx.error("text/shape", at, wrong);
  return wrong ? undefined : shape;
}

function readQuant(cx: Context, syntax: TypeSyntax, findScales: FindScales): Quant | undefined | "wrong" {
  const { zero, scale, channels, at } = syntax;
  if (!scale && !channels) {
    if (!zero) return undefined;
    cx.error("ir/quant", at, "a zero point needs a scale", {
      expected: "a type such as (u8[1x64x8] - 128) * 0.02",
    });
    return "wrong";
  }
  const stored = Number(zero?.number.image ?? 0);
  const quant = { scale: Number(scale?.image ?? 1), zero: (zero?.negate ? -stored : stored) + 0 };
  if (!channels) return quant;
  const axis = Number(channels.axis.image);
  if (!Number.isInteger(axis) || axis < 0) {
    cx.error("ir/quant", extentOf(channels.axis), "the axis of scales counts from 0");
    return "wrong";
  }
  const param = findScales(channels.param.image.slice(1), extentOf(channels.param));
  return param ? { ...quant, channels: param, axis } : "wrong";
}
