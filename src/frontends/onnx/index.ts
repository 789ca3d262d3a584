/** ONNX import: integer networks of NEMO, Quantlab, PLiNIO, MATCH and Deeploy, and float networks, to IR. */
import { attempt, type Diagnostic, Refusal, type Result } from "../../ir/diagnostic.js";
import type { Module } from "../../ir/graph.js";
import type { OpDef } from "../../ir/op.js";
import { ops } from "../../ir/ops/index.js";
import type { Mapped } from "./context.js";
import { decodeModel } from "./decode.js";
import { dialectOf, plain } from "./dialects/index.js";
import { importFloatModel } from "./float/import.js";
import { fractionalWeights, importModel } from "./import.js";
import type { InputHints } from "./inputs.js";
import type { RawModel, RawTensor } from "./raw.js";

export type { Mapped } from "./context.js";
export type { Sample } from "./inputs.js";

export interface ImportOptions extends InputHints {
  /** For messages and provenance. */
  readonly file: string;
  /** The ops that the graphs are made of; default all of ours. */
  readonly ops?: readonly OpDef[];
  /** Bytes of a file in the model's folder, for tensors stored outside the model. */
  readonly external?: (path: string) => Uint8Array | undefined;
  /** What the file holds; by default its weights say it: fractions make it a float network. */
  readonly network?: "integer" | "float";
  /** Inputs of a float network that are known while importing (shapes, weights, ...), by name. */
  readonly constants?: ReadonlyMap<string, RawTensor>;
}

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
}

/** Fractions among the weights make a float network, except in a file that a tool for integers wrote: there they are damage. */
function kindOf(model: RawModel, file: string): "integer" | "float" {
  const fromTool = dialectOf(model) !== plain;
  return !fromTool && fractionalWeights(model, file) ? "float" : "integer";
}

/** Reads an `.onnx` file. Whatever is wrong with it comes back as diagnostics. */
export async function importOnnx(bytes: Uint8Array, options: ImportOptions): Promise<Result<ImportedModel>> {
  let model: RawModel;
  try {
    model = await decodeModel(bytes, options);
  } catch (e) {
    if (e instanceof Refusal) return { ok: false, diagnostics: e.diagnostics };
    throw e;
  }
  const known = { ...options, ops: options.ops ?? ops };
  return attempt(() => {
    const network = options.network ?? kindOf(model, options.file);
    return network === "float" ? importFloatModel(model, known) : importModel(model, known);
  });
}
