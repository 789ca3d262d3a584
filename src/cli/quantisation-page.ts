/** The report of a quantisation: a page that opens anywhere, JSON, and a few lines for the terminal. */
import type { QuantisationReport } from "../passes/index.js";
import { bar, column, escaped, table } from "./html.js";
import { page } from "./page.js";

type Report = QuantisationReport;
type Layer = Report["layers"][number];

/** `31.4 dB`; a value that is exact has no noise. */
const decibelText = (snr: number): string => (Number.isFinite(snr) ? `${snr.toFixed(1)} dB` : "exact");

/** `12.5 KiB`, `640 B`. */
export const byteText = (bytes: number): string =>
  Math.abs(bytes) < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} KiB`;

const percentText = (part: number): string => {
  const percent = 100 * part;
  return percent === 0
    ? "0 %"
    : percent < 0.01
      ? "under 0.01 %"
      : `${percent.toFixed(percent < 10 ? 2 : 1)} %`;
};

const on = ({ samples }: Report): string => `on ${samples.count} ${samples.of}`;

/** In JSON, the signal-to-noise ratio of what is exact is null. */
export const reportFiles = (report: Report): ReadonlyMap<string, string> =>
  new Map([
    ["quantisation.json", `${JSON.stringify(report, undefined, 2)}\n`],
    ["quantisation.html", reportPage(report)],
  ]);

/** What the terminal shows. */
export function reportSummary(report: Report): string {
  const { bytes, floatBytes, outputs, costliest, layers } = report;
  const lines = outputs.map(
    (o) =>
      `%${o.name}: ${decibelText(o.snr)} signal to noise against the float network ${on(report)}; largest error ${short(o.largestError)}, one step is ${short(o.step)}`,
  );
  const size = `stored: ${byteText(bytes)}, ${(floatBytes / bytes).toFixed(1)} times smaller than the float params`;
  const worst = layers.find((l) => l.name === costliest);
  const cost = worst
    ? [
        `costs most accuracy: %${worst.name} (${describe(worst)}), ${percentText(worst.share ?? 0)} of all noise`,
      ]
    : [];
  return [...lines, size, ...cost].join("\n");
}

const short = (x: number): string => String(Number(x.toPrecision(3)));
const describe = (l: Layer): string => (l.weightBits ? `${l.op}, ${l.weightBits} bit weights` : l.op);

/** One HTML file without anything from elsewhere. */
export function reportPage(report: Report): string {
  const title = `Quantisation of ${report.network}`;
  const parts = [
    `<h1>${escaped(title)}</h1>`,
    `<p class="lead">${escaped(headline(report))}</p>`,
    `<h2>Outputs</h2>`,
    outputTable(report),
    `<h2>Layers</h2>`,
    `<p>Signal to noise is that of the layer's result against the float network, with everything before it in integers. Cost is measured with this layer alone in integers and all others in float: its part of the noise that all layers would bring to the outputs. Clipped are float values outside of what the result's type can say.</p>`,
    layerTable(report),
    ...(report.whatIf.length > 0
      ? [
          `<h2>What fewer bits would give</h2>`,
          `<p>One layer's weights at fewer bits, all else as it is: bytes saved, and signal to noise of the outputs (now ${decibelText(report.snr)}).</p>`,
          whatIfTable(report),
        ]
      : []),
  ];
  return page(title, parts.join("\n"));
}

function headline(report: Report): string {
  const { snr, bytes, floatBytes, costliest, layers } = report;
  const worst = layers.find((l) => l.name === costliest);
  const cost = worst
    ? ` ${worst.name} costs most accuracy: ${percentText(worst.share ?? 0)} of all noise.`
    : "";
  return `${decibelText(snr)} signal to noise at the outputs, measured against the float network ${on(report)}. ${byteText(bytes)} are stored; the float params took ${byteText(floatBytes)}.${cost}`;
}

const outputTable = ({ outputs }: Report): string =>
  table(
    [column("output"), column("signal to noise", "n"), column("largest error", "n"), column("one step", "n")],
    outputs.map((o) => [escaped(o.name), decibelText(o.snr), short(o.largestError), short(o.step)]),
  );

function layerTable({ layers, costliest }: Report): string {
  const most = layers.reduce((m, l) => Math.max(m, l.share ?? 0), 0);
  return table(
    [
      column("layer"),
      column("op"),
      column("weights", "n"),
      column("result", "n"),
      column("stored", "n"),
      column("signal to noise", "n"),
      column("clipped", "n"),
      column("multiplier error", "n"),
      column("cost"),
    ],
    layers.map((l) => [
      l.name === costliest ? `<strong>${escaped(l.name)}</strong>` : escaped(l.name),
      escaped(l.op),
      l.weightBits ? `${l.weightBits} bit` : "",
      escaped(l.storage),
      byteText(l.bytes),
      decibelText(l.snr),
      percentText(l.clipped),
      l.multiplierError === 0 ? "0" : l.multiplierError.toExponential(1),
      bar(most > 0 ? (l.share ?? 0) / most : 0, percentText(l.share ?? 0)),
    ]),
  );
}

function whatIfTable({ whatIf, snr }: Report): string {
  const loss = (to: number): number => (Number.isFinite(to) ? Math.max(0, snr - to) : 0);
  const most = whatIf.reduce((m, w) => Math.max(m, loss(w.snr)), 0);
  return table(
    [
      column("layer"),
      column("bits", "n"),
      column("saved", "n"),
      column("signal to noise then", "n"),
      column("loss"),
    ],
    whatIf.map((w) => [
      escaped(w.layer),
      String(w.bits),
      byteText(w.bytesSaved),
      decibelText(w.snr),
      bar(most > 0 ? loss(w.snr) / most : 0, `${loss(w.snr).toFixed(1)} dB`),
    ]),
  );
}
