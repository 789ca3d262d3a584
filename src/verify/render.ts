/** Reports as people read them: the first divergence stands on top. */
import type { Difference } from "./difference.js";
import type { DifferingTile, EngineOutcome, EngineReport } from "./engines.js";
import type { Divergence } from "./explain.js";
import type { GoldenReport } from "./goldens.js";

const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
const signed = (n: number): string => (n > 0 ? `+${n}` : String(n));

function renderDifference(d: Difference): readonly string[] {
  const most = d.differing > 1 ? `, by at most ${d.largest}` : "";
  return [
    `  element [${d.index.join(", ")}]: expected ${d.expected}, got ${d.got} (${signed(d.distance)} LSB)`,
    `  ${d.differing} of ${plural(d.elements, "element")} ${d.differing === 1 ? "differs" : "differ"}${most}`,
  ];
}

/** One line when all is equal; otherwise each engine's first divergence, then the summary. */
export function renderEngineReport(report: EngineReport): string {
  const { engines, reference, values, vectors } = report;
  const lines = engines.flatMap((e) => renderOutcome(e, reference, values));
  const equal = engines.filter((e) => e.refusals.length === 0 && e.differences.length === 0);
  if (equal.length === 0) return lines.join("\n");
  const whole = equal.filter((e) => e.compared === values);
  const names = [reference, ...whole.map((e) => e.engine)].join(" = ");
  const hidden = equal.filter((e) => e.compared < values).map((e) => `; ${e.engine}: ${e.compared} of them`);
  lines.push(
    `${names}: ${plural(values, "value")}, ${plural(vectors, "test vector")}, bit for bit${hidden.join("")}`,
  );
  return lines.join("\n");
}

function renderOutcome(e: EngineOutcome, reference: string, values: number): readonly string[] {
  if (e.refusals.length > 0)
    return [`${e.engine} cannot run this graph:`, ...e.refusals.map((r) => `  ${r}`)];
  return renderDifferences(e, reference, values);
}

/** The first divergence of an engine: layer, element, tile. Nothing where there is none. */
export function renderDifferences(
  { engine, vector, differences }: Pick<EngineOutcome, "engine" | "vector" | "differences">,
  reference: string,
  values: number,
): readonly string[] {
  const [first] = differences;
  if (!first) return [];
  const more = differences.length - 1;
  const where = `layer ${first.layer} of ${values}, ${vector}`;
  return [
    `first divergence of ${engine} from ${reference}: %${first.value} (${first.op}), ${where}`,
    ...(first.difference
      ? renderDifference(first.difference)
      : [`  ${engine} does not give this value in its full size`]),
    ...(first.tile ? [renderTile(first.tile)] : []),
    ...(more > 0 ? [`  ${plural(more, "later value")} ${more === 1 ? "differs" : "differ"} as well`] : []),
  ];
}

/** Ranges as array languages write them, the end excluded. */
function renderTile({ number, of, h, w, c, section, differing }: DifferingTile): string {
  const box = `h ${h.join(":")}, w ${w.join(":")}, c ${c.join(":")}`;
  const streamed = section ? `, in section ${section.number} of ${section.of}` : "";
  const others =
    differing > 1 ? `the first of ${differing} that differ` : of > 1 ? "no other tile differs" : "";
  return `  tile ${number} of ${of} (${box})${streamed}${others && `; ${others}`}`;
}

export interface GoldenRenderOptions {
  /** List the value of every golden. */
  readonly all?: boolean;
}

/** The first divergence, if any, then how many goldens were found. */
export function renderGoldenReport(report: GoldenReport, options: GoldenRenderOptions = {}): string {
  const { matches, layout, divergence } = report;
  const missing = matches.filter((m) => m.value === undefined).map((m) => m.golden);
  const lines = divergence ? [...renderDivergence(divergence)] : [];
  if (options.all)
    for (const m of matches)
      lines.push(`  ${m.golden} ${m.value === undefined ? "matches nothing" : `= %${m.value} (by ${m.by})`}`);
  const outputs = matches.filter((m) => m.role === "output").length;
  const counts = [
    [matches.length - outputs, "layer"],
    [outputs, "output"],
  ] as const;
  const kinds = counts
    .filter(([n]) => n > 0)
    .map(([n, noun]) => plural(n, noun))
    .join(" and ");
  const equal = missing.length === 0 ? "all equal" : `${matches.length - missing.length} equal`;
  lines.push(`goldens: ${kinds}, ${equal}, bit for bit, ${layout.replace("-", " ")}`);
  if (missing.length > 0) lines.push(`not matched: ${missing.join(", ")}`);
  return lines.join("\n");
}

function renderDivergence({ golden, label, value, difference, explanation }: Divergence): readonly string[] {
  const name = label ? `${golden} (${label})` : golden;
  return [
    value === undefined
      ? `first divergence: ${name} matches no value`
      : `first divergence: ${name} against %${value}`,
    ...(difference ? renderDifference(difference) : []),
    ...(explanation ? [`  ${explanation}`] : []),
  ];
}
