/** Which single mistake explains what a kernel gave, over all vectors. */

import { elements, sizes } from "../ir/type.js";
import { type Binding, resultName } from "./binding.js";
import type { GoldenCase } from "./cases.js";
import { numbersOf } from "./memory.js";
import { commonPattern } from "./pattern.js";
import { alongAxis, type Hypothesis } from "./recompute.js";
import type { Fault } from "./runner.js";
import { weight } from "./shrink.js";
import { borders, flippedWindows, otherAttributes, padValues, wordOf } from "./suspect-borders.js";
import { channelOrder, constants, nibbleOrder, signs } from "./suspect-data.js";
import { clamps, rounding, wraps } from "./suspect-rescale.js";

/** What a kernel gave for a vector. */
export interface Outcome {
  readonly golden: GoldenCase;
  /** In pulsec's order; absent where the kernel did not come back. */
  readonly got?: ArrayLike<number | bigint>;
  /** Positions (row-major) of elements that were not written. */
  readonly unwritten: readonly number[];
  /** The result is what it should be, added to what lay there before. */
  readonly accumulated: boolean;
  readonly faults: readonly Fault[];
  readonly equal: boolean;
}

export interface Diagnosis {
  /** `rounding`, `missing clamp`, `out of bounds`, ... */
  readonly cause: string;
  /** A sentence. */
  readonly text: string;
  /** Failing vectors that it explains, of `failing`. */
  readonly explains: number;
  readonly failing: number;
  /** Other single mistakes that give the same numbers. */
  readonly alternatives: readonly string[];
}

/** In the order in which they are preferred where several give the same numbers. */
export const suspects = (binding: Binding): readonly Hypothesis[] => [
  ...rounding(binding),
  ...clamps(binding),
  ...wraps(binding),
  ...nibbleOrder(binding),
  ...signs(binding),
  ...padValues(binding),
  ...otherAttributes(binding),
  ...borders(binding),
  ...constants(binding),
  ...flippedWindows(binding),
  ...channelOrder(binding),
];

/** So many vectors of either kind are recomputed, the smallest first. */
const mostFailing = 60;
const mostPassing = 40;
const mostAlternatives = 3;

export function diagnose(binding: Binding, outcomes: readonly Outcome[]): Diagnosis | undefined {
  const failing = outcomes.filter((o) => !o.equal);
  if (failing.length === 0) return undefined;
  return (
    beyondBuffers(failing) ??
    leftUnwritten(binding, failing) ??
    byHypotheses(binding, outcomes) ??
    undefinedBehaviour(failing) ??
    commonPattern(failing)
  );
}

const certain = (cause: string, text: string, failing: readonly Outcome[], explains: number): Diagnosis => ({
  cause,
  text,
  explains,
  failing: failing.length,
  alternatives: [],
});

const where = ({ text, line }: Fault): string => `${text}${line === undefined ? "" : ` (${line})`}`;

/** Seen by a sanitizer or a guard: no guess. */
function beyondBuffers(failing: readonly Outcome[]): Diagnosis | undefined {
  const found = failing.map((o) => o.faults.find((f) => f.kind !== "undefined"));
  const first = found.find((f) => f !== undefined);
  if (!first) return undefined;
  const cause: Partial<Record<Fault["kind"], string>> = {
    access: "out of bounds",
    guard: "out of bounds",
    written: "input changed",
  };
  const named = cause[first.kind] ?? "no return";
  const text = named === "no return" ? first.text : `the kernel ${where(first)}`;
  return certain(named, text, failing, found.filter((f) => f !== undefined).length);
}

function leftUnwritten(binding: Binding, failing: readonly Outcome[]): Diagnosis | undefined {
  const adding = failing.filter((o) => o.accumulated);
  if (adding.length === failing.length)
    return certain(
      "result not initialised",
      "the kernel adds to what y held before",
      failing,
      failing.length,
    );
  const open = failing.filter((o) => o.unwritten.length > 0 && onlyUnwritten(o));
  if (open.length < failing.length) return undefined;
  const whole = open.every((o) => o.unwritten.length === o.got!.length);
  if (whole) return certain("elements not written", "the kernel never writes y", failing, open.length);
  const place = ends.find(({ axis, last }) => open.every((o) => isUnwrittenEnd(o, axis, last)));
  if (!place)
    return certain(
      "elements not written",
      "the kernel never writes some elements of y",
      failing,
      open.length,
    );
  const letter = binding.tensors.get(resultName)!.axes[place.axis] ?? "";
  const text = `the kernel never writes the ${place.last ? "last" : "first"} ${wordOf(letter)} of y`;
  return certain("off-by-one border", text, failing, open.length);
}

