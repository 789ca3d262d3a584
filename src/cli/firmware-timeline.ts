/** An inference as a picture: layers, what core 0 does, when the other cores compute, when transfers are under way. */
import {
  cyclesOf,
  type FirmwareReport,
  type Link,
  links,
  type Measured,
  phaseNames,
  type Timeline,
} from "../backends/pulp/report/index.js";
import { grouped, percent } from "./firmware-report.js";
import { escaped } from "./html.js";
import { withUnit } from "./simulation/units.js";

const width = 1080;
const gutter = 96;
const plot = width - gutter;
/** Columns of the picture: each shows the share of its cycles. */
const columns = 492;

interface Interval {
  readonly from: number;
  readonly to: number;
}

/** The share of each column that intervals cover, from 0 to 1; intervals of one list do not meet. */
export function occupancy(intervals: readonly Interval[], cycles: number, count = columns): Float64Array {
  const shares = new Float64Array(count);
  const each = cycles / count;
  for (const { from, to } of intervals) {
    const [begin, end] = [Math.max(0, from / each), Math.min(count, to / each)];
    for (let c = Math.floor(begin); c < end; c++) shares[c]! += Math.min(end, c + 1) - Math.max(begin, c);
  }
  return shares.map((s) => Math.min(1, s));
}

/** Overlapping intervals as one. */
export function union(intervals: readonly Interval[]): readonly Interval[] {
  const found: { from: number; to: number }[] = [];
  for (const { from, to } of intervals.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else found.push({ from, to });
  }
  return found;
}

const short = (n: number): string => String(Math.round(n * 10) / 10);

/** Columns of height `shares` on top of `below`, equal neighbours as one. */
function columnPath(shares: Float64Array, below: Float64Array, top: number, height: number): string {
  const step = plot / shares.length;
  const parts: string[] = [];
  for (let c = 0; c < shares.length; ) {
    const y = short(top + height * (1 - below[c]! - shares[c]!));
    const h = short(height * shares[c]!);
    let end = c + 1;
    const same = (i: number) =>
      short(height * shares[i]!) === h && short(top + height * (1 - below[i]! - shares[i]!)) === y;
    while (end < shares.length && same(end)) end++;
    if (Number(h) > 0)
      parts.push(
        `M${short(gutter + c * step)} ${y}h${short((end - c) * step)}v${h}h-${short((end - c) * step)}z`,
      );
    c = end;
  }
  return parts.join("");
}

const none = (): Float64Array => new Float64Array(columns);
const label = (text: string, y: number): string =>
  `<text class="label" x="${gutter - 10}" y="${short(y)}" text-anchor="end">${escaped(text)}</text>`;

/** A row with one kind of thing. */
function areaRow(title: string, kind: string, shares: Float64Array, top: number, height: number): string {
  return `${label(title, top + height / 2 + 4)}<rect class="track" x="${gutter}" y="${top}" width="${plot}" height="${height}"/><path class="${kind}" d="${columnPath(shares, none(), top, height)}"/>`;
}

function masterRow({ segments, cycles }: Timeline, top: number, height: number): string {
  const below = none();
  const paths = phaseNames.map((phase) => {
    const shares = occupancy(
      segments.filter((s) => s.core === 0 && s.phase === phase),
      cycles,
    );
    const path = `<path class="${phase}" d="${columnPath(shares, below, top, height)}"/>`;
    shares.forEach((s, c) => void (below[c]! += s));
    return path;
  });
  return `${label("core 0", top + height / 2 + 4)}<rect class="track" x="${gutter}" y="${top}" width="${plot}" height="${height}"/>${paths.join("")}`;
}

interface LayerSpan extends Interval {
  readonly name: string;
  readonly cycles: number;
}

