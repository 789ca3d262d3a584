/**
 * One ONNX file against onnxruntime on random inputs: as it is read by default, and as a float network where it
 * is an integer one by default.
 */
import { floatEngine } from "../../src/backends/float/index.js";
import { readBytes } from "../../src/cli/files.js";
import { runTail, tailOf } from "../../src/cli/tail.js";
import { builtIn } from "../../src/cli/toolchain.js";
import { type ImportedModel, importOnnx } from "../../src/frontends/onnx/index.js";
import { Refusal, unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, mainGraph } from "../../src/ir/graph.js";
import { intEngine } from "../../src/ir/interpreter.js";
import { randomFrom } from "../../src/ir/random.js";
import { type Tensor, tensor } from "../../src/ir/tensor.js";
import { atBatch } from "../../src/ir/type.js";
import type { CaseFolder } from "./cases.js";
import { axisOrdered, firstDifference } from "./float.js";
import { networkTolerance } from "./networks.js";
import { failure, type Outcome, oneLine } from "./run.js";

type Numbers = Readonly<Record<string, Float64Array>>;

const loadRuntime = () => import("onnxruntime-node");
type Session = Awaited<ReturnType<Awaited<ReturnType<typeof loadRuntime>>["InferenceSession"]["create"]>>;

/** A session, or why onnxruntime does not load the file: a Deeploy operator, an old form. */
async function sessionOf(bytes: Uint8Array): Promise<Session | string> {
  const { InferenceSession } = await loadRuntime();
  try {
    return await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  } catch (e) {
    const text = oneLine((e as Error).message);
    return /, Error (?:Node ?\([^)]*\) )?(.*)$/.exec(text)?.[1] ?? text;
  }
}

/** All elements of f32 inputs: whole numbers in [0, 127] where the network computes on stored integers. */
function drawInputs(session: Session, whole: boolean): Numbers {
  const random = randomFrom(1);
  const next = whole ? () => Math.floor(random() * 128) : () => 2 * random() - 1;
  const entries = session.inputMetadata.map((input) => {
    const shape = "shape" in input ? (input.shape as readonly number[]) : [];
    const data = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next);
    return [input.name, data.map(Math.fround)];
  });
  return Object.fromEntries(entries);
}

async function onRuntime(session: Session, inputs: Numbers): Promise<Numbers> {
  const { Tensor: RuntimeTensor } = await loadRuntime();
  const fed = session.inputMetadata.map((input) => {
    const shape = "shape" in input ? (input.shape as readonly number[]) : [];
    return [input.name, new RuntimeTensor("float32", Float32Array.from(inputs[input.name]!), shape)];
  });
  const found = await session.run(Object.fromEntries(fed));
  return Object.fromEntries(
    Object.entries(found).map(([name, t]) => [name, Float64Array.from(t.data as Float32Array)]),
  );
}

async function onEngine(graph: Graph, { inputs: mapped }: ImportedModel, inputs: Numbers) {
  const engine = graph.stage === "float" ? floatEngine : intEngine;
  const fed = graph.inputs.map((value, i): Tensor => {
    const data = axisOrdered(inputs[mapped[i]!.onnxName]!, mapped[i]!);
    return tensor(atBatch(value.type, mapped[i]!.onnxShape[0]!), data);
  });
  const session = await engine.prepare(graph, { expose: "outputs" });
  const values = await session.run(fed);
  await session.dispose();
  return values;
}

interface Reading {
  readonly stage: string;
  readonly wrong: string | undefined;
}

/** What differs between onnxruntime and our reading of the file, if anything. Throws a `Refusal` where there is none. */
async function difference(
  session: Session,
  bytes: Uint8Array,
  file: string,
  network?: "float",
): Promise<Reading> {
  const imported = unwrap(await importOnnx(bytes, { file, ...(network ? { network } : {}) }));
  const graph = mainGraph(imported.module);
  const inputs = drawInputs(session, graph.stage === "integer" || network === "float");
  const expected = await onRuntime(session, inputs);
  const values = await onEngine(graph, imported, inputs);
  const tail = tailOf({ ...imported, file, graph, diagnostics: [] });
  const ends = tail ? await runTail(builtIn, tail, values, { expose: "outputs" }) : values;
  const outputs = tail ? imported.tailOutputs! : imported.outputs;
  const wrongs = outputs.map((mapped) => {
    const meant = expected[mapped.onnxName]!;
    const largest = meant.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    const absolute = graph.stage === "float" || tail ? networkTolerance * largest : 0;
    const wrong = firstDifference(ends.get(mapped.name)!, meant, mapped, { relative: 0, absolute });
    return wrong && `${mapped.onnxName}[${wrong.at}] is ${wrong.found}, not ${wrong.expected}`;
  });
  const wrong = wrongs.find((w) => w !== undefined);
  return { stage: tail ? `${graph.stage} with a float tail` : graph.stage, wrong };
}

/** The file as a float network, where it can be read as one. */
async function floatReading(session: Session, bytes: Uint8Array, file: string): Promise<readonly Reading[]> {
  try {
    return [await difference(session, bytes, file, "float")];
  } catch (e) {
    if (e instanceof Refusal) return [];
    throw e;
  }
}

/** PASS when every reading of the file agrees; UNSUPPORTED when onnxruntime does not load it. */
export async function runOnRuntime({ name, model }: CaseFolder): Promise<Outcome> {
  try {
    const bytes = readBytes(model);
    const session = await sessionOf(bytes);
    if (typeof session === "string")
      return { name, verdict: "UNSUPPORTED", kind: "onnxruntime", reason: `onnxruntime: ${session}` };
    const usual = await difference(session, bytes, model);
    const readings = [usual];
    if (usual.stage !== "float") readings.push(...(await floatReading(session, bytes, model)));
    await session.release();
    const bad = readings.find((r) => r.wrong !== undefined);
    if (bad) return { name, verdict: "FAIL", kind: "outputs differ", reason: `${bad.stage}: ${bad.wrong}` };
    const said = readings.map(({ stage }) => `${stage} ${stage === "integer" ? "exactly" : "within 1e-4"}`);
    return { name, verdict: "PASS", kind: "pass", reason: said.join(", ") };
  } catch (e) {
    return failure(name, e);
  }
}