/** Ends of axes that a loop may leave out. */
const ends = [0, 1, 2, 3].flatMap((axis) => [true, false].map((last) => ({ axis, last })));

/** Nothing is wrong but what was not written. */
function onlyUnwritten({ golden, got, unwritten }: Outcome): boolean {
  if (!got) return false;
  const open = new Set(unwritten);
  return numbersOf(golden.tensors.get(resultName)!.data).every((v, i) => open.has(i) || Number(got[i]) === v);
}

/** Are the unwritten elements exactly one end of an axis? */
function isUnwrittenEnd({ golden, unwritten }: Outcome, axis: number, last: boolean): boolean {
  const { type } = golden.tensors.get(resultName)!;
  const size = sizes(type)[axis];
  if (size === undefined) return false;
  const at = alongAxis(type, axis);
  return (
    unwritten.length === elements(type) / size && unwritten.every((i) => at(i) === (last ? size - 1 : 0))
  );
}

interface Score {
  readonly hypothesis: Hypothesis;
  readonly explains: number;
}

/** The hypothesis that gives what the kernel gave: on all failing vectors, and the right numbers on the others. */
function byHypotheses(binding: Binding, outcomes: readonly Outcome[]): Diagnosis | undefined {
  const returned = outcomes.filter((o) => o.got !== undefined);
  const bySize = returned.toSorted((a, b) => weight(a.golden) - weight(b.golden));
  const failing = bySize.filter((o) => !hasRightNumbers(o)).slice(0, mostFailing);
  const passing = bySize.filter(hasRightNumbers).slice(0, mostPassing);
  if (failing.length === 0) return undefined;
  const scores = suspects(binding)
    .map((hypothesis): Score => ({ hypothesis, explains: explained(hypothesis, failing, passing) }))
    .filter((s) => s.explains > failing.length / 2);
  const most = Math.max(0, ...scores.map((s) => s.explains));
  const best = scores.filter((s) => s.explains === most);
  const [first, ...others] = best;
  if (!first) return undefined;
  const total = outcomes.filter((o) => !o.equal).length;
  return {
    cause: first.hypothesis.cause,
    text: `the kernel ${first.hypothesis.text}`,
    explains: most === failing.length ? total : most,
    failing: total,
    alternatives: others
      .filter((s) => s.hypothesis.cause !== first.hypothesis.cause)
      .slice(0, mostAlternatives)
      .map((s) => `the kernel ${s.hypothesis.text}`),
  };
}

/** A sanitizer may complain of a call whose numbers are right: they say nothing about the cause. */
const hasRightNumbers = ({ golden, got }: Outcome): boolean =>
  numbersOf(golden.tensors.get(resultName)!.data).every((v, i) => Number(got![i]) === v);

/** Failing vectors on which a hypothesis gives the kernel's numbers; 0 where it also changes what is right. */
function explained(h: Hypothesis, failing: readonly Outcome[], passing: readonly Outcome[]): number {
  let count = 0;
  for (const [i, o] of failing.entries()) {
    if (matches(h, o)) count++;
    // Beyond half of the vectors it cannot come any more.
    else if (i + 1 - count > failing.length / 2) return 0;
  }
  return passing.every((o) => matches(h, o) !== false) ? count : 0;
}

/** Nothing where the hypothesis says nothing about the vector. */
function matches(h: Hypothesis, { golden, got }: Outcome): boolean | undefined {
  const expected = h.expected(golden);
  if (!expected) return undefined;
  for (let i = 0; i < expected.length; i++) if (Number(expected[i]) !== Number(got![i])) return false;
  return true;
}

function undefinedBehaviour(failing: readonly Outcome[]): Diagnosis | undefined {
  const faults = failing.flatMap((o) => o.faults.filter((f) => f.kind === "undefined"));
  const first = faults[0];
  if (!first) return undefined;
  const overflow = faults.find((f) => f.text.includes("signed integer overflow"));
  const [cause, fault] = overflow ? ["32-bit wrap", overflow] : ["undefined behaviour", first];
  return certain(
    cause as string,
    `${(fault as Fault).line}: ${(fault as Fault).text}`,
    failing,
    faults.length,
  );
}