/** Begin and end of each layer: as simulated, or one behind the other as estimated. */
function spansOf({ layers }: FirmwareReport, timeline: Timeline | undefined): readonly LayerSpan[] {
  let at = 0;
  return layers.map((l, i) => {
    const cycles = cyclesOf(l);
    const own = timeline?.segments.filter((s) => s.core === 0 && s.layer === i) ?? [];
    const from = own[0]?.from ?? at;
    const to = own.at(-1)?.to ?? at + cycles;
    at = to;
    return { name: l.value, cycles, from, to };
  });
}

function layerRow(spans: readonly LayerSpan[], cycles: number, top: number, height: number): string {
  const x = (c: number) => gutter + (c / cycles) * plot;
  const boxes = spans.map(({ name, from, to, cycles: own }, i) => {
    const w = Math.max(0.5, x(to) - x(from));
    const title = `<title>${escaped(`${i + 1} ${name}: ${grouped(own)} cycles, ${percent(own / cycles, 1)}`)}</title>`;
    const shown = [name, String(i + 1)].find((t) => t.length * 6.2 + 8 < w);
    const text = shown
      ? `<text class="inside" x="${short(x(from) + 5)}" y="${top + height / 2 + 4}">${escaped(shown)}</text>`
      : "";
    return `<g>${title}<rect class="${i % 2 ? "layer odd" : "layer"}" x="${short(x(from))}" y="${top}" width="${short(w)}" height="${height}"/>${text}</g>`;
  });
  return label("layers", top + height / 2 + 4) + boxes.join("");
}

/** The round number between two ticks, for about `count` of them. */
export function tickStep(length: number, count: number): number {
  const raw = length / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * ([1, 2, 5, 10].find((f) => f * power >= raw) ?? 10);
}

function axis(cycles: number, hertz: number, top: number): string {
  const [all, step] = [cycles / hertz, tickStep(cycles / hertz, 8)];
  const ticks = Array.from({ length: Math.floor(all / step) + 1 }, (_, i) => {
    const x = gutter + ((i * step) / all) * plot;
    const anchor = x > width - 30 ? "end" : "middle";
    const time = i === 0 ? "0" : withUnit(i * step, "s");
    return `<line class="tick" x1="${short(x)}" x2="${short(x)}" y1="${top}" y2="${top + 5}"/><text class="label" x="${short(x)}" y="${top + 18}" text-anchor="${anchor}">${time}</text>`;
  });
  return ticks.join("");
}

const linkTitles: Readonly<Record<Link, string>> = {
  "L2 to L1": "DMA in",
  "L1 to L2": "DMA out",
  "L3 to L2": "L3 in",
  "L2 to L3": "L3 out",
};

function simulatedRows(report: FirmwareReport, timeline: Timeline, from: number) {
  let top = from;
  const rows = [masterRow(timeline, top, 48)];
  top += 54;
  for (let core = 1; core < report.cores; core++) {
    const computing = timeline.segments.filter((s) => s.core === core && s.phase === "kernel");
    rows.push(areaRow(`core ${core}`, "kernel", occupancy(computing, timeline.cycles), top, 11));
    top += 14;
  }
  top += 6;
  for (const link of links) {
    const moves = union(timeline.transfers.filter((t) => t.link === link));
    if (moves.length === 0) continue;
    const kind = link.includes("L3") ? "l3" : "dma";
    rows.push(areaRow(linkTitles[link], kind, occupancy(moves, timeline.cycles), top, 16));
    top += 20;
  }
  return { rows, top };
}

/** SVG; without a simulation only the layers, as estimated. */
export function timelineSvg(report: FirmwareReport, measured: Measured | undefined): string {
  const timeline = measured?.timeline;
  const spans = spansOf(report, timeline);
  const cycles = Math.max(1, timeline?.cycles ?? spans.at(-1)?.to ?? 1);
  const { rows, top } = timeline ? simulatedRows(report, timeline, 36) : { rows: [], top: 34 };
  const height = top + 24;
  return `<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="timeline">
${layerRow(spans, cycles, 4, 24)}
${rows.join("\n")}
${axis(cycles, report.clock, top)}
</svg>`;
}
