/** Maps the user's goldens to distinct values of the graph, bit for bit, and explains the first that has none. */
import type { RawArray } from "../data/tensor-files/index.js";
import { assign } from "./assign.js";
import { comparable, equal } from "./difference.js";
import { type Divergence, explain } from "./explain.js";
import { inLayout, type Layout } from "./layout.js";
import { isExact, isLikely, type NamedValue } from "./names.js";

export interface GoldenMatch {
  readonly golden: string;
  readonly role: "layer" | "output";
  /** The value that equals it; nothing when none does. */
  readonly value?: string;
  /** Did the names agree, or only the content and the order? */
  readonly by?: "name" | "content";
}

/** Which value each golden tensor equals, and what equals none. */
export interface GoldenReport {
  readonly ok: boolean;
  /** The one layout under which the goldens were compared. */
  readonly layout: Layout;
  /** In the order of the goldens: layers, then outputs. */
  readonly matches: readonly GoldenMatch[];
  /** What is wrong with the first golden that no value equals. */
  readonly divergence?: Divergence;
}

/** Tensors that a network is said to give. */
export interface Goldens {
  readonly layers: readonly RawArray[];
  /** Compared with the graph's outputs only; a layer may equal the same value. */
  readonly outputs: readonly RawArray[];
}

/**
 * `values` in graph order; `outputs` names the graph's outputs. All goldens have one layout: channels last, unless
 * more of them match channels first. A golden with a value's exact name is compared with that value alone.
 */
export function matchGoldens(
  values: readonly NamedValue[],
  outputs: readonly string[],
  goldens: Goldens,
): GoldenReport {
  const ends = outputs.flatMap((name) => values.filter((v) => v.name === name));
  const parts: readonly Part[] = [
    { role: "layer", goldens: goldens.layers.map(prepare), values },
    { role: "output", goldens: goldens.outputs.map(prepare), values: ends },
  ];
  const last = matchUnder("channels-last", parts);
  const first = last.missing > 0 ? matchUnder("channels-first", parts) : last;
  const best = first.missing < last.missing ? first : last;
  const divergence = firstDivergence(parts, best);
  return {
    ok: best.missing === 0,
    layout: best.layout,
    matches: best.matches,
    ...(divergence ? { divergence } : {}),
  };
}

/** A golden made ready for many comparisons. */
interface Prepared {
  readonly raw: RawArray;
  readonly data: ArrayLike<number>;
}
const prepare = (raw: RawArray): Prepared => ({ raw, data: comparable(raw.data) });

interface Part {
  readonly role: "layer" | "output";
  readonly goldens: readonly Prepared[];
  readonly values: readonly NamedValue[];
}
interface Outcome {
  readonly layout: Layout;
  readonly missing: number;
  readonly matches: readonly GoldenMatch[];
  /** Per part and golden: the index of its value. */
  readonly chosen: readonly (readonly (number | undefined)[])[];
}

function matchUnder(layout: Layout, parts: readonly Part[]): Outcome {
  const chosen = parts.map((part) => matchPart(layout, part));
  const matches = parts.flatMap(({ role, goldens, values }, p) =>
    goldens.map(({ raw }, g): GoldenMatch => {
      const value = values[chosen[p]![g] ?? -1];
      if (!value) return { golden: raw.name, role };
      return {
        golden: raw.name,
        role,
        value: value.name,
        by: isExact(raw, value) || isLikely(raw, value) ? "name" : "content",
      };
    }),
  );
  return { layout, missing: matches.filter((m) => m.value === undefined).length, matches, chosen };
}

function matchPart(layout: Layout, { goldens, values }: Part): readonly (number | undefined)[] {
  const laidOut = new Map<number, ArrayLike<number>>();
  const content = (v: number) => {
    if (!laidOut.has(v)) laidOut.set(v, inLayout(values[v]!, layout));
    return laidOut.get(v)!;
  };
  const fits = goldens.map(({ raw, data }) => {
    const sized = [...values.keys()].filter((v) => values[v]!.data.length === data.length);
    const exact = sized.filter((v) => isExact(raw, values[v]!));
    return (exact.length > 0 ? exact : sized).filter((v) => equal(data, content(v)));
  });
  return assign({ fits, favours: (g, v) => isLikely(goldens[g]!.raw, values[v]!) }, values.length);
}

function firstDivergence(parts: readonly Part[], { chosen, layout }: Outcome): Divergence | undefined {
  for (const [p, part] of parts.entries()) {
    const g = chosen[p]!.indexOf(undefined);
    if (g < 0) continue;
    const { raw, data } = part.goldens[g]!;
    const found = explain(raw, data, plausible(part, g, chosen[p]!), layout);
    const twin = part.values.find((v) => equal(data, inLayout(v, layout)));
    if (!twin) return found;
    const bound = part.values.some((v) => isExact(raw, v));
    const doubt = bound ? "is it that layer's?" : "another golden has it; is a layer listed twice?";
    return { ...found, explanation: `the golden equals %${twin.name}: ${doubt}` };
  }
  return undefined;
}

/** Values that golden `g` may have been meant for: by name, or else free ones between its neighbours', or any. */
function plausible(
  { goldens, values }: Part,
  g: number,
  chosen: readonly (number | undefined)[],
): readonly NamedValue[] {
  const { raw, data } = goldens[g]!;
  const exact = values.filter((v) => isExact(raw, v));
  if (exact.length > 0) return exact;
  const sized = [...values.keys()].filter((v) => values[v]!.data.length === data.length);
  const likely = sized.filter((v) => isLikely(raw, values[v]!));
  const free = sized.filter((v) => !chosen.includes(v));
  const before = Math.max(-1, ...chosen.slice(0, g).map((v) => v ?? -1));
  const after = Math.min(values.length, ...chosen.slice(g + 1).map((v) => v ?? values.length));
  const between = free.filter((v) => v > before && v < after);
  const best = [likely, between, free].find((list) => list.length > 0) ?? sized;
  return best.map((v) => values[v]!);
}
