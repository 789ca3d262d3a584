/** `pulsec golden gen`: vectors as files. */
import { existsSync } from "node:fs";
import path from "node:path";
import { randomTensor } from "../../data/random-tensor.js";
import {
  bindingText,
  doryCases,
  doryLayers,
  type Format,
  formats,
  headerOfCases,
  headersOfLayers,
  indexFile,
  type Layer,
  layersOf,
  makeVectors,
  npzFiles,
  readBinding,
  writtenCases,
  writtenLayers,
} from "../../golden/index.js";
import { intEngine, interpret } from "../../ir/interpreter.js";
import type { Tensor } from "../../ir/tensor.js";
import { type Call, type ExitCode, exit, list, oneOf, UsageError, wholeNumber } from "../command.js";
import { assertRuns } from "../engines.js";
import { readText, writeFolder } from "../files.js";
import { openModel } from "../model.js";
import { signatureOf } from "./new.js";

type Files = ReadonlyMap<string, string | Uint8Array>;

export async function genVectors(call: Call, args: readonly string[]): Promise<ExitCode> {
  const [what, ...more] = args as [string, ...string[]];
  if (more.length > 0) throw new UsageError("golden gen takes one op, binding or model");
  const folder = call.text("output") ?? "golden";
  const wanted = list(call.texts("format")).map((f) => oneOf("format", f, formats));
  const chosen = wanted.length > 0 ? wanted : (["npz"] as const);
  const seed = wholeNumber("--seed", call.text("seed") ?? "1");
  const isModel = existsSync(what) && path.extname(what) !== ".json";
  const { files, count, noun } = isModel
    ? await ofModel(call, what, chosen, seed)
    : await ofBinding(call, what, chosen, seed);
  writeFolder(folder, files);
  call.print(`${folder}: ${count} ${noun} as ${chosen.join(", ")}; seed ${seed}`);
  call.emit({ ok: true, folder, files: [...files.keys()], count, seed });
  return exit.ok;
}

interface Generated {
  readonly files: Files;
  readonly count: number;
  readonly noun: string;
}

/** Of a binding file, or of the signature that `golden new` would write. */
async function ofBinding(
  call: Call,
  what: string,
  chosen: readonly Format[],
  seed: number,
): Promise<Generated> {
  const isFile = path.extname(what) === ".json";
  const { ops } = call.toolchain;
  const text = isFile ? readText(what) : await unwritten(call, what);
  const binding = readBinding(text, { file: isFile ? what : `${what}.golden.json`, ops });
  const random = wholeNumber("--vectors", call.text("vectors") ?? "32");
  const cases = makeVectors(binding, { seed, random });
  const all = writtenCases(cases);
  const files = new Map<string, string | Uint8Array>([["vectors.json", indexFile(all, { of: what, seed })]]);
  const add = (more: Files) => {
    for (const [name, content] of more) files.set(name, content);
  };
  if (chosen.includes("npz")) add(npzFiles(all));
  if (chosen.includes("dory")) add(doryCases(all));
  if (chosen.includes("c")) files.set("golden_vectors.h", headerOfCases(binding, cases));
  return { files, count: cases.length, noun: "vectors" };
}

async function unwritten(call: Call, op: string): Promise<string> {
  const kernel = op.replace(/\W/g, "_");
  const signature = await signatureOf(call, op);
  const { ops } = call.toolchain;
  return bindingText(signature, { kernel, adapter: `${kernel}_adapter.c`, rounding: "floor", ops });
}

async function ofModel(
  call: Call,
  file: string,
  chosen: readonly Format[],
  seed: number,
): Promise<Generated> {
  const { graph } = await openModel(call, file);
  assertRuns(intEngine, graph);
  const inputs: readonly Tensor[] = graph.inputs.map((v, i) => randomTensor(v.type, seed * 1000 + i));
  const layers: readonly Layer[] = layersOf(graph, await interpret(graph).run(inputs));
  const all = writtenLayers(layers);
  const files = new Map<string, string | Uint8Array>([["vectors.json", indexFile(all, { of: file, seed })]]);
  const add = (more: Files) => {
    for (const [name, content] of more) files.set(name, content);
  };
  if (chosen.includes("npz")) add(npzFiles(all));
  if (chosen.includes("dory")) add(doryLayers(inputs, layers));
  if (chosen.includes("c")) add(headersOfLayers(all));
  return { files, count: layers.length, noun: "layers" };
}
