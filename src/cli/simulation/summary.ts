/** What `pulsec sim` says of a run, as text. */
import { causesOf, type Profile } from "../../backends/gap8sim/insight/profile.js";
import type { RunReport } from "../../backends/gap8sim/insight/report.js";
import { withUnit } from "./units.js";

/** A clock and the power that the chip takes at it: both are statements of the user. */
export interface Power {
  readonly hertz: number;
  readonly watts: number;
}
export interface Energy {
  readonly cycles: number;
  readonly seconds: number;
  readonly joules: number;
}

/** Cycles of the cluster where it ran, else of the fabric controller. */
export function energyOf(cycles: number, { hertz, watts }: Power): Energy {
  const seconds = cycles / hertz;
  return { cycles, seconds, joules: seconds * watts };
}

/** The cycles that a run lasted on the faster of its clocks. */
export const duration = ({ cycles }: RunReport): number => cycles.cluster || cycles.fabric;

type Rows = readonly (readonly string[])[];

/** Names to the left, numbers to the right. */
function table(rows: Rows): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((r) => r[i]!.length)));
  return rows
    .map((r) =>
      r
        .map((c, i) => (i === 0 ? c.padEnd(widths[i]!) : c.padStart(widths[i]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const perCycle = ({ instructions, cycles, byCause }: Profile): string => {
  const awake = cycles - (byCause.sleep ?? 0);
  return awake === 0 ? "-" : (instructions / awake).toFixed(2);
};
const percent = (part: number, whole: number): string =>
  whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`;

/** Words for the causes. */
const titles: Readonly<Record<string, string>> = {
  loadUse: "load-use",
  resultUse: "result-use",
  multiply: "mulh",
  divide: "div",
  l2: "L2",
  device: "device",
  dma: "behind DMA",
  fetch: "I$ miss",
};
/** A cause of cycles in words. */
export const causeTitle = (cause: string): string => titles[cause] ?? cause;

/** One line per profile with all its causes: they add up to the cycles. */
function causeTable(head: string, rows: readonly (readonly [string, Profile])[]): string {
  const causes = causesOf(rows.map(([, p]) => p));
  return table([
    [head, "cycles", "instructions", "per cycle awake", ...causes.map(causeTitle)],
    ...rows.map(([name, p]) => [
      name,
      `${p.cycles}`,
      `${p.instructions}`,
      perCycle(p),
      ...causes.map((c) => `${p.byCause[c] ?? 0}`),
    ]),
  ]);
}

const coreTable = ({ cores }: RunReport): string =>
  causeTable(
    "core",
    cores.map((c) => [c.name, c] as const),
  );

function functionTable({ functions }: RunReport, most: number): readonly string[] {
  const shown = functions.slice(0, most);
  if (shown.length === 0) return [];
  const sum = (domain: string) =>
    functions.filter((f) => f.domain === domain).reduce((total, f) => total + f.cycles, 0);
  const rows = shown.map((f) => {
    const [cause, lost] = Object.entries(f.byCause)
      .filter(([c]) => c !== "issue")
      .sort((a, b) => b[1] - a[1])[0] ?? ["", 0];
    const stalls = cause === "" ? "" : `${causeTitle(cause)} ${percent(lost, f.cycles)}`;
    const share = percent(f.cycles, sum(f.domain));
    return [
      f.name,
      f.domain === "fabric" ? "FC" : "cluster",
      `${f.cycles}`,
      share,
      `${f.instructions}`,
      perCycle(f),
      stalls,
    ];
  });
  const rest = functions.length - shown.length;
  const more = rest > 0 ? `\n... ${rest} more: --functions ${functions.length}` : "";
  const head = ["function", "on", "cycles", "share", "instructions", "per cycle", "most lost to"];
  return [`${table([head, ...rows])}${more}`];
}

function regionTable({ regions }: RunReport, power: Power | undefined): readonly string[] {
  if (regions.length === 0) return [];
  const rows = regions.map((r) => {
    const name = `region ${r.id}${r.core === 8 ? " on FC" : ` on core ${r.core}`}${r.runs > 1 ? ` x ${r.runs}` : ""}`;
    return [name, r] as const;
  });
  const energies = power
    ? rows.map(([name, r]) => `${name}: ${withUnit(energyOf(r.cycles, power).joules, "J")}`)
    : [];
  return [causeTable("region", rows), ...(energies.length > 0 ? [energies.join("\n")] : [])];
}

export interface SummaryOptions {
  readonly profile: string;
  readonly functions: number;
  readonly power: Power | undefined;
}

/** Totals, cores with their causes, functions, regions, energy: empty parts are left out. */
export function summary(report: RunReport, { profile, functions, power }: SummaryOptions): string {
  const { cycles, instructions } = report;
  const cluster = cycles.cluster > 0 ? `, ${cycles.cluster} of the cluster` : "";
  const totals = `${cycles.fabric} cycles of the fabric controller${cluster}, ${instructions} instructions (profile ${profile})`;
  return [
    totals,
    ...(power ? [energyLine(report, power)] : []),
    coreTable(report),
    ...functionTable(report, functions),
    ...regionTable(report, power),
  ].join("\n\n");
}

function energyLine(report: RunReport, power: Power): string {
  const { cycles, seconds, joules } = energyOf(duration(report), power);
  const stated = `${power.hertz / 1e6} MHz and ${Number((power.watts * 1e3).toPrecision(4))} mW`;
  return `${cycles} cycles at ${stated}: ${withUnit(seconds, "s")}, ${withUnit(joules, "J")}`;
}
