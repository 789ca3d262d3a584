/** ONNX import: integer networks of NEMO, Quantlab, PLiNIO, MATCH and Deeploy to IR. */
import { attempt, type Diagnostic, Refusal, type Result } from "../../ir/diagnostic.js";
import type { Module } from "../../ir/graph.js";
import type { OpDef } from "../../ir/op.js";
import { ops } from "../../ir/ops/index.js";
import type { Mapped } from "./context.js";
import { decodeModel } from "./decode.js";
import { importModel } from "./import.js";
import type { InputHints } from "./inputs.js";
import type { RawModel } from "./raw.js";

export type { Mapped } from "./context.js";
export type { Sample } from "./inputs.js";

export interface ImportOptions extends InputHints {
  /** For messages and provenance. */
  readonly file: string;
  /** The ops that the graphs are made of; default all of ours. */
  readonly ops?: readonly OpDef[];
  /** Bytes of a file in the model's folder, for tensors stored outside the model. */
  readonly external?: (path: string) => Uint8Array | undefined;
}

export interface ImportedModel {
  /** The integer graph @main; behind it the float graph @tail where the network ends in float operators. */
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

/** Reads an `.onnx` file. Whatever is wrong with it comes back as diagnostics. */
export async function importOnnx(bytes: Uint8Array, options: ImportOptions): Promise<Result<ImportedModel>> {
  let model: RawModel;
  try {
    model = await decodeModel(bytes, options);
  } catch (e) {
    if (e instanceof Refusal) return { ok: false, diagnostics: e.diagnostics };
    throw e;
  }
  return attempt(() => importModel(model, { ...options, ops: options.ops ?? ops }));
}
