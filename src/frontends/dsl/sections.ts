/** `train` and `deploy`: checked against the tables of settings and kept as data. */
import type {
  DeploySyntax,
  Expression,
  PhaseSyntax,
  SettingSyntax,
  TrainSyntax,
} from "../../../grammar/dsl-syntax.js";
import { type Extent, extentOf, type Lexeme } from "../../../grammar/ir-syntax.js";
import { type Context, guess, readString, shorten } from "./context.js";
import {
  deploySettings,
  phaseSettings,
  type SettingKind,
  type SettingRow,
  type SettingTable,
  settingValues,
  targets,
  trainSettings,
  units,
} from "./settings.js";
import type { DeploySection, Setting, Settings, TrainSection } from "./types.js";

type Value = Setting["value"];

export function readTrain(cx: Context, syntax: TrainSyntax, models: readonly string[]): TrainSection {
  const { items } = syntax.body;
  const phases = items.filter((item) => item.kind === "phase");
  const settings = items.filter((item) => item.kind === "setting");
  const named = new Set<string>();
  for (const { name } of phases) {
    if (named.has(name.image))
      cx.error("dsl/duplicate-name", extentOf(name), `there is a phase ${shorten(name.image)} already`);
    named.add(name.image);
  }
  return {
    model: readModelName(cx, syntax.model, models),
    data: readString(cx, syntax.data, extentOf(syntax.data)) ?? "",
    settings: readSettings(cx, settings, trainSettings, "train"),
    phases: phases.map((p) => readPhase(cx, p)),
    place: cx.span(extentOf(syntax.model)),
  };
}

function readPhase(cx: Context, { name, body }: PhaseSyntax): TrainSection["phases"][number] {
  const settings = flat(cx, body.items, "a phase has no phases of its own");
  return {
    name: name.image,
    settings: readSettings(cx, settings, phaseSettings, "a phase"),
    place: cx.span(extentOf(name)),
  };
}

function flat(
  cx: Context,
  items: readonly (SettingSyntax | PhaseSyntax)[],
  text: string,
): readonly SettingSyntax[] {
  for (const item of items) if (item.kind === "phase") cx.error("dsl/setting", extentOf(item.name), text);
  return items.filter((item) => item.kind === "setting");
}

export function readDeploy(cx: Context, syntax: DeploySyntax, models: readonly string[]): DeploySection {
  const target = syntax.target.image;
  if (!(targets as readonly string[]).includes(target))
    cx.error(
      "dsl/target",
      extentOf(syntax.target),
      `there is no target ${shorten(target)}`,
      guess(target, targets, `targets: ${targets.join(", ")}`),
    );
  const settings = flat(cx, syntax.body.items, "phases are for train; a deployment has none");
  return {
    model: readModelName(cx, syntax.model, models),
    target,
    settings: readSettings(cx, settings, deploySettings, "deploy"),
    place: cx.span(extentOf(syntax.model)),
  };
}

function readModelName(cx: Context, { image, startOffset }: Lexeme, models: readonly string[]): string {
  if (!models.includes(image) && !cx.broken.has(image)) {
    const there = models.length > 0 ? `models of this file: ${models.slice(0, 8).join(", ")}` : undefined;
    cx.error(
      "dsl/unknown-model",
      extentOf({ image, startOffset }),
      `there is no model ${shorten(image)}`,
      guess(image, models, there),
    );
  }
  return image;
}

function readSettings(
  cx: Context,
  items: readonly SettingSyntax[],
  table: SettingTable,
  where: string,
): Settings {
  const settings = new Map<string, Setting>();
  for (const item of items) {
    const key = item.key.image;
    const at = extentOf(item.key);
    const row = Object.hasOwn(table, key) ? table[key] : undefined;
    if (!row) {
      const help =
        elsewhere(key, table) ?? guess(key, Object.keys(table), `settings: ${Object.keys(table).join(", ")}`);
      cx.error("dsl/setting", at, `${where} has no setting ${shorten(key)}`, help);
    } else if (settings.has(key)) cx.error("dsl/setting", at, `${key} is set already`);
    else {
      const setting = readSetting(cx, item, row);
      if (setting) settings.set(key, setting);
    }
  }
  return settings;
}

const tables = { train: trainSettings, "a phase": phaseSettings, deploy: deploySettings };

/** A known setting in a wrong place needs no guess. */
function elsewhere(key: string, table: SettingTable): { help: string } | undefined {
  const home = Object.entries(tables).find(([, t]) => t !== table && Object.hasOwn(t, key));
  return home && { help: `${key} is a setting of ${home[0]}` };
}

function readSetting(
  cx: Context,
  { key, value, by, at }: SettingSyntax,
  row: SettingRow,
): Setting | undefined {
  const expected = settingValues(row);
  const refuse = (place: Extent, text: string) => {
    cx.error("dsl/setting", place, text, { expected });
    return undefined;
  };
  const kind = row.value;
  if (by && !(kind.kind === "choices" && kind.by?.includes(by.image)))
    return refuse(extentOf(by), `${key.image} is not chosen by ${shorten(by.image)}`);
  if (kind.kind === "file") {
    if (value.kind !== "string") return refuse(value.at, `this is no file name`);
    const text = readString(cx, value.lexeme, value.at);
    return text === undefined ? undefined : { value: text, place: cx.span(at) };
  }
  const found = readValue(value, kind);
  if (found === undefined) return refuse(value.at, `this is no value of ${key.image}`);
  return { value: found, ...(by ? { by: by.image } : {}), place: cx.span(at) };
}

function readValue(e: Expression, kind: Exclude<SettingKind, { kind: "file" }>): Value | undefined {
  switch (kind.kind) {
    case "integer": {
      const v = numberOf(e);
      return Number.isSafeInteger(v) && inRange(v!, kind) ? v : undefined;
    }
    case "number": {
      const v = numberOf(e);
      return v !== undefined && Number.isFinite(v) && inRange(v, kind) && v > (kind.above ?? -Infinity)
        ? v
        : undefined;
    }
    case "word":
      return e.kind === "name" && (kind.of?.includes(e.name.image) ?? true) ? e.name.image : undefined;
    case "quantity":
      return e.kind === "quantity" ? quantity(e.lexeme.image, units[kind.unit]) : undefined;
    case "choices":
      return choices(e, kind.of);
  }
}

const inRange = (v: number, { min = -Infinity, max = Infinity }: { min?: number; max?: number }): boolean =>
  v >= min && v <= max;

function numberOf(e: Expression): number | undefined {
  if (e.kind === "number") return Number(e.lexeme.image);
  const v = e.kind === "negative" ? numberOf(e.of) : undefined;
  return v === undefined ? undefined : -v;
}

/** A whole number of bytes or hertz. */
function quantity(image: string, factors: Readonly<Record<string, number>>): number | undefined {
  const unit = Object.keys(factors).find(
    (u) => image.endsWith(u) && /[0-9.]$/.test(image.slice(0, -u.length)),
  );
  const value = unit === undefined ? Number.NaN : Number(image.slice(0, -unit.length)) * factors[unit]!;
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function choices(e: Expression, of: readonly number[]): readonly number[] | undefined {
  const items = e.kind === "list" ? e.items : [e];
  const values = items.map((item) => numberOf(item) ?? Number.NaN);
  const sound =
    values.length > 0 && new Set(values).size === values.length && values.every((v) => of.includes(v));
  return sound ? values : undefined;
}
