/** network.h and network.c of firmware: layers in order, run by all cores of the cluster. */
import { describePlace } from "../../../ir/diagnostic.js";
import { printNode } from "../../../ir/print.js";
import { argumentMacros, type Callable, signature } from "../../c/arguments.js";
import type { Facts } from "../../c/network.js";
import { commentText } from "../../c/text.js";
import { macsOf } from "../../c/work.js";
import type { Block, Program, ProgramLayer } from "../../schedule/program.js";
import { type Emission, type LayerText, sharedHandles } from "./emit.js";
import { imageFile, type Memories } from "./memories.js";
import type { Names } from "./names.js";

/** Without the model's hash: other weights of the same network leave these files as they are. */
export const writtenBy = ({ name, version }: Facts): string => `${name}: made by pulsec ${version}`;

export const macsOfLayer = ({ nodes }: ProgramLayer): number => nodes.reduce((sum, n) => sum + macsOf(n), 0);
export const macsOfProgram = ({ layers }: Program): number => layers.reduce((n, l) => n + macsOfLayer(l), 0);

/** Bytes behind the last block that kernels and transfers may read. */
export const slack = 64;

const callable = ({ inputs, outputs }: Program, names: Names): Callable => {
  const argument = (b: Block) => ({ id: names.argument(b), value: b.value! });
  const { prefix, macro } = names;
  return { prefix, macro, inputs: inputs.map(argument), outputs: outputs.map(argument) };
};

export function networkHeader({ program, names, memories }: Emission, facts: Facts): string {
  const { macro, prefix } = names;
  return `/* ${commentText(writtenBy(facts))}. Compile the model again rather than edit this. */
#ifndef ${macro}_NETWORK_H
#define ${macro}_NETWORK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

${argumentMacros(callable(program, names))}
/* Bytes: L1 while it runs, L2 and HyperRAM always. */
#define ${macro}_L1_BYTES ${memories.l1}
#define ${macro}_ARENA_BYTES ${memories.arena}
#define ${macro}_CONSTANT_BYTES ${memories.constants.length}
#define ${macro}_L3_BYTES ${memories.l3}
#define ${macro}_LAYERS ${program.layers.length}
#define ${macro}_MACS ${macsOfProgram(program)}

/*
 * One inference, called on the fabric controller between pulsec_open() and pulsec_close(); it returns when the cluster
 * has done it. Arguments lie in L2 at multiples of 4 and must not overlap. Not reentrant: values between them lie in
 * static memory. Nothing is kept from one call to the next.
 */
${signature(callable(program, names))};
${memories.l3 > 0 ? `\n/* Brings the constants into the HyperRAM, once; the first run does it where nobody did before. */\nvoid ${prefix}_prepare(void);\n` : ""}
#ifdef ${macro}_TRACE
/* Built with -D${macro}_TRACE, core 0 of the cluster calls these, which you define, for the result of every layer. */
void ${prefix}_trace(int layer, const void *data);
void ${prefix}_trace_l3(int layer, uint32_t address); /* in the HyperRAM */
#endif
#ifdef ${macro}_PROFILE
/* Built with -D${macro}_PROFILE, core 0 of the cluster calls this, which you define, with the cycles of every layer. */
void ${prefix}_profile(int layer, uint32_t cycles);
#endif

#ifdef __cplusplus
}
#endif

#endif
`;
}

