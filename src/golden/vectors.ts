/** Which vectors a binding gets: extremes, borders, odd channels, lanes of packed bytes, then seeded noise. */
import { error, Refusal } from "../ir/diagnostic.js";
import { storages } from "../ir/storage.js";
import { type Binding, inputTensors, resultName, type SizeRange } from "./binding.js";
import { buildCase, type GoldenCase, type Recipe, type Setting } from "./cases.js";
import { referencesIn } from "./expression.js";
import { type Fill, pick, streamFor } from "./random.js";

export interface VectorOptions {
  readonly seed: number;
  /** Random vectors behind the systematic ones. */
  readonly random: number;
}

/** Vectors that hold, in this order. Throws a `Refusal` where the op accepts none of the sizes. */
export function makeVectors(binding: Binding, options: VectorOptions): readonly GoldenCase[] {
  const base = workingBase(binding, options.seed);
  const seen = new Set<string>();
  const found: GoldenCase[] = [];
  for (const recipe of recipes(binding, base, options)) {
    const cores = binding.cores[found.length % binding.cores.length]!;
    const own = { ...recipe, setting: { ...recipe.setting, cores } };
    const key = JSON.stringify([own.setting, own.fills, own.name.startsWith("random") ? own.seed : 0]);
    if (seen.has(key)) continue;
    seen.add(key);
    const made = buildCase(binding, own);
    if (typeof made !== "string") found.push(made);
  }
  return found;
}

/** The sizes that a range allows, ascending. */
export const allowed = ({ min, max, multiple }: SizeRange): readonly number[] => {
  const first = Math.ceil(min / multiple) * multiple;
  return Array.from({ length: Math.floor((max - first) / multiple) + 1 }, (_, i) => first + i * multiple);
};

const nearestTo = (list: readonly number[], wish: number): number =>
  list.reduce((best, v) => (Math.abs(v - wish) < Math.abs(best - wish) ? v : best));

/** A setting that the ops accept: medium sizes, or else whatever a search finds. */
function workingBase(binding: Binding, seed: number): Setting {
  const attrs = binding.steps.map(() => ({}));
  const cores = binding.cores[0]!;
  const medium = Object.fromEntries([...binding.sizes].map(([n, r]) => [n, nearestTo(allowed(r), 5)]));
  const next = streamFor(seed, "base");
  let why = "";
  for (let attempt = 0; attempt < 200; attempt++) {
    const setting: Setting =
      attempt === 0 ? { sizes: medium, attrs, zeros: {}, cores } : randomSetting(binding, next, cores);
    const made = buildCase(binding, { name: "base", setting, fills: {}, seed });
    if (typeof made !== "string") return setting;
    why ||= made;
  }
  throw new Refusal(
    error("golden/no-vectors", `no sizes and attributes of ${binding.file} make a vector`, {
      found: why,
      expected: "shapes, attributes and storage that the ops accept together",
      help: "widen the ranges under sizes, or write sizes that belong together as one name",
    }),
  );
}

function randomSetting(binding: Binding, next: () => number, cores: number): Setting {
  const one = <T>(list: readonly T[]): number => pick(next, 0, list.length - 1);
  return {
    sizes: Object.fromEntries(
      [...binding.sizes].map(([name, range]) => {
        const list = allowed(range);
        return [name, list[one(list)]!];
      }),
    ),
    attrs: binding.steps.map((s) =>
      Object.fromEntries(Object.entries(s.attrs).map(([name, choices]) => [name, one(choices)])),
    ),
    zeros: Object.fromEntries([...binding.tensors].map(([name, t]) => [name, one(t.zero)])),
    cores,
  };
}

function* recipes(binding: Binding, base: Setting, { seed, random }: VectorOptions): Generator<Recipe> {
  let serial = 0;
  const recipe = (name: string, setting: Setting, fills: Recipe["fills"] = {}): Recipe => ({
    name,
    setting,
    fills,
    seed: seed * 100_003 + serial++,
  });
  const sized = (changes: Readonly<Record<string, number>>): Setting => ({
    ...base,
    sizes: { ...base.sizes, ...changes },
  });
  const smallest = Object.fromEntries([...binding.sizes].map(([n, r]) => [n, allowed(r)[0]!]));
  yield recipe("smallest", sized(smallest));
  yield* extremes(binding, base, recipe);
  yield* borders(binding, base, sized, recipe);
  for (const name of channelSizes(binding))
    for (const v of allowed(binding.sizes.get(name)!).filter((v) => v <= 9))
      yield recipe(`odd channels: ${name} = ${v}`, sized({ [name]: v }));
  yield* lanes(binding, base, recipe);
  for (let i = 0; i < random; i++) {
    const next = streamFor(seed + i, "setting");
    yield { ...recipe(`random, seed ${seed + i}`, randomSetting(binding, next, base.cores)), seed: seed + i };
  }
}

