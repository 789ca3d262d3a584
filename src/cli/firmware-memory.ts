/** Memory maps as pictures: addresses upwards, layers to the right. */

import { alignUp } from "../backends/memory.js";
import type { FirmwareReport } from "../backends/pulp/report/index.js";
import type { Block, Program } from "../backends/schedule/program.js";
import { tickStep } from "./firmware-timeline.js";
import { escaped } from "./html.js";
import { byteText } from "./quantisation-page.js";

const width = 1080;
const gutter = 96;
const plot = width - gutter;
const tall = 260;

/** Something in a memory: bytes from an address on, layers from the first to the last that need it. */
export interface Area {
  readonly name: string;
  /** In the picture, where there is room. */
  readonly label: string;
  readonly kind: string;
  readonly from: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** Constants stay below, values and windows change above them. */
export function areasOfL2({ blocks, layers }: Program): readonly Area[] {
  const constants = blocks.filter((b) => b.level === "l2" && b.data);
  const base = constants.reduce((n, b) => Math.max(n, alignUp(b.offset + b.bytes, 16)), 0);
  const area = (b: Block, kind: string, from: number): Area => ({
    name: b.name,
    label: b.name,
    kind,
    from,
    bytes: b.bytes,
    first: Math.max(0, b.from),
    last: Math.min(layers.length - 1, b.to),
  });
  return [
    ...constants.map((b) => ({ ...area(b, "constant", b.offset), first: 0, last: layers.length - 1 })),
    ...blocks
      .filter((b) => b.level === "l2" && !b.data)
      .map((b) => area(b, b.value ? "value" : "window", base + b.offset)),
  ];
}

const partOf = (name: string): string => name.slice(name.lastIndexOf(".") + 1);
const kindInL1 = (name: string): string => {
  const part = partOf(name);
  if (part.startsWith("x")) return "input";
  return part === "y" ? "output" : part === "scratch" ? "scratch" : "constant";
};

export const areasOfL1 = ({ layers }: Program): readonly Area[] =>
  layers.flatMap((l, i) =>
    l.blocks.map((b) => ({
      name: b.name,
      label: partOf(b.name),
      kind: kindInL1(b.name),
      from: b.offset,
      bytes: b.bytes,
      first: i,
      last: i,
    })),
  );

export interface MapOptions {
  readonly title: string;
  readonly budget: number;
  readonly lowerBound: number;
}

const short = (n: number): string => String(Math.round(n * 10) / 10);

function boxes(areas: readonly Area[], layers: number, y: (bytes: number) => number): string {
  const column = plot / layers;
  return areas
    .filter((a) => a.bytes > 0)
    .map((a) => {
      const x = gutter + a.first * column;
      const w = (a.last - a.first + 1) * column;
      const [top, h] = [y(a.from + a.bytes), y(a.from) - y(a.from + a.bytes)];
      const text =
        h > 13 && w > a.label.length * 6 + 8
          ? `<text class="inside" x="${short(x + 4)}" y="${short(top + h / 2 + 4)}">${escaped(a.label)}</text>`
          : "";
      const title = `<title>${escaped(`${a.name}: ${a.bytes} bytes from ${a.from}`)}</title>`;
      return `<g>${title}<rect class="block ${a.kind}" x="${short(x)}" y="${short(top)}" width="${short(w)}" height="${short(Math.max(0.5, h))}"/>${text}</g>`;
    })
    .join("\n");
}

function addresses(most: number, y: (bytes: number) => number): string {
  const step = Math.max(1024, tickStep(most / 1024, 5) * 1024);
  const lines: string[] = [];
  for (let b = 0; b <= most; b += step)
    lines.push(
      `<line class="grid" x1="${gutter}" x2="${width}" y1="${short(y(b))}" y2="${short(y(b))}"/><text class="label" x="${gutter - 10}" y="${short(y(b) + 4)}" text-anchor="end">${b === 0 ? "0" : `${b / 1024} KiB`}</text>`,
    );
  return lines.join("");
}

const bound = (bytes: number, name: string, y: (bytes: number) => number): string =>
  `<line class="bound" x1="${gutter}" x2="${width}" y1="${short(y(bytes))}" y2="${short(y(bytes))}"/><text class="label" x="${width - 2}" y="${short(y(bytes) - 5)}" text-anchor="end">${escaped(`${name} ${byteText(bytes)}`)}</text>`;

/** SVG. The budget is drawn where it is not far above what is used. */
export function memorySvg(areas: readonly Area[], { layers }: FirmwareReport, o: MapOptions): string {
  const used = areas.reduce((n, a) => Math.max(n, a.from + a.bytes), 1);
  const showsBudget = o.budget <= 2 * used;
  const bounds = [
    ...(showsBudget ? [bound.bind(undefined, o.budget, "budget")] : []),
    ...(o.lowerBound > 0 && o.lowerBound <= 1.3 * used
      ? [bound.bind(undefined, o.lowerBound, "lower bound")]
      : []),
  ];
  const most = Math.max(used, showsBudget ? o.budget : 0, o.lowerBound <= 1.3 * used ? o.lowerBound : 0);
  const y = (bytes: number) => 22 + tall * (1 - bytes / most);
  return `<svg class="chart" viewBox="0 0 ${width} ${tall + 50}" role="img" aria-label="${escaped(o.title)}">
${addresses(most, y)}
${boxes(areas, Math.max(1, layers.length), y)}
${bounds.map((b) => b(y)).join("")}
${names(
  layers.map((l) => l.value),
  tall + 40,
)}
</svg>`;
}

/** Names of layers under their columns, numbers where there is no room for all names. */
function names(list: readonly string[], y: number): string {
  const column = plot / Math.max(1, list.length);
  const width = (texts: readonly string[]) => Math.max(1, ...texts.map((n) => n.length)) * 6.2 + 10;
  const numbers = list.map((_, i) => String(i + 1));
  const shown = width(list) <= column ? list : numbers;
  const every = Math.ceil(width(shown) / column);
  return shown
    .map((name, i) => {
      const x = short(gutter + (i + 0.5) * column);
      const text = `<text class="label" x="${x}" y="${y}" text-anchor="middle">${escaped(name)}</text>`;
      return i % every === 0 ? text : "";
    })
    .join("");
}
