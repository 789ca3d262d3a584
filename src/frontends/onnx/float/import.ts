/** From a decoded model to a float graph: the same walk as for integers, another table, nothing pending. */
import { type Diagnostic, error, Refusal } from "../../../ir/diagnostic.js";
import { type Graph, isParam, type Stage, type Value } from "../../../ir/graph.js";
import type { OpDef } from "../../../ir/op.js";
import { tensorType } from "../../../ir/type.js";
import { refusalsKept } from "../collected.js";
import { constantOf } from "../constant.js";
import {
  type Collected,
  type Context,
  createContext,
  type Mapped,
  mappedAs,
  refuse,
  subject,
} from "../context.js";
import { folds } from "../fold.js";
import { lowerNode, neededNodes, once } from "../import.js";
import type { ImportedModel } from "../index.js";
import { wantsChannelsLast } from "../inputs.js";
import type { Exact } from "../integer/state.js";
import { channelsLast, permuted } from "../layout.js";
import { operatorHelp } from "../operators.js";
import { locating } from "../places.js";
import type { RawModel, RawNode, RawTensor, RawValue } from "../raw.js";
import { range } from "../shapes.js";
import type { FloatTensor, Imported } from "../tensor.js";
import { anyBatch, forAnyBatch } from "./batch.js";
import { inputScale } from "./input-scale.js";
import { axesThere, inPerm, storageOf, tensorAt, unsupported, valueIn } from "./operands.js";
import { floatRows } from "./rows.js";
import { whole } from "./wrap.js";

export interface FloatModelOptions {
  readonly file: string;
  readonly ops: readonly OpDef[];
  /** Inputs that are known while importing, by name. */
  readonly constants?: ReadonlyMap<string, RawTensor>;
  /** Sizes for the symbolic axes of inputs, by name. */
  readonly shapes?: ReadonlyMap<string, readonly number[]>;
}

/** The input with the sizes that are given for its symbolic axes. */
function withSizes(v: RawValue, given: readonly number[] | undefined): RawValue {
  if (!given || (v.shape && v.shape.length !== given.length)) return v;
  return { ...v, shape: given.map((d, i) => (typeof v.shape?.[i] === "number" ? v.shape[i]! : d)) };
}

/** A symbolic batch stays one where every operator allows it; else it is 1. */
export function importFloatModel(file: RawModel, options: FloatModelOptions): ImportedModel {
  const model = { ...file, inputs: file.inputs.map((v) => withSizes(v, options.shapes?.get(v.name))) };
  const symbolic = model.inputs.some(
    (v) => !options.constants?.has(v.name) && typeof v.shape?.[0] === "string",
  );
  if (!symbolic) return importAt(model, options, 1).imported;
  try {
    return importAt(model, options, anyBatch).imported;
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    const { imported } = importAt(model, options, 1);
    const why = e.diagnostics[0]!.text.replaceAll(String(anyBatch), "N");
    const text = `the symbolic batch is 1: ${why}`;
    const note: Diagnostic = { ...error("onnx/fixed-batch", text), severity: "note" };
    return { ...imported, notes: [...imported.notes, note] };
  }
}

interface WithExact {
  readonly imported: ImportedModel;
  /** What dequantised params were before they were rounded to f32. */
  readonly exact: ReadonlyMap<Value, Exact>;
}

/** The network for one sample. */
export const importForOne = (file: RawModel, options: FloatModelOptions): WithExact =>
  importAt(
    { ...file, inputs: file.inputs.map((v) => withSizes(v, options.shapes?.get(v.name))) },
    options,
    1,
  );

function importAt(model: RawModel, options: FloatModelOptions, batch: number): WithExact {
  const { constants = new Map<string, RawTensor>() } = options;
  const cx = createContext(options.file, model, options.ops, "float");
  const imported = locating(model, cx.typeOf, () => importNodes(cx, model, constants, batch));
  return { imported, exact: cx.exact };
}