type MakeRecipe = (name: string, setting: Setting, fills?: Recipe["fills"]) => Recipe;

/** Every input at its ends: all alike, and the first against the others. */
function* extremes(binding: Binding, base: Setting, recipe: MakeRecipe): Generator<Recipe> {
  const names = inputTensors(binding).map((t) => t.name);
  const [first] = names;
  for (const [own, others] of [
    ["lowest", "lowest"],
    ["highest", "highest"],
    ["lowest", "highest"],
    ["highest", "lowest"],
    ["zero", "random"],
  ] as const) {
    const fills = Object.fromEntries(names.map((n): [string, Fill] => [n, n === first ? own : others]));
    const rest = names.length > 1 && own !== others ? `, others ${others}` : "";
    yield recipe(`extremes: ${first} ${own}${rest}`, base, fills);
  }
}

/** Every attribute and zero point in turn, every size at both ends; where both meet, windows hang over borders. */
function* borders(
  binding: Binding,
  base: Setting,
  sized: (changes: Readonly<Record<string, number>>) => Setting,
  recipe: MakeRecipe,
): Generator<Recipe> {
  const ends = [...binding.sizes].flatMap(([name, range]) => {
    const list = allowed(range);
    return [...new Set([list[0]!, list.at(-1)!])].map((v) => ({ [name]: v }));
  });
  const ramp = Object.fromEntries(inputTensors(binding).map((t): [string, Fill] => [t.name, "ramp"]));
  for (const size of ends) yield recipe(`borders: ${text(size)}`, sized(size));
  for (const [at, step] of binding.steps.entries())
    for (const [name, choices] of Object.entries(step.attrs))
      for (let choice = 1; choice < choices.length; choice++) {
        const attrs = base.attrs.map((a, i) => (i === at ? { ...a, [name]: choice } : a));
        const title = `borders: ${name} (${choice + 1} of ${choices.length})`;
        yield recipe(title, { ...base, attrs });
        yield recipe(`${title}, ramp`, { ...base, attrs }, ramp);
        for (const size of ends) yield recipe(`${title}, ${text(size)}`, { ...sized(size), attrs });
      }
  for (const t of binding.tensors.values())
    for (let choice = 1; choice < t.zero.length; choice++)
      yield* zeroPoint(binding, base, t.name, choice, recipe);
}

/** A zero point with every attribute: what pads with it shows where the window hangs over a border. */
function* zeroPoint(
  binding: Binding,
  base: Setting,
  tensor: string,
  zero: number,
  recipe: MakeRecipe,
): Generator<Recipe> {
  const title = `zero point ${binding.tensors.get(tensor)!.zero[zero]} of ${tensor}`;
  const setting = { ...base, zeros: { [tensor]: zero } };
  yield recipe(title, setting);
  for (const [at, step] of binding.steps.entries())
    for (const [name, choices] of Object.entries(step.attrs))
      for (let choice = 1; choice < choices.length; choice++) {
        const attrs = base.attrs.map((a, i) => (i === at ? { ...a, [name]: choice } : a));
        yield recipe(`${title}, ${name} (${choice + 1} of ${choices.length})`, { ...setting, attrs });
      }
}

const text = (sizes: Readonly<Record<string, number>>): string =>
  Object.entries(sizes)
    .map(([n, v]) => `${n} = ${v}`)
    .join(", ");

/** The sizes that count channels, in any tensor. */
function channelSizes(binding: Binding): readonly string[] {
  const found = new Set<string>();
  for (const { axes, shape } of binding.tensors.values())
    for (const [i, e] of (shape ?? []).entries())
      if ("COI".includes(axes[i]!))
        for (const { base } of referencesIn(e)) if (binding.sizes.has(base)) found.add(base);
  return [...found];
}

/** One field of every byte is set, for each field of each packed tensor. */
function* lanes(binding: Binding, base: Setting, recipe: MakeRecipe): Generator<Recipe> {
  for (const { name, packing, storage } of binding.tensors.values()) {
    if (packing === "none" || name === resultName) continue;
    for (let k = 0; k < 8 / storages[storage].bits; k++)
      yield recipe(`lanes: ${name}, field ${k}`, base, { [name]: `lane ${k}` });
  }
}
