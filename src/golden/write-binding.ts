/** The binding file that `golden new` writes: short, one thing per line, to be edited. */
import type { AttrSpec, OpDef } from "../ir/op.js";
import { isStorageNarrow, resultName } from "./binding.js";
import { elementOf } from "./memory.js";
import { formatName } from "./read-binding.js";
import type { Signature, TensorText } from "./signatures.js";

interface NewBinding {
  readonly kernel: string;
  readonly adapter: string;
  readonly rounding: string;
  readonly ops: readonly OpDef[];
}

export function bindingText(signature: Signature, { kernel, adapter, rounding, ops }: NewBinding): string {
  const rescales = signature.ops.includes("requant");
  const entries: (readonly [string, string])[] = [
    ["pulsec", inline(formatName)],
    ["kernel", inline(kernel)],
    ["adapter", inline(adapter)],
    ["ops", inline(signature.ops)],
    ["tensors", block(Object.entries(signature.tensors).map(([n, t]) => [n, inline(written(n, t))]))],
    ["attrs", block(Object.entries(signature.attrs).map(([n, a]) => [n, inline(a)]))],
    ["sizes", inline(signature.sizes)],
    ...(rescales
      ? ([
          ["rounding", inline(rounding)],
          ["product", "64"],
        ] as const)
      : []),
    ["cores", "[1]"],
    ["arguments", list(argumentsOf(signature, ops).map(inline))],
  ];
  return `${block(entries, "")}\n`;
}

/** JSON on one line, with spaces. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${inline(v)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function block(entries: readonly (readonly [string, string])[], indent = "  "): string {
  if (entries.length === 0) return "{}";
  return `{\n${entries.map(([k, v]) => `${indent}  ${JSON.stringify(k)}: ${v}`).join(",\n")}\n${indent}}`;
}

const list = (items: readonly string[]): string =>
  items.length === 0 ? "[]" : `[\n${items.map((i) => `    ${i}`).join(",\n")}\n  ]`;

/** What a reader needs to see stands there, even where it is the default. */
function written(name: string, t: TensorText): TensorText {
  const layout = t.layout ?? t.axes;
  const packing = isStorageNarrow(t.storage) ? { packing: t.packing ?? "low-first" } : {};
  const { storage, shape, axes, zero, range } = t;
  return {
    storage,
    ...(shape && name !== resultName ? { shape } : {}),
    axes,
    layout,
    ...(t.element ? { element: t.element } : {}),
    ...packing,
    ...(zero ? { zero } : {}),
    ...(range ? { range } : {}),
  };
}

interface ArgumentText {
  readonly tensor?: string;
  readonly name?: string;
  readonly type: string;
  readonly value?: string;
}

/** Tensors, then sizes, then attributes: an order to begin with. */
function argumentsOf(signature: Signature, ops: readonly OpDef[]): readonly ArgumentText[] {
  const { tensors, sizes } = signature;
  const pointers = Object.entries(tensors).map(([name, t]): ArgumentText => {
    const element = t.element ?? (isStorageNarrow(t.storage) ? "uint8_t" : elementOf(t.storage));
    return { tensor: name, type: `${name === resultName ? "" : "const "}${element} *` };
  });
  const counts = Object.keys(sizes).map(
    (name): ArgumentText => ({ name: cased(name), type: "int", value: name }),
  );
  const zeros = Object.entries(tensors)
    .filter(([, t]) => t.zero?.some((z) => z !== 0))
    .map(([name]): ArgumentText => ({ name: `${name}_zero`, type: "int", value: `${name}.zero` }));
  const attrs = signature.ops.flatMap((name) =>
    attributeArguments(signature, ops.find((o) => o.name === name)!),
  );
  return [...pointers, ...counts, ...zeros, ...attrs];
}

const cased = (name: string): string => (/^[HWLCK]$/.test(name) ? sizeWords[name]! : name.toLowerCase());
const sizeWords: Readonly<Record<string, string>> = {
  H: "height",
  W: "width",
  L: "length",
  C: "channels",
  K: "taps",
};

/** Attributes that vary are arguments; one that is the same in all vectors is the kernel's own. */
function attributeArguments({ attrs }: Signature, op: OpDef): readonly ArgumentText[] {
  return Object.entries(attrs[op.name] ?? {}).flatMap(([name, choices]) => {
    const kind = (op.attrs as AttrSpec)[name];
    const varies = choices.length > 1 || choices[0] === "auto";
    if (!kind || !varies) return [];
    const value = `${op.name}.${name}`;
    if (kind.kind !== "ints" || choices[0] === "auto") return [{ name, type: "int", value }];
    const count = (choices[0] as readonly unknown[]).length;
    return Array.from({ length: count }, (_, i) => ({
      name: `${name}_${elementName(kind.length, count, i)}`,
      type: "int",
      value: `${value}[${i}]`,
    }));
  });
}

/** `stride_h`, `pads_top`, and numbers where nothing better is known. */
function elementName(
  length: number | "spatial" | "edges" | undefined,
  count: number,
  i: number,
): string | number {
  if (length === "spatial") return count === 2 ? ["h", "w"][i]! : i;
  if (length !== "edges") return i;
  return (count === 4 ? ["top", "left", "bottom", "right"] : ["begin", "end"])[i] ?? i;
}
