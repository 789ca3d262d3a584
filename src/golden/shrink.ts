/** The smallest shape at which a kernel still fails. */
import type { Binding } from "./binding.js";
import { buildCase, type GoldenCase, type Recipe } from "./cases.js";
import { allowed } from "./vectors.js";

/** Which of these vectors fail. */
export type Failing = (cases: readonly GoldenCase[]) => Promise<readonly boolean[]>;

const mostRounds = 24;
/** Data changes with the shape: so many seeds are tried before a smaller shape counts as right. */
const seeds = 4;

/** Reduces sizes and attributes one after the other as long as some vector of the reduced shape fails. */
export async function shrink(binding: Binding, start: GoldenCase, failing: Failing): Promise<GoldenCase> {
  let best = start;
  for (let round = 0; round < mostRounds; round++) {
    const candidates = smaller(binding, best);
    const fails = await failing(candidates);
    const next = candidates.find((_, i) => fails[i]);
    if (!next) break;
    best = next;
  }
  return best;
}

/** All vectors one step below, the smallest first. */
function smaller(binding: Binding, { recipe }: GoldenCase): readonly GoldenCase[] {
  if (!recipe) return [];
  const settings = [...smallerSizes(binding, recipe), ...simplerAttrs(binding, recipe)];
  const made = settings.flatMap((s) =>
    Array.from({ length: seeds }, (_, i) => buildCase(binding, { ...recipe, ...s, seed: recipe.seed + i })),
  );
  return made
    .filter((c) => typeof c !== "string")
    .map((c) => ({ ...c, name: `${recipe.name}, reduced` }))
    .sort((a, b) => weight(a) - weight(b));
}

/** Elements in all tensors: what a person has to look at. */
export const weight = ({ tensors }: GoldenCase): number =>
  [...tensors.values()].reduce((sum, t) => sum + t.data.length, 0);

type Change = Pick<Recipe, "setting">;

function smallerSizes(binding: Binding, { setting }: Recipe): readonly Change[] {
  return [...binding.sizes].flatMap(([name, range]) => {
    const now = setting.sizes[name]!;
    const list = allowed(range).filter((v) => v < now);
    const tried = new Set([list[0], list[Math.floor(list.length / 2)], list.at(-1)]);
    return [...tried]
      .filter((v) => v !== undefined)
      .map((v) => ({ setting: { ...setting, sizes: { ...setting.sizes, [name]: v } } }));
  });
}

/** The first value of every attribute and zero point is the plain one; one core is simpler than several. */
function simplerAttrs({ cores }: Binding, { setting }: Recipe): readonly Change[] {
  const attrs = setting.attrs.flatMap((step, at) =>
    Object.entries(step)
      .filter(([, choice]) => choice > 0)
      .map(([name]) => ({
        setting: { ...setting, attrs: setting.attrs.map((s, i) => (i === at ? { ...s, [name]: 0 } : s)) },
      })),
  );
  const zeros = Object.entries(setting.zeros)
    .filter(([, choice]) => choice > 0)
    .map(([name]) => ({ setting: { ...setting, zeros: { ...setting.zeros, [name]: 0 } } }));
  const fewest = Math.min(...cores);
  return [
    ...attrs,
    ...zeros,
    ...(setting.cores > fewest ? [{ setting: { ...setting, cores: fewest } }] : []),
  ];
}
