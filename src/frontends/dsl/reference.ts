/** The tables of the language's page, made from what the frontend itself reads. */
import type { AttrSpec, OpDef } from "../../ir/op.js";
import { argumentKinds, rowOf, signature } from "./arguments.js";
import { notCallable } from "./call.js";
import { type ArgumentKind, operators } from "./calls.js";
import { sourceLimit } from "./context.js";
import { functions } from "./functions.js";
import { modelLimits } from "./models.js";
import {
  deploySettings,
  phaseSettings,
  type SettingTable,
  settingValues,
  targets,
  trainSettings,
  units,
} from "./settings.js";

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |\n`).join("");
const code = (text: string): string => `\`${text}\``;

/** Generated parts of docs/dsl.md by their name. */
export function dslReference(ops: readonly OpDef[]): ReadonlyMap<string, string> {
  const callable = ops.filter((op) => notCallable(op) === undefined);
  return new Map([
    ["calls", callsTable(callable)],
    ["ops", opsTable(callable.filter((op) => !rowOf(op)))],
    ["operators", operatorsTable()],
    ["functions", functionsTable()],
    ["train", settingsTable(trainSettings)],
    ["phase", settingsTable(phaseSettings)],
    ["deploy", settingsTable(deploySettings)],
    ["units", unitsTable()],
    ["limits", limitsTable()],
    ["targets", `${targets.map(code).join(", ")}\n`],
  ]);
}

function callsTable(ops: readonly OpDef[]): string {
  const rows = ops.flatMap((op) => {
    const row = rowOf(op);
    return row
      ? [
          [
            code(signature(op)),
            Object.keys(row.params ?? {})
              .map(code)
              .join(" "),
            row.summary,
          ],
        ]
      : [];
  });
  return table(["call", "params made", ""], rows);
}

const firstSentence = (text: string): string => /^(.*?)\.( |$)/.exec(text)?.[1] ?? text;

const opsTable = (ops: readonly OpDef[]): string =>
  table(
    ["call", "needed", ""],
    ops.map((op) => [code(signature(op)), needed(op), firstSentence(op.summary)]),
  );

const isNeeded = (kind: ArgumentKind): boolean =>
  !("default" in kind && kind.default !== undefined) && !("optional" in kind && kind.optional === true);

const needed = (op: OpDef): string =>
  Object.keys(op.attrs as AttrSpec)
    .filter((name) => isNeeded(argumentKinds(op)[name]!))
    .map(code)
    .join(" ");

const operatorsTable = (): string =>
  table(
    ["operator", "between numbers", "between tensors, or a tensor and a number"],
    ["+", "-", "*", "/", "%"].map((o) => [
      code(o),
      o === "/" ? "exact division" : o === "%" ? "remainder, with the sign of the divisor" : "whole numbers",
      operators[o] ? code(operators[o]) : o === "/" ? "`mul` by 1 / number" : "",
    ]),
  );

const functionsTable = (): string =>
  table(
    ["function", ""],
    Object.entries(functions).map(([name, { more, summary }]) => [
      code(`${name}(${["x", ...more].join(", ")})`),
      summary,
    ]),
  );

const settingsTable = (settings: SettingTable): string =>
  table(
    ["setting", "value", ""],
    Object.entries(settings).map(([name, row]) => [code(name), settingValues(row), row.summary]),
  );

const unitsTable = (): string =>
  table(
    ["units", ""],
    Object.entries(units).map(([kind, factors]) => [
      Object.entries(factors)
        .map(([unit, factor]) => `${code(unit)} = ${factor}`)
        .join(", "),
      kind,
    ]),
  );

const limitsTable = (): string =>
  table(
    ["at most", ""],
    [
      [String(sourceLimit), "characters in a file"],
      [String(modelLimits.nodes), "calls in the models of a file, those in expanded blocks included"],
      [String(modelLimits.elements), "elements in the params of a file's models"],
    ],
  );
