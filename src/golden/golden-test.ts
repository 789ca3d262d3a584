/** Golden-tests a kernel: vectors, runs, the first difference, the smallest failing shape, the likely cause. */
import { indexOf } from "../data/tensor-files/index.js";
import { sizes } from "../ir/type.js";
import { type Binding, resultName } from "./binding.js";
import { compileCall, resultOf } from "./calls.js";
import type { GoldenCase } from "./cases.js";
import { type Diagnosis, diagnose, type Outcome } from "./diagnose.js";
import { headerText } from "./header.js";
import { numbersOf } from "./memory.js";
import type { BuiltKernel, CallResult, Fault, KernelRunner } from "./runner.js";
import { shrink } from "./shrink.js";

/** Where a result first differs. */
export interface FirstDifference {
  readonly index: readonly number[];
  readonly expected: number;
  readonly got: number;
  /** The kernel never wrote it; `got` is what lay there. */
  readonly unwritten: boolean;
  readonly differing: number;
  readonly elements: number;
}

export interface Failure {
  readonly golden: GoldenCase;
  readonly difference?: FirstDifference;
  readonly faults: readonly Fault[];
}

export interface GoldenTestReport {
  readonly ok: boolean;
  readonly vectors: number;
  readonly equal: number;
  /** Vectors behind too many that did not come back. */
  readonly notRun: number;
  readonly first?: Failure;
  readonly smallest?: Failure;
  readonly diagnosis?: Diagnosis;
}

export interface GoldenTestJob {
  readonly binding: Binding;
  readonly vectors: readonly GoldenCase[];
  readonly runner: KernelRunner;
  /** Absolute paths. */
  readonly adapter: string;
  readonly sources: readonly string[];
  progress?(text: string): void;
  /** Called with the kernel where all vectors are equal. */
  passed?(kernel: BuiltKernel): Promise<void>;
}

export async function goldenTest(job: GoldenTestJob): Promise<GoldenTestReport> {
  const { binding, vectors, runner, adapter, sources } = job;
  job.progress?.("compiling");
  const kernel = await runner.build({
    adapter,
    sources,
    header: headerText(binding),
    flags: binding.flags,
    argumentNames: binding.arguments.map((a) => (a.kind === "tensor" ? a.tensor : a.name)),
  });
  try {
    job.progress?.(`running ${vectors.length} vectors`);
    const report = await examine(job, kernel);
    if (report.ok) await job.passed?.(kernel);
    return report;
  } finally {
    await kernel.dispose();
  }
}

async function examine(job: GoldenTestJob, kernel: BuiltKernel): Promise<GoldenTestReport> {
  const { binding, vectors } = job;
  const run = (cases: readonly GoldenCase[], apart = false) => outcomes(binding, kernel, cases, apart);
  const all = await run(vectors);
  const ran = all.filter((o) => o.got !== undefined || o.faults.length > 0);
  const failing = ran.filter((o) => !o.equal);
  const counts = {
    vectors: vectors.length,
    equal: ran.length - failing.length,
    notRun: all.length - ran.length,
  };
  const [first] = failing;
  if (!first) return { ok: counts.equal > 0 || counts.vectors === 0, ...counts };
  job.progress?.("looking for the smallest failing shape");
  const apart = first.faults.some((f) => f.kind === "undefined");
  // Every try of a kernel that does not come back is a wait.
  const waits = first.faults.some((f) => f.kind === "timeout");
  const smallest = waits
    ? first.golden
    : await shrink(binding, first.golden, async (cases) =>
        (await run(cases, apart)).map((o) => failsAlike(o, first)),
      );
  const [again] = smallest === first.golden ? [first] : await run([smallest], apart);
  job.progress?.("looking for the cause");
  const diagnosis = diagnose(binding, ran);
  return {
    ok: false,
    ...counts,
    first: failureOf(first),
    smallest: failureOf(again!),
    ...(diagnosis ? { diagnosis } : {}),
  };
}

/** A shape that fails in another way says nothing about the first one. */
const failsAlike = (o: Outcome, first: Outcome): boolean => {
  const kind = (x: Outcome): string => x.faults[0]?.kind ?? (x.got && !x.equal ? "numbers" : "none");
  return !o.equal && kind(o) === kind(first);
};

async function outcomes(
  binding: Binding,
  kernel: BuiltKernel,
  cases: readonly GoldenCase[],
  apart: boolean,
): Promise<readonly Outcome[]> {
  if (cases.length === 0) return [];
  const results = await kernel.run(
    cases.map((c) => compileCall(binding, c)),
    { apart },
  );
  return cases.map((golden, i) => outcome(binding, golden, results[i]!));
}

/** The patterns that outputs hold before the two runs, as in main.c. */
const patterns = [0x5a, 0xa5] as const;

function outcome(binding: Binding, golden: GoldenCase, { bytes, faults }: CallResult): Outcome {
  if (!bytes) return { golden, unwritten: [], accumulated: false, faults, equal: false };
  const [one, two] = bytes.map((b) => numbersOf(resultOf(binding, golden, b))) as [number[], number[]];
  const expected = numbersOf(golden.tensors.get(resultName)!.data);
  const unwritten = [...one.keys()].filter((i) => one[i] !== two[i]);
  const right = expected.every((v, i) => v === one[i]);
  const cleared = bytes.map((b, k) => numbersOf(resultOf(binding, golden, minus(b, patterns[k]!, binding))));
  const accumulated = unwritten.length > 0 && cleared.every((c) => c.every((v, i) => v === expected[i]));
  return {
    golden,
    got: one,
    unwritten,
    accumulated,
    faults,
    equal: right && unwritten.length === 0 && faults.length === 0,
  };
}

/** The bytes less the pattern that lay there, element by element. */
function minus(bytes: Uint8Array, pattern: number, binding: Binding): Uint8Array {
  const width = Number(/\d+/.exec(binding.tensors.get(resultName)!.element)![0]) / 8;
  const out = new Uint8Array(bytes);
  for (let from = 0; from < out.length; from += width) {
    let borrow = 0;
    for (let i = from; i < Math.min(out.length, from + width); i++) {
      const v = out[i]! - pattern - borrow;
      out[i] = v;
      borrow = v < 0 ? 1 : 0;
    }
  }
  return out;
}

function failureOf({ golden, got, faults, unwritten }: Outcome): Failure {
  const { type, data } = golden.tensors.get(resultName)!;
  if (!got) return { golden, faults };
  const [expected, open] = [numbersOf(data), new Set(unwritten)];
  const wrong = [...expected.keys()].filter((i) => Number(got[i]) !== expected[i] || open.has(i));
  const [at] = wrong;
  if (at === undefined) return { golden, faults };
  return {
    golden,
    faults,
    difference: {
      index: indexOf(at, sizes(type)),
      expected: expected[at]!,
      got: Number(got[at]),
      unwritten: open.has(at),
      differing: wrong.length,
      elements: data.length,
    },
  };
}
