/**
 * What a lowering works with: the graph under construction, the tensors so far, notes and refusals with
 * places.
 */
import { type Bounds, extendBounds, interval } from "../../ir/bounds.js";
import { GraphBuilder } from "../../ir/build.js";
import { type Diagnostic, error, type NodePlace, Refusal } from "../../ir/diagnostic.js";
import { type Graph, isParam, type Param, type Stage, type Value } from "../../ir/graph.js";
import type { Attrs, OpDef } from "../../ir/op.js";
import type { Storage } from "../../ir/storage.js";
import { tensor as tensorData } from "../../ir/tensor.js";
import { type TensorType, tensorType } from "../../ir/type.js";
import { type Constant, extremes } from "./constant.js";
import { isRowMajor, type Layout, permOf, refined } from "./layout.js";
import type { RawNode } from "./raw.js";
import type { Imported, Tensor } from "./tensor.js";

/** An ONNX tensor and the IR value that holds it. */
export interface Mapped {
  /** The IR value. */
  readonly name: string;
  readonly onnxName: string;
  readonly onnxShape: readonly number[];
  /**
   * Axis i of the value is ONNX axis perm[i]. Absent when the elements lie in ONNX's order, whatever the
   * shape.
   */
  readonly perm?: readonly number[];
}

/** One graph under construction. */
export interface GraphContext {
  input(name: string, type: TensorType, node: string): Value;
  emit(op: string, operands: readonly Value[], attrs: Attrs, name: string, type?: TensorType): Value;
  param(
    name: string,
    storage: Storage,
    shape: readonly number[],
    data: ArrayLike<number | bigint>,
    trainable?: boolean,
  ): Param;
  finish(outputs: readonly Value[]): Graph;
}

export interface Context {
  readonly file: string;
  readonly opset: number;
  readonly main: GraphContext;
  /** Made on first use. */
  tail(): GraphContext;
  readonly tensors: Map<string, Imported>;
  /** Initialisers, decoded when they are first read: a network may carry unused ones of any type. */
  readonly constants: Map<string, () => Constant>;
  /** The node that is being lowered. */
  node: RawNode | undefined;
  /** What a value can be, from interval analysis. */
  bounds(value: Value): Bounds;
  /** A remark about the current node; equal ones are told once, with the names of the nodes. */
  note(id: Diagnostic["id"], text: string): void;
  /** Records that `value` is the ONNX tensor `name`. */
  record(name: string, shape: readonly number[], value: Value, layout: Layout): void;
  /** Values that tensors have become, so that every use sees the same one. */
  readonly committed: Map<Tensor, Value>;
  readonly narrowed: Map<Tensor, Value>;
  /**
   * Where the float tail begins: the last integer values, the tail's inputs that continue them, and their
   * ONNX tensors.
   */
  readonly boundary: Map<Value, { readonly input: Value; readonly as: Mapped }>;
}

export interface Collected {
  readonly values: readonly Mapped[];
  notes(): readonly Diagnostic[];
}

export function createContext(
  file: string,
  opset: number,
  ops: readonly OpDef[],
  stage: Stage = "integer",
): Context & Collected {
  const values: Mapped[] = [];
  const place = (): readonly NodePlace[] => (context.node ? [{ file, node: context.node.name }] : []);
  const main = graphContext("main", stage, ops, file, place);
  let tail: GraphContext | undefined;
  const notes = noteBook(file);
  const context: Context & Collected = {
    file,
    opset,
    main,
    tail: () => (tail ??= graphContext("tail", "float", ops, file, place)),
    tensors: new Map(),
    constants: new Map(),
    node: undefined,
    bounds: boundsOfGrowing(main),
    note: (id, text) => notes.add(id, text, context.node?.name),
    record(name, shape, value, layout) {
      const mapped = mappedAs(name, shape, value, layout);
      if (mapped) values.push(mapped);
    },
    committed: new Map(),
    narrowed: new Map(),
    boundary: new Map(),
    values,
    notes: notes.all,
  };
  return context;
}

/** Interval analysis that goes on where the last question left off. */
function boundsOfGrowing(main: GraphContext): (value: Value) => Bounds {
  const known = new Map<Value, Bounds>();
  let analysed = 0;
  return (value) => {
    if (isParam(value)) {
      const { lo, hi } = extremes(value.data);
      return interval(lo, hi);
    }
    if (!known.has(value)) {
      const graph = main.finish([]);
      extendBounds({ ...graph, nodes: graph.nodes.slice(analysed) }, known);
      analysed = graph.nodes.length;
    }
    return known.get(value)!;
  };
}

function noteBook(file: string) {
  const notes = new Map<string, { diagnostic: Diagnostic; nodes: Set<string> }>();
  return {
    add(id: Diagnostic["id"], text: string, node: string | undefined): void {
      const key = `${id} ${text}`;
      const entry = notes.get(key) ?? {
        diagnostic: { ...error(id, text), severity: "note" },
        nodes: new Set(),
      };
      notes.set(key, entry);
      if (node !== undefined) entry.nodes.add(node);
    },
    all: () => [...notes.values()].map(({ diagnostic, nodes }) => withNodes(diagnostic, [...nodes], file)),
  };
}

function withNodes(d: Diagnostic, nodes: readonly string[], file: string): Diagnostic {
  const [first] = nodes;
  if (first === undefined) return d;
  return {
    ...d,
    place: { file, node: first },
    ...(nodes.length > 1 ? { found: `${nodes.length} nodes: ${nodes.join(", ")}` } : {}),
  };
}

/**
 * How a value holds an ONNX tensor, if each of its axes is one ONNX axis or its elements are in ONNX's
 * order.
 */
export function mappedAs(
  onnxName: string,
  onnxShape: readonly number[],
  value: Value,
  layout: Layout,
): Mapped | undefined {
  const fine = refined(layout, onnxShape);
  const perm = fine && permOf(fine, onnxShape, value.type.shape as readonly number[]);
  const head = { name: value.name, onnxName, onnxShape };
  if (perm?.some((a, i) => a !== i)) return { ...head, perm };
  return fine && isRowMajor(fine) ? head : undefined;
}

function graphContext(
  name: "main" | "tail",
  stage: Stage,
  ops: readonly OpDef[],
  file: string,
  place: () => readonly NodePlace[],
): GraphContext {
  const builder = new GraphBuilder(name, stage);
  const byName = new Map(ops.map((op) => [op.name, op]));
  return {
    input: (wish, type, node) => builder.input(wish, type, [{ file, node }]),
    emit(op, operands, attrs, wish, type) {
      const def = byName.get(op);
      if (!def) throw new Error(`the op list holds no ${op}`);
      return builder.add(def, operands, attrs, { name: wish, places: place(), ...(type ? { type } : {}) });
    },
    param(wish, storage, shape, data, trainable = false) {
      const type = tensorType(storage, shape);
      return builder.param(wish, type, tensorData(type, data).data, { places: place(), trainable });
    },
    finish: (outputs) => builder.finish(outputs),
  };
}

/** Refuses the current node. */
export function refuse(
  cx: Context,
  id: Diagnostic["id"],
  text: string,
  more: Omit<Diagnostic, "id" | "severity" | "text"> = {},
): never {
  const { node } = cx;
  const subject = node ? `${node.op} ${node.name}: ${text}` : text;
  throw new Refusal(
    error(id, subject, { ...(node ? { place: { file: cx.file, node: node.name } } : {}), ...more }),
  );
}
