/** The cost of firmware as one HTML file without anything from elsewhere. */
import {
  cyclesOf,
  type FirmwareReport,
  type LayerReport,
  type Phase,
  phaseNames,
  type Simulated,
} from "../backends/pulp/report/index.js";
import type { Program } from "../backends/schedule/program.js";
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
  stated,
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

const phaseTitles: Readonly<Record<Phase, string>> = {
  kernel: "kernel",
  dma: "waits for DMA from L2",
  l3: "waits for L3",
  border: "borders",
  barrier: "waits at a barrier",
  control: "sets up transfers and loops",
};
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

/** Cycles of core 0 by phase; the longest layer is `longest` pixels. */
function phaseBar({ phases, cycles }: Simulated, most: number, longest = 140): string {
  let x = 0;
  const scale = longest / Math.max(1, most);
  const rects = phaseNames.map((p) => {
    const w = phases[p] * scale;
    const rect =
      w > 0
        ? `<rect class="${p}" x="${x.toFixed(1)}" width="${w.toFixed(1)}" height="11"><title>${phaseTitles[p]}: ${grouped(phases[p])} cycles, ${percent(phases[p] / Math.max(1, cycles), 1)}</title></rect>`
        : "";
    x += w;
    return rect;
  });
  return `<svg width="${longest}" height="11" role="img" aria-label="where core 0 spends the layer">${rects.join("")}</svg>`;
}

const plainBar = (cycles: number, most: number, longest = 140): string =>
  `<svg width="${longest}" height="11"><rect class="kernel" width="${((cycles / Math.max(1, most)) * longest).toFixed(1)}" height="11"/></svg>`;

const farLinks = [
  { of: "l3ToL2", title: "L3 to L2" },
  { of: "l2ToL3", title: "L2 to L3" },
] as const;

/** What a row of the table says besides its names. */
interface Row {
  readonly tiles: number;
  readonly macs: number;
  readonly estimatedCycles: number;
  readonly dma: LayerReport["dma"];
  readonly simulated?: Simulated;
}

function layerTable(report: FirmwareReport): string {
  const { layers, isSimulated, bottleneck, total, clock, watts } = report;
  const most = layers.reduce((m, l) => Math.max(m, cyclesOf(l)), 0);
  const far = farLinks.filter((d) => total.dma[d.of] > 0);
  const row = (names: readonly string[], r: Row, longest: number, memory: readonly string[]) => {
    const cycles = r.simulated?.cycles ?? r.estimatedCycles;
    return [
      ...names,
      String(r.tiles),
      grouped(r.macs),
      grouped(r.estimatedCycles),
      ...(r.simulated ? [grouped(r.simulated.cycles), signed(r.simulated.estimateError)] : []),
      ...report.others.map((o) => grouped(r.simulated?.others[o.profile] ?? 0)),
      perCycle(r.macs, cycles),
      r.simulated ? phaseBar(r.simulated, longest) : plainBar(cycles, longest),
      ...[r.dma.l2ToL1, r.dma.l1ToL2, ...far.map((d) => r.dma[d.of])].map(byteText),
      ...memory,
      withUnit((cycles / clock) * watts, "J"),
    ];
  };
  const all = { ...total, tiles: layers.reduce((n, l) => n + l.tiles, 0) };
  return table(layerColumns(report, far), [
    ...layers.map((l, i) =>
      row([name(l, i === bottleneck?.layer), escaped(l.kernel)], l, most, [byteText(l.l1), byteText(l.l2)]),
    ),
    row(["<strong>all layers</strong>", ""], all, cyclesOf(all), ["", ""]),
  ]);
}

const layerColumns = (
  { isSimulated, others }: FirmwareReport,
  far: readonly { readonly title: string }[],
) => [
  column("layer"),
  column("kernel"),
  column("tiles", "n"),
  column("MACs", "n"),
  column("estimated", "n"),
  ...(isSimulated ? [column("simulated", "n"), column("error", "n")] : []),
  ...others.map((o) => column(o.profile, "n")),
  column("MAC/cycle", "n"),
  column(isSimulated ? "core 0" : "cycles"),
  column("L2 to L1", "n"),
  column("L1 to L2", "n"),
  ...far.map((d) => column(d.title, "n")),
  column("L1", "n"),
  column("L2", "n"),
  column("energy", "n"),
];

function name({ value, ops, from }: LayerReport, isBottleneck: boolean): string {
  const title = escaped([ops.join(", "), ...from].join("\n"));
  const text = `<span title="${title}">${escaped(value)}</span>`;
  return isBottleneck ? `<strong>${text}</strong>` : text;
}

function layerNote(report: FirmwareReport): string {
  const { cores, callCycles } = report;
  const call =
    callCycles === undefined
      ? ""
      : ` The call itself takes ${grouped(callCycles)} cycles more: waking the cluster up and the return.`;
  return `Cycles are those of the cluster, on ${cores} ${cores === 1 ? "core" : "cores"}. L1 and L2 are bytes that are taken while the layer runs, constants included; bytes of a transfer count for the layer that starts it. Energy is cycles at ${stated(report)}.${call}`;
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
  const row = (title: string, s: Simulated): readonly string[] => {
    const rest = others.reduce((n, c) => n + (s.causes[c] ?? 0), 0);
    const shares = causes.map((c) => share(s.causes[c] ?? 0, whole(s)));
    return [title, grouped(whole(s)), ...shares, ...(others.length > 0 ? [share(rest, whole(s))] : [])];
  };
  return [
    "<h2>Causes</h2>",
    `<p>Cycles of ${cores === 1 ? "the core" : `all ${cores} cores`}, every one with its cause: an instruction issued, or why none was. Asleep are cores at a barrier, which wait for others or for core 0 and its transfers.${others.length > 0 ? ` Other: ${others.map(causeTitle).join(", ")}.` : ""}</p>`,
    table(
      [
        column("layer"),
        column("core cycles", "n"),
        ...causes.map((c) => column(causeTitle(c), "n")),
        ...(others.length > 0 ? [column("other", "n")] : []),
      ],
      [
        ...layers.flatMap((l) => (l.simulated ? [row(escaped(l.value), l.simulated)] : [])),
        row("<strong>all layers</strong>", total),
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
