/** The figures as a table for the terminal, as a section of a page, and in short. */
import { type Cells, markdownTable, median, short, table } from "../table.js";
import { type Failed, ratio, type Timed } from "./compare.js";
import type { Method } from "./measure.js";
import type { PeerName } from "./peers.js";
import type { Throughput } from "./throughput.js";

export interface WasmResult {
  /** Of onnxruntime. */
  readonly peerVersion: string;
  readonly method: Method;
  /** A network so small that its time is that of the call. */
  readonly call: Timed;
  readonly rows: readonly (Timed | Failed)[];
  readonly throughputs: readonly Throughput[];
}

export const targets = { median: 1, worst: 0.7 } as const;

const isTimed = (row: Timed | Failed): row is Timed => !("error" in row);
export const timed = ({ rows }: WasmResult): readonly Timed[] => rows.filter(isTimed);
const failed = ({ rows }: WasmResult): readonly Failed[] => rows.filter((r) => !isTimed(r)) as Failed[];

export interface Summary {
  readonly median: number;
  readonly worst: number;
}
export function summary(rows: readonly Timed[], peer: PeerName): Summary {
  const ratios = rows.map((r) => ratio(r, peer));
  return { median: median(ratios), worst: Math.min(...ratios) };
}

/** The ratio to onnxruntime-web without what a call costs by itself; none where little is left of its time. */
export function netRatio(row: Timed, call: Timed): number | undefined {
  const [ours, web] = [row.ours - call.ours, row.web - call.web];
  return web > call.web / 2 && ours > 0 ? web / ours : undefined;
}

const gigaMacs = (macs: number, milliseconds: number): string => short(macs / milliseconds / 1e6);
const micros = (milliseconds: number): string => short(milliseconds * 1000);

function cells({ call, ...result }: WasmResult): Cells {
  const head = ["shape", "MMAC", "us", "GMAC/s", "ort-web us", "GMAC/s", "ratio", "without call", "ort-node"];
  const rows = timed({ call, ...result }).map((r) => {
    const net = netRatio(r, call);
    return [
      `${r.kind}: ${r.name}`,
      short(r.macs / 1e6),
      micros(r.ours),
      gigaMacs(r.macs, r.ours),
      micros(r.web),
      gigaMacs(r.macs, r.web),
      ratio(r, "web").toFixed(2),
      net === undefined ? "-" : net.toFixed(2),
      ratio(r, "node").toFixed(2),
    ];
  });
  return [head, ...rows];
}

function summaryCells(result: WasmResult): Cells {
  const rows = timed(result);
  const [web, node] = [summary(rows, "web"), summary(rows, "node")];
  const nets = rows.flatMap((r) => netRatio(r, result.call) ?? []);
  const line = (name: string, s: Summary) => [name, s.median.toFixed(2), s.worst.toFixed(2)];
  return [
    [`over ${rows.length} networks`, "median", "worst"],
    line("times onnxruntime-web", web),
    line("the same without the cost of a call", { median: median(nets), worst: Math.min(...nets) }),
    ["target", targets.median.toFixed(2), targets.worst.toFixed(2)],
    line("times onnxruntime-node", node),
  ];
}

function throughputCells({ throughputs, ...result }: WasmResult): Cells {
  const perSecond = (rate: number | undefined) => (rate === undefined ? "-" : rate.toFixed(0));
  const published = throughputs.map(({ network, ours, peers }) => [
    `${network}, its file`,
    perSecond(ours),
    perSecond(peers?.web),
    perSecond(peers?.node),
  ]);
  const shaped = timed({ throughputs, ...result })
    .filter((r) => r.kind === "network")
    .map((r) => [r.name, ...[r.ours, r.web, r.node].map((ms) => perSecond(1000 / ms))]);
  return [["windows per second", "pulsec", "onnxruntime-web", "onnxruntime-node"], ...published, ...shaped];
}

/** What the peer ran, so that a reader can tell whether integers were compared with integers. */
function fairness(result: WasmResult): string {
  const rows = timed(result);
  const inFloats = rows.filter((r) => r.inFloats > 0);
  const off = Math.max(...rows.map((r) => r.agreement.perRequant));
  const floats =
    inFloats.length === 0
      ? "onnxruntime-web ran every convolution and linear layer as QLinearConv or QGemm"
      : `onnxruntime-web ran layers of ${inFloats.map((r) => r.name).join(", ")} in floats`;
  return `${floats}; its requantised values are within ${off} level of ours.`;
}

function howMeasured({ method, call }: WasmResult): string {
  const { warmUpSeconds, rounds, roundMilliseconds } = method;
  return `One call is one inference of batch 1 on one thread, with inputs handed over and outputs taken. Each side warms up for ${warmUpSeconds} s; \
then all take turns for ${rounds} rounds of about ${roundMilliseconds} ms each, and the median of a side's rounds counts; rounds in which another process had the processor are repeated. \
A call by itself costs ${micros(call.ours)} us (onnxruntime-web: ${micros(call.web)} us, onnxruntime-node: ${micros(call.node)} us), measured on a linear layer 8 -> 8.`;
}

const errors = (result: WasmResult): string =>
  failed(result)
    .map((f) => `ERROR ${f.kind}: ${f.name}: ${f.error}`)
    .join("\n");

export const terminalReport = (result: WasmResult): string =>
  [
    `int8 on WebAssembly, against onnxruntime ${result.peerVersion}; ratios above 1: pulsec is the faster`,
    howMeasured(result),
    table(cells(result)),
    errors(result),
    table(summaryCells(result)),
    fairness(result),
    table(throughputCells(result)),
  ]
    .filter((part) => part !== "")
    .join("\n\n");

export const pageReport = (result: WasmResult): string =>
  [
    `Our engine \`wasm\` against onnxruntime-web ${result.peerVersion} (WebAssembly, SIMD, one thread, inside Node), both on the same integer network: a model in the DSL with seeded weights, ` +
      "quantised by `pulsec quantize`, and its QDQ export. onnxruntime-node (native code, one thread) is there for orientation. Ratios above 1: pulsec is the faster.",
    markdownTable(summaryCells(result)),
    "![Ratio to onnxruntime-web, by network](images/bench-wasm.svg)",
    howMeasured(result),
    "onnxruntime gets each network as two files, the QDQ export and one that takes and gives channels last, which is what it computes in; the faster one counts. " +
      `"Without call" is the ratio of the times less those of a call by itself. ${fairness(result)}`,
    markdownTable(cells(result)),
    errors(result),
    "TCN_T and KeywordSpotting are integer networks without scales: there is no QDQ file of them. onnxruntime loads the file of TCN_T and computes its integers as floats; " +
      'it cannot load that of KeywordSpotting. The rows "shapes" are networks of the same layers made in the DSL.',
    markdownTable(throughputCells(result)),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
