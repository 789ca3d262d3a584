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
  const named = {
    golden: golden.name,
    ...(golden.label && golden.label !== golden.name ? { label: golden.label } : {}),
  };
  const sized = candidates.filter((v) => v.data.length === data.length);
  const [other] = candidates;
  if (sized.length === 0 && other) {
    return {
      ...named,
      value: other.name,
      explanation: `it has ${data.length} elements, the golden's namesake has ${other.data.length}`,
    };
  }
  if (sized.length === 0) {
    const explanation = `no value of the graph has ${data.length} elements; it may be an intermediate that the import folds away`;
    return { ...named, explanation };
  }
  for (const value of sized) {
    const order = otherOrder(data, value);
    if (!order) continue;
    const found = differing(data, value, layout);
    const taken = `it equals %${value.name}, which another golden has taken: is a layer listed twice?`;
    const explanation = found ? `the golden equals the value ${order}` : taken;
    return { ...named, value: value.name, ...(found ? { difference: found } : {}), explanation };
  }
  const [nearest] = sized
    .map((value) => ({ value, found: differing(data, value, layout)! }))
    .sort((a, b) => a.found.differing - b.found.differing);
  const { value, found } = nearest!;
  const explanation = pattern(fromLayout(data, value, layout), value);
  return { ...named, value: value.name, difference: found, ...(explanation ? { explanation } : {}) };
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
  return `every difference is a multiple of ${2 ** bits}: the same bits, read signed here and unsigned there, or wrapped instead of clamped`;
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
  const at = Array.from(got, (_, i) => i).filter((i) => got[i] !== 0);
  const ratio = at.length > 0 ? golden[at[0]!]! / got[at[0]!]! : 0;
  const constant =
    at.length > 0 && at.every((i) => Math.abs(golden[i]! / got[i]! - ratio) <= 1e-4 * Math.abs(ratio));
  if (constant)
    return `the golden is the value times ${ratio.toPrecision(6)}: it is dequantised; compare the stored integers`;
  return "the golden holds fractions, the graph whole numbers: is it dequantised, or of the float model?";
}
