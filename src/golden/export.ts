/** Golden vectors as files: `.npz`, DORY's text, a C header. */
import path from "node:path";
import { toRawArray, writeNpz, writeText } from "../data/tensor-files/index.js";
import type { Node } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor.js";
import { printType, sizes } from "../ir/type.js";
import { type Binding, resultName } from "./binding.js";
import { compileCall } from "./calls.js";
import type { GoldenCase } from "./cases.js";
import type { Layer } from "./layers.js";
import { toMemory } from "./memory.js";

export const formats = ["npz", "dory", "c"] as const;
export type Format = (typeof formats)[number];
type Files = Map<string, string | Uint8Array>;

/** What is written of a vector or of a layer. */
export interface Written {
  /** Without ending: `007`, `03_conv1`. */
  readonly stem: string;
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export const writtenCases = (cases: readonly GoldenCase[]): readonly Written[] =>
  cases.map((c, i) => ({ ...c, stem: String(i).padStart(3, "0") }));
export const writtenLayers = (layers: readonly Layer[]): readonly Written[] =>
  layers.map((l, i) => ({
    ...l,
    stem: `layer${String(i).padStart(2, "0")}_${l.name.replace(/[^\w.-]/g, "_")}`,
  }));

/** `vectors.json`: what each file holds, for scripts. */
export function indexFile(all: readonly Written[], about: Readonly<Record<string, unknown>>): string {
  const vectors = all.map(({ stem, name, nodes, tensors }) => ({
    file: stem,
    name,
    ops: nodes.map((n) => n.op.name),
    attrs: nodes.map((n) => n.attrs),
    tensors: Object.fromEntries([...tensors].map(([n, t]) => [n, printType(t.type)])),
  }));
  return `${JSON.stringify({ ...about, vectors }, null, 2)}\n`;
}

/** One archive per vector; arrays are in pulsec's layout, an element per slot, the result is `y`. */
export function npzFiles(all: readonly Written[]): Files {
  return new Map(
    all.map(({ stem, tensors }) => [
      `${stem}.npz`,
      writeNpz([...tensors].map(([name, t]) => toRawArray(cName(name), t))),
    ]),
  );
}

/** A folder per vector as DORY names its files: `input.txt`, `out_layer0.txt`; constants by their own names. */
export function doryCases(all: readonly Written[]): Files {
  const files: Files = new Map();
  for (const { stem, nodes, tensors } of all) {
    const inputs = nodes[0]!.operands.map((v) => v.name);
    for (const [name, t] of tensors) {
      const first = name === inputs[0] || name === [...tensors.keys()][0];
      const file = name === resultName ? "out_layer0" : first ? "input" : cName(name);
      files.set(`${stem}/${file}.txt`, writeText(toRawArray(file, t)));
    }
  }
  return files;
}

/** The layers of a model in DORY's order: `input.txt`, `out_layer0.txt`, `out_layer1.txt`, ... */
export function doryLayers(inputs: readonly Tensor[], layers: readonly Layer[]): Files {
  const files: Files = new Map();
  for (const [i, t] of inputs.entries()) {
    const name = inputs.length === 1 ? "input" : `input_${i}`;
    files.set(`${name}.txt`, writeText(toRawArray(name, t)));
  }
  for (const [i, { name, tensors }] of layers.entries())
    files.set(`out_layer${i}.txt`, writeText(toRawArray(name, tensors.get(resultName)!)));
  return files;
}

const cName = (name: string): string => name.replace(/\W/g, "_");

const hex = (bytes: Uint8Array): string => {
  const lines: string[] = [];
  for (let i = 0; i < bytes.length; i += 20)
    lines.push(`  ${[...bytes.subarray(i, i + 20)].map((b) => `${b},`).join(" ")}`);
  return lines.length > 0 ? `{\n${lines.join("\n")}\n}` : "{0}";
};

/** Bytes as the kernel's memory holds them, aligned for every element type. */
const bytesText = (name: string, bytes: Uint8Array): string =>
  `static const uint8_t ${name}[] __attribute__((aligned(8))) = ${hex(bytes)};`;

const isPointer = (type: string): boolean => type.trimEnd().endsWith("*");

/**
 * `golden_vectors.h` of a binding: the arguments of every vector and the bytes that its result must have. It needs no other
 * header, so that it can be built into firmware.
 */
export function headerOfCases(binding: Binding, cases: readonly GoldenCase[]): string {
  const args = binding.arguments;
  const parts = cases.map((golden, i) => caseText(binding, golden, i));
  const fields = args.map((a) => `  ${a.type}${isPointer(a.type) ? "" : " "}${a.name};`);
  return `/* Golden vectors of ${binding.kernel}, from ${path.basename(binding.file)}; made by pulsec golden gen. */
#ifndef GOLDEN_VECTORS_H
#define GOLDEN_VECTORS_H
#include <stdint.h>

typedef struct {
  const char *name;
${fields.join("\n")}
  void *result;
  const uint8_t *expected;
  uint32_t expected_bytes;
} golden_vector;

/* The arguments of vector v, in the binding's order. */
#define GOLDEN_ARGUMENTS(v) ${args.map((a) => `(v)->${a.name}`).join(", ")}
#define GOLDEN_VECTORS ${cases.length}

${parts.map((p) => p.arrays).join("\n\n")}

static const golden_vector golden_vectors[] = {
${parts.map((p) => p.row).join("\n")}
};
#endif
`;
}

function caseText(binding: Binding, golden: GoldenCase, i: number): { arrays: string; row: string } {
  const { values } = compileCall(binding, golden);
  const y = golden.tensors.get(resultName)!;
  const expected = toMemory(y.data, sizes(y.type), binding.tensors.get(resultName)!);
  const arrays = [`/* ${i}: ${golden.name} */`, bytesText(`golden${i}_expected`, expected)];
  let result = "0";
  const given = binding.arguments.map((a, k) => {
    const v = values[k]!;
    if (v.kind === "number") return `(${a.type})${v.value}${isPointer(a.type) ? "" : "LL"}`;
    const name = `golden${i}_${a.name}`;
    if ("bytes" in v) {
      const text = bytesText(name, v.bytes);
      arrays.push(v.kind === "mutable" ? text.replace("static const", "static") : text);
    } else arrays.push(`static uint8_t ${name}[${Math.max(1, v.size)}] __attribute__((aligned(8)));`);
    if (v.kind === "output") result = name;
    return `(${a.type})${name}`;
  });
  const row = `  {${[JSON.stringify(golden.name), ...given, result, `golden${i}_expected`, expected.length].join(", ")}},`;
  return { arrays: arrays.join("\n"), row };
}

/** A header per layer: its tensors in pulsec's layout, an element per slot. */
export function headersOfLayers(all: readonly Written[]): Files {
  return new Map(
    all.map(({ stem, name, nodes, tensors }) => {
      const what = nodes.map((n) => n.op.name).join(" + ");
      const arrays = [...tensors].map(([tensor, t]) => {
        const bytes = new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength);
        return `/* ${tensor}: ${printType(t.type)} */\n${bytesText(`${cName(stem)}_${cName(tensor)}`, bytes)}`;
      });
      const guard = `${cName(stem).toUpperCase()}_H`;
      const text = `/* Layer %${name} (${what}); made by pulsec golden gen. */
#ifndef ${guard}
#define ${guard}
#include <stdint.h>

${arrays.join("\n\n")}
#endif
`;
      return [`${stem}.h`, text] as const;
    }),
  );
}
