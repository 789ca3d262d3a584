/** A signature for any op, read off its record: the sizes of an example are varied to see which belong together. */
import { inferResult } from "../ir/check.js";
import { type Graph, isParam, type Value } from "../ir/graph.js";
import type { OpDef, OperandSpec } from "../ir/op.js";
import { allocate } from "../ir/tensor.js";
import { elements, sizes, type TensorType, zeroPoint } from "../ir/type.js";
import type { Signature, TensorText } from "./signatures.js";

interface Dimension {
  readonly operand: number;
  readonly axis: number;
  readonly size: number;
}

/** From an example whose graph uses the op in integers; nothing where no example does. */
export function probedSignature(op: OpDef, examples: readonly Graph[]): Signature | undefined {
  const node = examples
    .filter((g) => g.stage === "integer")
    .flatMap((g) => g.nodes)
    .find((n) => n.op === op);
  if (!node || node.result.type.storage === "f32") return undefined;
  const { operands, attrs, result } = node;
  const names = operandNames(op, operands.length);
  const groups = together(
    operands.map((o) => sizes(o.type)),
    (shapes) => {
      const changed = operands.map((o, i) => reshaped(o, shapes[i]!));
      return !("text" in inferResult(op, changed, attrs, result.type));
    },
  );
  const named = sizeNames(groups, operands, names);
  const tensors = operands.map((o, i): [string, TensorText] => [names[i]!, tensorText(o, named, i)]);
  const written = Object.entries(attrs).filter(([, value]) => value !== undefined);
  return {
    name: op.name,
    summary: op.summary,
    ops: [op.name],
    tensors: { ...Object.fromEntries(tensors), y: resultText(result.type) },
    attrs: written.length > 0 ? { [op.name]: Object.fromEntries(written.map(([n, v]) => [n, [v]])) } : {},
    sizes: Object.fromEntries([...named.ranges]),
  };
}

const operandNames = (op: OpDef, count: number): readonly string[] => {
  const [[first, kind]] = Object.entries(op.operands as OperandSpec) as [[string, OperandSpec[string]]];
  return kind.variadic ? Array.from({ length: count }, (_, i) => `${first}${i}`) : Object.keys(op.operands);
};

function reshaped(value: Value, shape: readonly number[]): Value {
  const type = { ...value.type, shape };
  if (!isParam(value)) return { ...value, type };
  const data = allocate(type.storage, elements(type));
  return { ...value, type, data } as Value;
}

/** Dimensions that can grow alone, or only with others of their size; what cannot grow at all is in no group. */
function together(
  shapes: readonly (readonly number[])[],
  accepts: (shapes: readonly (readonly number[])[]) => boolean,
): readonly (readonly Dimension[])[] {
  const all = shapes.flatMap((shape, operand) =>
    shape.flatMap((size, axis) =>
      axis === 0 && shape.length > 2 && size === 1 ? [] : [{ operand, axis, size }],
    ),
  );
  const grown = (dims: readonly Dimension[]) =>
    shapes.map((shape, i) =>
      shape.map((s, d) => (dims.some((g) => g.operand === i && g.axis === d) ? s + 2 : s)),
    );
  const groups: Dimension[][] = [];
  const taken = new Set<Dimension>();
  for (const dim of all) {
    if (taken.has(dim)) continue;
    const mates = all.filter((d) => d !== dim && !taken.has(d) && d.size === dim.size);
    const group = [[dim], ...mates.map((m) => [dim, m]), [dim, ...mates]].find((g) => accepts(grown(g)));
    if (!group) continue;
    for (const d of group) taken.add(d);
    groups.push(group);
  }
  return groups;
}

const lettersOf = (rank: number, param: boolean): string =>
  (param ? ["", "C", "OI", "OLI", "OHWI"] : ["", "C", "NC", "NLC", "NHWC"])[rank] ??
  "ABCDEFGH".slice(0, rank);

interface NamedSizes {
  readonly ranges: ReadonlyMap<string, readonly number[]>;
  nameAt(operand: number, axis: number): string | undefined;
}

/** Sizes are called after their axis, the second of a letter after its tensor, too. */
function sizeNames(
  groups: readonly (readonly Dimension[])[],
  operands: readonly Value[],
  names: readonly string[],
): NamedSizes {
  const ranges = new Map<string, readonly number[]>();
  const byPlace = new Map<string, string>();
  for (const group of groups) {
    const { operand, axis, size } = group[0]!;
    const o = operands[operand]!;
    const letter = lettersOf(o.type.shape.length, isParam(o))[axis]!;
    const wish = ranges.has(letter) ? `${letter}_${names[operand]}` : letter;
    ranges.set(wish, [Math.min(1, size), Math.max(9, size)]);
    for (const d of group) byPlace.set(`${d.operand} ${d.axis}`, wish);
  }
  return { ranges, nameAt: (operand, axis) => byPlace.get(`${operand} ${axis}`) };
}

function tensorText(value: Value, named: NamedSizes, operand: number): TensorText {
  const shape = sizes(value.type).map((size, axis) => named.nameAt(operand, axis) ?? size);
  const axes = lettersOf(shape.length, isParam(value));
  const zero = zeroPoint(value.type);
  return {
    storage: value.type.storage,
    shape,
    axes,
    ...(axes.startsWith("N") ? { layout: axes.slice(1) } : {}),
    ...(zero === 0 ? {} : { zero: [zero] }),
  };
}

function resultText(type: TensorType): TensorText {
  const axes = lettersOf(type.shape.length, false);
  const zero = zeroPoint(type);
  return {
    storage: type.storage,
    axes,
    ...(axes.startsWith("N") && type.shape[0] === 1 ? { layout: axes.slice(1) } : {}),
    ...(zero === 0 ? {} : { zero: [zero] }),
  };
}
