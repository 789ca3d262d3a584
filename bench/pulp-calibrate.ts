/**
 * Holds the cycle models of the PULP backend's convolutions against gap8sim: random layers and teams, the error of each.
 *
 *   node .build/bench/pulp-calibrate.js [--layers N] [--seed N] [--write]
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { convKernel } from "../src/backends/pulp/kernels/conv.js";
import { randomFrom } from "../src/ir/random.js";
import { type ConvOptions, convCase } from "../tests/backends/pulp/kernels/conv-cases.js";
import {
  fits,
  type KernelCase,
  type KernelOutcome,
  runCases,
} from "../tests/backends/pulp/kernels/harness.js";
import { root } from "./root.js";
import { type Cells, table } from "./table.js";

const { values } = parseArgs({
  options: {
    layers: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
  },
});

const channels = [1, 2, 3, 8, 11, 13, 16, 32, 48, 64, 96] as const;
const lengths = [1, 3, 7, 25, 64, 140, 256] as const;

function drawn(next: () => number): KernelCase {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const op = pick(["conv", "conv", "conv", "conv", "conv_transpose", "linear"] as const);
  const planar = pick([false, false, true]);
  const spatial =
    op !== "linear" && pick([1, 1, 2]) === 2 ? [pick([3, 8, 12]), pick([5, 8, 12])] : [pick(lengths)];
  const kernel = spatial.map((n) => Math.min(pick([1, 1, 3, 5, 11]), n));
  const each = <T>(of: () => T): T[] => spatial.map(of);
  const stride = op === "conv_transpose" ? each(() => 2) : each(() => pick([1, 1, 1, 2]));
  const o: ConvOptions = {
    ...(op === "linear"
      ? { op, size: pick([true, false]) ? [] : [pick(lengths)] }
      : { op, size: spatial, kernel, stride }),
    ci: pick(channels),
    co: pick(channels),
    w: pick(["i8", "i8", "i4", "i2"] as const),
    finish: pick(["narrow", "narrow", "clamped", "wide", "sum"] as const),
    shifts: pick([true, false]),
    seed: Math.floor(next() * 1000),
  };
  const one = convCase(describe(o), { ...o, kernelOf: convKernel, cores: pick([8, 8, 8, 4, 1]) });
  const layouts = convKernel.layouts(one.layer).find((l) => (l.output.order === "chw") === planar);
  return layouts ? { ...one, layouts } : one;
}

function describe(o: ConvOptions): string {
  const kernel = (o.kernel ?? [1]).join("x");
  return `${o.op} ${[...o.size, o.ci].join("x")} to ${o.co}, k ${kernel} s ${(o.stride ?? [1]).join("x")}, ${o.w}, ${o.finish}${o.shifts ? " shifts" : ""}`;
}

async function cases(count: number): Promise<readonly KernelCase[]> {
  const next = randomFrom(Number(values.seed));
  const found: KernelCase[] = [];
  while (found.length < count) {
    const c = drawn(next);
    if (await fits(c)) found.push(c);
  }
  return found;
}

const estimate = ({ case: c, out }: KernelOutcome): number =>
  convKernel.cycles(c.layer, c.layouts, { out, inputs: [] }, c.cores ?? 8);

function report(outcomes: readonly KernelOutcome[]): string {
  const rows = outcomes.map((o) => {
    const [model, measured] = [estimate(o), o.cycles.gvsoc!.warm];
    return { o, model, measured, error: (100 * (model - measured)) / measured };
  });
  const sorted = rows.toSorted((a, b) => Math.abs(b.error) - Math.abs(a.error));
  const cells: Cells = [
    ["layer", "result", "cores", "model", "gap8sim", "error %"],
    ...sorted.map(({ o, model, measured, error }) => [
      o.case.name,
      `${o.case.layouts.output.order} ${o.case.layouts.output.align}`,
      String(o.case.cores ?? 8),
      String(Math.round(model)),
      String(measured),
      error.toFixed(1),
    ]),
  ];
  const mean = rows.reduce((n, r) => n + Math.abs(r.error), 0) / rows.length;
  const large = rows.filter((r) => r.measured > 2000);
  const meanLarge = large.reduce((n, r) => n + Math.abs(r.error), 0) / Math.max(1, large.length);
  const head = `Cycle model of \`conv\` against gap8sim, profile gvsoc, warm cache: mean error ${mean.toFixed(1)} %, of tiles above 2000 cycles ${meanLarge.toFixed(1)} %`;
  return `${head}\n\n${table(cells)}\n`;
}

const outcomes = await runCases(await cases(Number(values.layers)), { profiles: ["gvsoc"], host: false });
for (const o of outcomes) if (o.wrong.length > 0) throw new Error(`${o.case.name}: ${o.wrong.join("; ")}`);
const text = report(outcomes);
process.stdout.write(text);
if (values.write) writeFileSync(path.join(root, "bench", "pulp-calibrate.txt"), text);
