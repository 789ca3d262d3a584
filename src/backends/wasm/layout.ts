/** Addresses: constants first, then values and scratch by their lifetimes. */
import type { Graph, Value } from "../../ir/graph.js";
import { bytesOf } from "../../ir/tensor.js";
import { alignUp, type LiveBuffer, planMemory } from "../memory.js";
import type { Emitted } from "./emit.js";
import type { Buffer } from "./expr.js";

export interface Layout {
  /** What the memory holds from byte 0 on when the module starts. */
  readonly constants: Uint8Array;
  /** Bytes of the whole memory. */
  readonly total: number;
  readonly lowerBound: number;
}

/** Vector loads like it; scalar ones do not mind. */
const alignment = 16;
/** Bytes behind the last buffer: sums of products read pairs of inputs, the last of which may reach too far. */
const slack = 16;

/** Gives every buffer of `emitted` its address. `keep`: no value's memory is reused. */
export function layOut(graph: Graph, emitted: Emitted, keep: boolean): Layout {
  let top = 0;
  const constants = [...emitted.constants].map(([data, buffer]) => {
    buffer.address = top;
    top = alignUp(top + buffer.bytes, alignment);
    return { address: buffer.address, bytes: bytesOf(data) };
  });
  const image = new Uint8Array(top);
  for (const { address, bytes } of constants) image.set(bytes, address);

  const live = lifetimes(graph, emitted, keep);
  const plan = planMemory(
    live.map((l) => l.life),
    alignment,
  );
  for (const { buffer, life } of live) buffer.address = top + plan.offsets.get(life.name)!;
  return { constants: image, total: top + plan.peak + slack, lowerBound: top + plan.lowerBound };
}

/** Step i is node i; inputs are written before step 0 and outputs read after the last. */
function lifetimes(
  graph: Graph,
  { nodes, buffers }: Emitted,
  keep: boolean,
): { buffer: Buffer; life: LiveBuffer }[] {
  const spans = new Map<Buffer, { first: number; last: number }>();
  const use = (buffer: Buffer | undefined, step: number) => {
    if (!buffer) return;
    const span = spans.get(buffer) ?? { first: step, last: step };
    spans.set(buffer, { first: Math.min(span.first, step), last: Math.max(span.last, step) });
  };
  const [before, after] = [-1, nodes.length];
  const of = (value: Value) => buffers.get(value);
  for (const input of graph.inputs) use(of(input), before);
  for (const [step, { node, reads, scratch }] of nodes.entries()) {
    for (const value of [...reads, ...node.operands, node.result]) use(of(value), step);
    for (const buffer of scratch) use(buffer, step);
  }
  for (const output of graph.outputs) use(of(output), after);
  if (keep) for (const buffer of buffers.values()) for (const step of [before, after]) use(buffer, step);
  return [...spans].map(([buffer, { first, last }], i) => {
    return { buffer, life: { name: String(i), bytes: buffer.bytes, firstUse: first, lastUse: last } };
  });
}
