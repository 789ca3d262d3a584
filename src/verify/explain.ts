/** Why no value equals a golden: the nearest value, the first difference, and what would make them equal. */

import type { RawArray } from "../data/tensor-files/index.js";
import { isInteger, storages } from "../ir/storage.js";
import { sizes } from "../ir/type.js";
import { comparable, type Difference, difference } from "./difference.js";
import { fromLayout, type Layout, otherOrder } from "./layout.js";
import type { NamedValue } from "./names.js";

export interface Divergence {
  readonly golden: string;
  /** What the golden's file calls it, where that differs. */
  readonly label?: string;
  /** The value that the golden was most plausibly meant for. */
  readonly value?: string;
  /** `expected` is the golden's, `got` the graph's. */
  readonly difference?: Difference;
  /** What would explain it: another layout, a rounding, an offset. */
  readonly explanation?: string;
}

/** `candidates`: the values that the golden may have been meant for, best first. */
export function explain(
  golden: RawArray,
  data: ArrayLike<number>,
  candidates: readonly NamedValue[],
  layout: Layout,
): Divergence {
  const { name, label } = golden;
  const named = { golden: name, ...(label && label !== name ? { label } : {}) };
  const sized = candidates.filter((v) => v.data.length === data.length);
  if (sized.length === 0) return { ...named, ...wrongSize(data.length, candidates[0]) };
  const reordered = sized
    .flatMap((value) => ({ value, order: otherOrder(data, value) }))
    .find((c) => c.order);
  const { value, found } = reordered
    ? { value: reordered.value, found: differing(data, reordered.value, layout) }
    : nearest(data, sized, layout);
  if (!found) return { ...named, value: value.name };
  const explanation = reordered
    ? `the golden equals the value ${reordered.order}`
    : pattern(fromLayout(data, value, layout), value);
  return { ...named, value: value.name, difference: found, ...(explanation ? { explanation } : {}) };
}

function wrongSize(count: number, namesake: NamedValue | undefined): Partial<Divergence> {
  if (!namesake) {
    return {
      explanation: `no value of the graph has ${count} elements; the import may have folded it away`,
    };
  }
  const explanation = `it has ${namesake.data.length} elements, the golden of that name ${count}`;
  return { value: namesake.name, explanation };
}

/** The candidate with the fewest differing elements. */
function nearest(data: ArrayLike<number>, candidates: readonly NamedValue[], layout: Layout) {
  const all = candidates.map((value) => ({ value, found: differing(data, value, layout) }));
  return all.reduce((a, b) => ((b.found?.differing ?? 0) < (a.found?.differing ?? 0) ? b : a));
}

const differing = (golden: ArrayLike<number>, value: NamedValue, layout: Layout): Difference | undefined =>
  difference(sizes(value.type), fromLayout(golden, value, layout), value.data);

interface Pairs {
  readonly expected: readonly number[];
  readonly got: readonly number[];
  /** got - expected. */
  readonly distances: readonly number[];
  readonly elements: number;
}

/** Words for a regular difference: an offset, a rounding, a sign, a missing clamp, a scale. */
function pattern(golden: ArrayLike<number>, value: NamedValue): string | undefined {
  const got = comparable(value.data);
  if (!isInteger(value.type.storage)) return undefined;
  const at = Array.from(got, (_, i) => i).filter((i) => golden[i] !== got[i]);
  const expected = at.map((i) => golden[i]!);
  if (!expected.every(Number.isInteger)) return fractions(golden, got);
  const pairs = {
    expected,
    got: at.map((i) => got[i]!),
    distances: at.map((i) => got[i]! - golden[i]!),
    elements: got.length,
  };
  return (
    rounding(pairs) ??
    offset(pairs) ??
    wrapped(pairs, storages[value.type.storage].bits) ??
    unclamped(pairs, got)
  );
}

function rounding({ distances, expected }: Pairs): string | undefined {
  if (distances.every((d) => d === -1)) {
    if (expected.every((e) => e <= 0))
      return "negative results are 1 too small: does the golden round towards zero, where the graph floors?";
    return "every difference is -1: does the golden round half up, where the graph floors?";
  }
  if (distances.every((d) => d === 1))
    return "every difference is +1: does the golden floor, where the graph rounds half up?";
  if (distances.every((d) => Math.abs(d) === 1))
    return "every difference is +1 or -1: do the roundings differ?";
  return undefined;
}

function offset({ distances, elements }: Pairs): string | undefined {
  const [first] = distances;
  if (distances.length < elements || !distances.every((d) => d === first)) return undefined;
  return `every element differs by ${first}: an offset, such as a zero point`;
}

function wrapped({ distances }: Pairs, bits: number): string | undefined {
  if (bits > 16 || !distances.every((d) => d % 2 ** bits === 0)) return undefined;
  const step = 2 ** bits;
  return `every difference is a multiple of ${step}: the other sign of the same bits, or wrapped, not clamped`;
}

function unclamped({ expected, got }: Pairs, all: ArrayLike<number>): string | undefined {
  let [lo, hi] = [Infinity, -Infinity];
  for (let i = 0; i < all.length; i++) [lo, hi] = [Math.min(lo, all[i]!), Math.max(hi, all[i]!)];
  const beyond = got.every((g, i) => (g === hi && expected[i]! > hi) || (g === lo && expected[i]! < lo));
  return beyond
    ? `the golden goes on beyond [${lo}, ${hi}], to which the graph clamps: was it taken before the clamp?`
    : undefined;
}

function fractions(golden: ArrayLike<number>, got: ArrayLike<number>): string {
  const all = Array.from(got);
  const known = all.findIndex((g) => g !== 0);
  const ratio = known < 0 ? 0 : golden[known]! / all[known]!;
  if (ratio !== 0 && all.every((g, i) => Math.abs(golden[i]! - g * ratio) <= 1e-4 * Math.abs(g * ratio))) {
    const scale = ratio.toPrecision(6);
    return `the golden is the value times ${scale}: it is dequantised; compare the stored integers`;
  }
  return "the golden holds fractions, the graph whole numbers: is it dequantised, or of the float model?";
}