function importNodes(
  cx: Context & Collected,
  model: RawModel,
  constants: ReadonlyMap<string, RawTensor>,
  batch: number,
): ImportedModel {
  for (const [name, raw] of [...model.initialisers, ...constants])
    cx.constants.set(
      name,
      once(() => constantOf(raw, name)),
    );
  const refusals: Diagnostic[] = [];
  const refusedInputs: Diagnostic[] = [];
  const open = model.inputs.filter((v) => !constants.has(v.name));
  const inputs = open.flatMap(
    (v) => collected(cx, refusedInputs, v.name, () => [importInput(cx, model, v, batch)]) ?? [],
  );
  for (const node of neededNodes(model)) lowerInto(cx, refusals, node);
  refuseAll([...refusals, ...refusedInputs], cx.file);
  return finished(cx, model, inputs);
}

/** Runs one step; what it refuses is kept, with the place of the step. */
const collected = <T>(cx: Context, refused: Diagnostic[], place: string, step: () => T): T | undefined =>
  refusalsKept(refused, (d) => refusalAt(cx, d, place), step);

/** What an op of ours does not accept is a form outside the op set. */
function refusalAt(cx: Context, d: Diagnostic, node: string): Diagnostic {
  const place = d.place ?? { file: cx.file, node };
  if (d.id !== "ir/operands") return { ...d, place };
  const whose = cx.node ? subject(cx.node) : node;
  const help = "check the shapes of its operands: either they do not fit together, or this form is not read";
  return error("onnx/unsupported", `${whose}: ${d.text.replace(/^%[^ ]+: /, "")}`, { place, help });
}

const shapeOnly = (op: string): boolean => op === "Shape" || op === "Size";
const isKnown = (op: string): boolean =>
  Object.hasOwn(floatRows, op) || Object.hasOwn(folds, op) || shapeOnly(op);

/** Operators that are not read at all. */
function unread(cx: Context, node: RawNode): never {
  const help = operatorHelp(node, [...Object.keys(floatRows), ...Object.keys(folds)]);
  return refuse(cx, "onnx/unsupported", "this operator is not read", help === undefined ? {} : { help });
}

/** A refused node poisons what depends on it, so that all independent refusals are told at once. */
function lowerInto(cx: Context, refusals: Diagnostic[], node: RawNode): void {
  cx.node = node;
  const row = Object.hasOwn(floatRows, node.op) ? floatRows[node.op] : undefined;
  const results = collected(cx, refusals, node.name, () => {
    if (!isKnown(node.op)) unread(cx, node);
    const refused = node.inputs.some((name) => cx.tensors.get(name)?.kind === "poisoned");
    if (refused && !row && !shapeOnly(node.op)) unsupported(cx, "it is read on known operands only");
    return lowerNode(cx, node, (inputs) => {
      return row ? row.lower(cx, node, inputs) : unsupported(cx, "it is read on known operands only");
    });
  });
  for (const [i, name] of node.outputs.entries()) {
    const result: Imported = results ? (results[i] ?? { kind: "poisoned" }) : { kind: "poisoned" };
    if (name === "" || (results && !results[i])) continue;
    cx.tensors.set(name, result);
    if (result.kind === "float" && !isParam(result.value))
      cx.record(name, result.shape, result.value, result.layout);
  }
  cx.node = undefined;
}

/** All forms outside the op set as one message, then what else is wrong. */
function refuseAll(refusals: readonly Diagnostic[], file: string): void {
  if (refusals.length === 0) return;
  const outside = refusals.filter((d) => d.id === "onnx/unsupported");
  const others = refusals.filter((d) => d.id !== "onnx/unsupported");
  const [first] = outside;
  if (!first) throw new Refusal(...others);
  const all = outside.map((d) => d.text);
  const text = all.length === 1 ? all[0]! : `${all.length} things cannot be imported: ${all.join("; ")}`;
  const place = first.place ?? { file, node: "" };
  const help = [first.help, "docs/reference/onnx-coverage.md lists what is read"].filter(Boolean).join("; ");
  const notes = notesOf(outside).slice(1);
  const more = { place, ...(notes.length > 0 ? { notes } : {}), help };
  throw new Refusal(error("onnx/unsupported", text, more), ...others);
}

/** More notes than this say the same. */
const mostNotes = 12;

/** One note for each thing that is outside: the first node where it is met. */
function notesOf(outside: readonly Diagnostic[]): NonNullable<Diagnostic["notes"]> {
  const firsts = new Map<string, Diagnostic>();
  for (const d of outside) {
    const form = d.text.replace(/^(\w+)[^:]*: /, "$1: ");
    if (!firsts.has(form)) firsts.set(form, d);
  }
  return [...firsts].slice(0, mostNotes).flatMap(([form, { place, help }]) => {
    const text = help === undefined ? form : `${form} (${help})`;
    return place ? [{ place, text }] : [];
  });
}

