/** Speed of the GAP8 simulator with full timing, on the composite programs of ../shared/gap8, and its start-up. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { loadElf } from "../src/backends/gap8sim/elf.js";
import { createSimulation } from "../src/backends/gap8sim/simulate.js";
import { unwrap } from "../src/ir/diagnostic.js";
import { built, root } from "./root.js";
import { type Cells, markdownTable, median, table } from "./table.js";

/**
 * What GVSOC reaches on this kind of machine (AMD EPYC, single-threaded, no traces): measured there, once, on programs of the
 * same kind; it cannot be part of the project.
 */
const gvsoc = { oneCore: "20 to 24", eightCores: "35" };
const targets = { oneCore: 24, eightCores: 60, startUp: 300 };

/** Million instructions per second. */
export interface Speed {
  readonly program: string;
  readonly instructions: number;
  readonly median: number;
  readonly worst: number;
}
export interface SimulatorSpeed {
  readonly runs: number;
  /** Programs that work on one core and on eight in turn: most instructions on one core, and on eight. */
  readonly oneCore: readonly Speed[];
  readonly eightCores: readonly Speed[];
  /** Milliseconds of a process that runs the smallest program. */
  readonly startUp: { readonly median: number; readonly worst: number };
}

const gap8 = path.join(root, "..", "shared", "gap8");
const elfs = path.join(gap8, "elf");
const fileOf = (program: string): string => path.join(elfs, `${program}.elf`);

/** As build.sh of the oracle has them. */
const flags =
  "-march=rv32imc -mabi=ilp32 -misa-spec=2.2 -mno-relax -msmall-data-limit=0 -std=gnu11 -O2 -w -fno-strict-aliasing -ffreestanding -fno-common -fno-tree-loop-distribute-patterns -ffunction-sections -fdata-sections -nostdlib -nostartfiles -Wl,--no-warn-rwx-segments -Wl,--gc-sections -Wl,-z,max-page-size=4";

/** The program with its work done `times` times over, or nothing without the cross compiler. */
function repeated(program: string, times: number): Uint8Array | undefined {
  const dir = mkdtempSync(path.join(os.tmpdir(), "pulsec-bench-"));
  const gcc = (...args: readonly string[]): boolean => {
    const include = ["include", "start", "programs"].map((f) => `-I${path.join(gap8, f)}`);
    return spawnSync("riscv64-unknown-elf-gcc", [...flags.split(" "), ...include, ...args]).status === 0;
  };
  try {
    const [main, work, elf] = ["main.c", "work.o", "a.elf"].map((f) => path.join(dir, f)) as [
      string,
      string,
      string,
    ];
    const loop = `for (int i = 0; i < ${times}; i++) work();`;
    writeFileSync(main, `void work(void);\nvoid prog_cluster(void) { ${loop} }\n`);
    const source = path.join(gap8, "programs", `${program}.c`);
    const start = ["crt.S", "runtime.c"].map((f) => path.join(gap8, "start", f));
    const isBuilt =
      gcc("-c", "-Dprog_cluster=work", source, "-o", work) &&
      gcc("-T", path.join(gap8, "start", "link.ld"), ...start, main, work, "-lgcc", "-o", elf);
    return isBuilt ? new Uint8Array(readFileSync(elf)) : undefined;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Seconds of this process's time (user and system), and instructions. */
function runOnce(
  name: string,
  bytes: Uint8Array,
): { readonly seconds: number; readonly instructions: number } {
  const before = process.cpuUsage();
  const simulation = unwrap(createSimulation(unwrap(loadElf(bytes, name))));
  simulation.run();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, instructions: simulation.report().instructions };
}

function speedOf(program: string, bytes: Uint8Array, runs: number): Speed {
  const all = Array.from({ length: runs }, () => runOnce(program, bytes));
  const rates = all.map((r) => r.instructions / r.seconds / 1e6);
  return { program, instructions: all[0]!.instructions, median: median(rates), worst: Math.min(...rates) };
}

/** The program as it is, and with its work done often enough that translation does not count. */
function speedsOf(program: string, times: number, runs: number): readonly Speed[] {
  const long = repeated(program, times);
  return [
    speedOf(program, new Uint8Array(readFileSync(fileOf(program))), runs),
    ...(long ? [speedOf(`${program} x ${times}`, long, runs)] : []),
  ];
}

function startUp(runs: number): number[] {
  const cli = path.join(built, "src", "cli", "main.js");
  return Array.from({ length: runs }, () => {
    const start = performance.now();
    spawnSync(process.execPath, [cli, "sim", fileOf("m_clocks")], { stdio: "ignore" });
    return performance.now() - start;
  });
}

/** Nothing on machines without the programs. */
export function simulatorSpeed(runs = 5): SimulatorSpeed | undefined {
  if (!existsSync(elfs)) return undefined;
  const starts = startUp(runs);
  return {
    runs,
    oneCore: speedsOf("c_conv1d", 60, runs),
    eightCores: [
      ...speedsOf("c_tiled_conv", 20, runs),
      ...speedsOf("c_matmul", 60, runs),
      ...speedsOf("c_add", 120, runs),
    ],
    startUp: { median: median(starts), worst: Math.max(...starts) },
  };
}

const about = (runs: number): string =>
  [
    `Programs of the GAP8 oracle with full timing (profile gvsoc), ${runs} runs each, every run from the ELF file to the exit with its own translation of the code.`,
    "Instructions of all nine cores per second of processor time, threads of the compiler included.",
    `GVSOC does ${gvsoc.oneCore} million per second with one core busy and ${gvsoc.eightCores} with eight.`,
  ].join(" ");

/** The bench as `npm run bench` prints it. */
export async function simulator(quick: boolean) {
  const found = simulatorSpeed(quick ? 2 : 5);
  if (!found) {
    const missing = "not measured: the programs of ../shared/gap8 are absent";
    return { json: { skipped: missing }, terminal: missing, page: missing };
  }
  const speeds = (all: readonly Speed[], target: number) =>
    all.map((s) => [
      s.program,
      (s.instructions / 1e6).toFixed(1),
      s.median.toFixed(1),
      s.worst.toFixed(1),
      (target / s.median).toFixed(2),
    ]);
  const head = ["", "million instructions", "per second, median", "worst", "target / median"];
  const one: Cells = [head, ...speeds(found.oneCore, targets.oneCore)];
  const eight: Cells = [head, ...speeds(found.eightCores, targets.eightCores)];
  const { startUp: start } = found;
  const starts = `Process start to the end of the smallest program: median ${start.median.toFixed(0)} ms, worst ${start.worst.toFixed(0)} ms; limit ${targets.startUp} ms.`;
  const parts = (render: (cells: Cells) => string) =>
    [
      about(found.runs),
      `Most instructions on one core, target ${targets.oneCore}:`,
      render(one),
      `Most instructions on several cores, target ${targets.eightCores}:`,
      render(eight),
      starts,
    ].join("\n\n");
  return { json: found, terminal: parts(table), page: parts(markdownTable) };
}
