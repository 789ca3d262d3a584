/** Runs tile kernels on the host and on gap8sim, and compares every byte they write with the interpreter. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { loadElf } from "../../../../src/backends/gap8sim/elf.js";
import { createSimulation, type Simulation } from "../../../../src/backends/gap8sim/simulate.js";
import type { Extent, Layer, LayerLayouts, TileKernel } from "../../../../src/backends/pulp/contract.js";
import { layersOf } from "../../../../src/backends/pulp/planner/layers.js";
import { unwrap } from "../../../../src/ir/diagnostic.js";
import type { Graph } from "../../../../src/ir/graph.js";
import { root } from "../../../harness.js";
import { type Job, jobOf, mostBytes, type Region, wrongBytes } from "./job.js";

export interface KernelCase {
  readonly name: string;
  readonly kernel: TileKernel;
  /** A graph of one layer. */
  readonly graph: Graph;
  readonly layer: Layer;
  readonly layouts: LayerLayouts;
  /** 1 to 8; default 8. */
  readonly cores?: number;
  /** The part of the output that the tile computes; default: all of it. */
  readonly region?: Region;
  readonly seed?: number;
}

/** Cycles of the second run of a tile, its code in the cache; `cold`: of the first. */
export interface Cycles {
  readonly warm: number;
  readonly cold: number;
}
export interface KernelOutcome {
  readonly case: KernelCase;
  readonly out: Extent;
  /** What is wrong, in words; none where every byte is right everywhere. */
  readonly wrong: readonly string[];
  readonly cycles: Partial<Record<"gvsoc" | "rtl", Cycles>>;
}

export interface HarnessOptions {
  /** Default: both. */
  readonly profiles?: readonly ("gvsoc" | "rtl")[];
  readonly host?: boolean;
  readonly folder?: string;
  /** Lines of C in front of the kernels. */
  readonly prelude?: string;
}

/** The one layer of a graph. Throws where the backend makes something else of it. */
export function layerOf(graph: Graph): Layer {
  const groups = layersOf(graph);
  const layer = groups[0]?.layer;
  if (groups.length !== 1 || !layer) throw new Error(`@${graph.name} is no single layer`);
  return layer;
}

const runtime = path.join(root, "src", "backends", "pulp", "runtime");
const program = path.join(root, "tests", "backends", "pulp", "kernels", "harness.c");
const common = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fno-strict-aliasing", `-I${runtime}`];
const bare =
  "-march=rv32imc -mabi=ilp32 -misa-spec=2.2 -mno-relax -msmall-data-limit=0 -O2 -ffreestanding -fno-common -nostdlib -nostartfiles -fno-tree-loop-distribute-patterns -Wl,--no-warn-rwx-segments,--build-id=none,-z,max-page-size=4".split(
    " ",
  );
const sanitised = "-O1 -fsanitize=undefined -fno-sanitize-recover=all -fno-sanitize=alignment".split(" ");

const extentOfTile = ({ layer, region }: KernelCase): Extent =>
  region ? { h: region.h, w: region.w, c: region.channels } : layer.out;

/** The kernels' C: each distinct function once. */
function sourceOf(cases: readonly KernelCase[], prelude: string): { text: string; index: readonly number[] } {
  const bodies: string[] = [];
  const headers = new Set<string>();
  const index = cases.map((c) => {
    for (const h of c.kernel.headers) headers.add(h);
    const body = c.kernel.emit(c.layer, c.layouts, "NAME", extentOfTile(c));
    if (!bodies.includes(body)) bodies.push(body);
    return bodies.indexOf(body);
  });
  const includes = ["pulsec_tile.h", ...headers].map((h) => `#include "${h}"`);
  const functions = bodies.map((b, i) => b.replace(/\bNAME/g, `kernel_${i}`));
  const table = `void (*const harness_kernels[])(const pulsec_tile *, int) = {${bodies.map((_, i) => `kernel_${i}`).join(", ")}};`;
  return { text: `${[...includes, prelude, ...functions, table].join("\n\n")}\n`, index };
}

function buildHost(dir: string, cores: number): string {
  const to = path.join(dir, "host");
  const sources = [program, path.join(dir, "kernels.c")];
  execFileSync("cc", [...common, ...sanitised, `-DPULSEC_CORES=${cores}`, ...sources, "-o", to]);
  return to;
}

