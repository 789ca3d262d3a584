/** From a decoded model to IR: what is needed, what is unsupported, one node after the other. */
import { type Diagnostic, error, Refusal } from "../../ir/diagnostic.js";
import type { Value } from "../../ir/graph.js";
import type { OpDef } from "../../ir/op.js";
import { isIdentity } from "./affine.js";
import type { Inputs } from "./attributes.js";
import { collected } from "./collected.js";
import { constantOf, firstFraction, onGrid } from "./constant.js";
import {
  type Collected,
  type Context,
  createContext,
  type Mapped,
  mappedAs,
  nearTensor,
  subject,
} from "./context.js";
import { oldOpset } from "./decode.js";
import type { Dialect } from "./dialects/dialect.js";
import { dialectOf } from "./dialects/index.js";
import { canFold, folded, foldShape } from "./folded.js";
import type { ImportedModel } from "./index.js";
import { type InputHints, importInput } from "./inputs.js";
import { fullName, operatorHelp } from "./operators.js";
import { finished } from "./outputs.js";
import { locating } from "./places.js";
import { own, type RawModel, type RawNode } from "./raw.js";
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
  const cx = createContext(file, model, options.ops);
  return locating(model, cx.typeOf, () => importNodes(cx, model, nodes, dialect, options));
}

function importNodes(
  cx: Context & Collected,
  model: RawModel,
  nodes: readonly RawNode[],
  dialect: Dialect,
  options: ModelOptions,
): ImportedModel {
  for (const [name, raw] of model.initialisers)
    cx.constants.set(
      name,
      once(() => constantOf(raw, name)),
    );
  const refused: Diagnostic[] = [];
  const inputs = model.inputs.flatMap((input, i) => {
    cx.tensors.set(input.name, { kind: "poisoned" });
    return (
      collected(cx, refused, { file: cx.file, node: input.name }, () => inputNumber(cx, model, i, options)) ??
      []
    );
  });
  lowerAll(cx, nodes, unknownNodes(model, nodes, dialect), dialect, refused);
  return finished(cx, model, dialect, inputs);
}

function inputNumber(cx: Context, model: RawModel, index: number, options: ModelOptions): Mapped {
  const { name } = model.inputs[index]!;
  const tensor = importInput(cx, model, index, options);
  cx.tensors.set(name, tensor);
  const value = tensor.source as Value;
  cx.record(name, tensor.shape, value, tensor.layout);
  return mappedAs(name, tensor.shape, value, tensor.layout)!;
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
  LayerNormalization: [1, 2],
  LSTM: [1, 2],
  GRU: [1, 2],
  RNN: [1, 2],
};