/** network.c; `headers` are those of the tile kernels. */
export function networkSource(
  emission: Emission,
  facts: Facts,
  layers: readonly LayerText[],
  headers: readonly string[],
): string {
  const { program, names, memories } = emission;
  const own = ["network.h", "network_weights.h", "pulsec_steps.h", "pulsec_platform.h"];
  const prototypes = layers.flatMap((l) => l.portable.map((f) => `${f.prototype};`));
  const parts = [
    `/* ${commentText(writtenBy(facts))}. Compile the model again rather than edit this. */`,
    memoryMap(program),
    [...own, ...headers].map((h) => `#include "${h}"`).join("\n"),
    checks(program, names),
    prototypes.length > 0 ? `/* In portable/layers.c. */\n${prototypes.join("\n")}` : "",
    hooks(names),
    statics(emission),
    ...withKernels(program, (layer, i) => `${layerComment(layer, facts)}\n${layers[i]!.text}`),
    teamFunction(
      program,
      layers.map((l) => l.name),
      emission,
    ),
    runFunction(emission, memories.l3 > 0),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

/** Layers, each behind the kernel that it is the first to call: what runs together shares lines of the instruction cache. */
function withKernels(
  { layers }: Program,
  text: (layer: ProgramLayer, i: number) => string,
): readonly string[] {
  const printed = new Set<string>();
  return layers.flatMap((layer, i) => {
    const { source } = layer;
    if (!source || printed.has(source.name)) return [text(layer, i)];
    printed.add(source.name);
    return [source.text, text(layer, i)];
  });
}

/** portable/layers.c: calls of portable kernels; `headers` are theirs. */
export function portableSource(
  facts: Facts,
  layers: readonly LayerText[],
  headers: readonly string[],
): string {
  const functions = layers.flatMap((l) => l.portable);
  const parts = [
    `/* ${commentText(writtenBy(facts))}. Layers that core 0 computes on whole tensors. */`,
    headers.map((h) => `#include "${h}"`).join("\n"),
    ...functions.map((f) => `${f.prototype};\n${f.prototype} {\n${f.body}\n}`),
  ];
  return `${parts.join("\n\n")}\n`;
}

const checks = (program: Program, { macro }: Names): string => `#if PULSEC_CORES > ${program.cores}
#error "the schedule was made for ${program.cores} cores: compile the model for more, or build with fewer"
#endif
_Static_assert(${macro}_L1_BYTES <= PULSEC_L1_BYTES, "the schedule takes more L1 than the platform has");`;

const hooks = ({ macro, prefix }: Names): string => `#ifdef ${macro}_TRACE
#define TRACED(call) \\
  do { \\
    if (PULSEC_MASTER(core)) call; \\
    pulsec_barrier(); \\
  } while (0)
#else
#define TRACED(call) ((void)0)
#endif
#define TRACE(layer, data) TRACED(${prefix}_trace(layer, data))
#define TRACE_L3(layer, address) TRACED(${prefix}_trace_l3(layer, address))
#ifdef ${macro}_PROFILE
#define PROFILE(layer, body) \\
  do { \\
    const uint32_t begin = pulsec_cycles(); \\
    body; \\
    if (PULSEC_MASTER(core)) ${prefix}_profile(layer, pulsec_cycles() - begin); \\
    pulsec_barrier(); \\
  } while (0)
#else
#define PROFILE(layer, body) body
#endif`;

/** Every block of L2 and L3 with the layers that need it, as a comment. */
function memoryMap({ levels, blocks, cores }: Program): string {
  const use = levels.map((l) => `${l.level} ${l.bytes} of ${l.budget} bytes (at least ${l.lowerBound})`);
  const rows = blocks.map((b) => {
    const what = b.data ? "constant" : `layers ${b.from} to ${b.to}`;
    const at = b.level === "caller" ? "" : String(b.offset);
    return ` *   ${b.level.padEnd(6)} ${at.padStart(7)} ${String(b.bytes).padStart(7)}  ${commentText(b.name)}, ${what}`;
  });
  return `/*
 * Memory for ${cores} cores: ${use.join("; ")}.
 *   memory  offset   bytes  block
${rows.join("\n")}
 */`;
}

/** What lies in L2 besides constants: pointers to the arguments, and values between layers. */
function statics(emission: Emission): string {
  const { program, names, memories } = emission;
  const pointers = [
    ...program.inputs.map((b) => `  const uint8_t *${names.argument(b)};`),
    ...program.outputs.map((b) => `  uint8_t *${names.argument(b)};`),
  ];
  const parts = [`static struct {\n${pointers.join("\n")}\n} arguments;`];
  if (memories.embedded) parts.push(`#define arena ${names.prefix}_arena`);
  else if (memories.arena > 0)
    parts.push(`static uint8_t arena[${memories.arena + slack}] __attribute__((aligned(64)));`);
  if (memories.l3 > 0) parts.push("static uint32_t l3; /* where the network begins in the HyperRAM */");
  return [...parts, ...sharedHandles(emission)].join("\n");
}

function layerComment(layer: ProgramLayer, facts: Facts): string {
  const { nodes, kernel, tiles, estimate } = layer;
  const macs = macsOfLayer(layer);
  const places = nodes.flatMap((n) => n.result.places.map((p) => describePlace(p, facts.sources)));
  const lines = [
    ...nodes.map(({ comments: _, ...bare }) => printNode(bare)),
    ...[...new Set(places)].map((p) => `from ${p}`),
    ...(macs > 0 ? [`${macs} multiply-accumulates`] : []),
    `${kernel}, ${tiles === 1 ? "one tile" : `${tiles} tiles`}${estimate > 0 ? `, about ${Math.round(estimate)} cycles` : ""}`,
  ];
  return `/* ${lines.map((l) => commentText(l).trim()).join("\n * ")} */`;
}

/** Shows the value that a layer leaves to whoever looks at it. */
function traceOf({ program, memories }: Emission, i: number): string {
  const { at } = program.layers[i]!.result;
  const block = program.blocks.find((b) => b.name === at.block)!;
  const { base, from } = memories.of(block);
  const place = from + at.offset === 0 ? base : `${base} + ${from + at.offset}`;
  return `  ${block.level === "l3" ? "TRACE_L3" : "TRACE"}(${i}, ${place});`;
}

/** Layers that the simulator can tell apart: numbers from 2040 on are the phases of pulsec_cluster.h. */
export const mostRegions = 2039;

function teamFunction(program: Program, functions: readonly string[], emission: Emission): string {
  const lines = program.layers.flatMap((_, i) => [
    ...(i < mostRegions ? [`  PULSEC_REGION(${i + 1});`] : []),
    `  PROFILE(${i}, ${functions[i]}(core));`,
    ...(i < mostRegions ? ["  PULSEC_REGION(0);"] : []),
    traceOf(emission, i),
  ]);
  return `static void team(void *unused) {
  (void)unused;
  const int core = pulsec_core_id();
${lines.join("\n")}
}

static void cluster(void *unused) { pulsec_fork(team, unused); }`;
}

function fetchImage({ image, imageFrom, arena, embedded }: Memories): string {
  const to = imageFrom === 0 ? "l3" : `l3 + ${imageFrom}`;
  if (image.length === 0) return "";
  return embedded
    ? `  pulsec_l3_store(${to}, arena, ${image.length});\n`
    : `  pulsec_l3_load(${to}, "${imageFile}", ${image.length}, arena, ${arena});\n`;
}

function runFunction({ program, names, memories }: Emission, hasL3: boolean): string {
  const { prefix } = names;
  const assign = [
    ...program.inputs.map((b) => `  arguments.${names.argument(b)} = (const uint8_t *)${names.argument(b)};`),
    ...program.outputs.map((b) => `  arguments.${names.argument(b)} = (uint8_t *)${names.argument(b)};`),
  ];
  const prepare = `void ${prefix}_prepare(void) {
  static int done;
  if (done) return;
  done = 1;
  l3 = pulsec_l3_reserve(${memories.l3});
${fetchImage(memories)}}

`;
  return `${hasL3 ? prepare : ""}${signature(callable(program, names))} {
${hasL3 ? `  ${prefix}_prepare();\n` : ""}${assign.join("\n")}
  pulsec_call(cluster, NULL);
}`;
}
