/** Samples per second of the pass `calibrate`, which runs the float graph twice on each. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { floatEngine } from "../src/backends/float/index.js";
import { randomTensor } from "../src/data/random-tensor.js";
import { parsePulse } from "../src/frontends/dsl/index.js";
import { unwrap } from "../src/ir/diagnostic.js";
import { mainGraph } from "../src/ir/graph.js";
import { ops } from "../src/ir/ops/index.js";
import { range } from "../src/ir/ops/take.js";
import { atBatch } from "../src/ir/type.js";
import { allPasses, parsePipeline, pipelines, runPasses } from "../src/passes/index.js";
import { root } from "./root.js";
import { median } from "./table.js";
import { macsIn } from "./wasm/compare.js";
import { examples } from "./wasm/rows.js";

export interface CalibrateResult {
  readonly network: string;
  readonly macs: number;
  readonly samples: number;
  readonly samplesPerSecond: number;
}

export async function benchCalibrate(quick: boolean): Promise<readonly CalibrateResult[]> {
  const [count, rounds] = quick ? [2, 1] : [16, 5];
  const results: CalibrateResult[] = [];
  for (const name of examples()) results.push(await calibrated(name, count, rounds));
  return results;
}

async function calibrated(name: string, count: number, rounds: number): Promise<CalibrateResult> {
  const file = path.join(root, "examples", `${name}.pulse`);
  const { module } = unwrap(await parsePulse(readFileSync(file, "utf8"), { file, ops }));
  const folded = unwrap(await runPasses(module, unwrap(parsePipeline("fold", allPasses(ops), pipelines))));
  const graph = mainGraph(folded);
  const samples = range(0, count).map((s) =>
    graph.inputs.map((v, i) => randomTensor(atBatch(v.type, 1), s * 1000 + i)),
  );
  const steps = unwrap(parsePipeline("calibrate", allPasses(ops), pipelines));
  const milliseconds: number[] = [];
  // The first run warms up and does not count.
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now();
    unwrap(await runPasses(folded, steps, { samples, engine: async () => floatEngine }));
    milliseconds.push(performance.now() - began);
  }
  const time = median(milliseconds.slice(1));
  return { network: name, macs: macsIn(graph), samples: count, samplesPerSecond: (1000 * count) / time };
}
