/** The cost of firmware as one HTML file without anything from elsewhere. */
import { type FirmwareReport, phaseNames, type Simulated } from "../backends/pulp/report/index.js";
import type { Program } from "../backends/schedule/program.js";
import { layerNote, layerTable, phaseTitles } from "./firmware-layers.js";
import { areasOfL1, areasOfL2, memorySvg } from "./firmware-memory.js";
import {
  bottleneckText,
  type Costs,
  grouped,
  latencyText,
  memoryLines,
  otherTexts,
  perCycle,
  percent,
  signed,
} from "./firmware-report.js";
import { firmwareStyle } from "./firmware-style.js";
import { timelineSvg } from "./firmware-timeline.js";
import { column, escaped, table } from "./html.js";
import { page } from "./page.js";
import { byteText } from "./quantisation-page.js";
import { causeTitle } from "./simulation/summary.js";
import { withUnit } from "./simulation/units.js";

/** One HTML file. `name` is the network's. */
export function firmwarePage(name: string, costs: Costs, program: Program): string {
  const { report, measured } = costs;
  const title = `${name} on ${report.target.toUpperCase()}`;
  const parts = [
    `<h1>${escaped(title)}</h1>`,
    `<p class="lead">${escaped([latencyText(report), ...otherTexts(report), capital(bottleneckText(report))].map((t) => `${t}.`).join(" "))}</p>`,
    figures(report),
    "<h2>Timeline</h2>",
    ...(measured ? [`<p>${phaseKey()}</p>`] : []),
    timelineSvg(report, measured),
    `<p class="note">${timelineNote(report, measured?.timeline.cycles)}</p>`,
    "<h2>Layers</h2>",
    layerTable(report),
    `<p class="note">${layerNote(report)}</p>`,
    ...(report.total.simulated ? stalls(report, report.total.simulated) : []),
    "<h2>L2</h2>",
    ...mapOf("l2", report, program),
    "<h2>L1</h2>",
    ...mapOf("l1", report, program),
  ];
  return page(title, parts.join("\n"), firmwareStyle);
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function figures(report: FirmwareReport): string {
  const { total, cycles, seconds, joules, memories, isSimulated } = report;
  const l2 = memories.find((m) => m.level === "l2");
  const l1 = memories.find((m) => m.level === "l1");
  const list: readonly (readonly [string, string])[] = [
    ["latency", withUnit(seconds, "s")],
    ["energy", withUnit(joules, "J")],
    ["cycles", grouped(cycles)],
    ["MAC/cycle", perCycle(total.macs, cycles)],
    ["MACs", grouped(total.macs)],
    ["L2", l2 ? byteText(l2.bytes) : "0 B"],
    ["L1", l1 ? byteText(l1.bytes) : "0 B"],
    ...(isSimulated ? [["estimate off by", signed(total.simulated?.estimateError ?? null)] as const] : []),
  ];
  return `<dl>${list.map(([k, v]) => `<div><dt>${escaped(k)}</dt><dd>${escaped(v)}</dd></div>`).join("")}</dl>`;
}

const phaseKey = (): string =>
  phaseNames
    .map(
      (p) =>
        `<span class="key"><svg width="11" height="11"><rect class="${p}" width="11" height="11" rx="2"/></svg>${phaseTitles[p]}</span>`,
    )
    .join(" ");

function timelineNote(
  { isSimulated, profile, clock, total }: FirmwareReport,
  marked: number | undefined,
): string {
  if (!isSimulated || marked === undefined)
    return `Layers as the cost model sees them. With --simulate the firmware is built and run on the simulator, and this shows what each core does. Times at ${clock / 1e6} MHz.`;
  const more = marked / Math.max(1, total.simulated?.cycles ?? 1) - 1;
  return `The second of two inferences on the simulator (profile ${profile}), from the first layer to the last. Each column shows the parts of its cycles: what core 0 does; when the other cores are in a kernel; when transfers are under way. Marks in the firmware tell what a core is at; with them it takes ${percent(more, 1)} longer. Times at ${clock / 1e6} MHz.`;
}

/** Causes below these shares, of all cycles and of each layer's, are one column. */
const [rare, rareInLayer] = [0.005, 0.05];

/** Cycles of all cores by cause, layer by layer. */
function stalls({ layers, cores }: FirmwareReport, total: Simulated): readonly string[] {
  const whole = (s: Simulated) => Object.values(s.causes).reduce((a, b) => a + b, 0);
  const all = Object.keys(total.causes).sort((a, b) => total.causes[b]! - total.causes[a]!);
  const isMuch = (c: string, s: Simulated | undefined, least: number) =>
    s !== undefined && (s.causes[c] ?? 0) >= least * whole(s);
  const causes = all.filter(
    (c) => isMuch(c, total, rare) || layers.some((l) => isMuch(c, l.simulated, rareInLayer)),
  );
  const others = all.filter((c) => !causes.includes(c));
  const row = (names: readonly string[], s: Simulated): readonly string[] => {
    const rest = others.reduce((n, c) => n + (s.causes[c] ?? 0), 0);
    const shares = causes.map((c) => share(s.causes[c] ?? 0, whole(s)));
    return [...names, grouped(whole(s)), ...shares, ...(others.length > 0 ? [share(rest, whole(s))] : [])];
  };
  return [
    "<h2>Causes</h2>",
    `<p>Cycles of ${cores === 1 ? "the core" : `all ${cores} cores`}, every one with its cause: an instruction issued, or why none was. Asleep are cores at a barrier, which wait for others or for core 0 and its transfers.${others.length > 0 ? ` Other: ${others.map(causeTitle).join(", ")}.` : ""}</p>`,
    table(
      [
        column("", "n"),
        column("layer"),
        column("core cycles", "n"),
        ...causes.map((c) => column(causeTitle(c), "n")),
        ...(others.length > 0 ? [column("other", "n")] : []),
      ],
      [
        ...layers.flatMap((l, i) =>
          l.simulated ? [row([String(i + 1), escaped(l.value)], l.simulated)] : [],
        ),
        row(["", "<strong>all layers</strong>"], total),
      ],
    ),
  ];
}
const share = (part: number, all: number): string => (part === 0 ? "" : percent(part / Math.max(1, all), 1));

const kinds = {
  l2: [
    ["constant", "constants"],
    ["value", "values between layers"],
    ["window", "windows for what lies in L3"],
  ],
  l1: [
    ["input", "inputs"],
    ["constant", "weights and constants"],
    ["output", "results"],
    ["scratch", "scratch"],
  ],
} as const;

function mapOf(level: "l1" | "l2", report: FirmwareReport, program: Program): readonly string[] {
  const use = report.memories.find((m) => m.level === level);
  const areas = level === "l1" ? areasOfL1(program) : areasOfL2(program);
  if (!use || areas.length === 0) return ["<p>Nothing lies there.</p>"];
  const shown = kinds[level].filter(([kind]) => areas.some((a) => a.kind === kind));
  const key = shown
    .map(
      ([kind, text]) =>
        `<span class="key"><svg width="11" height="11"><rect class="block ${kind}" width="11" height="11" rx="2"/></svg>${text}</span>`,
    )
    .join(" ");
  const lines = memoryLines(report).filter(
    (l) => l.startsWith(level.toUpperCase()) || (level === "l2" && l.startsWith("L3")),
  );
  const what =
    level === "l2"
      ? " What callers pass lies in L2 as well, and is theirs."
      : " Two places of an operand are drawn as one block.";
  return [
    `<p>${escaped(`${lines.join(". ")}.${what}`)}</p>`,
    `<p>${key}</p>`,
    memorySvg(areas, report, {
      title: `memory map of ${level.toUpperCase()}`,
      budget: use.budget,
      lowerBound: use.lowerBound,
    }),
  ];
}
