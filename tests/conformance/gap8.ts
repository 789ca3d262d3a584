/** Programs of the GAP8 oracle on the simulator, profile `gvsoc`: every line they print is a case. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { readBytes } from "../../src/cli/files.js";
import { runFirmware, type Simulated } from "../gap8sim/simulated.js";
import type { CaseFolder } from "./cases.js";
import { classOf, errorOf, type Probe, readProbes, wrongWith } from "./gap8-gates.js";
import { failure, type Outcome } from "./run.js";

/** A program is `elf/NAME.elf` with `expected/NAME.txt`; one of the two alone is a failed case. */
export function gap8Programs(dir: string): readonly CaseFolder[] {
  const named = (folder: string, ending: string) =>
    existsSync(path.join(dir, folder))
      ? readdirSync(path.join(dir, folder))
          .filter((f) => f.endsWith(ending))
          .map((f) => f.slice(0, -ending.length))
      : [];
  const names = new Set([...named("elf", ".elf"), ...named("expected", ".txt")]);
  return [...names]
    .sort()
    .map((name) => ({ name, folder: dir, model: path.join(dir, "elf", `${name}.elf`) }));
}

/** More instructions than any program of the oracle needs. */
const budget = 200_000_000;

/** The outcomes of a program: one per expected line, and one for whatever else is wrong. */
export async function runGap8Program(c: CaseFolder): Promise<readonly Outcome[]> {
  try {
    const expected = readFileSync(path.join(c.folder, "expected", `${c.name}.txt`), "utf8");
    const found = runFirmware(readBytes(c.model), { budget, profile: "gvsoc" });
    return judgeConsole(c.name, found, expected);
  } catch (e) {
    return [failure(c.name, e)];
  }
}

export function judgeConsole(
  name: string,
  { console, code, end }: Simulated,
  expected: string,
): readonly Outcome[] {
  const { probes, others } = readProbes(console);
  const wanted = readProbes(expected).probes;
  const found = new Map(probes.map((p) => [p.name, p]));
  const outcomes = wanted.map((w) => judgeProbe(`${name}/${w.name}`, found.get(w.name), w));
  const extra = [
    ...others,
    ...probes.filter((p) => !wanted.some((w) => w.name === p.name)).map((p) => p.name),
  ];
  const order = wanted.length === probes.length && wanted.some((w, i) => probes[i]!.name !== w.name);
  const wrong = (kind: string, reason: string): Outcome => ({ name, verdict: "FAIL", kind, reason });
  if (end !== "exit") outcomes.push(wrong("no exit", end));
  else if (code !== 0) outcomes.push(wrong("exit code", `exit code ${code}`));
  if (extra.length > 0) outcomes.push(wrong("printed", `also printed: ${extra.slice(0, 3).join("; ")}`));
  if (order) outcomes.push(wrong("printed", "the lines come in another order"));
  return outcomes;
}

const signed = (v: number): string => `${v < 0 ? "" : "+"}${v.toFixed(2)}`;

function judgeProbe(name: string, found: Probe | undefined, expected: Probe): Outcome {
  if (!found) return { name, verdict: "FAIL", kind: "missing", reason: "not printed" };
  const wrong = wrongWith(found, expected);
  const error = errorOf(found, expected);
  const cycles =
    error === undefined
      ? "not timed"
      : `${classOf(expected.name)}: expected ${expected.cycles}, ours ${found.cycles}, error ${signed(error)} %`;
  const detail =
    wrong === "check" || wrong === "instr" ? `; ${wrong} ${found[wrong]}, not ${expected[wrong]}` : "";
  return {
    name,
    verdict: wrong ? "FAIL" : "PASS",
    kind: wrong ?? "pass",
    reason: `${cycles}${detail}`,
    ...(error === undefined ? {} : { error: Math.abs(error), family: classOf(expected.name) }),
  };
}

const mean = (values: readonly number[]): number =>
  Number((values.reduce((a, b) => a + b, 0) / Math.max(1, values.length)).toFixed(3));

/** Mean absolute errors in per cent, of all timed probes and by class. */
export function meanErrors(outcomes: readonly Outcome[]): Readonly<Record<string, unknown>> {
  const timed = outcomes.filter((o) => o.error !== undefined);
  if (timed.length === 0) return {};
  const families = [...new Set(timed.map((o) => o.family!))].sort();
  const of = (family: string) => timed.filter((o) => o.family === family).map((o) => o.error!);
  return {
    mean_abs_error_pct: mean(timed.map((o) => o.error!)),
    mean_abs_error_pct_by_class: Object.fromEntries(families.map((f) => [f, mean(of(f))])),
  };
}
