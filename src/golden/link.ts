/** A user's C kernel inside firmware: which layers of a graph it takes, and the files and calls that it needs there. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { groupOf } from "../backends/pulp/planner/layers.js";
import type { LinkedKernel, WholeUnit } from "../backends/pulp/planner/units.js";
import { runtimeFile as platformFile } from "../backends/pulp/runtime.js";
import { makeParam } from "../ir/build.js";
import type { Kernel, KernelFile } from "../ir/contracts.js";
import { type Graph, isParam, type Node, usersOf, type Value } from "../ir/graph.js";
import { defineOp, operandNames } from "../ir/op.js";
import { requant } from "../ir/ops/requant.js";
import { allocate, type Tensor } from "../ir/tensor.js";
import { elements, tensorType } from "../ir/type.js";
import { type Binding, resultName } from "./binding.js";
import { type CallValue, compileCall } from "./calls.js";
import { headerText } from "./header.js";
import { compatFolder, runtimeFolder } from "./host-runner.js";
import { type Layer, layerCase, layersOf } from "./layers.js";

export interface LinkJob {
  readonly binding: Binding;
  /** Absolute paths. */
  readonly adapter: string;
  readonly sources: readonly string[];
  /** `conv` for all layers of an op, or the name of one layer's result. */
  readonly layers: string;
}

/** What became of the layers that a kernel was named for. */
export interface Claim {
  readonly value: string;
  /** Why the kernel does not fit the layer. */
  readonly refused?: string;
}

export interface Linked extends LinkedKernel {
  claims(graph: Graph, cores: number): readonly Claim[];
}

export function linkedKernel(job: LinkJob): Linked {
  const files = filesOf(job);
  const find = (graph: Graph, cores: number) => candidates(job, graph, cores, files);
  return {
    units: (graph, cores) =>
      find(graph, cores).flatMap(({ made }) => (typeof made === "string" ? [] : [made])),
    claims: (graph, cores) =>
      find(graph, cores).map(({ value, made }) => ({
        value,
        ...(typeof made === "string" ? { refused: made } : {}),
      })),
  };
}

/** Data decide nothing but constants, and those are there. */
function placeholders(graph: Graph): ReadonlyMap<string, Tensor> {
  const all = [...graph.inputs, ...graph.nodes.map((n) => n.result)];
  return new Map(all.map(({ name, type }) => [name, { type, data: allocate(type.storage, elements(type)) }]));
}

function candidates(job: LinkJob, graph: Graph, cores: number, files: readonly KernelFile[]) {
  const wanted = ({ nodes, name }: Layer) => name === job.layers || nodes[0]!.op.name === job.layers;
  return layersOf(graph, placeholders(graph))
    .filter(wanted)
    .map((layer) => ({ value: layer.name, made: unitOf(job, graph, layer, cores, files) }));
}

/** The layer as a unit of the program, or why it is none. */
function unitOf(
  job: LinkJob,
  graph: Graph,
  layer: Layer,
  cores: number,
  files: readonly KernelFile[],
): WholeUnit | string {
  const { binding } = job;
  const wrong = unfit(binding, graph, layer);
  if (wrong) return wrong;
  const even = withOneShift(binding, layer);
  if (typeof even === "string") return even;
  const [many, one] = [cores, 1].map((n) => layerCase(binding, even, n));
  if (typeof many === "string" || typeof one === "string") return many as string;
  const [values, alone] = [compileCall(binding, many!).values, compileCall(binding, one!).values];
  const { operands, names } = operandsOf(binding, layer, values);
  const op = defineOp({
    name: binding.kernel,
    summary: "a kernel of the user's own",
    operands: Object.fromEntries(names.map((n) => [n, { storage: [] }])),
    attrs: {},
    traits: [],
    infer: () => "made for one layer",
    examples: [],
  });
  const { result } = layer.nodes.at(-1)!;
  const node: Node = { op, operands, attrs: {}, result };
  const kernel: Kernel = {
    name: binding.kernel,
    op,
    header: `${binding.kernel}_layer.h`,
    files,
    team: true,
    emit: (_, given) => callText(binding, values, alone, names, given),
  };
  return { kind: "whole", nodes: layer.nodes, output: result, kernel, node };
}

/**
 * Multiplier and addend of each channel, times the power of two that makes all shifts the largest of them: the same results,
 * for kernels that are given one shift.
 */
