/** Loading and saving models, whatever their format. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type { RawArray } from "../data/tensor-files/index.js";
import type { DeploySection } from "../frontends/dsl/index.js";
import type { ImportedModel } from "../frontends/onnx/index.js";
import { type Diagnostic, error, Refusal, type Result, unwrap } from "../ir/diagnostic.js";
import { type Graph, type Module, mainGraph, type Param, paramsOf } from "../ir/graph.js";
import type { OpDef } from "../ir/op.js";
import { inlineLimit, printModule } from "../ir/print.js";
import { isRecord } from "../ir/record.js";
import { type IntStorage, integerStorages } from "../ir/storage.js";
import { verifyModule } from "../ir/verify.js";
import { type Call, type OptionSpec, oneOf, refuse, UsageError } from "./command.js";
import { isFolder, readBytes, readText, writeFiles } from "./files.js";
import { describedArrays } from "./inputs.js";
import { builtIn } from "./toolchain.js";

export interface LoadedModel {
  readonly file: string;
  readonly module: Module;
  /** The graph that engines run: the module's first. */
  readonly graph: Graph;
  /** Notes and warnings of reading; errors never get here. */
  readonly diagnostics: readonly Diagnostic[];
  /** What the importer knows about an ONNX model's own names and layouts. */
  readonly imported?: ImportedModel;
  /** What a model in text says of its deployment: the first section for the first graph. */
  readonly deploy?: DeploySection;
}

export const modelOptions: Readonly<Record<string, OptionSpec>> = {
  "input-type": {
    type: "string",
    value: "[NAME=]TYPE",
    multiple: true,
    help: "storage of an ONNX input: u8, i8, i2, ...",
  },
  "dory-config": {
    type: "string",
    value: "FILE",
    help: "DORY or PLiNIO config.json; default: the one beside the model",
  },
  network: {
    type: "string",
    value: "integer|float",
    help: "what an ONNX model is read as; default: what it holds, quantised networks as integers where they can be",
  },
};

/** What a network is called after its file; one that is only called "model", after its folder. */
export const networkName = (file: string): string => {
  const stem = path.basename(file).replace(/\.[^.]*$/, "");
  return stem === "model" ? path.basename(path.dirname(path.resolve(file))) : stem;
};

/** The name that `compile` gives to the model inside its output folder. */
export const modelInFolder = "model.pmod";

/**
 * Reads and verifies a model. `call` brings the options of `modelOptions`; `--input` and `samples` are inputs from which the
 * importer infers storage.
 */
export async function loadModel(
  file: string,
  call?: Call,
  samples: readonly RawArray[] = [],
): Promise<LoadedModel> {
  const target = isFolder(file) ? path.join(file, modelInFolder) : file;
  const read = await readModel(target, call, samples);
  const found = verifyModule(read.module);
  if (found.some((d) => d.severity === "error")) throw new Refusal(...read.diagnostics, ...found);
  return { ...read, graph: mainGraph(read.module), diagnostics: [...read.diagnostics, ...found] };
}

/** `loadModel`, and what it remarks on said at once. */
export async function openModel(
  call: Call,
  file: string,
  samples: readonly RawArray[] = [],
): Promise<LoadedModel> {
  const model = await loadModel(file, call, samples);
  call.report(model.diagnostics);
  return model;
}

type ReadModel = Omit<LoadedModel, "graph">;

async function readModel(
  file: string,
  call: Call | undefined,
  samples: readonly RawArray[],
): Promise<ReadModel> {
  const { ops } = call?.toolchain ?? builtIn;
  switch (path.extname(file).toLowerCase()) {
    case ".onnx":
    case ".onnxtxt":
      return importModel(file, call, samples, ops);
    case ".pir":
      return fromResult(file, await parseText(file, readText(file), ops));
    case ".pulse":
      return readPulse(file, readText(file), ops);
    case ".pmod": {
      const { readContainer } = await import("../frontends/container/index.js");
      return fromResult(file, await readContainer(readBytes(file), { file, ops }));
    }
    default:
      return refuse("file/unknown-format", `${file} is no model that pulsec knows`, {
        expected:
          "a file ending in .pulse, .onnx, .onnxtxt, .pir or .pmod, or a folder that pulsec compile wrote",
      });
  }
}

const fromResult = (file: string, result: Result<Module>): ReadModel => ({
  file,
  module: unwrap(result),
  diagnostics: result.diagnostics,
});

/** Loads the weights that models of `file` name: they lie beside it. */
export const weightsBeside =
  (file: string, ops: readonly OpDef[]) =>
  async (name: string): Promise<Result<ReadonlyMap<string, Param>>> => {
    const { readContainer } = await import("../frontends/container/index.js");
    const container = path.join(path.dirname(file), name);
    if (!existsSync(container))
      return { ok: false, diagnostics: [error("file/not-found", `there is no file ${container}`)] };
    const read = await readContainer(readBytes(container), { file: container, ops });
    return read.ok ? { ...read, value: new Map(paramsOf(read.value.graphs).map((p) => [p.name, p])) } : read;
  };

/** Models as text. Those that name no weights get random ones, which is said. */
async function readPulse(file: string, text: string, ops: readonly OpDef[]): Promise<ReadModel> {
  const { parsePulse } = await import("../frontends/dsl/index.js");
  const result = await parsePulse(text, { file, ops, weights: weightsBeside(file, ops) });
  const { module, models, deploys } = unwrap(result);
  const deploy = deploys.find((d) => d.model === mainGraph(module).name);
  const random = models
    .filter((m) => m.weights === undefined)
    .map(
      (m): Diagnostic => ({
        id: "dsl/random-weights",
        severity: "note",
        text: `${m.name} names no weights: they are random`,
        place: m.place,
      }),
    );
  return { file, module, diagnostics: [...result.diagnostics, ...random], ...(deploy ? { deploy } : {}) };
}

