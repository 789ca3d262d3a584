/** The target gap8 on the command line: budgets, firmware projects, and what `verify` runs. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { FirmwareOptions, FirmwareProject, LinkedKernel } from "../backends/pulp/index.js";
import { bytesOfL1 } from "../backends/pulp/planner/machine.js";
import { randomTensor } from "../data/random-tensor.js";
import type { Engine } from "../ir/contracts.js";
import { error, Refusal } from "../ir/diagnostic.js";
import type { Tensor } from "../ir/tensor.js";
import { compareValues, type TestVector, type ValueDifference, withTile } from "../verify/index.js";
import { sizeOption } from "./bits.js";
import { type Call, type OptionSpec, UsageError, wholeNumber } from "./command.js";
import { engineNamed } from "./engines.js";
import { readText, sourcesRead, writeFiles } from "./files.js";
import { type LoadedModel, modelInFolder, parseJson } from "./model.js";
import { version } from "./version.js";

export const gap8Options: Readonly<Record<string, OptionSpec>> = {
  l1: {
    type: "string",
    value: "44KiB",
    help: "gap8: L1 that tiles may take; default: the model's deploy section, else 44KiB",
  },
  l2: {
    type: "string",
    value: "400KiB",
    help: "gap8: L2 that constants and values may take; default: the deploy section, else 400KiB",
  },
  "safe-dma": {
    type: "boolean",
    help: "gap8: every transfer between L2 and L1 ends before the next step: slower, for boards that hang",
  },
  cores: { type: "string", value: "N", help: "gap8: cores of the cluster, 1 to 8; default 8" },
  kernel: {
    type: "string",
    value: "OP=FILE.c",
    multiple: true,
    help: "gap8: your own C kernel, with its golden binding beside it, for layers of an op, or VALUE=FILE.c for one layer",
  },
};

type Budgets = Pick<FirmwareOptions, "l1" | "l2" | "cores" | "safeDma">;
/** What a folder was compiled with; kernels as `--kernel` has them. */
interface Earlier extends Budgets {
  readonly kernels?: readonly string[];
}

/** The command line, then the model's deploy section, then what the folder was compiled with. */
export function budgetsFor(call: Call, model: LoadedModel): Budgets {
  const earlier = compiledWith(call, model);
  const size = (name: "l1" | "l2") => {
    const declared = model.deploy?.settings.get(name)?.value;
    return sizeOption(call, name) ?? (declared === undefined ? earlier[name] : Number(declared));
  };
  const text = call.text("cores");
  const cores = text === undefined ? earlier.cores : wholeNumber("--cores", text);
  if (cores !== undefined && (cores < 1 || cores > 8)) throw new UsageError("--cores takes 1 to 8");
  const [l1, l2] = [size("l1"), size("l2")];
  if (l1 !== undefined && l1 > bytesOfL1)
    throw new UsageError(`--l1 takes at most ${bytesOfL1 / 1024}KiB: the rest are stacks`);
  const safeDma = call.flag("safe-dma") || earlier.safeDma === true;
  return { ...(l1 ? { l1 } : {}), ...(l2 ? { l2 } : {}), ...(cores ? { cores } : {}), safeDma };
}

/** report.json of the folder whose weights are replaced. */
function replacedReport(call: Call): string | undefined {
  const folder = call.flag("weights-only") ? call.text("output") : undefined;
  return folder === undefined ? undefined : path.join(folder, "report.json");
}

/** What the network is called in the folder whose weights are replaced, if there is one. */
export function compiledName(call: Call): string | undefined {
  const report = replacedReport(call);
  return report === undefined ? undefined : (parseJson(report) as { network?: string }).network;
}

/** What report.json beside a compiled model says, or where weights are replaced. */
function compiledWith(call: Call, { file }: LoadedModel): Earlier {
  const beside = path.basename(file) === modelInFolder ? path.dirname(file) : undefined;
  const report =
    replacedReport(call) ?? (beside === undefined ? undefined : path.join(beside, "report.json"));
  if (report === undefined || !existsSync(report)) return {};
  const { target, cores, memories, safeDma, kernels } = parseJson(report) as {
    target?: string;
    cores: number;
    safeDma: boolean;
    kernels?: readonly string[];
    memories: readonly { level: string; budget: number }[];
  };
  if (target !== "gap8") return {};
  const from = path.dirname(report);
  const budgets = new Map(memories.map((m) => [m.level, m.budget]));
  const [l1, l2] = [budgets.get("l1"), budgets.get("l2")];
  return {
    cores,
    safeDma,
    ...(l1 ? { l1 } : {}),
    ...(l2 ? { l2 } : {}),
    ...(kernels ? { kernels: kernels.map((k) => movedKernel(k, (source) => path.join(from, source))) } : {}),
  };
}

/** `conv=FILE.c` with another path. */
const movedKernel = (text: string, move: (source: string) => string): string =>
  text.replace(/(?<==).*$/, (source) => move(source));

/** report.json of a project in `folder`, with the kernels that were given: a later verify takes them as well. */
export function withKernels(json: string, folder: string, kernels: readonly string[]): string {
  if (kernels.length === 0) return json;
  const from = kernels.map((k) => movedKernel(k, (source) => path.relative(folder, source)));
  return `${JSON.stringify({ ...(JSON.parse(json) as object), kernels: from }, null, 2)}\n`;
}

