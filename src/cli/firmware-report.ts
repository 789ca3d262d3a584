/** What `compile --target gap8` says of a network's cost: estimated, and simulated where that was asked for. */
import type { FirmwareProject } from "../backends/pulp/index.js";
import type {
  FirmwareReport,
  LayerReport,
  Measured,
  Part,
  ProfileName,
  Spent,
  Wait,
} from "../backends/pulp/report/index.js";
import type { Tensor } from "../ir/tensor.js";
import { type Call, list, type OptionSpec, oneOf, UsageError } from "./command.js";
import { sourcesRead } from "./files.js";
import type { LoadedModel } from "./model.js";
import { byteText } from "./quantisation-page.js";
import { quantity, withUnit } from "./simulation/units.js";

export const reportOptions: Readonly<Record<string, OptionSpec>> = {
  report: { type: "string", value: "FILE.html", help: "gap8: write a page with the cost of each layer" },
  simulate: {
    type: "boolean",
    help: "gap8: also build the firmware and simulate two inferences; the report then has the second one's cycles",
  },
  profile: {
    type: "string",
    value: "gvsoc|rtl",
    multiple: true,
    help: "gap8: timing for --simulate: as GVSOC (default), as documented, or both: gvsoc,rtl",
  },
  clock: {
    type: "string",
    value: "100MHz",
    help: "gap8: clock for latency and energy; default: the deploy section, else 100MHz",
  },
  power: {
    type: "string",
    value: "51mW",
    help: "gap8: power of the chip at that clock; default 0.51 mW per MHz, as published for GAP8 at 100 MHz",
  },
};

export interface Costs {
  readonly report: FirmwareReport;
  readonly measured: Measured | undefined;
}

const fileOf = (call: Call): string | undefined => {
  const file = call.text("report");
  if (file !== undefined && !/\.html?$/i.test(file))
    throw new UsageError(`--report takes the name of an .html file, not ${file}`);
  return file;
};

/** The one whose numbers the report is about, and others; none where nothing is simulated. */
function profilesOf(call: Call): readonly ProfileName[] {
  const asked = list(call.texts("profile")).map((p) => oneOf<ProfileName>("profile", p, ["gvsoc", "rtl"]));
  if (asked.length > 0 && !call.flag("simulate")) throw new UsageError("--profile belongs to --simulate");
  if (!call.flag("simulate")) return [];
  return asked.length > 0 ? [...new Set(asked)] : ["gvsoc"];
}

/** Mistakes in the options, and use of those that need a target that is not made. */
export function checkReportOptions(call: Call, isFirmware: boolean): void {
  fileOf(call);
  const isUsed = (o: string) =>
    reportOptions[o]!.multiple ? call.texts(o).length > 0 : call.text(o) !== undefined || call.flag(o);
  const used = Object.keys(reportOptions).find(isUsed);
  if (used && !isFirmware) throw new UsageError(`--${used} belongs to --target gap8`);
  profilesOf(call);
}

/** Numbers of a project, the simulator asked where `--simulate` is given. */
export async function costsOf(
  call: Call,
  model: LoadedModel,
  project: FirmwareProject,
  inputs: readonly Tensor[],
): Promise<Costs> {
  const { firmwareReport, measureFirmware, mostRegions } = await import("../backends/pulp/report/index.js");
  const { layers } = project.emission.program;
  const [profile, ...others] = profilesOf(call);
  if (profile && layers.length > mostRegions)
    throw new UsageError(
      `--simulate tells ${mostRegions} layers apart, the network has ${layers.length}; pulsec sim runs it as a whole`,
    );
  if (profile) call.progress("building the firmware and simulating it");
  const measured = profile && (await measureFirmware(project, { profile, others, inputs }));
  const [clock, power] = [call.text("clock"), call.text("power")];
  const declared = model.deploy?.settings.get("clock")?.value;
  const hertz = clock !== undefined ? quantity("--clock", clock, "Hz") : declared && Number(declared);
  const report = firmwareReport(project.emission.program, {
    sources: sourcesRead,
    ...(hertz ? { hertz } : {}),
    ...(power === undefined ? {} : { watts: quantity("--power", power, "W") }),
    ...(measured ? { measured } : {}),
  });
  return { report, measured };
}

