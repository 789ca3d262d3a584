import { testInputs } from "../../data/random-tensor.js";
import type { Graph } from "../../ir/graph.js";
import { intEngine } from "../../ir/interpreter.js";
import {
  compareEngines,
  type GoldenReport,
  renderDifferences,
  renderEngineReport,
  renderGoldenReport,
  type TestVector,
} from "../../verify/index.js";
import { type Call, type Command, exit, oneOf, refuse, UsageError, wholeNumber } from "../command.js";
import { checkConversion, renderConversion } from "../conversion.js";
import { assertRuns, engineList, enginesToVerify, integerEngines, usualEngines } from "../engines.js";
import { checkShipped, gap8Engines, gap8Options, type Shipped } from "../gap8.js";
import { type GoldenRun, readGoldenFiles, runGoldens, sampleArrays, setsFor } from "../goldens.js";
import { givenInputs, inputArrays, inputOptions, orderOf } from "../inputs.js";
import { type LoadedModel, modelOptions, openModel } from "../model.js";

export const command: Command = {
  name: "verify",
  summary: "do all engines agree on every tensor? does the model agree with your goldens?",
  args: "MODEL",
  positionals: { min: 1, max: 1 },
  details: `Runs the model on the specification (int) and on the other engines and compares all intermediate tensors, byte
by byte. Without --input and --against the inputs are the extremes of their types and seeded noise.
With --against the inputs come from the goldens: a folder of DORY or PLiNIO text (input.txt, out_layerN.txt), Deeploy
npz files (inputs, outputs, activations), .npy files named as values; or a single .npz.
Of a quantised ONNX network (QDQ, QLinear, QONNX) every rounded element is also recomputed in float64, and the ties are counted.
Exit code 3 and the first diverging layer, element and distance when something differs; of firmware also the tile.`,
  options: {
    ...inputOptions,
    ...modelOptions,
    against: { type: "string", value: "DIR|FILE", help: "golden tensors to compare with" },
    engine: {
      type: "string",
      value: "a,b",
      multiple: true,
      help: (toolchain) => {
        const [all, usual] = [integerEngines(toolchain), usualEngines(toolchain)];
        return `engines to compare: ${all.join(", ")}; default ${usual.join(",")}`;
      },
    },
    target: {
      type: "string",
      short: "t",
      value: "gap8",
      help: "verify firmware on the simulator: as it ships, and one that keeps every value",
    },
    ...gap8Options,
    vectors: { type: "string", value: "N", help: "random inputs beside the extremes; default 2" },
    seed: { type: "string", value: "N", help: "seed of the random inputs; default 1" },
    list: { type: "boolean", help: "show which value each golden equals" },
  },
  examples: [
    ["verify net.onnx", "int = wasm = c on extremes and noise"],
    ["verify net.onnx --against goldens/", "and equal to the goldens in that folder"],
    ["verify net.onnx --engine wasm --vectors 20", "without a C compiler, more noise"],
    ["verify net.onnx --target gap8", "firmware on the simulator"],
  ],
  async run(call) {
    const against = call.text("against");
    const files = against === undefined ? undefined : readGoldenFiles(against);
    const samples = files ? sampleArrays(files) : [];
    const model = await openModel(call, call.args[0]!, samples);
    if (model.graph.stage !== "integer") refuseFloats(model.graph);
    const runs: GoldenRun[] = [];
    if (files)
      for (const set of setsFor(model, files, inputArrays(call.texts("input"), model)))
        runs.push(await runGoldens(model, set, orderOf(call)));
    const goldensEqual = reportGoldens(call, model.graph, runs);
    const known = integerEngines(call.toolchain);
    const isFirmware = firmwareWanted(call);
    const usual = isFirmware ? [] : usualEngines(call.toolchain);
    const names = engineList(call.texts("engine"), usual, known).filter((n) => n !== "int");
    const engines = [
      ...(await Promise.all(names.map((n) => enginesToVerify(call.toolchain, n)))).flat(),
      ...(isFirmware ? await gap8Engines(call, model) : []),
    ];
    if (engines.length === 0 && runs.length === 0)
      throw new UsageError("int alone has nothing to be compared with; add --against, or another --engine");
    assertRuns(intEngine, model.graph);
    for (const { name, remarks } of engines)
      if (names.includes(name)) call.report(remarks?.(model.graph) ?? []);
    const vectors = vectorsFor(call, model, runs);
    const report = await compareEngines(model.graph, intEngine, engines, vectors);
    if (engines.length > 0) call.print(renderEngineReport(report));
    const shipped = isFirmware && report.ok ? await checkShipped(call, model, vectors) : undefined;
    if (shipped) call.print(renderShipped(shipped, model.graph));
    const conversion = await checkConversion(model, vectors);
    if (conversion) call.print(renderConversion(conversion));
    const ok = goldensEqual && report.ok && (shipped?.ok ?? true) && (conversion?.wrong ?? 0) === 0;
    call.emit({
      ok,
      engines: report,
      firmware: shipped,
      conversion,
      goldens: runs.map((r) => ({ set: r.set.name, ...r.report })),
    });
    return ok ? exit.ok : exit.verificationFailed;
  },
};

const renderShipped = ({ console, vector = "", differences }: Shipped, { nodes }: Graph): string =>
  [
    `firmware as it ships: ${console}`,
    ...renderDifferences({ engine: "it", vector, differences }, "int", nodes.length),
  ].join("\n");

function firmwareWanted(call: Call): boolean {
  const target = call.text("target");
  if (target === undefined) return false;
  return oneOf("target", target, ["gap8"]) === "gap8";
}

function refuseFloats({ name, stage }: Graph): never {
  return refuse("verify/not-integer", `@${name} holds floats: there is nothing to compare bit for bit`, {
    found: `stage ${stage}`,
    expected: "a graph in stage integer",
    help: "pulsec run --engine float gives its values; engines must agree once it is quantised to integers",
  });
}

/** Outputs that no golden speaks of; with `all`, other values too. */
function withoutGolden(
  { nodes, outputs }: Graph,
  { matches }: GoldenReport,
  all: boolean,
): readonly string[] {
  const matched = new Set(matches.map((m) => m.value));
  const asked = all ? nodes.map((n) => n.result) : outputs;
  return asked.map((v) => v.name).filter((name) => !matched.has(name));
}

function reportGoldens(call: Call, graph: Graph, runs: readonly GoldenRun[]): boolean {
  for (const { set, report } of runs) {
    if (report.matches.length === 0)
      refuse("file/no-goldens", `the test set ${set.name} holds no golden tensors`, {
        help: "docs/file-formats.md lists the names that are recognised",
      });
    const text = renderGoldenReport(report, { all: call.flag("list") });
    call.print(runs.length > 1 ? `${set.name}: ${text}` : text);
    const open = withoutGolden(graph, report, call.flag("list"));
    if (open.length > 0) call.print(`no golden for ${open.map((name) => `%${name}`).join(", ")}`);
  }
  return runs.every((r) => r.report.ok);
}

/** What the engines are compared on: the goldens' inputs, given ones, or extremes and noise. */
function vectorsFor(call: Call, model: LoadedModel, runs: readonly GoldenRun[]): readonly TestVector[] {
  if (runs.length > 0) return runs.map((r) => ({ name: r.set.name, inputs: r.inputs }));
  const given = givenInputs(call, model);
  if (given) return [{ name: "given input", inputs: given }];
  const count = wholeNumber("--vectors", call.text("vectors") ?? "2");
  return testInputs(
    model.graph.inputs.map((v) => v.type),
    count,
    wholeNumber("--seed", call.text("seed") ?? "1"),
  );
}
