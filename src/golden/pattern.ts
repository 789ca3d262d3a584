/** What the differences have in common where no single mistake explains them. */
import { indexOf } from "../data/tensor-files/index.js";
import { storages } from "../ir/storage.js";
import { sizes } from "../ir/type.js";
import { resultName } from "./binding.js";
import type { Diagnosis, Outcome } from "./diagnose.js";
import { numbersOf } from "./memory.js";

interface Place {
  readonly index: readonly number[];
  readonly shape: readonly number[];
  readonly distance: number;
  /** The right value is the smallest or largest of its storage. */
  readonly atEnd: boolean;
}

function places({ golden, got }: Outcome): readonly Place[] {
  const { type, data } = golden.tensors.get(resultName)!;
  const shape = sizes(type);
  const { min, max } = storages[type.storage];
  if (!got) return [];
  return numbersOf(data).flatMap((v, at) => {
    const distance = Number(got[at]) - v;
    return distance === 0
      ? []
      : [{ index: indexOf(at, shape), shape, distance, atEnd: v === min || v === max }];
  });
}

interface Pattern {
  /** The cause that looks so; unknown where several do. */
  readonly cause: string;
  readonly text: string;
  holds(p: Place): boolean;
}

const last = (list: readonly number[]): number => list.at(-1) ?? 0;

/** Properties that all wrong elements may share, the most telling first. */
const patterns: readonly Pattern[] = [
  {
    cause: "missing clamp",
    text: "should be the smallest or largest of their storage",
    holds: (p) => p.atEnd,
  },
  { cause: "rounding", text: "are one too large", holds: (p) => p.distance === 1 },
  { cause: "rounding", text: "are one too small", holds: (p) => p.distance === -1 },
  { cause: "rounding", text: "differ by one", holds: (p) => Math.abs(p.distance) === 1 },
  { cause: "unknown", text: "lie in the last channel", holds: (p) => last(p.index) === last(p.shape) - 1 },
  {
    cause: "leftover channels",
    text: "lie in the channels behind the last multiple of 4",
    holds: (p) => last(p.index) >= last(p.shape) - (last(p.shape) % 4),
  },
  {
    cause: "unknown",
    text: "lie at a border",
    holds: (p) => p.index.slice(1, -1).some((i, d) => i === 0 || i === p.shape[d + 1]! - 1),
  },
];

/** By the look of the differences: it says that it is no more than that. */
export function commonPattern(failing: readonly Outcome[]): Diagnosis | undefined {
  const all = failing.flatMap(places);
  if (all.length === 0) return undefined;
  const found = patterns.find(({ holds }) => all.every(holds));
  const several = failing.every((o) => o.golden.setting.cores > 1);
  if (!found && !several) return undefined;
  const what = found ? `all wrong elements ${found.text}` : "the results are wrong";
  return {
    cause: found?.cause ?? "unknown",
    text: `${what}${several ? ", only on several cores" : ""}; no mistake that is computed here gives exactly these numbers`,
    explains: 0,
    failing: failing.length,
    alternatives: [],
  };
}