/** report.json with all that is known. */
export const withCosts = (json: string, { report }: Costs): string =>
  `${JSON.stringify({ ...(JSON.parse(json) as object), ...report }, null, 2)}\n`;

export const waitWords: Readonly<Record<Wait, string>> = {
  compute: "compute",
  dma: "L2 DMA",
  l3: "L3",
  border: "borders",
  barrier: "barriers",
  control: "DMA setup",
  icache: "I$ misses",
};

export const percent = (part: number, digits = 0): string => `${(100 * part).toFixed(digits)} %`;
export const signed = (part: number | null): string =>
  part === null ? "-" : `${part < 0 ? "-" : "+"}${Math.abs(100 * part).toFixed(1)} %`;
/** `1,234,567` */
export const grouped = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");
export const perCycle = (macs: number, cycles: number): string =>
  macs === 0 || cycles === 0 ? "-" : (macs / cycles).toFixed(2);

/** Layers in the table of the terminal; the others are one row. */
const most = 12;

/** The layers with the most cycles, in the order of the network. */
function expensive({ layers }: FirmwareReport): ReadonlySet<LayerReport> {
  const cycles = (l: LayerReport) => l.simulated?.cycles ?? l.estimatedCycles;
  return new Set(layers.toSorted((a, b) => cycles(b) - cycles(a)).slice(0, most));
}

interface Sum {
  readonly macs: number;
  /** Those of the layers whose cycles are known. */
  readonly timed: number;
  readonly estimated: number;
  readonly simulated: number | undefined;
  /** Those of the layers of which something is foretold. */
  readonly known: number;
  /** Cycles in other profiles. */
  readonly others: readonly number[];
  readonly near: number;
  readonly far: number;
}
const sumOf = (layers: readonly LayerReport[], { others }: FirmwareReport): Sum => {
  const sum = (of: (l: LayerReport) => number) => layers.reduce((n, l) => n + of(l), 0);
  return {
    macs: sum((l) => l.macs),
    timed: sum((l) => (l.simulated || l.estimatedCycles > 0 ? l.macs : 0)),
    estimated: sum((l) => l.estimatedCycles),
    simulated: layers.every((l) => l.simulated) ? sum((l) => l.simulated!.cycles) : undefined,
    known: sum((l) => (l.estimatedCycles > 0 ? (l.simulated?.cycles ?? 0) : 0)),
    others: others.map((o) => sum((l) => l.simulated?.others[o.profile] ?? 0)),
    near: sum((l) => l.dma.l2ToL1 + l.dma.l1ToL2),
    far: sum((l) => l.dma.l3ToL2 + l.dma.l2ToL3),
  };
};

function row(name: string, s: Sum, { isSimulated, layers }: FirmwareReport): readonly string[] {
  const cycles = s.simulated ?? s.estimated;
  const hasFar = layers.some((l) => l.dma.l3ToL2 + l.dma.l2ToL3 > 0);
  return [
    name,
    grouped(s.macs),
    grouped(s.estimated),
    ...(isSimulated ? [grouped(cycles), signed(s.known > 0 ? s.estimated / s.known - 1 : null)] : []),
    ...s.others.map(grouped),
    perCycle(s.timed, cycles),
    byteText(s.near),
    ...(hasFar ? [byteText(s.far)] : []),
  ];
}

function layerRows(
  report: FirmwareReport,
  mainly: (l: LayerReport) => string,
): readonly (readonly string[])[] {
  const { layers, isSimulated } = report;
  const shown = expensive(report);
  const rest = layers.filter((l) => !shown.has(l));
  const hasFar = layers.some((l) => l.dma.l3ToL2 + l.dma.l2ToL3 > 0);
  return [
    [
      "layer",
      "MACs",
      "estimated",
      ...(isSimulated ? ["simulated", "error"] : []),
      ...report.others.map((o) => o.profile),
      "MAC/cycle",
      "L1 DMA",
      ...(hasFar ? ["L3 DMA"] : []),
      "mostly",
    ],
    ...layers
      .filter((l) => shown.has(l))
      .map((l) => [...row(`%${l.value}`, sumOf([l], report), report), mainly(l)]),
    ...(rest.length > 0 ? [[...row(`${rest.length} others`, sumOf(rest, report), report), ""]] : []),
    [...row("all layers", sumOf(layers, report), report), ""],
  ];
}

