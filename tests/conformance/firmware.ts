/**
 * Networks as firmware on gap8sim: the program that ships, two inferences, the CRC of every layer against engine `wasm`,
 * under several budgets. A network is an ONNX file in a folder, or a model in the DSL.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import type { Vector } from "../../src/backends/c/vectors.js";
import { checkFirmware, type FirmwareProject, makeFirmware } from "../../src/backends/pulp/index.js";
import { wasmEngine } from "../../src/backends/wasm/index.js";
import { readGoldenFiles, runGoldens, sampleArrays, setsFor } from "../../src/cli/goldens.js";
import { loadModel } from "../../src/cli/model.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { type Diagnostic, Refusal } from "../../src/ir/diagnostic.js";
import type { Graph } from "../../src/ir/graph.js";
import type { Tensor } from "../../src/ir/tensor.js";
import { type CaseFolder, caseFolders } from "./cases.js";
import { quantisedFile } from "./quantised.js";
import { failure, type Outcome, oneLine } from "./run.js";

const kib = 1024;
const ample = { l1: 44 * kib, l2: 400 * kib };

/** Budgets by name; the share is of the lower bound that the planner states for L2, which makes L3 necessary. */
const memories: Readonly<Record<string, { readonly l1: number; readonly share?: number }>> = {
  "L1 44 KiB": { l1: 44 * kib },
  "L1 16 KiB": { l1: 16 * kib },
  "L1 3 KiB": { l1: 3 * kib },
  "L2 at 50 %": { l1: 44 * kib, share: 0.5 },
};
export const budgetNames: readonly string[] = Object.keys(memories);

/** A network to be tried under the budgets of these names; all of them if absent. */
export interface FirmwareCase extends CaseFolder {
  readonly weights?: 8 | 4 | 2;
  readonly budgets?: readonly string[];
}

/** Every ONNX network below `dir`, and every model in the DSL with weights of 8, 4 and 2 bits. */
export function firmwareCases(dir: string): readonly FirmwareCase[] {
  const models = readdirSync(dir)
    .filter((file) => file.endsWith(".pulse"))
    .sort();
  const written = models.flatMap((file) =>
    ([8, 4, 2] as const).map((weights) => ({
      name: `${path.basename(file, ".pulse")}, ${weights}-bit weights`,
      folder: dir,
      model: path.join(dir, file),
      weights,
    })),
  );
  return [...caseFolders(dir), ...written];
}

interface Network {
  readonly graph: Graph;
  readonly vectors: readonly Vector[];
}

async function networkOf({ model, folder, weights }: FirmwareCase): Promise<Network> {
  if (weights) {
    const graph = await quantisedFile(model, weights);
    return { graph, vectors: await vectorsFor(graph, [noise(graph, 1), noise(graph, 2)]) };
  }
  const files = readGoldenFiles(folder);
  const loaded = await loadModel(model, undefined, sampleArrays(files));
  const { graph } = loaded;
  if (graph.stage === "float") throw new Refusal(floatNetwork);
  const [set] = setsFor(loaded, files);
  const given = set ? (await runGoldens(loaded, set)).inputs : noise(graph, 1);
  return { graph, vectors: await vectorsFor(graph, [given, noise(graph, 2)]) };
}

const floatNetwork: Diagnostic = {
  id: "onnx/float-network",
  severity: "error",
  text: "a float network, and firmware takes integers",
};

const noise = (graph: Graph, seed: number): readonly Tensor[] =>
  graph.inputs.map((v, i) => randomTensor(v.type, seed * 1000 + i));

/** By engine `wasm`, which the other suites hold against the specification: that takes minutes for the large ones. */
async function vectorsFor(graph: Graph, all: readonly (readonly Tensor[])[]): Promise<readonly Vector[]> {
  const session = await wasmEngine.prepare(graph);
  const vectors: Vector[] = [];
  for (const inputs of all) vectors.push({ inputs, values: new Map(await session.run(inputs)) });
  await session.dispose();
  return vectors;
}

/** The outcomes of a network, one per budget. */
export async function runFirmwareCase(c: FirmwareCase): Promise<readonly Outcome[]> {
  const budgets = c.budgets ?? budgetNames;
  const outcomes: Outcome[] = [];
  try {
    const network = await networkOf(c);
    for (const budget of budgets) outcomes.push(await under(`${c.name}, ${budget}`, network, budget));
    return outcomes;
  } catch (e) {
    return budgets.map((b) => failure(`${c.name}, ${b}`, e));
  }
}

async function under(name: string, network: Network, budget: string): Promise<Outcome> {
  try {
    const project = projectFor(network, budget);
    const { ok, console } = await checkFirmware(project);
    return ok
      ? { name, verdict: "PASS", kind: "pass", reason: `two inferences, every layer${memoryOf(project)}` }
      : { name, verdict: "FAIL", kind: "firmware differs", reason: oneLine(console) };
  } catch (e) {
    return tooNarrow(name, e) ?? failure(name, e);
  }
}

function projectFor({ graph, vectors }: Network, budget: string): FirmwareProject {
  const { l1, share } = memories[budget]!;
  const made = (l2: number) => makeFirmware(graph, { vectors, l1, l2, prefix: "network" });
  const ordinary = made(ample.l2);
  if (share === undefined) return ordinary;
  const { lowerBound } = ordinary.emission.program.levels.find((l) => l.level === "l2")!;
  return made(Math.ceil(lowerBound * share));
}

const memoryOf = ({ emission: { program } }: FirmwareProject): string =>
  program.levels.some((l) => l.level === "l3" && l.bytes > 0) ? ", with L3" : "";

/** A layer of which not even the smallest tile fits is outside of what can be done, and says how much it needs. */
function tooNarrow(name: string, e: unknown): Outcome | undefined {
  if (!(e instanceof Refusal)) return undefined;
  const [first] = e.diagnostics;
  if (first?.id !== "pulp/l1-budget") return undefined;
  return { name, verdict: "UNSUPPORTED", kind: first.id, reason: oneLine(first.text) };
}