function withOneShift(binding: Binding, layer: Layer): Layer | string {
  const last = layer.nodes.at(-1)!;
  const shifts = last.attrs.shift as readonly number[] | undefined;
  const passed = binding.arguments.some((a) => a.kind === "list" && a.attr === "shift");
  if (last.op !== requant || !shifts || passed || new Set(shifts).size === 1) return layer;
  const most = Math.max(...shifts);
  const scaled = (name: string) =>
    shifts.map((s, c) => {
      const { data } = layer.tensors.get(name)!;
      return BigInt(data[data.length === 1 ? 0 : c]!) << BigInt(most - s);
    });
  const [mul, add] = [scaled("mul"), scaled("add")];
  const small = mul.every((v) => BigInt.asIntN(32, v) === v) && add.every((v) => BigInt.asIntN(62, v) === v);
  if (!small || binding.product === 32)
    return "its shifts differ from channel to channel; the binding passes one";
  const shape = [shifts.length];
  const tensors = new Map(layer.tensors)
    .set("mul", { type: tensorType("i32", shape), data: Int32Array.from(mul, Number) })
    .set("add", { type: tensorType("i64", shape), data: BigInt64Array.from(add) });
  const node: Node = { ...last, attrs: { ...last.attrs, shift: [most] } };
  return { ...layer, nodes: [...layer.nodes.slice(0, -1), node], tensors };
}

/** What the vectors of golden test do not ask: activations lie as firmware has them, sums fit, nobody else needs what is overwritten. */
function unfit(binding: Binding, graph: Graph, { nodes }: Layer): string | undefined {
  const [first] = nodes;
  const values = nodes.flatMap((n, i) => n.operands.filter((v, k) => !isParam(v) && !(i > 0 && k === 0)));
  if (values.some((v) => !first!.operands.includes(v))) return "a later op has an input of its own";
  for (const [name, bound] of activations(binding, nodes)) {
    const order = bound.levels.map((l) => (l.part === "whole" ? l.axis : -1));
    if (order.some((axis, i) => axis < 0 || axis < (order[i - 1] ?? 0)))
      return `${name} has layout ${bound.layout}; in firmware it is channels last`;
    if (bound.packing !== "none" && /^[iu][24]$/.test(bound.storage))
      return `${name} is packed; in firmware every element has a byte`;
    if (!bound.mutable || name === resultName) continue;
    const value = values[Object.keys(first!.op.operands).indexOf(name)];
    const readers = value ? (usersOf(graph).get(value)?.length ?? 0) : 0;
    if (!value || graph.inputs.includes(value) || graph.outputs.includes(value) || readers > 1)
      return `${name} is mutable, and others need it`;
  }
  const narrow = groupOf(nodes, graph).layer?.requant?.narrow;
  if (binding.product === 32 && nodes.length > 1 && !narrow) return "its sums times mul do not fit 32 bits";
  return undefined;
}

function activations(binding: Binding, nodes: readonly Node[]) {
  const names = operandNames(nodes[0]!.op, nodes[0]!.operands.length).filter(
    (_, i) => nodes[0]!.operands[i] && !isParam(nodes[0]!.operands[i]!),
  );
  return [...names, resultName].map((n) => [n, binding.tensors.get(n)!] as const).filter(([, b]) => b);
}

/** Activations as they are, constants as bytes in the kernel's own form; a name for each. */
function operandsOf(binding: Binding, { nodes, name: layer }: Layer, values: readonly CallValue[]) {
  const operands: Value[] = [];
  const names: string[] = [];
  const taken = operandNames(nodes[0]!.op, nodes[0]!.operands.length);
  for (const [i, a] of binding.arguments.entries()) {
    const value = values[i]!;
    if (a.kind !== "tensor" || a.tensor === resultName || names.includes(a.tensor)) continue;
    const given = nodes[0]!.operands[taken.indexOf(a.tensor)];
    const bytes = "bytes" in value ? value.bytes : new Uint8Array();
    const constant = () => makeParam(`${layer}.${a.tensor}`, tensorType("u8", [bytes.length]), bytes);
    operands.push(given && !isParam(given) ? given : constant());
    names.push(a.tensor);
  }
  return { operands, names };
}

const byteList = (bytes: Uint8Array): string => [...bytes].join(", ") || "0";