export interface GoldenVector {
  readonly inputs: readonly Tensor[];
  readonly values: ReadonlyMap<string, Tensor>;
}

/** A project with the golden vector and a second one of noise: what one inference leaves behind must not matter to the next. */
export async function firmwareProject(
  call: Call,
  model: LoadedModel,
  facts: { readonly name: string; readonly hash: string; readonly golden: readonly GoldenVector[] },
): Promise<FirmwareProject> {
  const { makeFirmware } = await import("../backends/pulp/index.js");
  return makeFirmware(model.graph, {
    ...budgetsFor(call, model),
    name: facts.name,
    kernels: await call.toolchain.kernels(),
    linked: await linkedFor(call, model),
    moduleHash: facts.hash,
    version,
    sources: sourcesRead,
    vectors: facts.golden,
  });
}

async function linkedFor(call: Call, model: LoadedModel): Promise<readonly LinkedKernel[]> {
  const given = call.texts("kernel");
  const kernels = given.length > 0 ? given : (compiledWith(call, model).kernels ?? []);
  if (kernels.length === 0) return [];
  const { linkedKernels } = await import("./linked.js");
  return linkedKernels(call, kernels, { graph: model.graph, cores: budgetsFor(call, model).cores });
}

/** Values that the WebAssembly engine computes from noise. */
export async function noiseVector(call: Call, { graph }: LoadedModel, seed: number): Promise<GoldenVector> {
  const inputs = graph.inputs.map((v, i) => randomTensor(v.type, seed * 1000 + i));
  const session = await (await engineNamed(call.toolchain, "wasm")).prepare(graph);
  return { inputs, values: await session.run(inputs).finally(() => session.dispose()) };
}

/** Files of a project that weights decide. */
const dataFiles =
  /^(network_weights\.(c|bin)|network_l3\.bin|test\/vectors\.c|report\.json|model\.(pmod|pir))$/;

/** Comments say where layers came from, which is no reason to refuse other weights. */
const bare = (text: string | Uint8Array): string =>
  (typeof text === "string" ? text : new TextDecoder().decode(text)).replace(/\/\*[\s\S]*?\*\//g, "");

/** Writes only what weights decide into a folder that an earlier compile wrote. Gives the files written. */
export function writeWeights(
  folder: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): readonly string[] {
  const missing = [...files.keys()].filter((f) => !existsSync(path.join(folder, f)));
  const changed = [...files].filter(
    ([name, content]) =>
      !dataFiles.test(name) &&
      (missing.includes(name) || bare(readText(path.join(folder, name))) !== bare(content)),
  );
  if (changed.length > 0)
    throw new Refusal(
      otherCode(
        folder,
        changed.map(([name]) => name),
      ),
    );
  const data = new Map([...files].filter(([name]) => dataFiles.test(name)));
  writeFiles(new Map([...data].map(([name, content]) => [path.join(folder, name), content])));
  return [...data.keys()];
}

const otherCode = (folder: string, names: readonly string[]) =>
  error("pulp/weights-change-code", `these weights need other code than ${folder} holds`, {
    found: `${names.slice(0, 5).join(", ")}${names.length > 5 ? `, ... ${names.length - 5} more` : ""} would differ`,
    expected: "the same network, with weights and multipliers for which the proofs of the old ones hold",
    help: "compile without --weights-only, with the same options otherwise, and build the firmware anew",
  });

/** The firmware that ships, and one that keeps the result of every node. */
export async function gap8Engines(call: Call, model: LoadedModel): Promise<readonly Engine[]> {
  const { gap8simEngine } = await import("../backends/pulp/index.js");
  const options = {
    ...budgetsFor(call, model),
    kernels: await call.toolchain.kernels(),
    linked: await linkedFor(call, model),
  };
  const everyLayer = gap8simEngine({ ...options, spill: true });
  return [gap8simEngine(options), { ...everyLayer, name: "gap8sim, every layer" }];
}

/** What the test program said, and where it first went wrong. */
export interface Shipped {
  readonly ok: boolean;
  readonly console: string;
  readonly cycles: number;
  /** Of the first vector with a difference, in graph order. */
  readonly vector?: string;
  readonly differences: readonly ValueDifference[];
}

/** Runs the test program as it ships on the last two vectors, one after the other; the specification computes their values. */
export async function checkShipped(
  call: Call,
  model: LoadedModel,
  vectors: readonly TestVector[],
): Promise<Shipped> {
  const { checkFirmware } = await import("../backends/pulp/index.js");
  const { graph } = model;
  const session = await (await engineNamed(call.toolchain, "int")).prepare(graph);
  const used = vectors.slice(-2);
  const golden: GoldenVector[] = [];
  for (const { inputs } of used) golden.push({ inputs, values: new Map(await session.run(inputs)) });
  await session.dispose();
  const project = await firmwareProject(call, model, { name: "network", hash: "", golden });
  const { values, tiles, ...said } = await checkFirmware(project);
  const all = values.map((got, i) => {
    const expected = golden[i]!.values;
    return withTile(compareValues(graph, expected, got), expected, got, { tiles });
  });
  const wrong = all.findIndex((differences) => differences.length > 0);
  return wrong < 0
    ? { ...said, differences: [] }
    : { ...said, vector: used[wrong]!.name, differences: all[wrong]! };
}