export async function parseText(file: string, text: string, ops: readonly OpDef[]): Promise<Result<Module>> {
  const { parseModule } = await import("../frontends/text/index.js");
  const params = await paramsBeside(file);
  return parseModule(text, { file, ops, ...(params ? { params } : {}) });
}

/** Large params of IR text live in the container of the same name beside it. */
export async function paramsBeside(file: string) {
  const container = file.replace(/\.pir$/, ".pmod");
  if (container === file || !existsSync(container)) return undefined;
  const { containerParams } = await import("../frontends/container/index.js");
  return unwrap(await containerParams(readBytes(container), { file: container }));
}

async function importModel(
  file: string,
  call: Call | undefined,
  samples: readonly RawArray[],
  ops: readonly OpDef[],
): Promise<ReadModel> {
  const { importOnnx } = await import("../frontends/onnx/index.js");
  const folder = path.dirname(file);
  const config = configOf(folder, call?.text("dory-config"));
  const external = (name: string) => {
    const target = path.join(folder, name);
    return existsSync(target) ? readBytes(target) : undefined;
  };
  const source = path.extname(file).toLowerCase() === ".onnxtxt" ? readText(file) : readBytes(file);
  const network = call?.text("network");
  const result = await importOnnx(source, {
    file,
    ops,
    external,
    inputTypes: inputTypes(call?.texts("input-type") ?? []),
    samples: sampleInputs([...samples, ...describedArrays(call?.texts("input") ?? [])]),
    ...(config === undefined ? {} : { config }),
    ...(network === undefined ? {} : { network: oneOf("network", network, ["integer", "float"] as const) }),
  });
  const imported = unwrap(result);
  return { file, module: imported.module, imported, diagnostics: [...result.diagnostics, ...imported.notes] };
}

/** `u8` for every input, or `name=u8`. */
function inputTypes(texts: readonly string[]): ReadonlyMap<string, IntStorage> {
  return new Map(
    texts.map((text) => {
      const [name, type] = text.includes("=") ? text.split("=", 2) : ["*", text];
      return [name!, oneOf("storage", type!, integerStorages)];
    }),
  );
}

interface Sample {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

/** Inputs by their name in the file and by position, so that the importer can see which values occur. */
function sampleInputs(arrays: readonly RawArray[]): ReadonlyMap<string, Sample> {
  return new Map(
    arrays.flatMap((a, i) => {
      const sample = { shape: a.shape ?? [a.data.length], data: a.data };
      return [
        [a.name, sample],
        [String(i), sample],
      ] as const;
    }),
  );
}

/** The DORY configuration: the given file, or the only `config*.json` beside the model that looks like one. */
function configOf(folder: string, given: string | undefined): unknown {
  if (given !== undefined) return parseJson(given);
  const candidates = readdirSync(folder).filter((name) => /^config.*\.json$/.test(name));
  if (candidates.length !== 1) return undefined;
  const config = parseJson(path.join(folder, candidates[0]!));
  return isRecord(config) && "BNRelu_bits" in config ? config : undefined;
}

export function parseJson(file: string): unknown {
  try {
    return JSON.parse(readText(file));
  } catch (e) {
    if (e instanceof Refusal) throw e;
    const help =
      "numbers and names follow the rules of JSON: double quotes, no comments, no comma at the end";
    throw new Refusal(error("file/json", `${file} is no JSON: ${(e as Error).message}`, { help }));
  }
}

/** Writes `.pmod`, `.pulse` with a `.pmod`, or `.pir` with one when params are too large for text. Gives the files written. */
export async function saveModule(
  module: Module,
  file: string,
  { ops, locations = false }: { readonly ops: readonly OpDef[]; readonly locations?: boolean },
): Promise<readonly string[]> {
  const { writeContainer } = await import("../frontends/container/index.js");
  const ending = path.extname(file);
  if (ending !== ".pir" && ending !== ".pmod" && ending !== ".pulse")
    throw new UsageError(`-o takes a .pulse, .pir or .pmod file, not ${file}`);
  const container = file.replace(/\.(?:pir|pulse)$/, ".pmod");
  const params = paramsOf(module.graphs);
  const needed = {
    ".pir": params.some((p) => p.data.length > inlineLimit),
    ".pulse": params.length > 0,
    ".pmod": true,
  }[ending];
  if (ending !== ".pmod" && needed && existsSync(container) && !existsSync(file)) {
    const help = `move it, or choose another name than ${file}`;
    refuse("file/not-ours", `${container} exists and belongs to no ${path.basename(file)}`, { help });
  }
  const files = new Map<string, string | Uint8Array>();
  if (ending === ".pir") files.set(file, printModule(module, { locations }));
  const models =
    ending === ".pulse"
      ? await asModels(module, ops, needed ? path.basename(container) : undefined)
      : undefined;
  if (models) files.set(file, models.text);
  if (needed) files.set(container, await writeContainer(models?.module ?? module));
  writeFiles(files);
  return [...files.keys()];
}

async function asModels(module: Module, ops: readonly OpDef[], weights: string | undefined) {
  const { printModels } = await import("../frontends/dsl/index.js");
  return unwrap(await printModels(module, ops, weights));
}
