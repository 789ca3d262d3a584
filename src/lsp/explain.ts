/** What ops, arguments and settings are, as Markdown. */
import {
  type ArgumentKind,
  argumentKinds,
  rowOf,
  type SettingRow,
  settingValues,
  signature,
} from "../frontends/dsl/index.js";
import type { AttrSpec, OpDef, OperandSpec } from "../ir/op.js";

export const fenced = (language: "pulse" | "pir", text: string): string =>
  `\`\`\`${language}\n${text}\n\`\`\``;
const paragraphs = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== "").join("\n\n");
const code = (text: string): string => `\`${text}\``;

/** The op as models call it. */
export const explainCall = (op: OpDef, result?: string): string =>
  paragraphs(
    fenced("pulse", signature(op) + (result ?? "")),
    op.summary,
    rowOf(op)?.summary,
    operands(op.operands),
    attributes(argumentKinds(op)),
  );

/** The op's record, as IR text writes it. */
export const explainOp = (op: OpDef): string =>
  paragraphs(
    op.summary,
    op.integer && `Integers: ${code(op.integer)}`,
    operands(op.operands),
    attributes(op.attrs as AttrSpec),
  );

const operands = (spec: OperandSpec): string =>
  Object.entries(spec)
    .map(([name, { storage, rank, param, optional, variadic }]) => {
      const facts = [
        storage.join(" "),
        rank === undefined ? "" : `rank ${[rank].flat().join(" or ")}`,
        param ? "param" : "",
        optional ? "optional" : "",
        variadic ? "one or more" : "",
      ];
      return `- operand ${code(name)}: ${facts.filter(Boolean).join(", ")}`;
    })
    .join("\n");

const attributes = (kinds: Readonly<Record<string, ArgumentKind>>): string =>
  Object.entries(kinds)
    .map(([name, kind]) => `- ${code(name)}: ${explainArgument(kind)}`)
    .join("\n");

/** Which values an argument takes, and what it is when nobody writes it. */
export function explainArgument(kind: ArgumentKind): string {
  const standard = "default" in kind && kind.default !== undefined ? `, default ${kind.default}` : "";
  const optional = "optional" in kind && kind.optional ? ", optional" : "";
  return `${valuesOf(kind)}${standard}${optional}`;
}

function valuesOf(kind: ArgumentKind): string {
  switch (kind.kind) {
    case "enum":
    case "bool":
      return wordsOf(kind).join(" or ");
    case "padding":
      return `${wordsOf(kind).join(", ")}, or whole numbers`;
    case "float":
      return "number";
    case "int":
      return `whole number${least(kind)}`;
    case "ints": {
      const per = { spatial: ", one per spatial dimension", edges: ", begins then ends" };
      const { length } = kind;
      const count = typeof length === "number" ? `, ${length} of them` : length ? per[length] : "";
      return `whole numbers${least(kind)}${count}`;
    }
  }
}

const least = ({ min }: { readonly min?: number }): string => (min === undefined ? "" : ` >= ${min}`);

/** Words that an argument takes. */
export function wordsOf(kind: ArgumentKind): readonly string[] {
  if (kind.kind === "enum") return kind.of;
  if (kind.kind === "bool") return ["true", "false"];
  return kind.kind === "padding" ? ["same", "valid", "causal"] : [];
}

export const explainSetting = (name: string, row: SettingRow): string =>
  paragraphs(fenced("pulse", name), row.summary, `Value: ${settingValues(row)}.`);
