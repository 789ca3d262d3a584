/**
 * One case of ONNX's own operator suite: a model with the tensors of its inputs and outputs. The model is read
 * as a float network; inputs that must be known while importing (weights, shapes, axes, divisors, slopes) are
 * taken from the case. It goes through text and container, then every output of the engine `float` is
 * compared: floats within 1e-3 of the value + 1e-7, integers exactly.
 */
import path from "node:path";
import { floatEngine } from "../../src/backends/float/index.js";
import { readBytes } from "../../src/cli/files.js";
import { knownOperands } from "../../src/frontends/onnx/float/rows.js";
import { folds } from "../../src/frontends/onnx/fold.js";
import { type ImportedModel, importOnnx, type Mapped } from "../../src/frontends/onnx/index.js";
import type { RawModel, RawTensor } from "../../src/frontends/onnx/raw.js";
import { Refusal, unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, mainGraph } from "../../src/ir/graph.js";
import { type Tensor, tensor } from "../../src/ir/tensor.js";
import { verifyModule } from "../../src/ir/verify.js";
import type { CaseFolder } from "./cases.js";
import { axisOrdered, type Difference, firstDifference, type Tolerance } from "./float.js";
import { type DataSet, decodedModel, readSets } from "./onnx-data.js";
import { failure, type Outcome, oneLine, roundTripped } from "./run.js";

const suiteTolerance: Tolerance = { relative: 1e-3, absolute: 1e-7 };

/** A model in memory, and the file it stands for. */
export interface OnnxCase {
  readonly name: string;
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly raw: RawModel;
  /** Of floats; default: the suite's. */
  readonly tolerance?: Tolerance;
}

/** The outcome of a case of the onnx suite: of all its data sets together. */
export async function runOnnxCase(c: CaseFolder): Promise<readonly Outcome[]> {
  try {
    const bytes = readBytes(c.model);
    const raw = await decodedModel(bytes, c.model);
    const sets = await readSets(c.folder, raw);
    return [await judgeCase({ name: c.name, file: c.model, bytes, raw }, sets)];
  } catch (e) {
    return [grouped(failure(c.name, e))];
  }
}

/** PASS when every set passes, else what the first other one ends in. */
export async function judgeCase(c: OnnxCase, sets: readonly DataSet[]): Promise<Outcome> {
  let last: Outcome = { name: c.name, verdict: "FAIL", kind: "no data", reason: "no data set" };
  for (const set of sets) {
    last = await judgeSet(c, set);
    if (last.verdict === "PASS") continue;
    return sets.length > 1 ? { ...last, reason: `${set.name}: ${last.reason}` } : last;
  }
  return last;
}

async function judgeSet(c: OnnxCase, set: DataSet): Promise<Outcome> {
  try {
    const imported = await importedFor(c, set);
    const wrong = verifyModule(imported.module);
    if (wrong.length > 0) throw new Refusal(...wrong);
    const { graph } = await roundTripped({ ...loaded(c.file, imported), imported });
    return await compared(c, graph, imported, set);
  } catch (e) {
    return grouped(failure(c.name, e));
  }
}

/** The network for the shapes of a data set, with those inputs constant that some node must know while importing. */
async function importedFor({ file, bytes, raw }: OnnxCase, { inputs }: DataSet): Promise<ImportedModel> {
  const known = knownTensors(raw);
  const constants = new Map([...inputs].filter(([name]) => known.has(name)));
  const shapes = new Map([...inputs].map(([name, t]) => [name, t.shape]));
  const external = (name: string) => readBytes(path.join(path.dirname(file), name));
  return unwrap(await importOnnx(bytes, { file, network: "float", constants, shapes, external }));
}

/** What some node needs to know while importing, and what that is computed from. */
function knownTensors({ nodes }: RawModel): ReadonlySet<string> {
  const known = new Set<string>();
  for (const { op, inputs, outputs } of nodes.toReversed()) {
    const all = op in folds && outputs.some((name) => known.has(name));
    for (const i of all ? inputs.keys() : knownOperands(op)) known.add(inputs[i] ?? "");
  }
  return known;
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

async function compared(
  { name, tolerance = suiteTolerance }: OnnxCase,
  graph: Graph,
  imported: ImportedModel,
  { inputs, outputs }: DataSet,
): Promise<Outcome> {
  const fed = graph.inputs.map((value, i): Tensor => {
    const mapped = imported.inputs[i]!;
    return tensor(value.type, axisOrdered(numbers(inputs.get(mapped.onnxName)!), mapped));
  });
  const refused = floatEngine.refuses(graph);
  if (refused.length > 0)
    return { name, verdict: "FAIL", kind: "engine refuses", reason: refused.join("; ") };
  const session = await floatEngine.prepare(graph, { expose: "outputs" });
  const values = await session.run(fed);
  await session.dispose();
  for (const mapped of imported.outputs) {
    const wrong = differing(values.get(mapped.name)!, outputs.get(mapped.onnxName)!, mapped, tolerance);
    if (wrong) return { name, verdict: "FAIL", kind: "outputs differ", reason: oneLine(wrong) };
  }
  const ops = graph.nodes.map((n) => n.op.name).join(", ") || "nothing to compute";
  return { name, verdict: "PASS", kind: "pass", reason: `${graph.stage}: ${ops}` };
}

function differing(
  found: Tensor,
  expected: RawTensor,
  mapped: Mapped,
  tolerance: Tolerance,
): string | undefined {
  const shape = mapped.onnxShape.join("x");
  if (shape !== expected.shape.join("x"))
    return `${mapped.onnxName} has the shape [${shape}], [${expected.shape.join("x")}] is expected`;
  const isFloat = found.type.storage === "f32";
  const allowed = isFloat ? tolerance : { relative: 0, absolute: 0 };
  const wrong: Difference | undefined = firstDifference(found, numbers(expected), mapped, allowed);
  return wrong && `${mapped.onnxName}[${wrong.at}] is ${wrong.found}, ${wrong.expected} is expected`;
}
