/**
 * What a lowering works with: the graph under construction, the tensors so far, notes and refusals with
 * places.
 */
import { type Bounds, extendBounds, highest, interval, lowest } from "../../ir/bounds.js";
import { GraphBuilder } from "../../ir/build.js";
import { type Diagnostic, error, type NodePlace, nearest, Refusal } from "../../ir/diagnostic.js";
import { type Graph, isParam, type Param, type Stage, type Value } from "../../ir/graph.js";
import type { Attrs, OpDef } from "../../ir/op.js";
import type { Storage } from "../../ir/storage.js";
import { tensor as tensorData } from "../../ir/tensor.js";
import { type TensorType, tensorType } from "../../ir/type.js";
import { type Constant, extremes } from "./constant.js";
import type { Exact } from "./integer/state.js";
import { isRowMajor, type Layout, permOf, refined } from "./layout.js";
import { declaredTypes, importedTypes, nodePlace, type TypeOf } from "./places.js";
import type { RawModel, RawNode } from "./raw.js";
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
  readonly model: RawModel;
  readonly opset: number;
  readonly main: GraphContext;
  /** Made on first use. */
  tail(): GraphContext;
  readonly tensors: Map<string, Imported>;
  /** Every tensor that the file names. */
  readonly names: ReadonlySet<string>;
  /** Element type and shape of a tensor, for messages. */
  readonly typeOf: TypeOf;
  /** Initialisers, decoded when they are first read: a network may carry unused ones of any type. */
  readonly constants: Map<string, () => Constant>;
  /** Elements of all constants that nodes have been folded to. */
  readonly folded: { elements: number };
  /** The node that is being lowered. */
  node: RawNode | undefined;
  /** The node at which integers became the floats of the tail, for messages. */
  tailStart: RawNode | undefined;
  /** What a value can be, from interval analysis. */
  bounds(value: Value): Bounds;
  /** A remark about the current node; equal ones are told once, with the names of the nodes. */
  note(id: Diagnostic["id"], text: string): void;
  /** Records that `value` is the ONNX tensor `name`. */
  record(name: string, shape: readonly number[], value: Value, layout: Layout): void;
  /** Values that tensors have become, so that every use sees the same one. */
  readonly committed: Map<Tensor, Value>;
  /** Params that are dequantised integers, with their numbers before they were rounded to f32. */
  readonly exact: Map<Value, Exact>;
  readonly narrowed: Map<Tensor, Value>;
  /** Stored integers of at most 8 bits, by what a Cast has made of them. */
  readonly castFrom: Map<Value, Value>;
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
  model: RawModel,
  ops: readonly OpDef[],
  stage: Stage = "integer",
): Context & Collected {
  const tensors = new Map<string, Imported>();
  const typeOf = importedTypes(tensors, declaredTypes(model));
  const values: Mapped[] = [];
  const place = (): readonly NodePlace[] => (context.node ? [{ file, node: context.node.name }] : []);
  const main = graphContext("main", stage, ops, file, place);
  const bounds = boundsOfGrowing(main);
  let tail: GraphContext | undefined;
  const notes = noteBook((node) => nodePlace(file, node, typeOf));
  const context: Context & Collected = {
    file,
    model,
    opset: model.opset,
    main,
    tail: () => (tail ??= graphContext("tail", "float", ops, file, place)),
    tensors,
    names: namesIn(model),
    typeOf,
    constants: new Map(),
    folded: { elements: 0 },
    node: undefined,
    tailStart: undefined,
    bounds: (value) => finite(context, value, bounds(value)),
    note: (id, text) => notes.add(id, text, context.node),
    record(name, shape, value, layout) {
      const mapped = mappedAs(name, shape, value, layout);
      if (mapped) values.push(mapped);
    },
    committed: new Map(),
    exact: new Map(),
    narrowed: new Map(),
    castFrom: new Map(),
    boundary: new Map(),
    values,
    notes: notes.all,
  };
  return context;
}

const namesIn = (model: RawModel): ReadonlySet<string> =>
  new Set([
    ...model.inputs.map((v) => v.name),
    ...model.initialisers.keys(),
    ...model.nodes.flatMap((n) => n.outputs),
  ]);

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

/** Sums of sums of sums leave the range of doubles long after they have left that of any integer. */
function finite(cx: Context, value: Value, bounds: Bounds): Bounds {
  if (Number.isFinite(lowest(bounds)) && Number.isFinite(highest(bounds))) return bounds;
  refuse(cx, "onnx/wide-operand", `its operand ${value.name} may need any number of bits`, {
    help: "requantise it before this node (Clip, or RequantShift)",
  });
}

function noteBook(placeOf: (node: RawNode) => NodePlace) {
  const notes = new Map<string, { diagnostic: Diagnostic; nodes: Set<string> }>();
  return {
    add(id: Diagnostic["id"], text: string, node: RawNode | undefined): void {
      const key = `${id} ${text}`;
      const place = node && { place: placeOf(node) };
      const entry = notes.get(key) ?? {
        diagnostic: { ...error(id, text, place), severity: "note" },
        nodes: new Set(),
      };
      notes.set(key, entry);
      if (node !== undefined) entry.nodes.add(node.name);
    },
    all: () => [...notes.values()].map(({ diagnostic, nodes }) => withNodes(diagnostic, [...nodes])),
  };
}

const withNodes = (d: Diagnostic, nodes: readonly string[]): Diagnostic =>
  nodes.length > 1 ? { ...d, found: `${nodes.length} nodes: ${nodes.join(", ")}` } : d;

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
  if (!node) throw new Refusal(error(id, text, more));
  const place = nodePlace(cx.file, node, cx.typeOf);
  throw new Refusal(error(id, `${subject(node)}: ${text}`, { place, ...more }));
}

/** A near name among those of the file, for one that nothing defines. */
export const nearTensor = (cx: Context, name: string): string | undefined =>
  name.length < 3 ? undefined : nearest(name, cx.names);

/** The operator and the name; a node without one is known by its operator alone. */
export const subject = (node: RawNode): string =>
  node.name.startsWith(`${node.op}#`) ? node.op : `${node.op} ${node.name}`;
