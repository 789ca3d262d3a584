/** Runs the kernels: statements per node, the buffers of values, and the constants that kernels ask for. */
import { type Bounds, boundsOf } from "../../ir/bounds.js";
import { type Graph, isParam, type Node, type Value } from "../../ir/graph.js";
import { bind } from "../../ir/op.js";
import type { Data, Storage } from "../../ir/storage.js";
import { elements, sizes, zeroPoint } from "../../ir/type.js";
import { Code } from "./code.js";
import { type Buffer, newBuffer, type Statement } from "./expr.js";
import type { Source, WasmKernel } from "./kernel.js";

export interface EmittedNode {
  readonly node: Node;
  /** None for a node whose result takes its operand's memory. */
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

export function emitNodes(graph: Graph, kernels: readonly WasmKernel[]): Emitted {
  const byOp = new Map(kernels.map((k) => [k.op, k]));
  const buffers = new Map<Value, Buffer>(graph.inputs.map((v) => [v, bufferOf(v)]));
  const constants = new Map<Data, Buffer>();
  const constant = (storage: Storage, data: Data): Buffer => {
    const buffer = constants.get(data) ?? newBuffer(storage, data.length);
    constants.set(data, buffer);
    return buffer;
  };
  const source = sources(graph, (v) => (isParam(v) ? constant(v.type.storage, v.data) : buffers.get(v)!));
  const nodes = graph.nodes.map((node, index) => {
    const [x] = node.operands;
    const found = byOp.get(node.op);
    const shared = found?.alias && x && !isParam(x) ? buffers.get(x) : undefined;
    buffers.set(node.result, shared ?? bufferOf(node.result));
    if (shared) return { node, statements: [], scratch: [], host: false };
    return emitNode(node, index, found, source, constant);
  });
  return { nodes, buffers, constants };
}

function emitNode(
  node: Node,
  index: number,
  found: WasmKernel | undefined,
  source: (value: Value) => Source,
  constant: (storage: Storage, data: Data) => Buffer,
): EmittedNode {
  const { op, operands, attrs, result } = node;
  const code = new Code();
  const scratch: Buffer[] = [];
  const newScratch = (storage: Storage, count: number): Buffer => {
    const buffer = newBuffer(storage, count);
    scratch.push(buffer);
    return buffer;
  };
  if (found)
    found.emit(
      { code, constant, scratch: newScratch },
      bind(op, operands.map(source)),
      attrs,
      source(result),
    );
  else code.add({ kind: "host", node: index });
  return { node, statements: code.statements, scratch, host: !found };
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
