import path from "node:path";
import type { FirmwareProject } from "../../backends/pulp/index.js";
import { randomTensor } from "../../data/random-tensor.js";
import { moduleHash } from "../../ir/module-hash.js";
import { printModule } from "../../ir/print.js";
import type { Tensor } from "../../ir/tensor.js";
import { compareValues } from "../../verify/index.js";
import {
  type Call,
  type Command,
  type ExitCode,
  exit,
  list,
  oneOf,
  UsageError,
  wholeNumber,
} from "../command.js";
import { assertRuns, engineList, engineNamed, integerEngines } from "../engines.js";
import { sourcesRead, writeFile, writeFolder } from "../files.js";
import {
  type Costs,
  checkReportOptions,
  costSummary,
  costsOf,
  reportOptions,
  withCosts,
} from "../firmware-report.js";
import {
  compiledName,
  firmwareProject,
  gap8Options,
  noiseVector,
  withKernels,
  writeWeights,
} from "../gap8.js";
import { givenInputs, inputOptions } from "../inputs.js";
import { type LoadedModel, modelInFolder, modelOptions, networkName, openModel } from "../model.js";
import { reportFiles, reportSummary } from "../quantisation-page.js";
import { integerModel, type Quantised, quantiseOptions } from "../quantise.js";
import { tailOf } from "../tail.js";
import { type Stopwatch, stopwatch } from "../timing.js";
import { version } from "../version.js";

type Files = ReadonlyMap<string, string | Uint8Array>;

export const command: Command = {
  name: "compile",
  summary: "C project with golden vectors, WebAssembly module",
  args: "MODEL",
  positionals: { min: 1, max: 1 },
  details: `Writes a folder as one step. The golden vectors in it are computed by the WebAssembly engine, from --input, from
the first sample of --test, or from seeded noise; "make check" in the folder compares every layer of the compiled C with them. A float model is quantised
first, as pulsec quantize does.`,
  options: {
    ...inputOptions,
    ...modelOptions,
    ...quantiseOptions,
    target: {
      type: "string",
      short: "t",
      value: "a,b",
      multiple: true,
      help: ({ targets }) => `${targets.join(", ")}; default ${usualTargets(targets).join(",")}`,
    },
    ...gap8Options,
    ...reportOptions,
    "weights-only": {
      type: "boolean",
      help: "gap8: replace weights and golden vectors in the folder, refuse what needs other code",
    },
    output: { type: "string", short: "o", value: "DIR", help: "output folder; default out/NAME" },
    name: {
      type: "string",
      value: "NAME",
      help: "name of the network and prefix of its C functions; default from the file",
    },
    golden: {
      type: "string",
      value: "ENGINE",
      help: "engine that computes the golden vectors; default wasm",
    },
    seed: { type: "string", value: "N", help: "seed of the golden input; default 1" },
  },
  examples: [
    ["compile net.onnx -o out && make -C out check", "a project, checked on this machine"],
    ["compile net.onnx -t wasm -o out", "network.wasm only"],
    ["compile net.onnx --name ecg -o out", "ecg_run() instead of net_run()"],
    ["compile net.onnx -t gap8 -o out --simulate --report net.html", "firmware, and what each layer costs"],
  ],
  async run(call) {
    const clock = stopwatch();
    const { targets } = call.toolchain;
    const wanted = [...new Set(list(call.texts("target")).map((t) => oneOf("target", t, targets)))];
    const opened = await clock.phase("read", () => openModel(call, call.args[0]!));
    const quantised = await clock.phase("quantise", () => integerModel(call, opened));
    const { model } = quantised;
    if (tailOf(model))
      call.note(
        "the float graph @tail is not compiled: the outputs are those of the integer graph before it",
      );
    checkReportOptions(call, wanted.includes("gap8"));
    const name = call.text("name") ?? compiledName(call) ?? networkName(model.file);
    if (!/^[A-Za-z]\w*$/.test(name) && call.text("name") !== undefined)
      throw new UsageError(`--name takes letters, digits and _, not ${JSON.stringify(name)}`);
    const out = call.text("output") ?? path.join("out", name);
    if (wanted.includes("c") && wanted.includes("gap8"))
      throw new UsageError(
        "the targets c and gap8 both write network.c: compile them to folders of their own",
      );
    const { files, costs, page } = await build(
      call,
      quantised,
      { name, out },
      wanted.length > 0 ? wanted : usualTargets(targets),
      clock,
    );
    if (call.flag("weights-only")) {
      const code = replaceWeights(call, out, files);
      await showCosts(call, costs, page);
      return code;
    }
    const report = await clock.phase("report", async () => quantised.report?.("all"));
    for (const [file, content] of report ? reportFiles(report) : []) files.set(file, content);
    await clock.phase("write", async () => writeFolder(out, files));
    if (report) call.note(reportSummary(report));
    call.print(`${out}: ${[...files.keys()].join(", ")}`);
    await showCosts(call, costs, page);
    call.emit({
      ok: true,
      folder: out,
      files: [...files.keys()],
      quantisation: report,
      firmware: costs?.report,
      milliseconds: clock.milliseconds(),
    });
    return exit.ok;
  },
};

