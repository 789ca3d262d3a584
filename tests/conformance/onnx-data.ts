/** The files of a case of the onnx suite: a model, and folders `test_data_set_*` with its tensors. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { readBytes } from "../../src/cli/files.js";
import { decodeModel, decodeTensor } from "../../src/frontends/onnx/decode.js";
import type { RawModel, RawTensor, RawValue } from "../../src/frontends/onnx/raw.js";
import { error, Refusal } from "../../src/ir/diagnostic.js";

/** The tensors of one run, by the names of the model's inputs and outputs. */
export interface DataSet {
  readonly name: string;
  readonly inputs: ReadonlyMap<string, RawTensor>;
  readonly outputs: ReadonlyMap<string, RawTensor>;
}

/** A model of tensors. Sequences, maps and optional values are outside the op set. */
export async function decodedModel(bytes: Uint8Array, file: string): Promise<RawModel> {
  const raw = await decodeModel(bytes, { file });
  const other = [...raw.inputs, ...raw.outputs].find((v) => v.type === "undefined");
  if (!other) return raw;
  const text = `${other.name} is a sequence, map or optional value, no tensor`;
  throw new Refusal(error("onnx/unsupported", text));
}

/** Every data set beside the model, in order of their names. */
export async function readSets(folder: string, model: RawModel): Promise<readonly DataSet[]> {
  const names = readdirSync(folder)
    .filter((f) => f.startsWith("test_data_set"))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  if (names.length === 0) throw missing(`${folder} holds no folder test_data_set_*`);
  return Promise.all(
    names.map(async (name) => ({
      name,
      inputs: await tensorsOf(path.join(folder, name), "input", model.inputs),
      outputs: await tensorsOf(path.join(folder, name), "output", model.outputs),
    })),
  );
}

const missing = (text: string): Refusal => new Refusal({ id: "conformance/data", severity: "error", text });

/** The tensors `KIND_0.pb`, `KIND_1.pb`, ...: by the names that they carry where those are the model's, else by position. */
async function tensorsOf(folder: string, kind: string, values: readonly RawValue[]) {
  const files = readdirSync(folder).filter((f) => f.startsWith(`${kind}_`) && f.endsWith(".pb"));
  const all = new Map<number, RawTensor>();
  for (const name of files) {
    const file = path.join(folder, name);
    const external = (beside: string) => readBytes(path.join(folder, beside));
    all.set(Number(name.slice(kind.length + 1, -3)), await decodeTensor(readBytes(file), { file, external }));
  }
  const named = new Map([...all.values()].map((t) => [t.name, t]));
  const byName = named.size === all.size && values.every((v) => named.has(v.name));
  return new Map(
    values.map((v, i) => {
      const found = byName ? named.get(v.name) : all.get(i);
      if (!found) throw missing(`${path.join(path.basename(folder), `${kind}_${i}.pb`)} is missing`);
      return [v.name, found];
    }),
  );
}