function buildBare(dir: string, cores: number): Uint8Array {
  const gap8 = path.join(runtime, "gap8");
  const to = path.join(dir, "kernels.elf");
  const link = [`-I${path.join(gap8, "include")}`, "-T", path.join(gap8, "link.ld")];
  const start = [path.join(gap8, "start.S"), path.join(gap8, "platform.c")];
  const sources = [...start, program, path.join(dir, "kernels.c"), "-lgcc"];
  execFileSync("riscv64-unknown-elf-gcc", [
    ...bare,
    ...common,
    ...link,
    `-DPULSEC_CORES=${cores}`,
    ...sources,
    "-o",
    to,
  ]);
  return new Uint8Array(readFileSync(to));
}

function runHost(host: string, jobs: readonly Job[]): readonly Uint8Array[] {
  const input = Buffer.concat(jobs.flatMap((j) => [j.words, j.image]));
  const output = execFileSync(host, { input, maxBuffer: 1 << 30 });
  let at = 0;
  return jobs.map((j) => new Uint8Array(output.subarray(at, (at += j.image.length))));
}

function step(simulation: Simulation): void {
  const end = simulation.run(2_000_000_000);
  if (end.kind !== "breakpoint") throw new Error(end.kind === "exit" ? "the harness ended" : end.trap.text);
}

function runSimulated(elf: Uint8Array, profile: "gvsoc" | "rtl", jobs: readonly Job[]) {
  const firmware = unwrap(loadElf(elf, "kernels.elf"));
  const simulation = unwrap(createSimulation(firmware, { profile, breakpoints: ["harness_ready"] }));
  step(simulation);
  return jobs.map(({ words, image, cyclesAt }) => {
    simulation.write("job", words);
    simulation.write("pulsec_l1", image);
    step(simulation);
    const done = new DataView(simulation.read("job")!.buffer);
    const cycles = { cold: done.getUint32(cyclesAt, true), warm: done.getUint32(cyclesAt + 4, true) };
    return { image: simulation.read("pulsec_l1", image.length)!, cycles };
  });
}

function compare(
  cases: readonly KernelCase[],
  jobs: readonly Job[],
  cores: number,
  options: HarnessOptions,
  index: readonly number[],
  dir: string,
): KernelOutcome[] {
  const wrong = jobs.map((): string[] => []);
  const numbered = jobs.map((job, i) => job.as(index[i]!));
  const check = (where: string, images: readonly Uint8Array[]) => {
    for (const [i, image] of images.entries()) {
      const text = wrongBytes(jobs[i]!, image);
      if (text) wrong[i]!.push(`${where}, ${cores} cores: ${text}`);
    }
  };
  if (options.host !== false) check("host", runHost(buildHost(dir, cores), numbered));
  const profiles = options.profiles ?? ["gvsoc", "rtl"];
  const elf = profiles.length > 0 ? buildBare(dir, cores) : undefined;
  const cycles: Partial<Record<"gvsoc" | "rtl", Cycles>>[] = jobs.map(() => ({}));
  for (const profile of profiles) {
    const runs = runSimulated(elf!, profile, numbered);
    check(
      profile,
      runs.map((r) => r.image),
    );
    for (const [i, r] of runs.entries()) cycles[i]![profile] = r.cycles;
  }
  return cases.map((c, i) => ({ case: c, out: jobs[i]!.out, wrong: wrong[i]!, cycles: cycles[i]! }));
}

async function runTeam(cores: number, cases: readonly KernelCase[], options: HarnessOptions) {
  const jobs = await Promise.all(cases.map((c) => jobOf(c, cores)));
  const dir = options.folder ?? mkdtempSync(path.join(os.tmpdir(), "pulsec-kernels-"));
  try {
    const { text, index } = sourceOf(cases, options.prelude ?? "");
    writeFileSync(path.join(dir, "kernels.c"), text);
    return compare(cases, jobs, cores, options, index, dir);
  } finally {
    if (!options.folder) rmSync(dir, { recursive: true, force: true });
  }
}

/** Runs all cases; those with the same number of cores share a build. Outcomes in the order of the cases. */
export async function runCases(
  cases: readonly KernelCase[],
  options: HarnessOptions = {},
): Promise<readonly KernelOutcome[]> {
  const found = new Map<KernelCase, KernelOutcome>();
  for (const cores of new Set(cases.map((c) => c.cores ?? 8))) {
    const team = cases.filter((c) => (c.cores ?? 8) === cores);
    for (const outcome of await runTeam(cores, team, options)) found.set(outcome.case, outcome);
  }
  return cases.map((c) => found.get(c)!);
}

/** Does the case's image fit L1? */
export const fits = async (c: KernelCase): Promise<boolean> =>
  (await jobOf(c, c.cores ?? 8)).image.length <= mostBytes;