/** The body of a layer: arguments in the binding's order. On a host one core does all the work. */
function callText(
  binding: Binding,
  values: readonly CallValue[],
  alone: readonly CallValue[],
  names: readonly string[],
  given: { readonly operands: readonly string[]; readonly result: string },
): string {
  const statics: string[] = [];
  const place = (i: number): string => {
    const [a, v] = [binding.arguments[i]!, values[i]!];
    if (v.kind === "number") return "0";
    if (a.kind === "tensor")
      return a.tensor === resultName ? given.result : given.operands[names.indexOf(a.tensor)]!;
    if ("bytes" in v)
      statics.push(
        `  static const uint8_t array${i}[] __attribute__((aligned(16))) = {${byteList(v.bytes)}};`,
      );
    else statics.push(`  static uint8_t array${i}[${Math.max(1, v.size)}] __attribute__((aligned(16)));`);
    return `array${i}`;
  };
  const number = (v: CallValue, one: CallValue): string => {
    if (v.kind !== "number" || one.kind !== "number") return "0";
    return v.value === one.value ? `${v.value}` : `pulsec_cores == 1 ? ${one.value} : ${v.value}`;
  };
  const places = values.map((_, i) => place(i)).join(", ");
  const numbers = values.map((v, i) => number(v, alone[i]!)).join(", ");
  return [
    ...statics,
    `  const void *const places[] = {${places}};`,
    `  const int64_t numbers[] = {${numbers}};`,
    `  ${binding.kernel}_layer(places, numbers);`,
  ].join("\n");
}

/** `-DNAME=VALUE` among the flags; what else is there is for the compiler of the golden test. */
const definitions = ({ flags }: Binding): string =>
  flags
    .flatMap((f) =>
      /^-D(\w+)(?:=(.*))?$/.exec(f)?.slice(1)
        ? [`#define ${RegExp.$1} ${RegExp.$2 || (f.includes("=") ? "" : "1")}`]
        : [],
    )
    .map((line) => `${line}\n`)
    .join("");

const bareMetal = `#if defined(__riscv) && !defined(__pulp__) && !defined(PULSEC_PMSIS)
#define PULSEC_GAP8
#endif
`;

function filesOf({ binding, adapter, sources }: LinkJob): readonly KernelFile[] {
  const { kernel } = binding;
  const prologue = `${bareMetal}${definitions(binding)}`;
  const own = new Map<string, string>();
  const take = (file: string): void => {
    const name = path.basename(file);
    if (own.has(name)) return;
    const text = readFileSync(file, "utf8");
    own.set(name, name.endsWith(".c") ? `${prologue}#line 1 "${name}"\n${text}` : text);
    for (const [, other] of text.matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)) {
      const beside = path.resolve(path.dirname(file), other!);
      if (readable(beside)) take(beside);
    }
  };
  for (const s of sources) take(s);
  const golden = headerText(binding);
  const unit = `${prologue}#define golden_call ${kernel}_golden_call
${golden}
#line 1 "${path.basename(adapter)}"
${readFileSync(adapter, "utf8")}
#include "${kernel}_layer.h"
void ${kernel}_layer(const void *const *places, const int64_t *numbers) {
  golden_value v[${Math.max(1, binding.arguments.length)}];
  golden_case t;
  for (int i = 0; i < ${binding.arguments.length}; i++) {
    v[i].pointer = (void *)(uintptr_t)places[i];
    v[i].number = numbers[i];
  }
  golden_fill(&t, v);
  golden_call(&t);
}
`;
  const layer = `/* Calls the kernel ${kernel} for a layer: its arguments in order, each a place or a number. */
#include <stdint.h>
extern int pulsec_cores;
void ${kernel}_layer(const void *const *places, const int64_t *numbers);
`;
  const compat = (name: string) => ({ name, from: readFileSync(path.join(compatFolder(), name), "utf8") });
  const golden0 = "/* Its content stands in the file that includes it. */\n";
  return [
    ...[...own].map(([name, from]) => ({ name, from })),
    { name: `${kernel}_unit.c`, from: unit },
    { name: `${kernel}_layer.h`, from: layer },
    { name: "pulsec_golden.h", from: golden0 },
    { name: "pulsec_team.c", from: readFileSync(path.join(runtimeFolder(), "team.c"), "utf8") },
    ...["pulsec_pulp_compat.h", "pulsec_pulp_xpulp.h", "pulp.h", "pmsis.h"].map(compat),
    { name: "pulsec_xpulp.h", from: platformFile("pulsec_xpulp.h") },
  ];
}

function readable(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}
