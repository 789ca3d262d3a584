/** A firmware project: the network, its constants, the runtime, golden vectors, a Makefile for host, simulator and SDK. */
import type { Kernel } from "../../../ir/contracts.js";
import { error, Refusal } from "../../../ir/diagnostic.js";
import type { Graph } from "../../../ir/graph.js";
import { filesOf } from "../../c/kernel-files.js";
import { portableKernels } from "../../c/kernels/index.js";
import { prefixFor, wrongPrefix } from "../../c/names.js";
import type { Facts } from "../../c/network.js";
import { type Files, requireInteger } from "../../c/project.js";
import type { Vector } from "../../c/vectors.js";
import { printProgram } from "../../schedule/print.js";
import type { Program, Step } from "../../schedule/program.js";
import type { TileKernel } from "../contract.js";
import { tileKernels } from "../kernels/index.js";
import { planProgram } from "../planner/plan.js";
import type { LinkedKernel } from "../planner/units.js";
import { firmwareReport } from "../report/report.js";
import { runtimeFile } from "../runtime.js";
import { type Emission, type LayerText, layerText } from "./emit.js";
import { bytesOver, memoriesOf } from "./memories.js";
import { namesFor } from "./names.js";
import { macsOfProgram, networkHeader, networkSource, portableSource, writtenBy } from "./network.js";
import { compileFlags, linkFlags, programTooLarge } from "./toolchain.js";
import { vectorsSource } from "./vectors.js";
import { weightsFiles, weightsHeader, weightsSource } from "./weights.js";

/** What a firmware project says besides its graph. */
export interface FirmwareOptions {
  /** What the files call the network; the graph's name if absent. */
  readonly name?: string;
  /** In front of all global names, so that networks link together; made of the name if absent. */
  readonly prefix?: string;
  /** Portable kernels of layers that nothing tiles. */
  readonly kernels?: readonly Kernel[];
  /** Kernels that work on tiles in L1. */
  readonly tileKernels?: readonly TileKernel[];
  /** Kernels of the user's own, asked first. */
  readonly linked?: readonly LinkedKernel[];
  /** Bytes of L1 that tiles may take; 44 KiB. */
  readonly l1?: number;
  /** Bytes of L2 that constants, values and arguments may take; 400 KiB, as code and test data need the rest. */
  readonly l2?: number;
  /** Bytes of the HyperRAM that it may take; 8 MiB. */
  readonly l3?: number;
  /** Golden vectors of the test program. */
  readonly vectors?: readonly Vector[];
  readonly moduleHash?: string;
  /** Of pulsec. */
  readonly version?: string;
  /** Texts of the files that places point into, for `file:line` in comments. */
  readonly sources?: ReadonlyMap<string, string>;
  /** Cores of the cluster that work, 1 to 8. */
  readonly cores?: number;
  /** Every transfer between L2 and L1 ends before the next step. */
  readonly safeDma?: boolean;
  /** Every node is a layer, so that every value is in memory once: for debugging. */
  readonly spill?: boolean;
}

/** The files of a firmware project, and how its C was emitted. */
export interface FirmwareProject {
  readonly files: Files;
  readonly emission: Emission;
  /** C files of the network itself, by path. */
  readonly networkSources: readonly string[];
  /** Macros that it is compiled with, besides those that show results: `PULSEC_CORES=8`. */
  readonly defines: readonly string[];
}

/** Headers that every network's code needs, and what switches the cluster on. */
const runtimeFiles: readonly string[] = [
  "pulsec_cluster.h",
  "pulsec_cluster_gap8.h",
  "pulsec_cluster_host.h",
  "pulsec_cluster_pmsis.h",
  "pulsec_platform.h",
  "pulsec_steps.h",
  "pulsec_crc.h",
  "gap8/start.S",
  "gap8/link.ld",
  "gap8/platform.c",
  "gap8/include/string.h",
  "host/platform.c",
  "pmsis/platform.c",
  "test/main.c",
  "test/vectors.h",
];
export const bootSources: readonly string[] = ["gap8/start.S", "gap8/platform.c"];