/** What is written where no target is named. */
const usualTargets = (targets: readonly string[]): readonly string[] => targets.filter((t) => t !== "gap8");

function replaceWeights(call: Call, out: string, files: Files): ExitCode {
  const written = writeWeights(out, files);
  call.print(`${out}: ${written.join(", ")}`);
  call.emit({ ok: true, folder: out, files: written });
  return exit.ok;
}

async function showCosts(call: Call, costs: Costs | undefined, page: string | undefined): Promise<void> {
  if (costs) call.note(`\n${await costSummary(costs)}`);
  if (page === undefined) return;
  writeFile(call.text("report")!, page);
  call.note(`wrote ${call.text("report")}`);
}

interface Built {
  readonly files: Map<string, string | Uint8Array>;
  /** Of firmware. */
  readonly costs: Costs | undefined;
  readonly page: string | undefined;
}

async function build(
  call: Call,
  quantised: Quantised,
  { name, out }: { readonly name: string; readonly out: string },
  wanted: readonly string[],
  clock: Stopwatch,
): Promise<Built> {
  const { model } = quantised;
  let [costs, page]: [Costs | undefined, string | undefined] = [undefined, undefined];
  const files = new Map<string, string | Uint8Array>();
  const hash = moduleHash(model.module);
  const golden = await clock.phase("golden vectors", () => goldenVector(call, quantised));
  if (wanted.includes("gap8")) {
    const project = await clock.phase("gap8", async () => {
      const seed = wholeNumber("--seed", call.text("seed") ?? "1");
      const vectors = [golden, await noiseVector(call, model, seed + 1)];
      return firmwareProject(call, model, { name, hash, golden: vectors });
    });
    const { remarksOn } = await import("../../backends/pulp/index.js");
    call.report(remarksOn(project.emission.program));
    for (const [file, content] of project.files) files.set(file, content);
    costs = await clock.phase("cost", () => costsOf(call, model, project, golden.inputs));
    const report = withCosts(project.files.get("report.json") as string, costs);
    files.set("report.json", withKernels(report, out, call.texts("kernel")));
    if (call.text("report") !== undefined) page = await pageOf(name, costs, project);
  } else if (wanted.includes("c")) {
    for (const [file, content] of await clock.phase("c", () => cProject(call, model, name, hash, golden)))
      files.set(file, content);
  } else {
    files.set(
      "report.json",
      `${JSON.stringify({ network: name, pulsec: version, model: hash }, undefined, 2)}\n`,
    );
  }
  if (wanted.includes("wasm"))
    files.set("network.wasm", await clock.phase("wasm", () => wasmModule(call, model, golden)));
  await clock.phase("model", async () => {
    const { writeContainer } = await import("../../frontends/container/index.js");
    files.set(modelInFolder, await writeContainer(model.module));
    files.set("model.pir", printModule(model.module));
  });
  return { files, costs, page };
}

async function pageOf(name: string, costs: Costs, { emission }: FirmwareProject): Promise<string> {
  const { firmwarePage } = await import("../firmware-page.js");
  return firmwarePage(name, costs, emission.program);
}

interface GoldenVector {
  readonly inputs: readonly Tensor[];
  readonly values: ReadonlyMap<string, Tensor>;
}

async function goldenVector(call: Call, { model, tested }: Quantised): Promise<GoldenVector> {
  const [producer] = engineList(call.texts("golden"), ["wasm"], integerEngines(call.toolchain));
  const engine = await engineNamed(call.toolchain, producer!);
  assertRuns(engine, model.graph);
  const seed = wholeNumber("--seed", call.text("seed") ?? "1");
  const inputs =
    givenInputs(call, model) ??
    tested ??
    model.graph.inputs.map((v, i) => randomTensor(v.type, seed * 1000 + i));
  const session = await engine.prepare(model.graph);
  return { inputs, values: await session.run(inputs).finally(() => session.dispose()) };
}

async function cProject(
  { toolchain }: Call,
  model: LoadedModel,
  name: string,
  hash: string,
  golden: GoldenVector,
): Promise<Files> {
  const { emitProject } = await import("../../backends/c/index.js");
  return emitProject(model.graph, {
    name,
    kernels: await toolchain.kernels(),
    moduleHash: hash,
    version,
    sources: sourcesRead,
    vectors: [golden],
  });
}

/** The module that ships reuses memory, other than the one that made the golden vectors: it must give the same outputs. */
async function wasmModule(call: Call, { graph }: LoadedModel, golden: GoldenVector): Promise<Uint8Array> {
  const { compileWasm, instantiate, wasmEngine } = await import("../../backends/wasm/index.js");
  const remarks = wasmEngine.remarks?.(graph) ?? [];
  call.report(remarks);
  if (remarks.length > 0)
    call.note("network.wasm imports env.node, which computes them: docs/writing-an-op.md says how");
  const compiled = await compileWasm(graph, { expose: "outputs" });
  const session = await instantiate(graph, compiled);
  const values = await session.run(golden.inputs).finally(() => session.dispose());
  const [wrong] = compareValues(graph, golden.values, values);
  if (wrong) throw new Error(`network.wasm gives another %${wrong.value} than the golden vector`);
  return compiled.binary;
}
