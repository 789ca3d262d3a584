/**
 * `npm run bench`: what pulsec claims about speed, each figure beside the limit it is held against.
 *
 *   npm run bench -- [start] [wasm] [calibrate] [gap8sim] [pulp] [elements] [model] [firmware] [--quick] [--json] [--write]
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { benchCalibrate, type CalibrateResult } from "./calibrate.js";
import { firmware } from "./firmware/run.js";
import { simulator } from "./gap8sim.js";
import { emptyPage, replaceSection } from "./page.js";
import { pulpKernels } from "./pulp/convolutions.js";
import { elementKernels } from "./pulp/elements.js";
import { residuals } from "./pulp/residuals.js";
import { root } from "./root.js";
import { startToCompiled } from "./start-to-compiled.js";
import { type Cells, markdownTable, short, table } from "./table.js";
import { chart } from "./wasm/chart.js";
import { pageReport, terminalReport } from "./wasm/report.js";
import { benchWasm } from "./wasm/run.js";

interface Outcome {
  readonly json: unknown;
  readonly terminal: string;
  readonly page: string;
  /** Pictures by their path below docs. */
  readonly pictures?: Readonly<Record<string, string>>;
}
interface Bench {
  readonly title: string;
  run(quick: boolean): Promise<Outcome>;
}

const limit = 2000;

const start: Bench = {
  title: "Process start to C and WebAssembly written",
  async run(quick) {
    const result = startToCompiled(quick ? 3 : 7);
    const about = `\`pulsec compile --target c,wasm\` on ${result.network}: ${result.runs} processes, none discarded as warm-up, one thread.`;
    const times: Cells = [
      ["", "ms", `ratio to the limit of ${limit} ms`],
      ["median", result.median.toFixed(0), (result.median / limit).toFixed(2)],
      ["worst", result.worst.toFixed(0), (result.worst / limit).toFixed(2)],
    ];
    const phases: Cells = [
      ["where the time goes", "ms, median"],
      ...Object.entries(result.phases).map(([name, ms]) => [name, ms.toFixed(0)]),
    ];
    return {
      json: result,
      terminal: [about, table(times), table(phases)].join("\n\n"),
      page: [about, markdownTable(times), markdownTable(phases)].join("\n\n"),
    };
  },
};

const wasm: Bench = {
  title: "Engine wasm against onnxruntime",
  async run(quick) {
    const said = (text: string) => console.error(`bench: ${text}`);
    const result = await benchWasm({ quick, said });
    return {
      json: result,
      terminal: terminalReport(result),
      page: pageReport(result),
      pictures: { "images/bench-wasm.svg": chart(result) },
    };
  },
};

const calibrate: Bench = {
  title: "Calibration",
  async run(quick) {
    const results = await benchCalibrate(quick);
    const about =
      "Samples per second of the pass `calibrate` with method mse, which runs the float graph on engine `float` (tfjs-cpu) twice: for the extremes, then for the histograms.";
    const rows: Cells = [
      ["network", "MMAC", "samples per second"],
      ...results.map((r: CalibrateResult) => [
        `examples/${r.network}`,
        short(r.macs / 1e6),
        r.samplesPerSecond.toFixed(1),
      ]),
    ];
    return {
      json: results,
      terminal: `${about}\n\n${table(rows)}`,
      page: `${about}\n\n${markdownTable(rows)}`,
    };
  },
};

const gap8sim: Bench = { title: "GAP8 simulator", run: simulator };

const pulp: Bench = { title: "Convolutions on GAP8", run: pulpKernels };

const elements: Bench = { title: "Other kernels on GAP8", run: elementKernels };

const model: Bench = { title: "Cycle models of kernels against GAP8", run: residuals };

const networks: Bench = { title: "Networks on GAP8", run: firmware };

const benches: Readonly<Record<string, Bench>> = {
  wasm,
  calibrate,
  start,
  gap8sim,
  pulp,
  elements,
  model,
  firmware: networks,
};

/** The load before the bench belongs to the figures: other processes disturb them. */
const load = loadavg()[0]!;
const machine = (): string =>
  `${cpus()[0]!.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}, load average ${load.toFixed(1)} before the bench`;

function write(name: string, { title }: Bench, { page, pictures = {} }: Outcome): void {
  const file = path.join(root, "docs", "benchmarks.md");
  const had = existsSync(file) ? readFileSync(file, "utf8") : emptyPage;
  writeFileSync(file, replaceSection(had, name, `## ${title}\n\n${machine()}.\n\n${page}`));
  for (const [picture, text] of Object.entries(pictures))
    writeFileSync(path.join(root, "docs", picture), text);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean" }, json: { type: "boolean" }, write: { type: "boolean" } },
});
const names = positionals.length > 0 ? positionals : Object.keys(benches);
const unknown = names.find((name) => !benches[name]);
if (unknown) {
  console.error(`there is no bench ${unknown}; there are ${Object.keys(benches).join(", ")}`);
  process.exit(2);
}
if (!values.json) console.log(machine());
if (load > cpus().length / 2)
  console.error(`bench: other processes are busy here (load ${load.toFixed(1)}): the figures will be rough`);
const found: Record<string, unknown> = {};
for (const name of names) {
  const bench = benches[name]!;
  const outcome = await bench.run(values.quick ?? false);
  found[name] = outcome.json;
  if (!values.json) console.log(`\n# ${bench.title}\n\n${outcome.terminal}`);
  if (values.write) write(name, bench, outcome);
}
if (values.json) console.log(JSON.stringify({ machine: machine(), ...found }, null, 2));
