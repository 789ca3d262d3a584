/** The schedule of a host: which kernel runs when, on which bytes of which memory. The emitter of C decides nothing. */
import type { Kernel, Packed } from "../../ir/contracts.js";
import { Refusal } from "../../ir/diagnostic.js";
import { type Graph, isParam, type Node, type Param, type Value } from "../../ir/graph.js";
import { type Data, type Storage, slotBytes } from "../../ir/storage.js";
import { elements, printType } from "../../ir/type.js";
import { chooseKernels } from "../choose-kernels.js";
import { alignUp, planMemory } from "../memory.js";

/** `caller`: arguments, each where the caller says. `constants`: read only. `arena`: everything between. */
export type MemoryName = "caller" | "constants" | "arena";

export interface MemoryUse {
  readonly name: MemoryName;
  readonly bytes: number;
  /** No schedule of these steps can use less. */
  readonly lowerBound: number;
}

/** One value in one place. */
export interface Buffer {
  /** Unique in the schedule: `%x`, `@w`, `@add:i32`. */
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
  /** `all`: every value has bytes of its own until the end; `outputs`: values share memory. */
  readonly expose?: "all" | "outputs";
}

/** One memory, one core, one tile per layer. Throws a `Refusal` that names all nodes without kernel. */
export function hostSchedule(
  graph: Graph,
  kernels: readonly Kernel[],
  { expose = "outputs" }: HostOptions = {},
): Schedule {
  const chosen = chooseKernels(graph, kernels);
  if (chosen.missing.length > 0) throw new Refusal(...chosen.missing);
  const kernelOf = (node: Node) => chosen.kernels.get(node)!;
  const lives = lifetimes(graph);
  const { inputs, outputs, copies } = placeArguments(graph, lives);
  const copied = new Set(copies.map((c) => c.to));
  const homes = new Map([...inputs, ...outputs.filter((b) => !copied.has(b))].map((b) => [b.value, b]));
  const between = graph.nodes.map((n) => n.result).filter((v) => !homes.has(v));
  const arena = placeBetween(between, graph, lives, expose);
  for (const b of arena.buffers) homes.set(b.value, b);
  const constants = placeConstants(graph, kernelOf);
  const runs = graph.nodes.map((node): Run => {
    const kernel = kernelOf(node);
    const operand = (v: Value, i: number) =>
      isParam(v) ? constants.get(constantName(v, kernel.pack?.(node, i)))! : homes.get(v)!;
    return {
      kind: "run",
      node,
      kernel,
      operands: node.operands.map(operand),
      result: homes.get(node.result)!,
    };
  });
  return {
    graph,
    memories: [
      arena.use,
      total("constants", [...constants.values()]),
      total("caller", [...inputs, ...outputs]),
    ],
    buffers: [...inputs, ...arena.buffers, ...outputs, ...constants.values()],
    inputs,
    outputs,
    steps: [...runs, ...copies],
  };
}

const bytesOf = (value: Value): number => elements(value.type) * slotBytes(value.type.storage);

/** Buffers that share nothing: their bytes, and the gaps that alignment leaves. */
function total(name: MemoryName, buffers: readonly Buffer[]): MemoryUse {
  const lowerBound = buffers.reduce((sum, b) => sum + b.bytes, 0);
  return {
    name,
    bytes: buffers.reduce((top, b) => Math.max(top, b.offset + b.bytes), lowerBound),
    lowerBound,
  };
}

const constantName = (param: Param, packed: Packed | undefined): string =>
  `@${param.name}${packed ? `:${packed.form}` : ""}`;

/** Params in the forms that kernels want, one after the other, each aligned to its elements. */
function placeConstants(graph: Graph, kernelOf: (node: Node) => Kernel): ReadonlyMap<string, Buffer> {
  const placed = new Map<string, Buffer>();
  let top = 0;
  for (const node of graph.nodes) {
    for (const [i, value] of node.operands.entries()) {
      if (!isParam(value)) continue;
      const packed = kernelOf(node).pack?.(node, i);
      const name = constantName(value, packed);
      const twin = placed.get(name);
      if (twin && twin.value !== value)
        throw new Error(`two params are named ${name}: verify the module first`);
      if (twin) continue;
      const { storage, data } = packed ?? { storage: value.type.storage, data: value.data };
      const [offset, bytes] = [alignUp(top, slotBytes(storage)), data.length * slotBytes(storage)];
      placed.set(name, {
        name,
        value,
        storage,
        memory: "constants",
        offset,
        bytes,
        from: 0,
        to: graph.nodes.length,
        data,
      });
      top = offset + bytes;
    }
  }
  return placed;
}

type Lives = ReadonlyMap<Value, { readonly from: number; readonly to: number }>;

/** Inputs and outputs. An output that is an input, or was an output before, is copied at the end. */
function placeArguments(graph: Graph, lives: Lives): { inputs: Buffer[]; outputs: Buffer[]; copies: Copy[] } {
  const end = graph.nodes.length;
  const argument = (value: Value, name: string, from: number, to: number): Buffer => {
    const { storage } = value.type;
    return { name, value, storage, memory: "caller", offset: 0, bytes: bytesOf(value), from, to };
  };
  const inputs = graph.inputs.map((v) => argument(v, `%${v.name}`, 0, lives.get(v)!.to));
  const homes = new Map(inputs.map((b) => [b.value, b]));
  const copies: Copy[] = [];
  const outputs = graph.outputs.map((v, i) => {
    const from = homes.get(v);
    const to = argument(
      v,
      from ? `${from.name}:output${i}` : `%${v.name}`,
      from ? end : lives.get(v)!.from,
      end,
    );
    if (from) copies.push({ kind: "copy", from, to });
    else homes.set(v, to);
    return to;
  });
  return { inputs, outputs, copies };
}

/** Everything between inputs and outputs shares the arena. */
function placeBetween(values: readonly Value[], graph: Graph, lives: Lives, expose: "all" | "outputs") {
  const life = (v: Value) => (expose === "all" ? { from: 0, to: graph.nodes.length } : lives.get(v)!);
  const plan = planMemory(
    values.map((v) => ({ name: v.name, bytes: bytesOf(v), firstUse: life(v).from, lastUse: life(v).to })),
  );
  const buffers = values.map((value): Buffer => {
    const offset = plan.offsets.get(value.name)!;
    const { storage } = value.type;
    return {
      name: `%${value.name}`,
      value,
      storage,
      memory: "arena",
      offset,
      bytes: bytesOf(value),
      ...life(value),
    };
  });
  const use: MemoryUse = { name: "arena", bytes: plan.peak, lowerBound: plan.lowerBound };
  return { buffers, use };
}

/** Step that makes each value and last step that reads it. */
function lifetimes(graph: Graph): Lives {
  const lives = new Map(graph.inputs.map((v) => [v, { from: 0, to: 0 }]));
  for (const [step, { operands, result }] of graph.nodes.entries()) {
    for (const v of operands) if (!isParam(v)) lives.get(v)!.to = step;
    lives.set(result, { from: step, to: step });
  }
  for (const output of graph.outputs) lives.get(output)!.to = graph.nodes.length;
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
