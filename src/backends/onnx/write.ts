/** From a graph to an ONNX model: inputs, every node by its row, outputs. */
import { type Diagnostic, error, Refusal } from "../../ir/diagnostic.js";
import type { Graph, Node, Param, Value } from "../../ir/graph.js";
import { isParam } from "../../ir/graph.js";
import { isInteger, type Storage } from "../../ir/storage.js";
import type { Dim } from "../../ir/type.js";
import { type Layout, shapeIn } from "./layout.js";
import { type ModelBuilder, modelBuilder } from "./model.js";
import { carrierOf, narrowOpset } from "./quantisation.js";
import { rows } from "./rows/index.js";
import {
  addNode,
  createWriter,
  elementTypeOf,
  hold,
  isStored,
  real,
  stored,
  unsupported,
  type Writer,
} from "./writer.js";

export type WriteOptions = {
  readonly dialect: "onnx" | "qdq";
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
};

/** Throws a `Refusal` with everything that cannot be written. */
export function writeGraph(graph: Graph, options: WriteOptions): ModelBuilder {
  const names = [...graph.inputs, ...graph.nodes.map((n) => n.result)].map((v) => v.name);
  const { opset, metadata } = options;
  const builder = modelBuilder({ graph: graph.name, opset, metadata }, names);
  const cx = createWriter(builder, graph);
  for (const input of graph.inputs) declareInput(cx, input);
  const refused = graph.nodes.flatMap((node) => lowered(cx, node));
  if (refused.length > 0) throw new Refusal(...refused);
  cx.node = undefined;
  const seen = new Set<string>();
  for (const output of graph.outputs) declareOutput(cx, graph, output, seen);
  return builder;
}

const dims = (value: Value): readonly Dim[] => shapeIn(value.type.shape, "first");

/** Integer inputs are fed as they are stored, i32 among them. */
function declareInput(cx: Writer, value: Value): void {
  const { storage } = value.type;
  const type = isInteger(storage) ? carrierOf(storage, cx.builder.opset, "values") : "f32";
  cx.builder.input({ name: value.name, type, shape: dims(value) });
  hold(cx, value, isInteger(storage) ? "stored" : "real", "first", value.name);
}

/** What a node refuses; its result then stands for nothing, so that the rest can still be looked at. */
function lowered(cx: Writer, node: Node): readonly Diagnostic[] {
  cx.node = node;
  const row = Object.hasOwn(rows, node.op.name) ? rows[node.op.name] : undefined;
  try {
    if (!row) unsupported(cx, "no ONNX operators are known for it");
    row!(cx, node);
    return [];
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    for (const layout of ["first", "last"] satisfies Layout[])
      for (const form of ["real", "stored"] as const) hold(cx, node.result, form, layout, node.result.name);
    return e.diagnostics;
  }
}

/** An output bears its value's name, channels-first. One that is an input, or is listed twice, is a copy. */
function declareOutput(cx: Writer, graph: Graph, value: Value, seen: Set<string>): void {
  const there = isStored(value) ? stored(cx, value, "first") : real(cx, value, "first");
  const copied = seen.has(value.name) || graph.inputs.includes(value);
  const name = copied ? addNode(cx, "Identity", [there], cx.builder.fresh(`${value.name}.out`)) : there;
  seen.add(value.name);
  cx.builder.output({ name, type: elementTypeOf(value.type.storage, cx.builder.opset), shape: dims(value) });
}

const valuesOf = (graph: Graph): readonly Value[] => [...graph.inputs, ...graph.nodes.map((n) => n.result)];

/** Why the graph as a whole does not fit the dialect. */
export function unfit(graph: Graph, dialect: "onnx" | "qdq"): Diagnostic | undefined {
  const integers = valuesOf(graph).filter((v) => isInteger(v.type.storage));
  const list = (of: readonly Value[]) =>
    `${of
      .slice(0, 5)
      .map((v) => `%${v.name}`)
      .join(", ")}${of.length > 5 ? ` and ${of.length - 5} more` : ""}`;
  if (dialect === "onnx" && integers.length > 0)
    return error("export/integers", `@${graph.name} holds stored integers, which a float file cannot say`, {
      found: list(integers),
      help: "use --dialect qdq for networks with scales, --dialect dory for integers as they are",
    });
  const bare = integers.filter((v) => !v.type.quant);
  if (bare.length === 0) return undefined;
  return error("export/no-scale", `@${graph.name} holds integers whose scales nobody knows`, {
    found: list(bare),
    expected: "types such as u8[1x64x8] * 0.03125: QuantizeLinear and DequantizeLinear state real values",
    help: "write the scales into the types of its inputs and params, or use --dialect dory, which needs none",
  });
}

/** The lowest opset that has the element types of a graph. */
export function neededOpset(graph: Graph): number {
  const wide = (s: Storage) => s === "i16";
  const all = [...valuesOf(graph), ...graph.nodes.flatMap((n) => n.operands.filter(isParam) as Param[])];
  return all.some((v) => wide(v.type.storage)) ? narrowOpset : 0;
}
