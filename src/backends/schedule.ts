/** The Schedule: which kernel runs when, on which bytes of which memory. The emitter of C makes no decision beyond it. */
import { boundsOf } from "../ir/bounds.js";
import type { Kernel, KernelFacts, Packed } from "../ir/contracts.js";
import { type Diagnostic, error, Refusal } from "../ir/diagnostic.js";
import { type Graph, isParam, type Node, type Param, type Value } from "../ir/graph.js";
import { type Data, slotBytes, type Storage } from "../ir/storage.js";
import { elements, printType } from "../ir/type.js";
import { planMemory } from "./memory.js";

/** `caller`: arguments, each at an address of the caller's choice. `constants`: read only. `arena`: everything between. */
export type MemoryName = "caller" | "constants" | "arena";

export interface MemoryUse {
  readonly name: MemoryName;
  readonly bytes: number;
  /** No schedule of these steps can use less. */
  readonly lowerBound: number;
}

/** One value in one place. */
export interface Buffer {
  /** Unique in the schedule: `%x`, `@w`, `@add.i32`. */
  readonly name: string;
  readonly value: Value;
  readonly storage: Storage;
  readonly memory: MemoryName;
  /** In bytes from the memory's begin; 0 for arguments. */
  readonly offset: number;
  readonly bytes: number;
  /** First and last step that needs the content. */
  readonly from: number;
  readonly to: number;
  /** What a constant holds. */
  readonly data?: Data;
}

/** Runs a kernel once on whole buffers. */
export interface Run {
  readonly kind: "run";
  readonly node: Node;
  readonly kernel: Kernel;
  readonly operands: readonly Buffer[];
  readonly result: Buffer;
}
/** Hands a value to the caller that lies elsewhere: an input or an output that is returned twice. */
export interface Copy {
  readonly kind: "copy";
  readonly from: Buffer;
  readonly to: Buffer;
}
export type Step = Run | Copy;

export interface Schedule {
  readonly graph: Graph;
  readonly memories: readonly MemoryUse[];
  readonly buffers: readonly Buffer[];
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Buffer[];
  readonly steps: readonly Step[];
}

export interface HostOptions {
  /** `all`: every value keeps bytes of its own until the end; `outputs`: values share memory when they can. */
  readonly expose?: "all" | "outputs";
}

/** One memory, one core, one tile per layer. Throws a `Refusal` that names every node without kernel. */
export function hostSchedule(graph: Graph, kernels: readonly Kernel[], { expose = "outputs" }: HostOptions = {}): Schedule {
  const chosen = chooseKernels(graph, kernels);
  if (chosen.missing.length > 0) throw new Refusal(...chosen.missing);
  const constants = new Constants();
  const values = placeValues(graph, expose);
  const runs = graph.nodes.map((node): Run => {
    const kernel = chosen.kernels.get(node)!;
    const operands = node.operands.map((v, i) => (isParam(v) ? constants.place(v, kernel.pack?.(node, i)) : values.of(v)));
    return { kind: "run", node, kernel, operands, result: values.of(node.result) };
  });
  return {
    graph,
    memories: [values.arena, constants.use(), values.caller],
    buffers: [...values.all, ...constants.all],
    inputs: values.inputs,
    outputs: values.outputs,
    steps: [...runs, ...values.copies],
  };
}

/** The first kernel of the list that takes each node; `missing` says why there is none. */
export function chooseKernels(
  graph: Graph,
  kernels: readonly Kernel[],
): { kernels: ReadonlyMap<Node, Kernel>; missing: readonly Diagnostic[] } {
  const facts: KernelFacts = { bounds: boundsOf(graph) };
  const chosen = new Map<Node, Kernel>();
  const missing: Diagnostic[] = [];
  for (const node of graph.nodes) {
    const candidates = kernels.filter((k) => k.op.name === node.op.name);
    const kernel = candidates.find((k) => k.refuses(node, facts) === undefined);
    if (kernel) chosen.set(node, kernel);
    else missing.push(noKernel(node, candidates, facts));
  }
  return { kernels: chosen, missing };
}

function noKernel(node: Node, candidates: readonly Kernel[], facts: KernelFacts): Diagnostic {
  const { op, result } = node;
  const place = result.places[0] ? { place: result.places[0] } : {};
  if (candidates.length === 0) {
    const help = "rewrite the graph without it, or add a kernel to the list of the backend";
    return error("schedule/no-kernel", `%${result.name}: there is no kernel for ${op.name}`, { ...place, help });
  }
  const found = candidates.map((k) => `${k.name}: ${k.refuses(node, facts)}`).join("; ");
  return error("schedule/no-kernel", `%${result.name}: no kernel takes this ${op.name}`, { ...place, found });
}

/** Params in the forms that kernels want, one after the other. */
class Constants {
  readonly #placed = new Map<string, Buffer>();
  #top = 0;

