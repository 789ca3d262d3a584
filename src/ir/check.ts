/** Does an op accept these operands and attributes? Used alike by builder, parser and verifier. */

import { nearest } from "./diagnostic.js";
import { faultOutside } from "./fault.js";
import type { Value } from "./graph.js";
import { isParam } from "./graph.js";
import {
  type AttrKind,
  type AttrSpec,
  type Attrs,
  type AttrValue,
  bind,
  type OpDef,
  type OperandSpec,
  operandNames,
} from "./op.js";
import type { TensorType } from "./type.js";

/** Why an op refuses; `operand` or `attr` say which part is guilty. */
export interface Complaint {
  readonly text: string;
  readonly operand?: number;
  readonly attr?: string;
  readonly help?: string;
}

const ordinal = (values: readonly unknown[]): string => values.join(", ").replace(/, ([^,]*)$/, " or $1");

/** Operand count, storage, rank and param-ness. */
function checkOperands(op: OpDef, operands: readonly Value[]): Complaint | undefined {
  const kinds = Object.values(op.operands as OperandSpec);
  const variadic = kinds[0]?.variadic;
  const least = variadic ? 1 : kinds.filter((k) => !k.optional).length;
  const most = variadic ? Infinity : kinds.length;
  if (operands.length < least || operands.length > most) {
    const names = Object.entries(op.operands as OperandSpec).map(
      ([n, k]) => (k.optional ? `[${n}]` : n) + (k.variadic ? "..." : ""),
    );
    return { text: `${op.name} takes (${names.join(", ")}), ${operands.length} operands are given` };
  }
  const names = operandNames(op, operands.length);
  for (const [i, operand] of operands.entries()) {
    const kind = variadic ? kinds[0]! : kinds[i]!;
    const { storage, shape } = operand.type;
    if (!kind.storage.includes(storage))
      return { text: `${names[i]} is ${storage}, ${op.name} takes ${ordinal(kind.storage)}`, operand: i };
    const ranks = kind.rank === undefined ? undefined : [kind.rank].flat();
    if (ranks && !ranks.includes(shape.length))
      return {
        text: `${names[i]} has rank ${shape.length}, ${op.name} takes rank ${ordinal(ranks)}`,
        operand: i,
      };
    if (kind.param && !isParam(operand))
      return {
        text: `${names[i]} must be a param: its values enter the proof that nothing overflows`,
        operand: i,
      };
  }
  return undefined;
}

const isInt = (v: AttrValue): v is number => typeof v === "number" && Number.isSafeInteger(v);

/** Why `value` is none for `kind`; lists run over `spatial` dimensions. */
export function checkAttr(
  name: string,
  kind: AttrKind,
  value: AttrValue,
  spatial: number,
): string | undefined {
  const within = (v: number, k: { min?: number; max?: number }) =>
    v >= (k.min ?? -Infinity) && v <= (k.max ?? Infinity);
  switch (kind.kind) {
    case "bool":
      return typeof value === "boolean" ? undefined : `${name} is true or false`;
    case "enum":
      return typeof value === "string" && kind.of.includes(value)
        ? undefined
        : `${name} is one of ${kind.of.join(", ")}`;
    case "float":
      return typeof value === "number" && Number.isFinite(value) ? undefined : `${name} is a finite number`;
    case "int":
      if (!isInt(value)) return `${name} is an integer`;
      return within(value, kind)
        ? undefined
        : `${name} = ${value} lies outside [${kind.min ?? "-inf"}, ${kind.max ?? "inf"}]`;
    case "ints": {
      if (!Array.isArray(value) || !value.every(isInt)) return `${name} is a list of integers`;
      const want = intsLength(kind, spatial);
      if (want !== undefined && value.length !== want)
        return `${name} has ${value.length} elements, ${want} are needed`;
      const bad = value.find((v) => !within(v, kind));
      return bad === undefined
        ? undefined
        : `${name} contains ${bad}, outside [${kind.min ?? "-inf"}, ${kind.max ?? "inf"}]`;
    }
  }
}

function intsLength(kind: AttrKind & { kind: "ints" }, spatial: number): number | undefined {
  if (kind.length === "spatial") return spatial;
  if (kind.length === "edges") return 2 * spatial;
  return kind.length;
}

/** Spatial dimensions of a channels-last activation: everything but batch and channels. */
const spatialRank = (operands: readonly Value[]): number =>
  Math.max(0, (operands[0]?.type.shape.length ?? 2) - 2);

/** What an attribute is when nobody writes it. */
export function defaultAttr(kind: AttrKind, operands: readonly Value[]): AttrValue | undefined {
  if (kind.kind !== "ints") return kind.default;
  const length = intsLength(kind, spatialRank(operands));
  return kind.default === undefined || length === undefined
    ? undefined
    : new Array<number>(length).fill(kind.default);
}

/** Checks the written attributes and fills in defaults. A lone number stands for a one-element list. */
export function completeAttrs(
  op: OpDef,
  operands: readonly Value[],
  written: Attrs,
): { attrs: Attrs } | Complaint {
  const spec = op.attrs as AttrSpec;
  for (const name of Object.keys(written)) {
    if (Object.hasOwn(spec, name)) continue;
    const guess = nearest(name, Object.keys(spec));
    const known = Object.keys(spec).join(", ") || "none";
    return {
      text: `${op.name} has no attribute ${name}`,
      attr: name,
      help: guess ? `did you mean ${guess}?` : `its attributes: ${known}`,
    };
  }
  const attrs: Record<string, AttrValue> = {};
  for (const [name, kind] of Object.entries(spec)) {
    let value = written[name];
    if (value === undefined) {
      value = defaultAttr(kind, operands);
      if (value !== undefined) attrs[name] = value;
      else if (!("optional" in kind && kind.optional))
        return { text: `${op.name} needs ${name}`, attr: name };
      continue;
    }
    if (kind.kind === "ints" && typeof value === "number") value = [value];
    const wrong = checkAttr(name, kind, value, spatialRank(operands));
    if (wrong) return { text: wrong, attr: name };
    attrs[name] = value;
  }
  return { attrs };
}

/** What `infer` says; a user's own that throws refuses with what it threw. */
function inferByOp(
  op: OpDef,
  operands: readonly TensorType[],
  attrs: Attrs,
  declared: TensorType | undefined,
): TensorType | string {
  try {
    return op.infer(bind(op, operands), attrs as never, declared);
  } catch (e) {
    const fault = faultOutside(e, inferByOp.name);
    if (fault === undefined) throw e;
    return `infer of ${op.name} failed: ${fault}`;
  }
}

/** The type of the result, or why there is none. */
export function inferResult(
  op: OpDef,
  operands: readonly Value[],
  written: Attrs,
  declared?: TensorType,
): { type: TensorType; attrs: Attrs } | Complaint {
  const wrong = checkOperands(op, operands);
  if (wrong) return wrong;
  const completed = completeAttrs(op, operands, written);
  if ("text" in completed) return completed;
  const { attrs } = completed;
  const type = inferByOp(
    op,
    operands.map((o) => o.type),
    attrs,
    declared,
  );
  if (typeof type === "string") return { text: type };
  const empty = type.shape.findIndex((d) => d !== "N" && !(Number.isSafeInteger(d) && d > 0));
  if (empty >= 0)
    return {
      text: `the result would be ${type.storage}[${type.shape.join("x")}]: dimension ${empty} is not a positive size`,
    };
  return { type, attrs };
}
