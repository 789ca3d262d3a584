/** The ratios as bars, on a logarithmic axis. */
import { ratio } from "./compare.js";
import { targets, timed, type WasmResult } from "./report.js";

const [left, width, line, top] = [300, 420, 16, 46] as const;

/** An SVG picture: one bar per network, with lines at the targets. */
export function chart(result: WasmResult): string {
  const rows = timed(result);
  const most = Math.max(2, ...rows.map((r) => ratio(r, "web")));
  const least = Math.min(0.5, ...rows.map((r) => ratio(r, "web")));
  const at = (v: number) => left + (width * Math.log(v / least)) / Math.log(most / least);
  const bottom = top + rows.length * line;
  const bars = rows.map((row, i) => {
    const y = top + i * line;
    const r = ratio(row, "web");
    const [from, to] = [Math.min(at(1), at(r)), Math.max(at(1), at(r))];
    return (
      `<text x="${left - 8}" y="${y + 11}" text-anchor="end">${label(row)}</text>` +
      `<rect class="${verdict(r)}" x="${from.toFixed(1)}" y="${y + 2}" width="${(to - from).toFixed(1)}" height="${line - 5}"/>` +
      `<text x="${(to + 5).toFixed(1)}" y="${y + 11}">${r.toFixed(2)}</text>`
    );
  });
  const rule = (v: number) =>
    `<path class="rule" d="M${at(v).toFixed(1)} ${top - 6} V${bottom}"/>` +
    `<text x="${at(v).toFixed(1)}" y="${top - 10}" text-anchor="middle">${v}</text>`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + 60} ${bottom + 10}" font-family="system-ui, sans-serif" font-size="11">`,
    "<title>Speed of engine wasm in units of that of onnxruntime-web</title>",
    "<style>text { fill: #0f172a; } .above { fill: #0369a1; } .between { fill: #94a3b8; } .below { fill: #b91c1c; } .rule { stroke: #475569; stroke-dasharray: 3 3; }</style>",
    `<rect width="${left + width + 60}" height="${bottom + 10}" fill="#ffffff"/>`,
    `<text x="8" y="18" font-weight="600">Times onnxruntime-web (int8, one thread, SIMD), logarithmic; to the right of 1 pulsec is the faster</text>`,
    ...[targets.worst, targets.median].map(rule),
    ...bars,
    "</svg>",
  ].join("\n")}\n`;
}

const label = ({ kind, name }: { readonly kind: string; readonly name: string }): string =>
  `${kind === "network" ? "" : `${kind} `}${name}`.replaceAll(">", "&gt;");

const verdict = (r: number): string =>
  r >= targets.median ? "above" : r >= targets.worst ? "between" : "below";