/** What makes a model a float network: the first weights that are no integers. */
export function fractionalWeights(model: RawModel, file: string): Diagnostic | undefined {
  for (const node of neededNodes(model))
    for (const operand of own(weightOperands, node.op) ?? []) {
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
export const oldestIntegerOpset = 7;

function refuseFloatOrOld(model: RawModel, file: string): void {
  if (model.opset < oldestIntegerOpset)
    throw new Refusal(oldOpset(file, `opset ${model.opset}`, oldestIntegerOpset));
  const float = fractionalWeights(model, file);
  if (float) throw new Refusal(float);
}

const isFolded = (node: RawNode, constants: ReadonlySet<string>): boolean =>
  node.op === "Shape" ||
  node.op === "Size" ||
  (canFold(node.op) && node.inputs.every((i) => i === "" || constants.has(i)));

/** The nodes that no row of the dialect knows. */
function unknownNodes(model: RawModel, nodes: readonly RawNode[], dialect: Dialect): ReadonlySet<RawNode> {
  const constants = new Set(model.initialisers.keys());
  const unknown = new Set<RawNode>();
  for (const node of nodes) {
    if (isFolded(node, constants)) for (const output of node.outputs) constants.add(output);
    else if (!Object.hasOwn(dialect.rows, node.op)) unknown.add(node);
  }
  return unknown;
}

/** One message for all of them. */
function unsupportedNodes(
  unknown: readonly RawNode[],
  count: number,
  dialect: Dialect,
  file: string,
): Diagnostic {
  const firsts = unknown.filter((n, i) => unknown.findIndex((m) => fullName(m) === fullName(n)) === i);
  const names = (op: string) => unknown.filter((n) => fullName(n) === op).map((n) => n.name);
  const listed = firsts.map((n) => `${fullName(n)} (${names(fullName(n)).join(", ")})`);
  const text = `${unknown.length} of ${count} nodes use operators that cannot be imported as integers: ${listed.join("; ")}`;
  const known = Object.keys(dialect.rows).toSorted();
  const [first, ...others] = firsts.map((node) => ({ node, advice: operatorHelp(node, known) }));
  const notes = others.flatMap(({ node, advice }) =>
    advice === undefined ? [] : [{ place: { file, node: node.name }, text: advice }],
  );
  return error("onnx/unsupported", text, {
    place: { file, node: first!.node.name },
    ...(notes.length > 0 ? { notes } : {}),
    help: first!.advice ?? `the ${dialect.name} dialect reads ${known.join(", ")}`,
  });
}

/**
 * Lowers every node; a refused one poisons what depends on it, so that all independent refusals are told at
 * once. Where operators are unknown, they alone are told.
 */
function lowerAll(
  cx: Context,
  nodes: readonly RawNode[],
  unknown: ReadonlySet<RawNode>,
  dialect: Dialect,
  refused: Diagnostic[],
): void {
  for (const node of nodes) {
    cx.node = node;
    const done = collected(cx, refused, { file: cx.file, node: node.name }, () => {
      if (unknown.has(node)) return false;
      const results = lowerNode(cx, node, (inputs) => dialect.rows[node.op]!(cx, node, inputs));
      for (const [i, output] of node.outputs.entries())
        if (output && results[i]) define(cx, output, results[i]);
      return true;
    });
    if (!done) for (const output of node.outputs) cx.tensors.set(output, { kind: "poisoned" });
  }
  cx.node = undefined;
  if (unknown.size > 0) throw new Refusal(unsupportedNodes([...unknown], nodes.length, dialect, cx.file));
  if (refused.length > 0) throw new Refusal(...refused);
}

/** Operators that leave the elements of a constant as they are. */
const keepsGrid = new Set(["Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"]);

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
  const constants = inputs.flatMap((x) => (x === undefined || x.kind === "constant" ? [x] : []));
  if (canFold(node.op) && constants.length === inputs.length)
    return [onGrid(folded(cx, node, constants), keepsGrid.has(node.op) ? constants[0]?.grid : undefined)];
  return [lower(inputs)].flat();
}

function tensorNamed(cx: Context, name: string, node: RawNode): Imported {
  const found = cx.tensors.get(name) ?? cx.constants.get(name)?.();
  if (found) return found;
  const text = `${subject(node)} reads the tensor ${name}, which nothing before it defines`;
  const place = { file: cx.file, node: node.name };
  throw new Refusal(error("onnx/undefined-tensor", text, { place, ...helpWith(cx, name) }));
}

/** Why a name may be unknown: it is misspelt, or its node comes too late. */
function helpWith(cx: Context, name: string): { readonly help?: string } {
  if (cx.names.has(name))
    return { help: "a later node computes it: nodes stand in the order in which they compute" };
  const guess = nearTensor(cx, name);
  return guess ? { help: `did you mean ${guess}?` } : {};
}

function define(cx: Context, name: string, result: Imported): void {
  cx.tensors.set(name, result);
  if (result.kind !== "tensor" || isFloored(result.source) || !isIdentity(result.map) || result.relu) return;
  cx.record(name, result.shape, result.source, result.layout);
}
