/** ONNX import: integer networks of NEMO, Quantlab, PLiNIO, MATCH and Deeploy, and float networks, to IR. */
import { attempt, type Diagnostic, Refusal, type Result } from "../../ir/diagnostic.js";
import type { Module } from "../../ir/graph.js";
import type { OpDef } from "../../ir/op.js";
import { ops } from "../../ir/ops/index.js";
import { requireModest } from "./believable.js";
import type { Mapped } from "./context.js";
import { type DecodeOptions, decodeModel } from "./decode.js";
import { dialectOf, plain } from "./dialects/index.js";
import { importFloatModel } from "./float/import.js";
import { fractionalWeights, importModel, oldestIntegerOpset } from "./import.js";
import type { InputHints } from "./inputs.js";
import { importQuantised, isQuantised } from "./integer/import.js";
import type { Rounding } from "./integer/rule.js";
import { declaredTypes, located, locating, withWayOut } from "./places.js";
import type { RawModel, RawTensor } from "./raw.js";

export type { Mapped } from "./context.js";
export type { Sample } from "./inputs.js";
export { checkRule, type Rounding, type RuleReport } from "./integer/rule.js";

/** What an ONNX file is read with, and what is known of its inputs. */
export interface ImportOptions extends InputHints {
  /** For messages and provenance. */
  readonly file: string;
  /** The ops that the graphs are made of; default all of ours. */
  readonly ops?: readonly OpDef[];
  /** Bytes of a file in the model's folder, for tensors stored outside the model. */
  readonly external?: (path: string) => Uint8Array | undefined;
  /**
   * What the file holds; by default its weights say it: fractions make it a float network. A quantised network becomes
   * integers, or stays float with a warning; with `integer` it is refused then, with `float` it is left as it is.
   */
  readonly network?: "integer" | "float";
  /** Inputs of a float network that are known while importing (shapes, weights, ...), by name. */
  readonly constants?: ReadonlyMap<string, RawTensor>;
  /** Sizes for the symbolic axes of inputs of a float network, by name. */
  readonly shapes?: ReadonlyMap<string, readonly number[]>;
}

/** A network from ONNX, and how its values are called and laid out there. */
export interface ImportedModel {
  /**
   * The integer graph @main; behind it the float graph @tail where the network ends in float operators. Of a
   * float network @main alone, of stage float, or quantised where it holds stored integers.
   */
  readonly module: Module;
  readonly dialect: string;
  readonly inputs: readonly Mapped[];
  /** Outputs of @main, in its order: the file's integer outputs, then what the tail continues. */
  readonly outputs: readonly Mapped[];
  readonly tailOutputs?: readonly Mapped[];
  /**
   * ONNX tensors that IR values hold bit for bit, so that goldens find their value; a value may hold
   * several.
   */
  readonly values: readonly Mapped[];
  /** What was assumed or read differently from ONNX's letter. */
  readonly notes: readonly Diagnostic[];
  /** Of a quantised network that became integers: what each rounding rounds, for `checkRule`. */
  readonly roundings?: readonly Rounding[];
}

/**
 * Fractions among the weights make a float network, and so does an opset that no tool for integers writes; except in a
 * file of such a tool: there they are damage.
 */
function kindOf(model: RawModel, file: string): "integer" | "float" {
  if (dialectOf(model) !== plain) return "integer";
  return model.opset < oldestIntegerOpset || fractionalWeights(model, file) ? "float" : "integer";
}

async function read(source: Uint8Array | string, options: DecodeOptions): Promise<RawModel> {
  if (typeof source !== "string") return decodeModel(source, options);
  const { readModelText } = await import("./text/index.js");
  return readModelText(source, options);
}

/**
 * Reads the bytes of an `.onnx` file, or the text of an `.onnxtxt` file (ONNX's textual syntax). Whatever is wrong
 * with it comes back as diagnostics.
 */
export async function importOnnx(
  source: Uint8Array | string,
  options: ImportOptions,
): Promise<Result<ImportedModel>> {
  let model: RawModel;
  try {
    model = await read(source, options);
    requireModest(model, options.file);
  } catch (e) {
    if (e instanceof Refusal) return { ok: false, diagnostics: e.diagnostics.map(withWayOut) };
    throw e;
  }
  const typeOf = declaredTypes(model);
  return attempt(() => {
    const found = locating(model, typeOf, () => importAs(model, { ...options, ops: options.ops ?? ops }));
    return { ...found, notes: found.notes.map((d) => located(d, model, typeOf)) };
  });
}

function importAs(
  model: RawModel,
  options: ImportOptions & Required<Pick<ImportOptions, "ops">>,
): ImportedModel {
  if (options.network !== "float" && isQuantised(model))
    return importQuantised(model, options, options.network === "integer");
  const network = options.network ?? kindOf(model, options.file);
  return network === "float" ? importFloatModel(model, options) : importModel(model, options);
}
