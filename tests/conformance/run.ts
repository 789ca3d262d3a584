/**
 * One case of an integer suite: import, round trip through text and container, every golden found bit for bit by the specification,
 * and every value of `wasm` and `c` equal to it.
 */
import { cEngine } from "../../src/backends/c/index.js";
import { wasmEngine } from "../../src/backends/wasm/index.js";
import { type GoldenRun, readGoldenFiles, runGoldens, sampleArrays, setsFor } from "../../src/cli/goldens.js";
import { type LoadedModel, loadModel } from "../../src/cli/model.js";
import { containerParams, readContainer, writeContainer } from "../../src/frontends/container/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import type { Engine } from "../../src/ir/contracts.js";
import { type Diagnostic, Refusal, unwrap } from "../../src/ir/diagnostic.js";
import { type Module, mainGraph } from "../../src/ir/graph.js";
import { intEngine } from "../../src/ir/interpreter.js";
import { moduleHash } from "../../src/ir/module-hash.js";
import { ops } from "../../src/ir/ops/index.js";
import { printModule } from "../../src/ir/print.js";
import {
  compareEngines,
  type EngineReport,
  type GoldenSet,
  renderEngineReport,
  renderGoldenReport,
} from "../../src/verify/index.js";
import type { CaseFolder } from "./cases.js";
import { floatGoldens } from "./float.js";

export type Verdict = "PASS" | "FAIL" | "UNSUPPORTED";
export interface Outcome {
  readonly name: string;
  readonly verdict: Verdict;
  /** What the summary counts by: a diagnostic's id, or what differed. */
  readonly kind: string;
  readonly reason: string;
  /** Of a timed probe: absolute error of its cycles in per cent, and the class it is averaged with. */
  readonly error?: number;
  readonly family?: string;
}

/** Refusals that mean "outside the op set", not "wrong": everything else that a case ends in is a failure. */
const unsupportedIds = new Set<Diagnostic["id"]>([
  "onnx/unsupported",
  "onnx/float-network",
  "onnx/element-type",
  "onnx/opset",
  "onnx/dynamic-shape",
  "onnx/dynamic-weights",
]);

const engines: readonly Engine[] = [wasmEngine, cEngine()];

/** The outcomes of a case, one per input set. */
export async function runCase(c: CaseFolder): Promise<readonly Outcome[]> {
  try {
    const files = readGoldenFiles(c.folder);
    const original = await loadModel(c.model, undefined, sampleArrays(files));
    const model = await roundTripped(original);
    const sets = setsFor(model, files);
    const nameOf = (set: GoldenSet) => (sets.length > 1 ? `${c.name}/${set.name}` : c.name);
    if (model.graph.stage === "float") return await runFloatSets(model, sets, nameOf);
    return await runSets(model, sets, nameOf);
  } catch (e) {
    return [failure(c.name, e)];
  }
}

/** A crash is a failed case, not the end of the run: no case gets lost from the count. */
export function failure(name: string, e: unknown): Outcome {
  if (!(e instanceof Refusal)) return { name, verdict: "FAIL", kind: "crash", reason: oneLine(String(e)) };
  const errors = e.diagnostics.filter((d) => d.severity === "error");
  const verdict = errors.every((d) => unsupportedIds.has(d.id)) ? "UNSUPPORTED" : "FAIL";
  const [first] = errors;
  const reason = oneLine(`${first?.id}: ${first?.text}${first?.found ? ` (${first.found})` : ""}`);
  return { name, verdict, kind: first?.id ?? "refused", reason };
}

export const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

/** The model after text and container: what the engines run is what came back. */
export async function roundTripped(model: LoadedModel): Promise<LoadedModel> {
  const file = "round-trip";
  const bytes = await writeContainer(model.module);
  const params = unwrap(await containerParams(bytes, { file }));
  const text = printModule(model.module);
  const parsed = unwrap(await parseModule(text, { file, ops, params }));
  const back = unwrap(await readContainer(await writeContainer(parsed), { file, ops }));
  requireEqual(model.module, parsed, back, text);
  return { ...model, module: back, graph: mainGraph(back) };
}

