/** From a decoded model to IR: what is needed, what is unsupported, one node after the other. */
import { type Diagnostic, error, Refusal } from "../../ir/diagnostic.js";
import type { Graph, Value } from "../../ir/graph.js";
import type { OpDef } from "../../ir/op.js";
import { isIdentity } from "./affine.js";
import { inOrder, presented } from "./arrange.js";
import type { Inputs } from "./attributes.js";
import { constantOf, firstFraction } from "./constant.js";
import { type Collected, type Context, createContext, type Mapped, mappedAs } from "./context.js";
import { oldOpset } from "./decode.js";
import type { Dialect } from "./dialects/dialect.js";
import { dialectOf } from "./dialects/index.js";
import { foldShape, folds } from "./fold.js";
import type { ImportedModel } from "./index.js";
import { type InputHints, importInput } from "./inputs.js";
import type { RawModel, RawNode } from "./raw.js";
import { range } from "./shapes.js";
import { type Imported, isFloored } from "./tensor.js";

export interface ModelOptions extends InputHints {
  readonly file: string;
  readonly ops: readonly OpDef[];
}

export function importModel(model: RawModel, options: ModelOptions): ImportedModel {
  const { file } = options;
  const nodes = neededNodes(model);
  const dialect = dialectOf(model);
  refuseFloatOrOld(model, file);
  refuseUnsupported(model, nodes, dialect, file);
  const cx = createContext(file, model.opset, options.ops);
  for (const [name, raw] of model.initialisers)
    cx.constants.set(
      name,
      once(() => constantOf(raw, name)),
    );
  const inputs = model.inputs.map((input, i) => {
    const tensor = importInput(cx, model, i, options);
    cx.tensors.set(input.name, tensor);
    const value = tensor.source as Value;
    cx.record(input.name, tensor.shape, value, tensor.layout);
    return mappedAs(input.name, tensor.shape, value, tensor.layout)!;
  });
  lowerAll(cx, nodes, dialect);
  return finished(cx, model, dialect, inputs);
}

export function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** The nodes that the outputs depend on. */
export function neededNodes(model: RawModel): readonly RawNode[] {
  const needed = new Set(model.outputs.map((o) => o.name));
  const kept: RawNode[] = [];
  for (const node of model.nodes.toReversed()) {
    if (!node.outputs.some((o) => needed.has(o))) continue;
    kept.push(node);
    for (const input of node.inputs) needed.add(input);
  }
  return kept.reverse();
}

/** Operands that hold weights, by op type. */
const weightOperands: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [1, 2],
  MatMul: [0, 1],
  BatchNormalization: [1, 2, 3, 4],
  InstanceNormalization: [1, 2],
  PRelu: [1],
};

/** What makes a model a float network: the first weights that are no integers. */
export function fractionalWeights(model: RawModel, file: string): Diagnostic | undefined {
  for (const node of neededNodes(model))
    for (const operand of weightOperands[node.op] ?? []) {
      const raw = model.initialisers.get(node.inputs[operand] ?? "");
      const c = raw && constantOf(raw);
      const at = c && firstFraction(c);
      if (!c || at === undefined) continue;
      const whose = `the weights ${c.name} of ${node.op} ${node.name}`;
      return error("onnx/float-network", `this is a float network: ${whose} are no integers`, {
        place: { file, node: node.name },
        found: `${c.data[at]} at element ${at}`,
        expected: "integers, as NEMO, Quantlab, PLiNIO and Deeploy write them",
        help: "quantise the network first, or import it as a float network",
      });
    }
  return undefined;
}

/** Opset 7 is the first with today's broadcasting rules, which all tools that write integer networks use. */
const oldestOpset = 7;

function refuseFloatOrOld(model: RawModel, file: string): void {
  if (model.opset < oldestOpset) throw new Refusal(oldOpset(file, `opset ${model.opset}`, oldestOpset));
  const float = fractionalWeights(model, file);
  if (float) throw new Refusal(float);
}

const folded = (node: RawNode, constants: ReadonlySet<string>): boolean =>
  node.op === "Shape" ||
  node.op === "Size" ||
  (node.op in folds && node.inputs.every((i) => i === "" || constants.has(i)));

/** One message for everything that no row of the dialect knows. */
function refuseUnsupported(model: RawModel, nodes: readonly RawNode[], dialect: Dialect, file: string): void {
  const constants = new Set(model.initialisers.keys());
  const unknown: RawNode[] = [];
  for (const node of nodes) {
    if (folded(node, constants)) for (const output of node.outputs) constants.add(output);
    else if (!Object.hasOwn(dialect.rows, node.op)) unknown.push(node);
  }
  const [first] = unknown;
  if (!first) return;
  const fullName = (n: RawNode) => (n.domain && n.domain !== "ai.onnx" ? `${n.domain}.${n.op}` : n.op);
  const names = (op: string) => unknown.filter((n) => fullName(n) === op).map((n) => n.name);
  const listed = [...new Set(unknown.map(fullName))].map((op) => `${op} (${names(op).join(", ")})`);
  const count = `${unknown.length} of ${nodes.length} nodes`;
  const text = `${count} use operators that cannot be imported as integers: ${listed.join("; ")}`;
  const help = `the ${dialect.name} dialect reads ${Object.keys(dialect.rows).toSorted().join(", ")}`;
  throw new Refusal(error("onnx/unsupported", text, { place: { file, node: first.name }, help }));
}

