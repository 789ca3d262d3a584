/** test/vectors.c: golden inputs and expected values as tables for test/main.c. */
import { crc32 } from "node:zlib";
import { slotBytes, storages } from "../../ir/storage.js";
import { bytesOf, type Tensor } from "../../ir/tensor.js";
import { elements } from "../../ir/type.js";
import type { Buffer, Schedule } from "./host-schedule.js";
import type { Names } from "./names.js";
import { type Facts, madeBy } from "./network.js";
import { commentText, cType, initialiser } from "./text.js";

/** One inference: inputs in the graph's order, and values by name; those left out are not checked. */
export interface Vector {
  readonly inputs: readonly Tensor[];
  readonly values: ReadonlyMap<string, Tensor>;
}

/** Bytes of results that are written out per vector; of more than that, all but the outputs become a CRC. */
const fullVectorBytes = 64 * 1024;

interface Tables {
  readonly inputs: readonly Buffer[];
  readonly results: readonly Buffer[];
  readonly outputs: readonly Buffer[];
}

const tablesOf = ({ steps, inputs, outputs }: Schedule): Tables => ({
  inputs,
  results: steps.flatMap((s) => (s.kind === "run" ? [s.result] : [])),
  outputs,
});

const quoted = (text: string): string => JSON.stringify(text).replace(/[^\x20-\x7e]/g, "?");

function table(kind: keyof Tables, buffers: readonly Buffer[], names: Names): string {
  const rows = buffers.map((b) => {
    const { storage, type, name } = { ...b.value, storage: b.storage };
    const signed = storages[storage].min < 0 ? 1 : 0;
    const at = kind === "results" ? "NULL" : `${kind}_${names.id(b)}`;
    return `  {${quoted(name)}, ${slotBytes(storage)}, ${signed}, ${elements(type)}, ${at}},`;
  });
  return `const test_value test_${kind}[] = {\n${[...rows, "  {0},"].join("\n")}\n};`;
}

const storageFor = (kind: keyof Tables, buffers: readonly Buffer[], names: Names): string =>
  buffers
    .map((b) => `static ${cType(b.storage)} ${kind}_${names.id(b)}[${elements(b.value.type)}];`)
    .join("\n");

/** Golden data of one vector; equal tensors are written once. */
function vectorText(vector: Vector, index: number, tables: Tables, names: Names): string {
  const arrays: string[] = [];
  const written = new Map<Tensor, string>();
  const array = (b: Buffer, t: Tensor): string => {
    const had = written.get(t);
    if (had) return had;
    const name = `vector${index}_${names.id(b)}`;
    written.set(t, name);
    arrays.push(`static const ${cType(b.storage)} ${name}[] = ${initialiser(t.data)};`);
    return name;
  };
  const whole = (b: Buffer, t: Tensor) => `{TEST_DATA, ${array(b, t)}, 0}`;
  const total = tables.results.reduce((sum, b) => sum + b.bytes, 0);
  const goldenResult = (b: Buffer): string => {
    const t = vector.values.get(b.value.name);
    if (!t) return "{TEST_UNKNOWN, NULL, 0}";
    return total <= fullVectorBytes
      ? whole(b, t)
      : `{TEST_CRC, NULL, 0x${crc32(bytesOf(t.data)).toString(16)}u}`;
  };
  const goldenOutput = (b: Buffer): string => {
    const input = tables.inputs.findIndex((i) => i.value === b.value);
    const t = input >= 0 ? vector.inputs[input] : vector.values.get(b.value.name);
    return t ? whole(b, t) : "{TEST_UNKNOWN, NULL, 0}";
  };
  const rows = [
    goldens(
      `vector${index}_inputs`,
      tables.inputs.map((b, i) => whole(b, vector.inputs[i]!)),
    ),
    goldens(`vector${index}_results`, tables.results.map(goldenResult)),
    goldens(`vector${index}_outputs`, tables.outputs.map(goldenOutput)),
  ];
  return [...arrays, ...rows].join("\n");
}

/** Never empty, which C forbids. */
function goldens(name: string, rows: readonly string[]): string {
  const lines = [...rows, "{TEST_UNKNOWN, NULL, 0}"].map((r) => `  ${r},`);
  return `static const test_golden ${name}[] = {\n${lines.join("\n")}\n};`;
}

export function vectorsSource(
  schedule: Schedule,
  names: Names,
  facts: Facts,
  vectors: readonly Vector[],
): string {
  const tables = tablesOf(schedule);
  const { inputs, results, outputs } = tables;
  const args = [
    ...inputs.map((b) => `inputs_${names.id(b)}`),
    ...outputs.map((b) => `outputs_${names.id(b)}`),
  ];
  const rows = vectors.map((_, i) => `  {vector${i}_inputs, vector${i}_results, vector${i}_outputs},`);
  const parts = [
    `/* ${commentText(madeBy(facts))}. Golden vectors. */\n#include "vectors.h"\n\n#include "../network.h"`,
    [storageFor("inputs", inputs, names), storageFor("outputs", outputs, names)].join("\n"),
    table("inputs", inputs, names),
    table("results", results, names),
    table("outputs", outputs, names),
    ...vectors.map((v, i) => vectorText(v, i, tables, names)),
    `const test_vector test_vectors[] = {\n${[...rows, "  {NULL, NULL, NULL},"].join("\n")}\n};`,
    `void test_run(void) { ${names.prefix}_run(${args.join(", ")}); }`,
    tracing(names),
  ];
  return `${parts.join("\n\n")}\n`;
}

const tracing = ({ macro, prefix }: Names): string => `#ifdef ${macro}_TRACE
void ${prefix}_trace(int layer, const void *data) { test_trace(layer, data); }
#endif`;