/** The files of a project by relative path. Throws a `Refusal` for graphs that firmware cannot hold. */
export function makeFirmware(graph: Graph, options: FirmwareOptions = {}): FirmwareProject {
  requireInteger(graph);
  const { name = graph.name, vectors = [], version = "", sources = new Map() } = options;
  const { cores = 8, l1 = 44 * 1024, l2 = 400 * 1024, l3 = 8 * 2 ** 20, spill = false } = options;
  const { safeDma = false } = options;
  const { kernels: portable = portableKernels, tileKernels: tile = tileKernels } = options;
  const kernels = { portable, tile, linked: options.linked ?? [] };
  const program = planProgram(graph, { target: "gap8", cores, l1, l2, l3, spill, kernels });
  const names = namesFor(program, checkedPrefix(options.prefix ?? prefixFor(name)));
  const emission: Emission = { program, names, memories: memoriesOf(program, names) };
  requireRoom(emission, vectors.length);
  const facts: Facts = { name, version, hash: options.moduleHash, sources };
  const layers = program.layers.map((_, i) => layerText(emission, i));
  const tileFiles = tileHeaders(program);
  const portableFiles = layers.some((l) => l.portable.length > 0)
    ? portableParts(program, layers, facts)
    : new Map();
  const networkSources = [
    "network.c",
    "network_weights.c",
    ...[...portableFiles.keys()].filter((f) => f.endsWith(".c")),
  ];
  const files: Files = new Map<string, string | Uint8Array>([
    ["README.txt", readme(names.prefix, facts)],
    ["Makefile", makefile(emission, facts, networkSources, safeDma)],
    ["gapsdk.mk", sdkMakefile(emission, facts, networkSources, safeDma)],
    ["network.h", networkHeader(emission, facts)],
    ["network.c", networkSource(emission, facts, layers, tileIncludes(program))],
    ["network_weights.h", weightsHeader(emission, facts)],
    ["network_weights.c", weightsSource(emission, facts)],
    ...weightsFiles(emission),
    ...tileFiles,
    ...portableFiles,
    ...runtimeFiles.map((f) => [f, runtimeFile(f)] as const),
    ["test/vectors.c", vectorsSource({ graph, program, names }, facts, vectors)],
    ["network.schedule", printProgram(program)],
    ["report.json", `${JSON.stringify(report(emission, facts, safeDma), null, 2)}\n`],
  ]);
  const defines = [`PULSEC_CORES=${cores}`, ...(safeDma ? ["PULSEC_SAFE_DMA"] : [])];
  return { files, emission, networkSources, defines };
}

/** Arguments and golden vectors lie in L2 as well. Throws a `Refusal` where the linker would fail. */
function requireRoom({ program, memories }: Emission, vectors: number): void {
  const sum = (list: Program["inputs"]) => list.reduce((n, b) => n + b.bytes, 0);
  const data = Math.max(1, vectors) * sum(program.inputs) + sum(program.outputs);
  const over = bytesOver(memories, data);
  if (over > 0) throw new Refusal(programTooLarge(over, `${data} bytes of arguments and golden vectors`));
}

const wholes = (steps: readonly Step[]): readonly Kernel[] =>
  steps.flatMap((s) =>
    s.kind === "whole" ? [s.kernel] : s.kind === "loop" || s.kind === "when" ? wholes(s.body) : [],
  );
const portableOf = ({ layers }: Program): readonly Kernel[] => layers.flatMap((l) => wholes(l.steps));

/** The folder of what is computed by portable kernels: their files, and the functions that call them. */
function portableParts(
  program: Program,
  layers: readonly LayerText[],
  facts: Facts,
): ReadonlyMap<string, string> {
  const files = filesOf(portableOf(program));
  const headers = [...new Set(["pulsec_base.h", ...portableOf(program).map((k) => k.header)])];
  return new Map([
    ...[...files].map(([name, content]) => [`portable/${name}`, content] as const),
    ["portable/layers.c", portableSource(facts, layers, headers)],
  ]);
}

/** Headers that tile kernels include. */
const tileIncludes = ({ layers }: Program): readonly string[] => [
  ...new Set(layers.flatMap((l) => l.source?.headers ?? [])),
];