/**
 * Lowers every node; a refused one poisons what depends on it, so that all independent refusals are told at
 * once.
 */
function lowerAll(cx: Context, nodes: readonly RawNode[], dialect: Dialect): void {
  const refused: Diagnostic[] = [];
  for (const node of nodes) {
    cx.node = node;
    try {
      const results = lowerNode(cx, node, (inputs) => dialect.rows[node.op]!(cx, node, inputs));
      for (const [i, output] of node.outputs.entries())
        if (output && results[i]) define(cx, output, results[i]);
    } catch (e) {
      if (!(e instanceof Refusal)) throw e;
      refused.push(
        ...e.diagnostics.map((d) => (d.place ? d : { ...d, place: { file: cx.file, node: node.name } })),
      );
      for (const output of node.outputs) cx.tensors.set(output, { kind: "poisoned" });
    }
  }
  cx.node = undefined;
  if (refused.length > 0) throw new Refusal(...refused);
}

/** Results of a node: known ones where all that it reads is known, else what `lower` makes of them. */
export function lowerNode(
  cx: Context,
  node: RawNode,
  lower: (inputs: Inputs) => Imported | readonly Imported[],
): readonly Imported[] {
  const inputs = node.inputs.map((name) => (name === "" ? undefined : tensorNamed(cx, name, node)));
  if (inputs.some((x) => x?.kind === "poisoned")) return node.outputs.map(() => ({ kind: "poisoned" }));
  if (inputs[0] && "shape" in inputs[0] && (node.op === "Shape" || node.op === "Size"))
    return [foldShape(cx, node, inputs[0].shape)];
  const constants = inputs.filter((x) => x !== undefined).filter((x) => x.kind === "constant");
  const fold = Object.hasOwn(folds, node.op) ? folds[node.op] : undefined;
  if (fold && inputs.every((x) => x === undefined || x.kind === "constant"))
    return [fold(cx, node, constants, inputs)];
  return [lower(inputs)].flat();
}

function tensorNamed(cx: Context, name: string, node: RawNode): Imported {
  const found = cx.tensors.get(name) ?? cx.constants.get(name)?.();
  if (found) return found;
  const text = `${node.op} ${node.name} reads the tensor ${name}, which nothing before it defines`;
  throw new Refusal(error("onnx/undefined-tensor", text, { place: { file: cx.file, node: node.name } }));
}

function define(cx: Context, name: string, result: Imported): void {
  cx.tensors.set(name, result);
  if (result.kind !== "tensor" || isFloored(result.source) || !isIdentity(result.map) || result.relu) return;
  cx.record(name, result.shape, result.source, result.layout);
}

interface Outputs {
  readonly value: Value;
  readonly as: Mapped;
}

/** The file's outputs, integers for @main and floats for @tail. */
function outputsOf(cx: Context, model: RawModel): { main: readonly Outputs[]; tail: readonly Outputs[] } {
  const [main, tail]: [Outputs[], Outputs[]] = [[], []];
  for (const { name } of model.outputs) {
    const found = cx.tensors.get(name);
    if (found?.kind === "tensor") main.push(presented(cx, found));
    else if (found?.kind === "float") {
      const value = inOrder(cx.tail(), found, range(found.shape.length));
      tail.push({ value, as: { name: value.name, onnxName: name, onnxShape: found.shape } });
    } else {
      const constant = found !== undefined || cx.constants.has(name);
      const text = constant ? `output ${name} is a constant` : `nothing defines the output ${name}`;
      throw new Refusal(error("onnx/output", text, { place: { file: cx.file, node: name } }));
    }
  }
  for (const [value, { as }] of cx.boundary)
    if (!main.some((o) => o.value === value)) main.push({ value, as });
  return { main, tail };
}

function tailGraph(cx: Context, outputs: readonly Outputs[]): Graph {
  const graph = cx.tail().finish(outputs.map((o) => o.value));
  const names = [...new Set(graph.nodes.map((n) => n.op.name))].join(", ");
  const text = `the network ends in float operators (${names}): they are the graph @tail`;
  cx.note("onnx/float-tail", `${text}, the integer graph ends before them`);
  return graph;
}

function finished(
  cx: Context & Collected,
  model: RawModel,
  dialect: Dialect,
  inputs: readonly Mapped[],
): ImportedModel {
  const { main, tail } = outputsOf(cx, model);
  const graphs = [
    cx.main.finish(main.map((o) => o.value)),
    ...(tail.length > 0 ? [tailGraph(cx, tail)] : []),
  ];
  const meta = { producer: model.producer, dialect: dialect.name, opset: String(model.opset) };
  return {
    module: { graphs, meta },
    dialect: dialect.name,
    inputs,
    outputs: main.map((o) => o.as),
    ...(tail.length > 0 ? { tailOutputs: tail.map((o) => o.as) } : {}),
    values: cx.values,
    notes: cx.notes(),
  };
}
