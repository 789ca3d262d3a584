/** `--bits` and `--budget`: how wide the weights become. */
import type { AttrValue } from "../ir/op.js";
import { isRecord } from "../ir/record.js";
import type { Bits, Step } from "../passes/index.js";
import { type Call, refuse, UsageError } from "./command.js";
import { deployedBits } from "./deployment.js";
import { type LoadedModel, parseJson } from "./model.js";

/** What the pass to-integer is told. */
export type BitOptions = Readonly<Record<string, AttrValue>>;

/** What the command line says; where it is silent, what the model's deploy section says, unless `--passes` speaks. */
export function bitOptions(call: Call, model: LoadedModel): BitOptions {
  const text = call.text("bits");
  if (text === undefined) return call.text("passes") === undefined ? fromDeploy(model) : {};
  if (/^\d+(\/\d+)?$/.test(text)) {
    const [weights, activations] = text.split("/").map(Number);
    return { ...fromDeploy(model), weights: weights!, ...(activations ? { activations } : {}) };
  }
  return { ...fromDeploy(model), layers: layersIn(text) };
}

function fromDeploy(model: LoadedModel): BitOptions {
  const [weights] = deployedBits(model, "weights");
  const [activations] = deployedBits(model, "activations");
  return { ...(weights ? { weights } : {}), ...(activations ? { activations } : {}) };
}

const isCount = (v: unknown): v is number => typeof v === "number";

/** `{"layer": 4, "other": {"weights": 2, "activations": 4}}` as to-integer takes it. */
function layersIn(file: string): string {
  const value = parseJson(file);
  if (!isRecord(value)) return refuseBits(file, "bits of layers are one object", value);
  return Object.entries(value)
    .map(([name, bits]) => `${name}=${widthsOf(file, name, bits)}`)
    .join(",");
}

function widthsOf(file: string, name: string, bits: unknown): string {
  if (isCount(bits)) return String(bits);
  if (isRecord(bits)) {
    const { weights, activations, ...more } = bits;
    const sound = isCount(weights) && (activations === undefined || isCount(activations));
    if (sound && Object.keys(more).length === 0)
      return activations === undefined ? String(weights) : `${weights}/${activations}`;
  }
  return refuseBits(file, `the bits of ${name} cannot be read`, bits);
}

const refuseBits = (file: string, text: string, found: unknown): never =>
  refuse("quant/bits-file", `${file}: ${text}`, {
    found: JSON.stringify(found)?.slice(0, 80) ?? "nothing",
    expected: '{"layer": 4, "other": {"weights": 2, "activations": 4}}',
    help: "pulsec quantize --report FILE.html lists the layers by name",
  });

const units: Readonly<Record<string, number>> = { "": 1, B: 1, KiB: 2 ** 10, MiB: 2 ** 20 };

export const budgetOf = (call: Call): number | undefined => sizeOption(call, "budget");

/** Bytes of `60KiB`. */
export function sizeOption(call: Call, option: string): number | undefined {
  const text = call.text(option);
  if (text === undefined) return undefined;
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*(\w*)$/.exec(text) ?? [];
  const bytes = Number(number) * (units[unit] ?? Number.NaN);
  if (number !== "" && bytes >= 1) return Math.floor(bytes);
  throw new UsageError(`--${option} takes a size such as 60KiB, 61440 or 1MiB, not ${text}`);
}

/** The bits that `--budget` may choose from. */
export function budgetWidths(model: LoadedModel): readonly Bits[] {
  const allowed = deployedBits(model, "weights");
  return allowed.length > 1 ? allowed : [8, 4, 2];
}

/** The name of the pass that `--bits` speaks to. */
export const integerPass = "to-integer";

/** Steps up to to-integer, and from there on. */
export function splitAt(steps: readonly Step[]): { before: readonly Step[]; from: readonly Step[] } {
  const at = steps.findIndex((s) => s.pass.name === integerPass);
  return at < 0 ? { before: steps, from: [] } : { before: steps.slice(0, at), from: steps.slice(at) };
}

export const withOptions = (steps: readonly Step[], options: BitOptions): readonly Step[] =>
  steps.map((s) => (s.pass.name === integerPass ? { ...s, options: { ...s.options, ...options } } : s));
