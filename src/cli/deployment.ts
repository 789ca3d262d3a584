/** What the `deploy` section of a model says about quantising, with the options of the command line in front. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { Setting } from "../frontends/dsl/index.js";
import type { Bits } from "../passes/index.js";
import { type Call, refuse } from "./command.js";
import type { LoadedModel } from "./model.js";

/** Bits that the section allows, most first; nothing where it is silent. */
export function deployedBits({ deploy }: LoadedModel, of: "weights" | "activations"): readonly Bits[] {
  const value = deploy?.settings.get(of)?.value;
  const bits = value === undefined ? [] : [value].flat();
  return (bits as readonly Bits[]).toSorted((a, b) => b - a);
}

/** `[NAME=]FILE` arguments: those of the option, or the file that the section names, which lies beside the model. */
export function dataFiles(call: Call, model: LoadedModel, of: "calibrate" | "test"): readonly string[] {
  const args = call.texts(of);
  if (args.length > 0) return args;
  const setting = model.deploy?.settings.get(of);
  return setting === undefined ? [] : [dataFile(model.file, of, setting)];
}

function dataFile(model: string, of: "calibrate" | "test", { value, place }: Setting): string {
  const name = String(value);
  const help = `give the inputs with --${of} FILE, as .npz: an array for each input, samples along the first axis`;
  if (path.extname(name).toLowerCase() === ".json")
    return refuse("quant/manifest", `${name} is a manifest, and data for quantising is read from arrays`, {
      place,
      expected: ".npz, .npy, .csv or .txt",
      help,
    });
  const file = path.join(path.dirname(model), name);
  if (!existsSync(file)) return refuse("file/not-found", `there is no file ${file}`, { place, help });
  return file;
}