/** Names to the left, numbers to the right, words at the end to the left. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((r) => r[i]!.length)));
  const last = widths.length - 1;
  const cell = (text: string, i: number) =>
    i === 0 || i === last ? text.padEnd(widths[i]!) : text.padStart(widths[i]!);
  return rows.map((r) => r.map(cell).join("  ").trimEnd()).join("\n");
}

export const stated = ({ clock, watts }: FirmwareReport): string =>
  `${Number((clock / 1e6).toPrecision(4))} MHz and ${Number((watts * 1e3).toPrecision(3))} mW`;

export function latencyText(report: FirmwareReport): string {
  const { cycles, isSimulated, seconds, joules, profile, layers } = report;
  const unknown = layers.filter((l) => l.estimatedCycles === 0).length;
  const but = unknown > 0 ? ` but for ${unknown} of ${layers.length} layers, whose kernels are your own` : "";
  const how = isSimulated ? `simulated (profile ${profile})` : `estimated${but}`;
  return `${grouped(cycles)} cycles ${how}: ${withUnit(seconds, "s")} and ${withUnit(joules, "J")} at ${stated(report)}`;
}

/** The same with other timing of the simulator. */
export const otherTexts = (report: FirmwareReport): readonly string[] =>
  report.others.map(
    ({ profile, cycles, seconds, joules }) =>
      `${grouped(cycles)} cycles with profile ${profile}: ${withUnit(seconds, "s")} and ${withUnit(joules, "J")}`,
  );

/** `compute 44 %`; an estimate knows of some layers only what takes longest. */
const partText = ({ wait, share }: Part): string =>
  share > 0.995 ? waitWords[wait] : `${waitWords[wait]} ${percent(share)}`;

const spentText = ({ parts }: Spent): string =>
  parts
    .filter((p, i) => i === 0 || p.share >= 0.05)
    .slice(0, 3)
    .map(partText)
    .join(", ");

/** `L3 46 %, compute 39 %; %x takes 14 % of the cycles: compute 44 %, borders 38 %` */
export function bottleneckText({ bottleneck }: FirmwareReport): string {
  if (!bottleneck) return "no layer takes cycles";
  const { value, share, overall } = bottleneck;
  return `${spentText(overall)}; %${value} takes ${percent(share)} of the cycles: ${spentText(bottleneck)}`;
}

/** `L2: 39.1 KiB of 400.0 KiB, at least 39.1 KiB because of %x` */
export const memoryLines = ({ memories, tightest }: FirmwareReport): readonly string[] =>
  memories
    .filter((m) => m.bytes > 0)
    .map(({ level, bytes, budget, lowerBound }) => {
      const least = lowerBound > 0 ? `, lower bound ${byteText(lowerBound)}` : "";
      const by = lowerBound > 0 && level === "l2" && tightest ? ` set by %${tightest}` : "";
      return `${level.toUpperCase()}: ${byteText(bytes)} of ${byteText(budget)}${least}${by}`;
    });

/** A few lines for the terminal. */
export async function costSummary({ report }: Costs): Promise<string> {
  const { cyclesOf, mainWait } = await import("../backends/pulp/report/index.js");
  const mainly = (l: LayerReport) =>
    cyclesOf(l) > 0 ? partText(mainWait(l, report.cores).parts[0]!) : "not estimated";
  return [
    aligned(layerRows(report, mainly)),
    "",
    latencyText(report),
    ...otherTexts(report),
    `bottleneck: ${bottleneckText(report)}`,
    ...memoryLines(report),
  ].join("\n");
}
