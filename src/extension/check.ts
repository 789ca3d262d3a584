/** Is this a configuration? Everything that is wrong with it, at once. */
import { type Diagnostic, error, nearest, type Place } from "../ir/diagnostic.js";
import type { OpDef } from "../ir/op.js";
import { isRecord } from "../ir/record.js";
import { type Config, configVersion } from "./config.js";
import { type ListName, wrongWith } from "./shapes.js";

/** What the configuration adds to. */
export interface Known {
  /** Built-in names by the key of the configuration under which more may stand. */
  readonly names: Readonly<Record<ListName | "pipelines", readonly string[]>>;
  readonly ops: readonly OpDef[];
  /** Where the file speaks of a key. */
  place(key: string): Place;
}

const lists: readonly ListName[] = ["ops", "passes", "kernels", "costModels", "engines"];
const keys: readonly string[] = ["version", ...lists, "pipelines"];
const words: Readonly<Record<ListName, string>> = {
  ops: "op",
  passes: "pass",
  kernels: "kernel",
  costModels: "cost model",
  engines: "engine",
};

type Fields = Readonly<Record<string, unknown>>;

/** Errors; none where `value` is a `Config`. `value` is what the file exports as default. */
export function configErrors(value: unknown, known: Known): readonly Diagnostic[] {
  if (!isRecord(value))
    return [
      error("config/no-export", "the configuration exports no object as default", {
        place: known.place("export default"),
        found: described(value),
        expected: "export default defineConfig({ version: 1, ... })",
        help: 'import { defineConfig } from "pulsec"',
      }),
    ];
  const wrong = versionError(value, known);
  if (wrong) return [wrong];
  const shapes = [...unknownKeys(value, known), ...lists.flatMap((l) => listErrors(value[l], l, known))];
  const pipelines = pipelineErrors(value.pipelines, known);
  if (shapes.length + pipelines.length > 0) return [...shapes, ...pipelines];
  return [
    ...lists.flatMap((l) => clashes(value as unknown as Config, l, known)),
    ...strayKernels(value as unknown as Config, known),
  ];
}

function versionError({ version }: Fields, known: Known): Diagnostic | undefined {
  if (version === configVersion) return undefined;
  const help =
    typeof version === "number" && version > configVersion
      ? "it was written for a newer pulsec: update the package"
      : `write version: ${configVersion} as its first entry`;
  return error("config/version", `the configuration is of a format that this pulsec does not read`, {
    place: known.place("version"),
    found: version === undefined ? "no version" : `version ${described(version)}`,
    expected: `version: ${configVersion}`,
    help,
  });
}

function unknownKeys(value: Fields, known: Known): readonly Diagnostic[] {
  return Object.keys(value)
    .filter((key) => !keys.includes(key))
    .map((key) => {
      const guess = nearest(key, keys);
      return error("config/unknown-key", `a configuration has no ${key}`, {
        place: known.place(key),
        expected: keys.join(", "),
        ...(guess ? { help: `did you mean ${guess}?` } : {}),
      });
    });
}

function listErrors(value: unknown, list: ListName, known: Known): readonly Diagnostic[] {
  if (value === undefined) return [];
  const place = known.place(list);
  if (!Array.isArray(value))
    return [
      error("config/shape", `${list} is no list`, {
        place,
        found: described(value),
        expected: `a list: ${list}: [...]`,
      }),
    ];
  return value.flatMap((item: unknown, i) => {
    const complaint = isRecord(item)
      ? wrongWith(list, item)
      : { found: described(item), expected: `an object that says what the ${words[list]} is` };
    if (!complaint) return [];
    const { found, expected } = complaint;
    return error("config/shape", `${list}[${i}]${nameOf(item)} is no ${words[list]}`, {
      place,
      found,
      expected,
    });
  });
}

const nameOf = (item: unknown): string =>
  isRecord(item) && typeof item.name === "string" ? ` (${item.name})` : "";

function pipelineErrors(value: unknown, known: Known): readonly Diagnostic[] {
  if (value === undefined) return [];
  const expected = 'names with passes, as --passes takes them: { small: "mine,dead-code" }';
  if (!isRecord(value))
    return [
      error("config/shape", "pipelines is no object", {
        place: known.place("pipelines"),
        found: described(value),
        expected,
      }),
    ];
  return Object.entries(value)
    .filter(([, text]) => typeof text !== "string")
    .map(([name, text]) =>
      error("config/shape", `the pipeline ${name} is no text`, {
        place: known.place(name),
        found: described(text),
        expected,
      }),
    );
}

/** Names that are taken: by what is built in, by another entry, or by a pass where a pipeline wants it. */
function clashes(config: Config, list: ListName, known: Known): readonly Diagnostic[] {
  const own = (config[list] ?? []).map((item) => item.name);
  const pipelines = list === "passes" ? Object.keys(config.pipelines ?? {}) : [];
  const taken = new Set(
    list === "passes" ? [...known.names.passes, ...known.names.pipelines] : known.names[list],
  );
  const builtIn = new Set(taken);
  return [...own, ...pipelines].flatMap((name) => {
    if (!taken.has(name)) {
      taken.add(name);
      return [];
    }
    const by = builtIn.has(name) ? "is built in" : "stands twice";
    return error("config/clash", `there is another ${words[list]} called ${name}`, {
      place: known.place(pipelines.includes(name) && !own.includes(name) ? name : list),
      found: `${name}, which ${by}`,
      expected: "names that nothing else of the kind has",
      help: "give it another name; nothing built in is replaced",
    });
  });
}

/** A kernel finds its nodes by the op's record itself, not by its name. */
function strayKernels({ kernels = [], ops = [] }: Config, known: Known): readonly Diagnostic[] {
  const all = new Set([...known.ops, ...ops]);
  return kernels
    .filter((k) => !all.has(k.op))
    .map(({ name, op }) => {
      const other = [...all].some((o) => o.name === op.name);
      return error("config/kernel-op", `the kernel ${name} is for an op that no model can hold`, {
        place: known.place("kernels"),
        found: other ? `${op.name}, another record than that of the list` : `${op.name}, which no list holds`,
        expected: "an op of the configuration's ops, or a built-in one",
        help: other
          ? 'take the op itself: opNamed("conv") from "pulsec", or the one in ops'
          : `add it: ops: [${op.name}]`,
      });
    });
}

/** A value in a few words. */
export function described(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (typeof value === "function") return `the function ${value.name || "without a name"}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return isRecord(value)
    ? `an object with ${Object.keys(value).slice(0, 6).join(", ") || "no entries"}`
    : String(value);
}
