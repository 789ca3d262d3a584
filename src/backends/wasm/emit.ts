/** Runs the kernels: statements per node, the buffers of values, and the constants that kernels ask for. */
import { type Bounds, boundsOf } from "../../ir/bounds.js";
import { type Graph, isParam, type Node, type Value } from "../../ir/graph.js";
import { bind } from "../../ir/op.js";
import type { Data, Storage } from "../../ir/storage.js";
import { elements, sizes, zeroPoint } from "../../ir/type.js";
import { Code } from "./code.js";
import { type Buffer, newBuffer, type Statement } from "./expr.js";
import type { Finish } from "./finish.js";
import { type Fused, fusedNodes } from "./fuse.js";
import type { Source, WasmKernel } from "./kernel.js";

export interface EmittedNode {
  readonly node: Node;
  /** Read besides the node's operands: those of a node that is computed along with it. */
  readonly reads: readonly Value[];
  /** None for a node whose result takes its operand's memory, or is computed along with a later one. */
  readonly statements: readonly Statement[];
  readonly scratch: readonly Buffer[];
  /** The host evaluates it. */
  readonly host: boolean;
}

export interface Emitted {
  readonly nodes: readonly EmittedNode[];
  /** Of inputs and results; values that share memory share the buffer. */
  readonly buffers: ReadonlyMap<Value, Buffer>;
  readonly constants: ReadonlyMap<Data, Buffer>;
}

const bufferOf = ({ type }: Value): Buffer => newBuffer(type.storage, elements(type));

/** `fuse`: sums that only a requant reads are finished in registers and have no memory. */
export function emitNodes(graph: Graph, kernels: readonly WasmKernel[], fuse: boolean): Emitted {
  const byOp = new Map(kernels.map((k) => [k.op, k]));
  const buffers = new Map<Value, Buffer>(graph.inputs.map((v) => [v, bufferOf(v)]));
  const constants = new Map<Data, Buffer>();
  const constant = (storage: Storage, data: Data): Buffer => {
    const buffer = constants.get(data) ?? newBuffer(storage, data.length);
    constants.set(data, buffer);
    return buffer;
  };
  const source = sources(graph, (v) => (isParam(v) ? constant(v.type.storage, v.data) : buffers.get(v)!));
  const fused = fuse ? fusedNodes(graph, byOp, source) : new Map<Node, Fused>();
  const producers = new Set([...fused.values()].map((f) => f.producer));
  const nodes = graph.nodes.map((node, index): EmittedNode => {
    const nothing = { node, reads: [], statements: [], scratch: [], host: false };
    if (producers.has(node)) return nothing;
    const [x] = node.operands;
    const found = byOp.get(node.op);
    const shared = found?.alias && x && !isParam(x) ? buffers.get(x) : undefined;
    buffers.set(node.result, shared ?? bufferOf(node.result));
    if (shared) return nothing;
    const { producer, finish } = fused.get(node) ?? {};
    if (!producer) return emitNode(node, node, index, found, source, constant);
    const emitted = emitNode(producer, node, index, byOp.get(producer.op), source, constant, finish);
    return { ...emitted, reads: producer.operands };
  });
  return { nodes, buffers, constants };
}

/** The kernel of `node`, whose sums `finish` turns into the result of `last`. */
function emitNode(
  { op, operands, attrs }: Node,
  last: Node,
  index: number,
  found: WasmKernel | undefined,
  source: (value: Value) => Source,
  constant: (storage: Storage, data: Data) => Buffer,
  finish?: Finish,
): EmittedNode {
  const code = new Code();
  const scratch: Buffer[] = [];
  const newScratch = (storage: Storage, count: number): Buffer => {
    const buffer = newBuffer(storage, count);
    scratch.push(buffer);
    return buffer;
  };
  const e = { code, constant, scratch: newScratch };
  if (found) found.emit(e, bind(op, operands.map(source)), attrs, source(last.result), finish);
  else code.add({ kind: "host", node: index });
  return { node: last, reads: [], statements: code.statements, scratch, host: !found };
}

/** Values as kernels see them. Buffers are made when first asked for: a packed param needs no second copy. */
function sources(graph: Graph, bufferFor: (value: Value) => Buffer): (value: Value) => Source {
  let all: ReadonlyMap<Value, Bounds> | undefined;
  return (value) => {
    const { type } = value;
    const data = isParam(value) ? { data: value.data } : {};
    return {
      type,
      shape: sizes(type),
      zero: zeroPoint(type),
      ...data,
      get buffer() {
        return bufferFor(value);
      },
      get known() {
        all ??= boundsOf(graph);
        return { type, bounds: all.get(value)!, ...data };
      },
    };
  };
}
