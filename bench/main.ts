/** `npm run bench`: what pulsec claims about speed, each figure beside the limit it is held against. */
import { startToCompiled } from "./start-to-compiled.js";

const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((r) => r[i]!.length)));
  return rows
    .map((r) =>
      r.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "),
    )
    .join("\n");
};

const result = startToCompiled();
console.log(
  `process start to C project and WASM module written: ${result.network}, batch 1, ${result.runs} processes, none discarded as warm-up, one thread, Node ${process.versions.node}`,
);
console.log(
  table([
    ["", "ms", "ratio to the limit of 2000 ms"],
    ["median", result.median.toFixed(0), (result.median / 2000).toFixed(2)],
    ["worst", result.worst.toFixed(0), (result.worst / 2000).toFixed(2)],
  ]),
);
console.log("\nwhere the time goes (medians):");
console.log(table(Object.entries(result.phases).map(([name, ms]) => [name, `${ms.toFixed(0)} ms`])));