/** A symbolic batch is `batch`; every other size must be given. */
function sizesOf(cx: Context, input: RawValue, batch: number): number[] {
  if (!input.shape || input.type === "undefined")
    return unsupported(cx, `input ${input.name} is no tensor of known shape`);
  return input.shape.map((d, i) => {
    if (d === 0) return unsupported(cx, `input ${input.name} is empty`);
    if (typeof d === "number") return d;
    if (i === 0) return batch;
    const text = `axis ${i} of input ${input.name} has no fixed size`;
    const help = "export the model with static shapes; only the batch may be symbolic";
    throw new Refusal(
      error("onnx/dynamic-shape", text, { place: { file: cx.file, node: input.name }, found: d, help }),
    );
  });
}

function importInput(cx: Context, model: RawModel, input: RawValue, batch: number): Mapped {
  cx.tensors.set(input.name, { kind: "poisoned" });
  const storage = storageOf(cx, input.type, `input ${input.name}`);
  const shape = sizesOf(cx, input, batch);
  const natural = wantsChannelsLast(model, input.name) ?? true;
  const perm = natural ? channelsLast(shape.length) : range(shape.length);
  const sizes = shape.length === 0 ? [1] : perm.map((a) => shape[a]!);
  const quant = storage === "f32" ? undefined : (inputScale(model, input.name, storage) ?? whole);
  const type = tensorType(storage, sizes, quant);
  const value = cx.main.input(input.name, type, input.name);
  const tensor = inPerm(input.name, shape, value, perm);
  cx.tensors.set(input.name, tensor);
  cx.record(input.name, shape, value, tensor.layout);
  return mappedAs(input.name, shape, value, tensor.layout)!;
}

/** The output as others see it: in some axis order, and never a param. */
function presented(cx: Context, x: FloatTensor): { value: Value; as: Mapped } {
  const perm = axesThere(x) ?? range(x.shape.length);
  const there = valueIn(cx, x, perm);
  const value = isParam(there)
    ? cx.main.emit("reshape", [there], { shape: there.type.shape as readonly number[] }, x.name)
    : there;
  const as = mappedAs(x.name, x.shape, value, permuted(x.shape, perm));
  return { value, as: as ?? { name: value.name, onnxName: x.name, onnxShape: x.shape } };
}

function outputOf(cx: Context, name: string): { value: Value; as: Mapped } {
  const found = cx.tensors.get(name) ?? cx.constants.get(name)?.();
  if (found?.kind === "float") return presented(cx, { ...found, name });
  if (found?.kind === "constant") return presented(cx, { ...tensorAt(cx, [found], 0), name });
  throw new Refusal(
    error("onnx/output", `nothing defines the output ${name}`, { place: { file: cx.file, node: name } }),
  );
}

const stageOf = (graph: Graph): Stage =>
  [...graph.inputs, ...graph.nodes.map((n) => n.result)].every((v) => v.type.storage === "f32")
    ? "float"
    : "quantised";

function finished(cx: Context & Collected, model: RawModel, inputs: readonly Mapped[]): ImportedModel {
  const outputs = model.outputs.map((o) => outputOf(cx, o.name));
  const built = cx.main.finish(outputs.map((o) => o.value));
  const graph = forAnyBatch({ ...built, stage: stageOf(built) });
  if (typeof graph === "string") throw new Refusal(error("onnx/fixed-batch", graph));
  const meta = { producer: model.producer, dialect: "float", opset: String(model.opset) };
  return {
    module: { graphs: [graph], meta },
    dialect: "float",
    inputs: inputs.map(withBatchOf1),
    outputs: outputs.map((o) => withBatchOf1(o.as)),
    values: cx.values.map(withBatchOf1),
    notes: cx.notes(),
  };
}

/** Names and axes are said of one sample. */
const withBatchOf1 = (m: Mapped): Mapped => ({
  ...m,
  onnxShape: m.onnxShape.map((d) => (d === anyBatch ? 1 : d)),
});