/** The same and those that these include. */
function tileHeaders(program: Program): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const take = (name: string): void => {
    if (found.has(name)) return;
    const content = runtimeFile(name);
    found.set(name, content);
    for (const [, other] of content.matchAll(/^#include "(pulsec_\w+\.h)"/gm)) take(other!);
  };
  for (const h of tileIncludes(program)) take(h);
  return found;
}

function checkedPrefix(prefix: string): string {
  const wrong = wrongPrefix(prefix);
  if (wrong) throw new Refusal(error("c/prefix", wrong, { help: "choose another of letters, digits and _" }));
  return prefix;
}

const report = ({ program, names }: Emission, { name, version, hash, sources }: Facts, safeDma: boolean) => ({
  network: name,
  prefix: names.prefix,
  safeDma,
  pulsec: version,
  model: hash ?? null,
  macs: macsOfProgram(program),
  ...firmwareReport(program, { sources }),
});

const readme = (prefix: string, facts: Facts): string => `${writtenBy(facts)}

network.h, network.c             the network: one call, ${prefix}_run(inputs, outputs), on the fabric controller
network_weights.h, .c, .bin      its constants
pulsec_*.h                       kernels and the cluster, inlined into network.c
portable/                        layers that no tile kernel takes, if there are any
gap8/, host/, pmsis/             the platform: bare metal, this machine, the vendor's SDK; one of them is linked
test/                            golden vectors and the program that checks them
network.schedule                 loops, transfers, waits and addresses; pulsec check reads it
report.json                      memory map, layers, multiply-accumulates

make host      builds for this machine and checks the golden vectors
make sim       builds for bare GAP8 and runs it on the simulator, pulsec sim
make gapsdk    builds with the vendor's SDK, in a shell that has read its sourceme.sh
`;

const makefile = (
  { program: { cores }, names: { macro }, memories }: Emission,
  facts: Facts,
  sources: readonly string[],
  safeDma: boolean,
): string => `# ${writtenBy(facts)}
# CHECK=0 leaves the CRC of each layer out; the outputs are still checked.
CHECK ?= 1
CORES ?= ${cores}
# SAFE_DMA=1 lets every transfer between L2 and L1 end before the next step.
SAFE_DMA ?= ${Number(safeDma)}
CFLAGS ?= -O2
RISCV_CC ?= riscv64-unknown-elf-gcc
PULSEC ?= pulsec
SOURCES = ${sources.join(" ")} test/main.c test/vectors.c
HEADERS = $(wildcard *.h */*.h)
DEFINES = -DPULSEC_CORES=$(CORES) $(if $(filter 0,$(CHECK)),,-D${macro}_TRACE) \\
  $(if $(filter 1,$(SAFE_DMA)),-DPULSEC_SAFE_DMA)
RISCV_FLAGS = ${compileFlags.join(" ")} \\
  -isystem gap8/include
RISCV_LINK = ${linkFlags.join(" ")}

.PHONY: host sim gapsdk firmware clean
host: build/host
	@build/host

sim: build/network.elf
	@$(PULSEC) sim build/network.elf${memories.image.length > 0 && !memories.embedded ? " --files ." : ""}

gapsdk:
	$(MAKE) -f gapsdk.mk clean all CHECK=$(CHECK) CORES=$(CORES) SAFE_DMA=$(SAFE_DMA)

firmware: build/network.elf

build/host: $(SOURCES) host/platform.c $(HEADERS)
	@mkdir -p build
	$(CC) -std=gnu11 -Wall -Wextra -flax-vector-conversions $(CFLAGS) $(DEFINES) -o $@ $(SOURCES) host/platform.c

build/network.elf: $(SOURCES) gap8/start.S gap8/platform.c gap8/link.ld $(HEADERS)
	@mkdir -p build
	$(RISCV_CC) $(RISCV_FLAGS) $(DEFINES) $(RISCV_LINK) -Wl,-T,gap8/link.ld -o $@ \\
	  gap8/start.S gap8/platform.c $(SOURCES) -lgcc

clean:
	rm -rf build BUILD
`;

const sdkMakefile = (
  { program: { cores }, names: { macro }, memories: { l1 } }: Emission,
  facts: Facts,
  sources: readonly string[],
  safeDma: boolean,
): string => `# ${writtenBy(facts)}
# For make -f gapsdk.mk with the vendor's SDK, which sets RULES_DIR.
CHECK ?= 1
CORES ?= ${cores}
SAFE_DMA ?= ${Number(safeDma)}
APP = network
APP_SRCS = ${sources.join(" ")} pmsis/platform.c test/main.c test/vectors.c
APP_CFLAGS += -O3 -std=gnu11 -DPULSEC_PMSIS -DPULSEC_CORES=$(CORES) -DPULSEC_L1_BYTES=${Math.max(64, l1)} \\
  $(if $(filter 0,$(CHECK)),,-D${macro}_TRACE) $(if $(filter 1,$(SAFE_DMA)),-DPULSEC_SAFE_DMA)
APP_LDFLAGS += -lgcc
BOARD_NAME ?= gapuino
PMSIS_OS ?= pulp_os

include $(RULES_DIR)/pmsis_rules.mk
`;
