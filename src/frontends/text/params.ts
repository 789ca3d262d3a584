/** Params in any order: those without scales of their own come first, for the types of the others name them. */
import {
  type Extent,
  extentOf,
  isList,
  type Lexeme,
  type ListSyntax,
  type OriginSyntax,
  type ParamSyntax,
} from "../../../grammar/ir-syntax.js";
import { makeParam } from "../../ir/build.js";
import type { Place } from "../../ir/diagnostic.js";
import type { Commented, Origin, Param } from "../../ir/graph.js";
import { contentHash } from "../../ir/hash.js";
import { type Data, type Storage, storages } from "../../ir/storage.js";
import { elements, type TensorType } from "../../ir/type.js";
import { bare, type Context, guess } from "./context.js";
import { readPlaces } from "./places.js";
import { type FindScales, readType } from "./types.js";

/** Declared params by name; nothing behind a name whose declaration is wrong. */
export type Params = ReadonlyMap<string, Param | undefined>;
export type CommentsOf = (item: object) => Commented;

export function readParams(cx: Context, all: readonly ParamSyntax[], commentsOf: CommentsOf): Params {
  const params = new Map<string, Param | undefined>();
  const scaled = new Set(all.filter((p) => p.type.channels).map((p) => bare(p.name)));
  const declared = [...all.map((p) => bare(p.name))];
  const findScales: FindScales = (name, at) => {
    const param = params.get(name);
    if (param)
      return param.type.storage === "f32" ? param : wrongScales(cx, at, `@${name} is ${param.type.storage}`);
    if (scaled.has(name)) return wrongScales(cx, at, `@${name} has scales itself`);
    if (!params.has(name)) reportUnknownParam(cx, name, at, declared);
    return undefined;
  };
  for (const syntax of [...all.filter((p) => !p.type.channels), ...all.filter((p) => p.type.channels)]) {
    const name = bare(syntax.name);
    const param = readParam(cx, syntax, findScales, commentsOf);
    if (params.has(name))
      cx.error("ir/duplicate-name", extentOf(syntax.name), `a param @${name} is declared already`);
    else params.set(name, param);
  }
  return params;
}

function wrongScales(cx: Context, at: Extent, text: string): undefined {
  cx.error("ir/quant", at, text, { expected: "an f32 param with one scale per channel" });
  return undefined;
}

export function reportUnknownParam(cx: Context, name: string, at: Extent, declared: readonly string[]): void {
  if (cx.broken.has(`@${name}`)) return;
  cx.error(
    "text/unknown-param",
    at,
    `there is no param @${name}`,
    guess(
      `@${name}`,
      declared.map((n) => `@${n}`),
    ),
  );
}

function readParam(
  cx: Context,
  syntax: ParamSyntax,
  findScales: FindScales,
  commentsOf: CommentsOf,
): Param | undefined {
  const type = readType(cx, syntax.type, findScales);
  const origin = syntax.origin ? readOrigin(cx, syntax.origin) : undefined;
  const places: readonly Place[] = readPlaces(cx, syntax);
  if (!type) return undefined;
  if (type.shape[0] === "N") {
    cx.error("text/shape", syntax.type.shape, "a param has no symbolic batch: its elements are known");
    return undefined;
  }
  const { data } = syntax;
  const make = (values: Data) =>
    makeParam(bare(syntax.name), type, values, {
      ...(origin ? { origin } : {}),
      trainable: syntax.trainable,
      places,
      ...commentsOf(syntax),
    });
  if (!isList(data)) return lookUp(cx, syntax, data, type, make);
  const values = readElements(cx, data, type);
  return values && make(values);
}

function readElements(cx: Context, list: ListSyntax, type: TensorType): Data | undefined {
  const want = elements(type);
  if (list.elements.length !== want) {
    const counted = (n: number) => `${n} element${n === 1 ? "" : "s"}`;
    cx.error("text/element-count", list.at, "the values do not fill the type", {
      found: counted(list.elements.length),
      expected: counted(want),
    });
    return undefined;
  }
  const data = new storages[type.storage].array(want);
  for (const [i, lexeme] of list.elements.entries()) {
    const value = readElement(lexeme, type.storage);
    if (value === undefined) {
      cx.error("ir/param-range", extentOf(lexeme), `element ${i} is no ${type.storage}`, {
        expected: rangeOf(type.storage),
      });
      return undefined;
    }
    data[i] = value;
  }
  return data;
}

const rangeOf = (storage: Storage): string => {
  if (storage === "f32") return "a number that a 32-bit float holds";
  if (storage === "i64") return "a whole number in [-2^63, 2^63 - 1]";
  return `a whole number in [${storages[storage].min}, ${storages[storage].max}]`;
};

function readElement({ image }: Lexeme, storage: Storage): number | bigint | undefined {
  if (storage === "i64") {
    const value = /^-?\d{1,19}$/.test(image) ? BigInt(image) : undefined;
    return value !== undefined && BigInt.asIntN(64, value) === value ? value : undefined;
  }
  const value = Number(image);
  if (storage === "f32")
    return Number.isFinite(Math.fround(value)) || /^-?(Infinity|NaN)$/.test(image) ? value : undefined;
  const { min, max } = storages[storage];
  return Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}

/** Elements that live in a `.pmod`, found by their hash. The hash covers the type, too: both must still agree. */
function lookUp(
  cx: Context,
  { name, type: at }: ParamSyntax,
  hash: Lexeme,
  type: TensorType,
  make: (data: Data) => Param,
): Param | undefined {
  const sha256 = hash.image.slice(1).toLowerCase();
  const data = cx.params?.(sha256);
  if (!data) {
    const container = cx.file.replace(/(\.pir)?$/, ".pmod");
    const help = cx.params
      ? "the .pmod given does not hold them"
      : `give the .pmod that was written beside this text, such as ${container}`;
    cx.error("text/missing-values", extentOf(hash), `the values of ${name.image} are not in this text`, {
      help,
    });
    return undefined;
  }
  const fits = data instanceof storages[type.storage].array && data.length === elements(type);
  const param = fits ? make(data) : undefined;
  if (param && contentHash(param) === sha256) return param;
  const help = "write the type that the values were saved with, or the values themselves";
  cx.error("text/hash", at.at, `the values with the hash of ${name.image} were saved with another type`, {
    help,
  });
  return undefined;
}

function readOrigin(cx: Context, { at, fields }: OriginSyntax): Origin | undefined {
  const refuse = () => {
    const expected = '{"param": "name", "kept": [[0, 1], ...], "bits": 8}, the last two optional';
    cx.error("text/origin", at, "this is no origin of a param", { expected });
    return undefined;
  };
  const found: { param?: string; kept?: number[][]; bits?: number } = {};
  for (const { key, value } of fields) {
    const name = key.image.slice(1, -1);
    if (name in found) return refuse();
    if (name === "param" && "image" in value && value.image.startsWith('"'))
      found.param = JSON.parse(value.image);
    else if (name === "bits" && "image" in value && isIndex(Number(value.image)))
      found.bits = Number(value.image);
    else if (name === "kept" && !("image" in value))
      found.kept = value.map((list) => list.map((n) => Number(n.image)));
    else return refuse();
  }
  const { param } = found;
  if (param === undefined || !(found.kept ?? []).flat().every(isIndex)) return refuse();
  return { ...found, param };
}

const isIndex = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
