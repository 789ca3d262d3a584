/** Reads one file as the command line does, and does with a result what users do next. */
import * as assert from "uvu/assert";
import { macsOf } from "../../src/backends/c/work.js";
import { disassembleFirmware } from "../../src/backends/gap8sim/disassemble.js";
import { loadElf } from "../../src/backends/gap8sim/elf.js";
import { createSimulation } from "../../src/backends/gap8sim/simulate.js";
import { readBytes, sourcesRead } from "../../src/cli/files.js";
import { loadModel } from "../../src/cli/model.js";
import { trapDiagnostic } from "../../src/cli/simulation/trap.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { type RawArray, readTensorFile, toTensor, writeNpy } from "../../src/data/tensor-files/index.js";
import { containerParams, readContainer, writeContainer } from "../../src/frontends/container/index.js";
import { formatPulse } from "../../src/frontends/dsl/index.js";
import { type ParamSource, parseModule } from "../../src/frontends/text/index.js";
import { type Diagnostic, Refusal, renderDiagnostic, unwrap } from "../../src/ir/diagnostic.js";
import type { Graph, Module } from "../../src/ir/graph.js";
import { intEngine } from "../../src/ir/interpreter.js";
import { ops } from "../../src/ir/ops/index.js";
import { printModule } from "../../src/ir/print.js";
import type { Storage } from "../../src/ir/storage.js";
import { atBatch, elements, tensorType } from "../../src/ir/type.js";
import type { Format, Verdict } from "./formats.js";

/** Throws where anything but a result or a diagnostic comes out, or a result does not survive being written. */
export async function checkFile(format: Format, file: string): Promise<Verdict> {
  try {
    if (format === "npy" || format === "npz") readArrays(file);
    else if (format === "elf") runProgram(file);
    else await readModel(format, file);
    return "result";
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    render(e.diagnostics);
    assert.ok(
      e.diagnostics.some((d) => d.severity === "error"),
      "a refusal gives a reason",
    );
    return "diagnostic";
  }
}

function render(diagnostics: readonly Diagnostic[]): void {
  for (const d of diagnostics) renderDiagnostic(d, sourcesRead);
  assert.ok(diagnostics.length <= 1000, `${diagnostics.length} diagnostics are more than anyone reads`);
}

async function readModel(format: Format, file: string): Promise<void> {
  try {
    const { module, graph, diagnostics } = await loadModel(file);
    render(diagnostics);
    await roundTrip(module);
    await runTiny(graph);
  } finally {
    if (format === "pulse") await formatTwice(sourcesRead.get(file) ?? "");
  }
}

/** More text than this is not read: params belong into a container, and so do huge graphs. */
const mostText = 2 ** 20;

async function roundTrip(module: Module): Promise<void> {
  const at = { file: "again", ops };
  const printed = printModule(module);
  const container = await writeContainer(module);
  assert.is(printModule(must(await readContainer(container, at))), printed, "a container holds the module");
  if (printed.length > mostText) return;
  const params = must<ParamSource>(await containerParams(container, at));
  assert.is(printModule(must(await parseModule(printed, { ...at, params }))), printed, "so does the text");
}

/** What we wrote ourselves is not refused: a diagnostic here is a fault. */
function must<T>(result: { readonly ok: boolean; readonly diagnostics: readonly Diagnostic[] }): T {
  if (result.ok) return (result as unknown as { value: T }).value;
  throw new Error(`what was written is refused: ${result.diagnostics.map((d) => d.id + d.text).join("; ")}`);
}

async function formatTwice(text: string): Promise<void> {
  const once = await formatPulse(text);
  if (!once.ok) return render(once.diagnostics);
  const twice = await formatPulse(once.value);
  // White space may take a text that is just not too long beyond the limit.
  if (!twice.ok && twice.diagnostics[0]?.id === "dsl/too-large") return;
  assert.is(must(twice), once.value, "formatted text stays as it is");
}

/** So that a case takes milliseconds. */
const mostWork = 200_000;

async function runTiny(graph: Graph): Promise<void> {
  if (intEngine.refuses(graph).length > 0) return;
  const values = [...graph.inputs, ...graph.nodes.map((n) => n.result)];
  const work = values.reduce((sum, v) => sum + elements(atBatch(v.type, 1)), 0);
  if (work + graph.nodes.reduce((sum, n) => sum + macsOf(n), 0) > mostWork) return;
  const session = await intEngine.prepare(graph, {});
  const inputs = graph.inputs.map((v, i) => randomTensor(atBatch(v.type, 1), i));
  const outputs = await session.run(inputs);
  for (const v of graph.outputs) assert.ok(outputs.get(v.name), `%${v.name} is computed`);
}

/** Writing, reading and comparing what is larger would take the time that reading it alone may. */
const mostBytes = 2 ** 24;

function readArrays(file: string): void {
  const bytes = readBytes(file);
  for (const array of unwrap(readTensorFile(file, bytes))) {
    if (array.data.byteLength > mostBytes) continue;
    const again = must<readonly RawArray[]>(readTensorFile("again.npy", writeNpy(array)));
    assert.equal(again[0]!.shape, array.shape);
    assert.ok(Buffer.compare(raw(again[0]!), raw(array)) === 0, "the elements are written and read");
    bind(array, "i8");
    bind(array, "f32");
  }
}

/** Instructions of a listing that are read, and of a program that are executed. */
const mostLines = 5_000;
const mostInstructions = 500;

/** Loads a program, lists it and lets it begin: whatever it does is an end that can be told. */
function runProgram(file: string): void {
  const firmware = unwrap(loadElf(readBytes(file), file));
  let lines = 0;
  for (const { size } of disassembleFirmware(firmware)) {
    assert.ok(size === 2 || size === 4);
    if (++lines === mostLines) break;
  }
  const simulation = unwrap(createSimulation(firmware));
  const end = simulation.run(mostInstructions);
  if (end.kind !== "exit") render([trapDiagnostic(simulation, end.trap, file)]);
  assert.ok(simulation.report().instructions >= 0);
}

const raw = ({ data }: RawArray) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** As an input of a graph. */
function bind(array: RawArray, storage: Storage): void {
  const shape = array.shape?.length ? array.shape : [1];
  const sound = shape.length <= 8 && shape.every((d) => d > 0);
  if (sound) render(toTensor(array, tensorType(storage, shape)).diagnostics);
}
