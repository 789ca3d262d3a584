import path from "node:path";
import { graphNamed } from "../../backends/onnx/graph-named.js";
import type { opsets } from "../../backends/onnx/index.js";
import { randomTensor } from "../../data/random-tensor.js";
import { unwrap } from "../../ir/diagnostic.js";
import type { Graph } from "../../ir/graph.js";
import { type Call, type Command, exit, oneOf, UsageError, wholeNumber } from "../command.js";
import { writeFile, writeFolder } from "../files.js";
import { givenInputs, inputOptions } from "../inputs.js";
import { type LoadedModel, modelOptions, networkName, openModel } from "../model.js";
import { integerModel, quantiseOptions } from "../quantise.js";

const dialects = ["onnx", "qdq", "dory"] as const;
type Dialect = (typeof dialects)[number];

export const command: Command = {
  name: "export",
  summary: "write a model as ONNX: float, QDQ, or a folder for DORY",
  args: "MODEL",
  positionals: { min: 1, max: 1 },
  details: `onnx  a float graph.
qdq   an integer graph whose types carry scales: QuantizeLinear and DequantizeLinear around float operators, as
      onnxruntime reads quantised networks.
dory  an integer graph in Quantlab's dialect with its configuration and the values of every layer, as a folder; they
      are computed from --input or from seeded noise.
A float model is quantised first for qdq and dory, as pulsec quantize does. Inputs and outputs of the files are
channels-first. Everything that a dialect cannot say is listed at once.`,
  options: {
    ...inputOptions,
    ...modelOptions,
    ...quantiseOptions,
    dialect: {
      type: "string",
      short: "d",
      value: dialects.join("|"),
      help: "default: onnx for float graphs, qdq for others",
    },
    output: { type: "string", short: "o", value: "FILE|DIR", help: "an .onnx file; for dory a folder" },
    graph: { type: "string", value: "NAME", help: "the graph to write; default the first" },
    opset: {
      type: "string",
      value: "N",
      help: "opset of onnx and qdq; default 17, or 21 for 16-bit integers",
    },
    seed: { type: "string", value: "N", help: "dory: seed of the input; default 1" },
  },
  examples: [
    ["export net.pulse -o net.onnx", "the float network"],
    ["export net.pmod --dialect qdq -o net.qdq.onnx", "the quantised network, for onnxruntime"],
    ["export net.pmod --dialect dory -o dory/", "what DORY reads"],
  ],
  async run(call) {
    const output = call.text("output");
    if (output === undefined) throw new UsageError("export needs -o: an .onnx file, or for dory a folder");
    const opened = await openModel(call, call.args[0]!);
    const dialect = dialectOf(call, graphNamed(opened.module, call.text("graph")));
    const { model } = dialect === "onnx" ? { model: opened } : await integerModel(call, opened);
    const graph = graphNamed(model.module, call.text("graph"));
    const written =
      dialect === "dory"
        ? await dory(call, model, graph, output)
        : await onnx(call, model, graph, dialect, output);
    call.print(dialect === "dory" ? `${output}: ${written.join(", ")}` : `wrote ${output}`);
    call.emit({ ok: true, dialect, graph: graph.name, output, written });
    return exit.ok;
  },
};

function dialectOf(call: Call, graph: Graph): Dialect {
  const wanted = call.text("dialect");
  if (wanted !== undefined) return oneOf("dialect", wanted, dialects);
  return graph.stage === "float" ? "onnx" : "qdq";
}

async function onnx(
  call: Call,
  { module }: LoadedModel,
  { name }: Graph,
  dialect: "onnx" | "qdq",
  output: string,
): Promise<readonly string[]> {
  if (path.extname(output) !== ".onnx") throw new UsageError(`-o takes an .onnx file, not ${output}`);
  const { exportOnnx, opsets } = await import("../../backends/onnx/index.js");
  const opset = opsetOf(call, opsets);
  const result = await exportOnnx(module, {
    dialect,
    graph: name,
    ...(opset === undefined ? {} : { opset }),
  });
  writeFile(output, unwrap(result));
  call.report(result.diagnostics);
  return [output];
}

/** An opset that fits no model is wrong usage; whether one fits this model, the exporter knows. */
function opsetOf(call: Call, { oldest, newest }: typeof opsets): number | undefined {
  const text = call.text("opset");
  if (text === undefined) return undefined;
  const opset = wholeNumber("--opset", text);
  if (opset >= oldest && opset <= newest) return opset;
  throw new UsageError(`--opset takes ${oldest} to ${newest}, not ${text}`);
}

async function dory(
  call: Call,
  model: LoadedModel,
  graph: Graph,
  output: string,
): Promise<readonly string[]> {
  if (call.text("opset") !== undefined) throw new UsageError("--opset is for onnx and qdq; dory has one");
  const { exportDory } = await import("../../backends/onnx/dory/index.js");
  const seed = wholeNumber("--seed", call.text("seed") ?? "1");
  const inputs =
    givenInputs(call, { ...model, graph }) ??
    graph.inputs.map((v, i) => randomTensor(v.type, seed * 1000 + i));
  const result = await exportDory(model.module, { graph: graph.name, name: networkName(model.file), inputs });
  const files = unwrap(result);
  writeFolder(output, files);
  call.report(result.diagnostics);
  return [...files.keys()];
}
