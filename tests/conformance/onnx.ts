/**
 * One case of ONNX's own operator suite: a model with the tensors of its inputs and outputs. The model is read
 * as a float network; inputs that must be known while importing (weights, shapes, axes, divisors, slopes) are
 * taken from the case. It goes through text and container, then every output of the engine `float` is
 * compared: floats within 1e-3 of the value + 1e-7, integers exactly.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import { floatEngine } from "../../src/backends/float/index.js";
import { readBytes } from "../../src/cli/files.js";
import { decodeModel, decodeTensor } from "../../src/frontends/onnx/decode.js";
import { knownOperands } from "../../src/frontends/onnx/float/rows.js";
import { type ImportedModel, importOnnx, type Mapped } from "../../src/frontends/onnx/index.js";
import type { RawModel, RawTensor } from "../../src/frontends/onnx/raw.js";
import { error, Refusal, unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, mainGraph } from "../../src/ir/graph.js";
import { type Tensor, tensor } from "../../src/ir/tensor.js";
import { verifyModule } from "../../src/ir/verify.js";
import type { CaseFolder } from "./cases.js";
import { axisOrdered, type Difference, firstDifference } from "./float.js";
import { failure, type Outcome, oneLine, roundTripped } from "./run.js";

const tolerance = { relative: 1e-3, absolute: 1e-7 };

interface Given {
  readonly raw: RawModel;
  readonly inputs: ReadonlyMap<string, RawTensor>;
  readonly outputs: ReadonlyMap<string, RawTensor>;
}

async function tensorsOf(folder: string, kind: string, names: readonly string[]) {
  const found = new Map<string, RawTensor>();
  for (const [i, name] of names.entries()) {
    const file = path.join(folder, `${kind}_${i}.pb`);
    found.set(name, await decodeTensor(readBytes(file), { file }));
  }
  return found;
}

async function readCase(c: CaseFolder, bytes: Uint8Array): Promise<Given> {
  const raw = await decodeModel(bytes, { file: c.model });
  const sequence = [...raw.inputs, ...raw.outputs].find((v) => v.type === "undefined");
  if (sequence) throw new Refusal(error("onnx/unsupported", `${sequence.name} is a sequence, no tensor`));
  const folder = path.join(c.folder, readdirSync(c.folder).find((f) => f.startsWith("test_data_set"))!);
  const names = (list: RawModel["inputs"]) => list.map((v) => v.name);
  return {
    raw,
    inputs: await tensorsOf(folder, "input", names(raw.inputs)),
    outputs: await tensorsOf(folder, "output", names(raw.outputs)),
  };
}

/** Inputs that some node needs to know while importing. */
function constantsOf({ raw, inputs }: Given): ReadonlyMap<string, RawTensor> {
  const known = new Set(raw.nodes.flatMap((n) => knownOperands(n.op).map((i) => n.inputs[i] ?? "")));
  return new Map([...inputs].filter(([name]) => known.has(name)));
}

/** The outcome of a case of the onnx suite. */
export async function runOnnxCase(c: CaseFolder): Promise<readonly Outcome[]> {
  try {
    const bytes = readBytes(c.model);
    const given = await readCase(c, bytes);
    const constants = constantsOf(given);
    const imported = unwrap(await importOnnx(bytes, { file: c.model, network: "float", constants }));
    const wrong = verifyModule(imported.module);
    if (wrong.length > 0) throw new Refusal(...wrong);
    const { graph } = await roundTripped({ ...loaded(c.model, imported), imported });
    return [await compared(c.name, graph, imported, given)];
  } catch (e) {
    return [grouped(failure(c.name, e))];
  }
}

/** What is unsupported is counted by operator and form, whatever the names of nodes and inputs. */
function grouped(outcome: Outcome): Outcome {
  if (outcome.verdict !== "UNSUPPORTED") return outcome;
  const [first] = outcome.reason.replace(/^[\w/-]+: (\d+ things cannot be imported: )?/, "").split("; ");
  const type = /element type (\w+)|holds (\w+) elements/.exec(first!);
  if (type) return { ...outcome, kind: `element type ${type[1] ?? type[2]}` };
  return { ...outcome, kind: first!.replace(/^(\w+) [\w#]+: /, "$1: ").replace(/^(input )?\w+ is /, "") };
}

const loaded = (file: string, { module }: ImportedModel) => ({
  file,
  module,
  graph: mainGraph(module),
  diagnostics: [],
});

const numbers = (t: RawTensor): Float64Array => Float64Array.from(t.data() as ArrayLike<number>, Number);

async function compared(name: string, graph: Graph, imported: ImportedModel, given: Given): Promise<Outcome> {
  const fed = graph.inputs.map((value, i): Tensor => {
    const mapped = imported.inputs[i]!;
    return tensor(value.type, axisOrdered(numbers(given.inputs.get(mapped.onnxName)!), mapped));
  });
  const refused = floatEngine.refuses(graph);
  if (refused.length > 0)
    return { name, verdict: "FAIL", kind: "engine refuses", reason: refused.join("; ") };
  const session = await floatEngine.prepare(graph, { expose: "outputs" });
  const values = await session.run(fed);
  await session.dispose();
  for (const mapped of imported.outputs) {
    const wrong = differing(values.get(mapped.name)!, given.outputs.get(mapped.onnxName)!, mapped);
    if (wrong) return { name, verdict: "FAIL", kind: "outputs differ", reason: oneLine(wrong) };
  }
  const ops = graph.nodes.map((n) => n.op.name).join(", ") || "nothing to compute";
  return { name, verdict: "PASS", kind: "pass", reason: `${graph.stage}: ${ops}` };
}

function differing(found: Tensor, expected: RawTensor, mapped: Mapped): string | undefined {
  const shape = mapped.onnxShape.join("x");
  if (shape !== expected.shape.join("x"))
    return `${mapped.onnxName} has the shape [${shape}], [${expected.shape.join("x")}] is expected`;
  const isFloat = found.type.storage === "f32";
  const allowed = isFloat ? tolerance : { relative: 0, absolute: 0 };
  const wrong: Difference | undefined = firstDifference(found, numbers(expected), mapped, allowed);
  return wrong && `${mapped.onnxName}[${wrong.at}] is ${wrong.found}, ${wrong.expected} is expected`;
}
