/** network.h and network.c: the layers in order, each a function of its own. */
import { describePlace } from "../../ir/diagnostic.js";
import { guarded } from "../../ir/fault.js";
import { isParam, type Node } from "../../ir/graph.js";
import { operandNames } from "../../ir/op.js";
import { printNode } from "../../ir/print.js";
import { elements } from "../../ir/type.js";
import { argumentMacros, type Callable, signature } from "./arguments.js";
import type { Buffer, Run, Schedule } from "./host-schedule.js";
import type { Names } from "./names.js";
import { commentText, cType } from "./text.js";
import { macsOf } from "./work.js";

/** What a project says about itself. */
export interface Facts {
  readonly name: string;
  /** Of the compiler. */
  readonly version: string;
  /** Of the module, or nothing where nobody computed it. */
  readonly hash: string | undefined;
  /** Texts of the files that places point into, for line numbers. */
  readonly sources: ReadonlyMap<string, string>;
}

export const madeBy = ({ name, version, hash }: Facts): string =>
  `${name}: made by pulsec ${version}${hash ? ` from model ${hash.slice(0, 16)}` : ""}`;

const memoryBytes = (s: Schedule, name: string): number => s.memories.find((m) => m.name === name)!.bytes;
const callable = ({ inputs, outputs }: Schedule, names: Names): Callable => {
  const argument = (b: Buffer) => ({ id: names.id(b), value: b.value });
  const { prefix, macro } = names;
  return { prefix, macro, inputs: inputs.map(argument), outputs: outputs.map(argument) };
};

export function networkHeader(schedule: Schedule, names: Names, facts: Facts): string {
  const { macro, prefix } = names;
  const macs = schedule.graph.nodes.reduce((sum, n) => sum + macsOf(n), 0);
  return `/* ${commentText(madeBy(facts))}. Compile the model again rather than edit this. */
#ifndef ${macro}_NETWORK_H
#define ${macro}_NETWORK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

${argumentMacros(callable(schedule, names))}
#define ${macro}_ARENA_BYTES ${memoryBytes(schedule, "arena")}
#define ${macro}_CONSTANT_BYTES ${memoryBytes(schedule, "constants")}
#define ${macro}_MACS ${macs}

/* One inference. Arguments must not overlap. Not reentrant: values between them lie in one static arena. */
${signature(callable(schedule, names))};

#ifdef ${macro}_TRACE
/* Built with -D${macro}_TRACE, the network calls this, which you define, for the result of every layer. */
void ${prefix}_trace(int layer, const void *data);
#endif

#ifdef __cplusplus
}
#endif

#endif
`;
}

export function networkSource(schedule: Schedule, names: Names, facts: Facts): string {
  const runs = schedule.steps.filter((s) => s.kind === "run");
  const headers = [...new Set(["pulsec_base.h", ...runs.map((r) => r.kernel.header)])].sort();
  const parts = [
    `/* ${commentText(madeBy(facts))}. Compile the model again rather than edit this. */`,
    ["network.h", "network_weights.h", ...headers].map((h) => `#include "${h}"`).join("\n"),
    tracing(names),
    arena(schedule, names),
    ...runs.map((r) => layerFunction(r, names, facts)),
    runFunction(schedule, names),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

const tracing = ({ macro, prefix }: Names): string => `#ifdef ${macro}_TRACE
#define TRACE(layer, data) ${prefix}_trace(layer, data)
#else
#define TRACE(layer, data) ((void)0)
#endif`;

/** A union that puts each value at its offset: debuggers see names, and C's aliasing rules hold. */
function arena({ buffers }: Schedule, names: Names): string {
  const inside = buffers.filter((b) => b.memory === "arena");
  if (inside.length === 0) return "";
  const members = inside.map((b) => {
    const before = b.offset > 0 ? `uint8_t before[${b.offset}]; ` : "";
    return `  struct { ${before}${cType(b.storage)} v[${elements(b.value.type)}]; } ${names.id(b)};`;
  });
  return `/* Values between inputs and outputs. Those that are needed at different times share bytes. */
static _Alignas(16) union {
${members.join("\n")}
} arena;`;
}

const layerName = (run: Run, names: Names): string => `layer_${names.id(run.result)}`;

function layerComment(node: Node, facts: Facts): string {
  const { comments: _, ...bare } = node;
  const macs = macsOf(node);
  const lines = [
    printNode(bare),
    ...node.result.places.map((p) => `from ${describePlace(p, facts.sources)}`),
    ...(macs > 0 ? [`${macs} multiply-accumulates`] : []),
  ];
  return `/* ${lines.map((l) => commentText(l).trim()).join("\n * ")} */`;
}

function layerFunction(run: Run, names: Names, facts: Facts): string {
  const { node, operands, result, kernel } = run;
  const formal = operandNames(node.op, operands.length).map((n) => n.replace(/\[(\d+)\]$/, "$1"));
  const inputs = operands.flatMap((b, i) =>
    isParam(b.value) ? [] : [`const ${cType(b.storage)} *${formal[i]}`],
  );
  const body = guarded(`emit of kernel ${kernel.name}`, node, () =>
    kernel.emit(node, {
      operands: operands.map((b, i) => (isParam(b.value) ? names.at(b) : formal[i]!)),
      result: "y",
    }),
  );
  const args = [...inputs, `${cType(result.storage)} *y`].join(", ");
  return `${layerComment(node, facts)}\nPULSEC_LAYER ${layerName(run, names)}(${args}) {\n${body}\n}`;
}

function runFunction(schedule: Schedule, names: Names): string {
  const used = new Set(schedule.steps.flatMap((s) => (s.kind === "run" ? s.operands : [s.from])));
  const unused = schedule.inputs.filter((b) => !used.has(b)).map((b) => `  (void)${names.at(b)};`);
  let layer = 0;
  const lines = schedule.steps.map((step) => {
    if (step.kind === "copy")
      return `  memcpy(${names.at(step.to)}, ${names.at(step.from)}, ${step.to.bytes});`;
    const operands = step.operands.filter((b) => !isParam(b.value));
    const args = [...operands, step.result].map(names.at).join(", ");
    return `  ${layerName(step, names)}(${args});\n  TRACE(${layer++}, ${names.at(step.result)});`;
  });
  return `${signature(callable(schedule, names))} {\n${[...unused, ...lines].join("\n")}\n}`;
}
