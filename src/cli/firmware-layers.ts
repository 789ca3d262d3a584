/** The table of layers on the page about firmware. */
import {
  cyclesOf,
  type FirmwareReport,
  type LayerReport,
  type Phase,
  phaseNames,
  type Simulated,
  type Traffic,
} from "../backends/pulp/report/index.js";
import { grouped, perCycle, percent, signed, stated } from "./firmware-report.js";
import { column, escaped, table } from "./html.js";
import { byteText } from "./quantisation-page.js";
import { withUnit } from "./simulation/units.js";

export const phaseTitles: Readonly<Record<Phase, string>> = {
  kernel: "kernel",
  dma: "waits for DMA from L2",
  l3: "waits for L3",
  border: "borders",
  barrier: "waits at a barrier",
  control: "sets up transfers and loops",
};

type Part = readonly [kind: Phase, title: string, cycles: number];

const phasesOf = ({ phases }: Simulated): readonly Part[] =>
  phaseNames.map((p) => [p, phaseTitles[p], phases[p]]);
const estimateOf = ({ estimatedCycles, estimatedL3 }: Row): readonly Part[] => [
  ["kernel", "kernel, or its transfers where they take longer", estimatedCycles - estimatedL3],
  ["l3", phaseTitles.l3, estimatedL3],
];

/** Pixels of the layer with the most cycles. */
const longest = 110;

/** Cycles by what they go to. */
function bar(parts: readonly Part[], most: number): string {
  const all = parts.reduce((n, [, , cycles]) => n + cycles, 0);
  const scale = longest / Math.max(1, most);
  let x = 0;
  const rects = parts.map(([kind, title, cycles]) => {
    const w = cycles * scale;
    const text = `${title}: ${grouped(cycles)} cycles, ${percent(cycles / Math.max(1, all), 1)}`;
    const rect = `<rect class="${kind}" x="${x.toFixed(1)}" width="${w.toFixed(1)}" height="11"><title>${text}</title></rect>`;
    x += w;
    return w > 0 ? rect : "";
  });
  return `<svg width="${longest}" height="11" role="img" aria-label="where the cycles go">${rects.join("")}</svg>`;
}

/** What a row of the table says besides its names. */
interface Row {
  readonly tiles: number;
  readonly macs: number;
  readonly estimatedCycles: number;
  readonly estimatedL3: number;
  readonly dma: Traffic;
  readonly simulated?: Simulated;
}

/** Bytes of both directions, which the tooltip tells apart. */
function moved(into: number, out: number, near: string, far: string): string {
  const title = `${byteText(into)} from ${far} to ${near}, ${byteText(out)} back`;
  return into + out === 0 ? "" : `<span title="${title}">${byteText(into + out)}</span>`;
}

const hasFar = ({ total: { dma } }: FirmwareReport): boolean => dma.l3ToL2 + dma.l2ToL3 > 0;

export function layerTable(report: FirmwareReport): string {
  const { layers, bottleneck, total, clock, watts } = report;
  const most = layers.reduce((m, l) => Math.max(m, cyclesOf(l)), 0);
  const row = (names: readonly string[], r: Row, longestLayer: number, memory: readonly string[]) => {
    const cycles = cyclesOf(r);
    const { dma, simulated } = r;
    return [
      ...names,
      String(r.tiles),
      grouped(r.macs),
      grouped(r.estimatedCycles),
      ...(simulated ? [grouped(simulated.cycles), signed(simulated.estimateError)] : []),
      ...report.others.map((o) => grouped(simulated?.others[o.profile] ?? 0)),
      perCycle(r.macs, cycles),
      bar(simulated ? phasesOf(simulated) : estimateOf(r), longestLayer),
      moved(dma.l2ToL1, dma.l1ToL2, "L1", "L2"),
      ...(hasFar(report) ? [moved(dma.l3ToL2, dma.l2ToL3, "L2", "L3")] : []),
      ...memory,
      withUnit((cycles / clock) * watts, "J"),
    ];
  };
  const all = { ...total, tiles: layers.reduce((n, l) => n + l.tiles, 0) };
  return table(layerColumns(report), [
    ...layers.map((l, i) => {
      const names = [String(i + 1), name(l, i === bottleneck?.layer), escaped(l.kernel)];
      return row(names, l, most, [byteText(l.l1), byteText(l.l2)]);
    }),
    row(["", "<strong>all layers</strong>", ""], all, cyclesOf(all), ["", ""]),
  ]);
}

const layerColumns = (report: FirmwareReport) => [
  column("", "n"),
  column("layer"),
  column("kernel"),
  column("tiles", "n"),
  column("MACs", "n"),
  column("estimated", "n"),
  ...(report.isSimulated ? [column("simulated", "n"), column("error", "n")] : []),
  ...report.others.map((o) => column(o.profile, "n")),
  column("MAC/cycle", "n"),
  column(report.isSimulated ? "core 0" : "cycles"),
  column("L1 DMA", "n"),
  ...(hasFar(report) ? [column("L3 DMA", "n")] : []),
  column("L1", "n"),
  column("L2", "n"),
  column("energy", "n"),
];

function name({ value, ops, from }: LayerReport, isBottleneck: boolean): string {
  const title = escaped([ops.join(", "), ...from].join("\n"));
  const text = `<span title="${title}">${escaped(value)}</span>`;
  return isBottleneck ? `<strong>${text}</strong>` : text;
}

export function layerNote(report: FirmwareReport): string {
  const { cores, callCycles } = report;
  const call =
    callCycles === undefined
      ? ""
      : ` The call itself takes ${grouped(callCycles)} cycles more: waking the cluster up and the return.`;
  return `Cycles are those of the cluster, on ${cores} ${cores === 1 ? "core" : "cores"}. L1 and L2 are bytes that are taken while the layer runs, constants included; DMA bytes are those of both directions, and count for the layer that starts the transfer. Energy is cycles at ${stated(report)}.${call}`;
}
