/** test/vectors.c: golden inputs, and the CRCs of what they must give. */
import { crc32 } from "node:zlib";
import type { Graph, Value } from "../../../ir/graph.js";
import type { Tensor } from "../../../ir/tensor.js";
import { elements, type TensorType } from "../../../ir/type.js";
import { type Facts, madeBy } from "../../c/network.js";
import { commentText, cType, initialiser } from "../../c/text.js";
import type { Vector } from "../../c/vectors.js";
import type { Program, Strides } from "../../schedule/program.js";
import type { Names } from "./names.js";
import { rowBytes, rowsOf } from "./physical.js";

const quoted = (text: string): string => JSON.stringify(text).replace(/[^\x20-\x7e]/g, "?");
const crc = (t: Tensor, strides?: Strides): string =>
  `0x${crc32(rowBytes(strides, t)).toString(16).padStart(8, "0")}`;

function row(name: string, type: TensorType, strides?: Strides): string {
  const { planes, planeStride, rows, stride, bytes } = rowsOf(strides, type);
  return `  {${[quoted(name), planes, planeStride, rows, stride, bytes].join(", ")}},`;
}

/** Never empty, which C forbids. */
const table = (declaration: string, rows: readonly string[], none: string): string =>
  `${declaration} = {\n${(rows.length > 0 ? rows : [`  ${none},`]).join("\n")}\n};`;

/** Values of the layers and how they lie in memory. */
const resultsOf = ({ layers }: Program) =>
  layers.map(({ nodes, result }) => ({ value: nodes.at(-1)!.result, strides: result.strides }));

function vectorText(vector: Vector, index: number, of: Tested): string {
  const { graph, program, names } = of;
  const { inputs } = program;
  const arrays = inputs.map((b, i) => {
    const name = `vector${index}_${names.argument(b)}`;
    return `static const ${cType(b.value!.type.storage)} ${name}[] __attribute__((aligned(4))) = ${initialiser(vector.inputs[i]!.data)};`;
  });
  const tensorOf = ({ name }: Value): Tensor | undefined => {
    const input = graph.inputs.findIndex((v) => v.name === name);
    return input >= 0 ? vector.inputs[input] : vector.values.get(name);
  };
  const results = resultsOf(program).map(({ value, strides }) => {
    const known = tensorOf(value);
    return `  ${known ? crc(known, strides) : 0}, /* ${commentText(value.name)} */`;
  });
  const expected = graph.outputs.map((v) => `  ${crc(tensorOf(v)!)}, /* ${commentText(v.name)} */`);
  return [
    ...arrays,
    table(`static const uint32_t vector${index}_results[]`, results, "0"),
    table(`static const uint32_t vector${index}_outputs[]`, expected, "0"),
  ].join("\n");
}

function runFunction({ inputs, outputs }: Program, names: Names, count: number): string {
  const cases = Array.from({ length: count }, (_, v) => {
    const args = [
      ...inputs.map((b) => `vector${v}_${names.argument(b)}`),
      ...outputs.map((b) => `outputs_${names.argument(b)}`),
    ];
    return `  if (vector == ${v}) ${names.prefix}_run(${args.join(", ")});`;
  });
  return `void test_run(int vector) {\n${["  (void)vector;", ...cases].join("\n")}\n}`;
}

/** A network as its user knows it, and what became of it. */
export interface Tested {
  readonly graph: Graph;
  readonly program: Program;
  readonly names: Names;
}

export function vectorsSource(tested: Tested, facts: Facts, vectors: readonly Vector[]): string {
  const { graph, program, names } = tested;
  const { outputs } = program;
  // Values that only the plan knows are not compared.
  const known = new Set([...graph.inputs, ...graph.nodes.map((n) => n.result)].map((v) => v.name));
  const parts = [
    `/* ${commentText(madeBy(facts))}. Golden vectors. */\n#include "vectors.h"\n\n#include "../network.h"`,
    outputs
      .map((b) => {
        const { storage } = b.value!.type;
        return `static ${cType(storage)} outputs_${names.argument(b)}[${elements(b.value!.type)}] __attribute__((aligned(4)));`;
      })
      .join("\n"),
    table(
      "const test_value test_results[]",
      resultsOf(program).map(({ value, strides }) =>
        known.has(value.name)
          ? row(value.name, value.type, strides)
          : `  {${quoted(value.name)}, 0, 0, 0, 0, 0},`,
      ),
      "{0}",
    ),
    table(
      "const test_value test_outputs[]",
      graph.outputs.map((v) => row(v.name, v.type)),
      "{0}",
    ),
    table(
      "const void *const test_output_data[]",
      outputs.map((b) => `  outputs_${names.argument(b)},`),
      "0",
    ),
    `const int test_output_count = ${outputs.length}, test_vector_count = ${vectors.length};`,
    ...vectors.map((v, i) => vectorText(v, i, tested)),
    table(
      "const test_vector test_vectors[]",
      vectors.map((_, i) => `  {vector${i}_results, vector${i}_outputs},`),
      "{0}",
    ),
    runFunction(program, names, vectors.length),
    `#ifdef ${names.macro}_TRACE\nvoid ${names.prefix}_trace(int layer, const void *data) { test_trace(layer, data); }\nvoid ${names.prefix}_trace_l3(int layer, uint32_t address) { test_trace_l3(layer, address); }\n#endif`,
  ];
  return `${parts.join("\n\n")}\n`;
}