  place(param: Param, packed: Packed | undefined): Buffer {
    const name = `@${param.name}${packed ? `.${packed.form}` : ""}`;
    const had = this.#placed.get(name);
    if (had) return had;
    const { storage, data } = packed ?? { storage: param.type.storage, data: param.data };
    const bytes = data.length * slotBytes(storage);
    const align = slotBytes(storage);
    const offset = Math.ceil(this.#top / align) * align;
    const buffer: Buffer = { name, value: param, storage, memory: "constants", offset, bytes, from: 0, to: Infinity, data };
    this.#top = offset + bytes;
    this.#placed.set(name, buffer);
    return buffer;
  }

  get all(): readonly Buffer[] {
    return [...this.#placed.values()];
  }
  use = (): MemoryUse => ({ name: "constants", bytes: this.#top, lowerBound: this.all.reduce((sum, b) => sum + b.bytes, 0) });
}

interface PlacedValues {
  readonly all: readonly Buffer[];
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Buffer[];
  readonly copies: readonly Copy[];
  readonly arena: MemoryUse;
  readonly caller: MemoryUse;
  of(value: Value): Buffer;
}

/** Inputs and outputs lie where the caller says, everything between in the arena. */
function placeValues(graph: Graph, expose: "all" | "outputs"): PlacedValues {
  const end = graph.nodes.length;
  const lives = lifetimes(graph);
  const home = new Map<Value, Buffer>();
  const inputs = graph.inputs.map((value) => argument(value, `%${value.name}`, 0, lives.get(value)!.to));
  for (const b of inputs) home.set(b.value, b);
  const copies: Copy[] = [];
  const outputs = graph.outputs.map((value, i) => {
    const had = home.get(value);
    if (had) copies.push({ kind: "copy", from: had, to: argument(value, `%${value.name}.output${i}`, end, end) });
    else home.set(value, argument(value, `%${value.name}`, lives.get(value)!.from, end));
    return copies.at(-1)?.from === had && had ? copies.at(-1)!.to : home.get(value)!;
  });
  const between = graph.nodes.map((n) => n.result).filter((v) => !home.has(v));
  const plan = planMemory(
    between.map((v) => {
      const { from, to } = expose === "all" ? { from: 0, to: end } : lives.get(v)!;
      return { name: v.name, bytes: bytesOf(v), firstUse: from, lastUse: to };
    }),
  );
  for (const value of between) {
    const at = { memory: "arena", offset: plan.offsets.get(value.name)! } as const;
    home.set(value, { ...argument(value, `%${value.name}`, lives.get(value)!.from, lives.get(value)!.to), ...at });
  }
  const given = [...inputs, ...outputs].reduce((sum, b) => sum + b.bytes, 0);
  return {
    all: [...new Set([...inputs, ...graph.nodes.map((n) => home.get(n.result)!), ...outputs])],
    inputs,
    outputs,
    copies,
    arena: { name: "arena", bytes: plan.peak, lowerBound: plan.lowerBound },
    caller: { name: "caller", bytes: given, lowerBound: given },
    of: (value) => home.get(value)!,
  };
}

const bytesOf = (value: Value): number => elements(value.type) * slotBytes(value.type.storage);
const argument = (value: Value, name: string, from: number, to: number): Buffer => ({
  name,
  value,
  storage: value.type.storage,
  memory: "caller",
  offset: 0,
  bytes: bytesOf(value),
  from,
  to,
});

/** Step that makes each value and last step that reads it. */
function lifetimes(graph: Graph): ReadonlyMap<Value, { from: number; to: number }> {
  const lives = new Map(graph.inputs.map((v) => [v as Value, { from: 0, to: 0 }]));
  for (const [step, { operands, result }] of graph.nodes.entries()) {
    for (const v of operands) if (!isParam(v)) lives.get(v)!.to = step;
    lives.set(result, { from: step, to: step });
  }
  return lives;
}

/** The schedule as text: memories, buffers, steps. */
export function printSchedule({ graph, memories, buffers, steps }: Schedule): string {
  const lines = [`schedule @${graph.name} {`];
  for (const m of memories) lines.push(`  memory ${m.name} : ${m.bytes} bytes, lower bound ${m.lowerBound}`);
  lines.push("");
  for (const b of buffers) {
    const where = b.memory === "caller" ? "caller" : `${b.memory} + ${b.offset}`;
    const life = b.memory === "constants" ? "" : `, steps ${b.from} to ${b.to}`;
    lines.push(`  buffer ${b.name} : ${printType(b.value.type)} at ${where}, ${b.bytes} bytes${life}`);
  }
  lines.push("");
  for (const [i, step] of steps.entries()) lines.push(`  ${i}: ${printStep(step)}`);
  return `${lines.join("\n")}\n}\n`;
}

function printStep(step: Step): string {
  switch (step.kind) {
    case "run":
      return `run ${step.kernel.name} ${step.operands.map((b) => b.name).join(", ")} -> ${step.result.name}`;
    case "copy":
      return `copy ${step.from.name} -> ${step.to.name}`;
  }
}
