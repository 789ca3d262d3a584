/** The manual as a function of the op records: Markdown out of data. */
import { defaultAttr } from "./check.js";
import { type Stage, stages, type Value } from "./graph.js";
import type { AttrKind, AttrSpec, Example, Num, OpDef, OperandSpec } from "./op.js";
import { type Storage, storages } from "./storage.js";

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |\n`).join("");

const code = (text: string): string => (text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``);

/** `docs/reference/ops.md`: every op with operands, attributes, meanings, simplifications and examples. */
export function opsReference(ops: readonly OpDef[]): string {
  const overview = table(
    ["op", "integers", "floats", "multiplies", ""],
    ops.map((op) => [
      `[${op.name}](#${op.name})`,
      op.int ? "yes" : "",
      op.float ? "yes" : "",
      op.work ? "yes" : "",
      firstSentence(op.summary),
    ]),
  );
  return `${opsIntroduction}\n${overview}\n${ops.map(opSection).join("\n")}`;
}

const opsIntroduction = `# Ops

Generated from the records in \`src/ir/ops\` by \`npm run docs\`; do not edit.

Activations are channels last: \`N L C\` or \`N H W C\`. Weights are \`Co K Ci\` or \`Co Kh Kw Ci\`. *zero* is the
zero point of the operand's type, 0 where it has none. A param operand must be known when the graph is built. The
integer meaning is what the engines \`int\`, \`wasm\` and \`c\` compute, bit for bit
([integer specification](../integer-specification.md)); the float meaning is what the float engine and training compute.
`;

const firstSentence = (text: string): string => /^(.*?)\.( |$)/.exec(text)?.[1] ?? text;

function opSection(op: OpDef): string {
  const parts = [
    `## ${op.name}\n\n${op.summary}\n`,
    operandTable(op.operands),
    attributeTable(op.attrs),
    factList(op),
    ...op.examples.map(exampleText),
  ];
  return parts.filter(Boolean).join("\n");
}

const operandTable = (operands: OperandSpec): string =>
  table(
    ["operand", "storage", "rank", ""],
    Object.entries(operands).map(([name, { storage, rank, param, optional, variadic }]) => [
      code(name),
      storage.join(" "),
      rank === undefined ? "any" : [rank].flat().join(" or "),
      [optional && "optional", param && "param", variadic && "one or more"].filter(Boolean).join(", "),
    ]),
  );

function attributeTable(attrs: AttrSpec): string {
  const rows = Object.entries(attrs).map(([name, kind]) => [code(name), valuesOf(kind), defaultOf(kind)]);
  return rows.length > 0 ? table(["attribute", "values", "default"], rows) : "";
}

const lengths = {
  spatial: "one per spatial dimension",
  edges: "begins of all spatial dimensions, then ends",
};

function valuesOf(kind: AttrKind): string {
  if (kind.kind === "bool") return "true or false";
  if (kind.kind === "enum") return kind.of.map(code).join(" ");
  if (kind.kind === "float") return "number";
  const { min, max } = kind;
  const least = min === undefined ? "" : ` >= ${min}`;
  const range = max === undefined ? least : ` in [${min ?? "-inf"}, ${max}]`;
  if (kind.kind === "int") return `integer${range}`;
  const { length } = kind;
  const many = typeof length === "number" ? `${length} of them` : length && lengths[length];
  return `integers${range}${many ? `, ${many}` : ""}`;
}

function defaultOf(kind: AttrKind): string {
  if (kind.kind !== "bool" && kind.default === undefined)
    return "optional" in kind && kind.optional ? "absent" : "must be written";
  return kind.kind === "ints" ? `${kind.default} each` : String(kind.default);
}

/** An op with an integer meaning may still convert from or to floats: its examples show where it stands. */
function stagesOf(op: OpDef): readonly Stage[] {
  const integer = op.int && op.examples.some((e) => e.text.includes("stage integer {"));
  return stages.filter((s) => s === "quantised" || (s === "integer" ? integer : op.float));
}

const becoming = {
  sum: "the sum, requantised",
  same: "itself, in the type of its operand",
} as const;

function factList(op: OpDef): string {
  const macs = op.work && macFormula(op);
  const facts = [
    `- Stages: ${stagesOf(op).join(", ")}`,
    op.integer && `- Integers: ${code(op.integer)}`,
    op.quantise &&
      `- From float to integer: ${typeof op.quantise === "string" ? becoming[op.quantise] : "a lut"}`,
    op.bounds || op.traits.includes("reads")
      ? ""
      : op.int && "- Bounds: whatever the result's storage holds.",
    macs &&
      `- Multiply-accumulates per sample of rank 3: ${code(macs)}; ${code("y[1]")} is size 1 of the result`,
    op.traits.length > 0 && `- Traits: ${op.traits.join(", ")}`,
    ...(op.canonical ?? []).map((rule) => `- Simplifies (${rule.name}): ${code(rule.equation)}`),
  ];
  return facts
    .filter(Boolean)
    .map((fact) => `${fact}\n`)
    .join("");
}

/** Arithmetic on formulas: `work` prints itself. */
const formulas: Num<string> = {
  lit: String,
  add: (a, b) => `(${a} + ${b})`,
  mul: (a, b) => `${a} * ${b}`,
  ceilDiv: (a, b) => `ceil(${a} / ${b})`,
};

/** The count that the record writes down, for data of rank 3 and attributes at their defaults. */
function macFormula(op: OpDef): string | undefined {
  const sequence = { name: "x", type: { storage: "f32", shape: [1, 1, 1] }, places: [] } satisfies Value;
  const attrs = Object.fromEntries(
    Object.entries(op.attrs as AttrSpec).map(([name, kind]) => [name, defaultAttr(kind, [sequence])]),
  );
  const dim = (of: string, axis: number) => `${of}[${axis}]`;
  return op.work?.(formulas, dim, attrs as never, () => sequence.type.shape.length);
}

function exampleText({ text, inputs, output }: Example): string {
  const given = inputs.map((list) => code(`[${list.join(", ")}]`)).join(", ");
  return `\`\`\`pir\n${text}\`\`\`\n\n${given} gives ${code(`[${output.join(", ")}]`)}.\n`;
}

/** `docs/reference/ir.md`: the written page, its tables filled in. Throws on a placeholder that nobody fills. */
export function irReference(template: string): string {
  const fill: Readonly<Record<string, () => string>> = { storages: storageTable };
  return template.replace(/^\{\{(\w+)\}\}\n/gm, (_, name: string) => {
    const made = fill[name];
    if (!made) throw new Error(`nothing fills {{${name}}} of the IR page`);
    return made();
  });
}

const storageTable = (): string =>
  table(
    ["storage", "bits", "smallest", "largest"],
    (Object.keys(storages) as Storage[]).map((name) => {
      const { bits, min, max } = storages[name];
      const exact = (v: number) => (name === "i64" ? (v < 0 ? "-2^63" : "2^63 - 1") : String(v));
      return [code(name), String(bits), ...(name === "f32" ? ["", ""] : [exact(min), exact(max)])];
    }),
  );
