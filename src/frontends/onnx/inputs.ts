/** Graph inputs: their storage, which files do not say, and the axis order that their readers want. */
import { error, Refusal } from "../../ir/diagnostic.js";
import { isRecord } from "../../ir/record.js";
import { type IntStorage, isInteger, isStorage, storageFor } from "../../ir/storage.js";
import { tensorType } from "../../ir/type.js";
import { extremes } from "./constant.js";
import type { Context } from "./context.js";
import { channelsLast } from "./layout.js";
import { isFloatType, type RawModel, type RawValue } from "./raw.js";
import { range } from "./shapes.js";
import { inPerm, type Tensor } from "./tensor.js";

export interface Sample {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

/** What a caller knows about the inputs, by ONNX name or by position ("0", "1", ...). */
export interface InputHints {
  readonly samples?: ReadonlyMap<string, Sample>;
  /** "*" stands for every input. */
  readonly inputTypes?: ReadonlyMap<string, IntStorage>;
  /** DORY's or PLiNIO's configuration: `input_bits`, `input_signed`. */
  readonly config?: unknown;
}

/** A symbolic batch is 1; every other size must be known. */
function shapeOf(cx: Context, input: RawValue): number[] {
  const place = { file: cx.file, node: input.name };
  if (!input.shape)
    throw new Refusal(
      error("onnx/dynamic-shape", `input ${input.name} has no shape`, {
        place,
        help: "export the model with static shapes",
      }),
    );
  return input.shape.map((d, i) => {
    if (typeof d === "number" && d > 0) return d;
    if (i === 0) return 1;
    const text = `axis ${i} of input ${input.name} has no fixed size`;
    throw new Refusal(
      error("onnx/dynamic-shape", text, {
        place,
        found: String(d),
        help: "export the model with static shapes; only the batch may be symbolic",
      }),
    );
  });
}

const hint = <T>(map: ReadonlyMap<string, T> | undefined, input: RawValue, index: number): T | undefined =>
  map?.get(input.name) ?? map?.get(String(index)) ?? map?.get("*");

function configured(config: unknown, file: string): IntStorage | undefined {
  if (!isRecord(config) || !("input_bits" in config)) return undefined;
  const signed = "input_signed" in config && config.input_signed === true;
  const name = `${signed ? "i" : "u"}${String(config.input_bits)}`;
  if (isStorage(name) && isInteger(name)) return name;
  const help = "set input_bits to 2, 4 or 8, or name the type of the input";
  throw new Refusal(
    error("onnx/config", `the configuration of ${file} gives an input storage that does not exist`, {
      found: name,
      help,
    }),
  );
}

/**
 * An integer element type says it itself; i32 only when nothing else does, as it is also what tools write
 * for "some integer".
 */
const declared = (input: RawValue): IntStorage | undefined =>
  isStorage(input.type) && isInteger(input.type) && input.type !== "i32" ? input.type : undefined;

function sampled(cx: Context, samples: readonly Sample[], name: string): IntStorage {
  const all = samples.map((s) => extremes(s.data));
  const { lo, hi } = extremes(all.flatMap((e) => [e.lo, e.hi]));
  const whole = samples.every((s) =>
    Array.prototype.every.call(s.data, (v: number | bigint) => typeof v === "bigint" || Number.isInteger(v)),
  );
  const storage = whole ? storageFor(lo, hi) : undefined;
  if (storage) return storage;
  const found = whole ? `[${lo}, ${hi}]` : "fractions";
  const help = "give the integers that the network is fed";
  throw new Refusal(
    error("onnx/sample", `the example of input ${name} does not fit an integer input`, {
      place: { file: cx.file, node: name },
      found,
      help,
    }),
  );
}

/**
 * Inputs that a sum or join brings together have one storage: one tensor cannot tell what the tool stored.
 */
const joins: readonly string[] = ["Add", "Sub", "Concat"];
const partners = (model: RawModel, name: string): readonly string[] =>
  model.nodes.find((n) => joins.includes(n.op) && n.inputs.includes(name))?.inputs ?? [name];

function storageOf(cx: Context, model: RawModel, index: number, hints: InputHints): IntStorage {
  const input = model.inputs[index]!;
  const given = hint(hints.inputTypes, input, index) ?? declared(input) ?? configured(hints.config, cx.file);
  if (given) return given;
  const others = partners(model, input.name);
  const samples = model.inputs.flatMap((other, i) =>
    others.includes(other.name) ? [hint(hints.samples, other, i)] : [],
  );
  const known = samples.filter((s) => s !== undefined);
  if (known.length > 0) return sampled(cx, known, input.name);
  if (input.type === "i32") return "i32";
  cx.note(
    "onnx/assumed-input",
    "inputs are taken as u8: neither a type, a configuration nor an example says otherwise",
  );
  return "u8";
}

/**
 * What the first op that cares about axis order wants: spatial ops channels-last, products and reshapes
 * ONNX's order.
 */
const spatialOps =
  /^(Conv|ConvTranspose|MaxPool|AveragePool|GlobalAveragePool|GlobalMaxPool|Upsample|Resize|Pad)$/;
const shapeOps = /^(Shape|Size)$/;
const orderedOps = /^(MatMul|MatMulInteger|QLinearMatMul|Gemm|Reshape|Flatten|Squeeze|Unsqueeze)$/;

export function wantsChannelsLast(model: RawModel, name: string): boolean | undefined {
  const reached = new Set([name]);
  for (const node of model.nodes) {
    if (shapeOps.test(node.op) || !node.inputs.some((input) => reached.has(input))) continue;
    if (spatialOps.test(node.op)) return true;
    if (orderedOps.test(node.op)) return false;
    for (const output of node.outputs) reached.add(output);
  }
  return undefined;
}

/** The graph's input number `index` as an IR value. */
export function importInput(cx: Context, model: RawModel, index: number, hints: InputHints): Tensor {
  const input = model.inputs[index]!;
  const shape = shapeOf(cx, input);
  const perm =
    (wantsChannelsLast(model, input.name) ?? true) ? channelsLast(shape.length) : range(shape.length);
  const type = tensorType(
    storageOf(cx, model, index, hints),
    perm.map((a) => shape[a]!),
  );
  const integer = !isFloatType(input.type);
  return { ...inPerm(input.name, shape, cx.main.input(input.name, type, input.name), perm), integer };
}