function requireEqual(original: Module, parsed: Module, back: Module, text: string): void {
  const hashes = [original, parsed, back].map(moduleHash);
  if (new Set(hashes).size !== 1) refuseRoundTrip(`hashes differ: ${hashes.join(", ")}`);
  if (printModule(parsed) !== text || printModule(back) !== text)
    refuseRoundTrip("the text printed again differs");
}

function refuseRoundTrip(text: string): never {
  throw new Refusal({ id: "conformance/round-trip", severity: "error", text });
}

async function runSets(
  model: LoadedModel,
  sets: readonly GoldenSet[],
  nameOf: (s: GoldenSet) => string,
): Promise<readonly Outcome[]> {
  const runs: GoldenRun[] = [];
  for (const set of sets) runs.push(await runGoldens(model, set));
  const vectors = runs.map((r) => ({ name: r.set.name, inputs: r.inputs }));
  const report = await compareEngines(model.graph, intEngine, engines, vectors);
  const layouts = [...new Set(runs.map((r) => r.report.layout))];
  return runs.map((run) => ({ name: nameOf(run.set), ...judge(model, run, report, layouts) }));
}

/** Goldens of float networks come from other arithmetic: the same to its rounding. */
const floatTolerance = { relative: 1e-4, absolute: 1e-4 };

async function runFloatSets(
  model: LoadedModel,
  sets: readonly GoldenSet[],
  nameOf: (s: GoldenSet) => string,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const set of sets) {
    const { ok, text } = await floatGoldens(model, set, floatTolerance);
    const reason = `${text} of a float network within ${floatTolerance.absolute} on float`;
    outcomes.push(
      ok
        ? { name: nameOf(set), verdict: "PASS", kind: "pass", reason }
        : { name: nameOf(set), verdict: "FAIL", kind: "goldens differ", reason: oneLine(text) },
    );
  }
  return outcomes;
}

function judge(
  model: LoadedModel,
  { report: goldens }: GoldenRun,
  report: EngineReport,
  layouts: readonly string[],
): Omit<Outcome, "name"> {
  const fail = (kind: string, reason = kind) => ({ verdict: "FAIL" as const, kind, reason: oneLine(reason) });
  const { length: count } = goldens.matches;
  if (count === 0) return fail("no golden tensors");
  if (!goldens.ok) return fail("goldens differ", renderGoldenReport(goldens));
  if (!report.ok) return fail("engines differ", renderEngineReport(report));
  // One network has one layout, whatever each of its sets alone would allow.
  if (layouts.length > 1) return fail("layouts differ", `sets in different layouts: ${layouts.join(", ")}`);
  const values = `${model.graph.nodes.length} values on int, wasm and c`;
  return { verdict: "PASS", kind: "pass", reason: `${count} golden tensors, ${values}, ${goldens.layout}` };
}

export interface Summary {
  readonly suite: string;
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  readonly unsupported: number;
  /** How many cases did not pass, by kind. */
  readonly by_reason: Readonly<Record<string, number>>;
}

export function summarise(suite: string, outcomes: readonly Outcome[]): Summary {
  const count = (v: Verdict) => outcomes.filter((o) => o.verdict === v).length;
  const reasons: Record<string, number> = {};
  for (const o of outcomes) if (o.verdict !== "PASS") reasons[o.kind] = (reasons[o.kind] ?? 0) + 1;
  return {
    suite,
    cases: outcomes.length,
    passed: count("PASS"),
    failed: count("FAIL"),
    unsupported: count("UNSUPPORTED"),
    by_reason: reasons,
  };
}

export const outcomeLine = (o: Outcome): string => `${o.verdict} ${o.name} ${o.reason}`;
