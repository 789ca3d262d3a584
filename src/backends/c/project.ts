/** A C project a firmware engineer would keep: network, constants, runtime, test, Makefile. */
import type { Kernel } from "../../ir/contracts.js";
import { describePlace, error, Refusal } from "../../ir/diagnostic.js";
import type { Graph } from "../../ir/graph.js";
import { type HostOptions, hostSchedule, printSchedule, type Schedule } from "./host-schedule.js";
import { kernelFiles, kernelSources, ownFiles } from "./kernel-files.js";
import { portableKernels } from "./kernels/index.js";
import { namesFor, prefixFor, wrongPrefix } from "./names.js";
import { type Facts, madeBy, networkHeader, networkSource } from "./network.js";
import { runtimeFile } from "./runtime.js";
import { type Vector, vectorsSource } from "./vectors.js";
import { weightsHeader, weightsSource } from "./weights.js";
import { macsOf } from "./work.js";

/** What a C project says besides its graph. */
export interface ProjectOptions extends HostOptions {
  /** What the files call the network; the graph's name if absent. */
  readonly name?: string;
  /** In front of all global names, so that networks link together; made of the name if absent. */
  readonly prefix?: string;
  readonly kernels?: readonly Kernel[];
  /** Golden vectors for `make check`. */
  readonly vectors?: readonly Vector[];
  readonly moduleHash?: string;
  /** Of pulsec. */
  readonly version?: string;
  /** Texts of the files that places point into, for `file:line` in comments. */
  readonly sources?: ReadonlyMap<string, string>;
}

export type Files = ReadonlyMap<string, string | Uint8Array>;

/**
 * The files of a project by relative path; reads nothing but the runtime's own C files.
 * Throws a `Refusal` for graphs that are not integer and for nodes without kernel.
 */
export const emitProject = (graph: Graph, options: ProjectOptions = {}): Files =>
  makeProject(graph, options).files;

/** The project with the schedule it was made from. */
export function makeProject(
  graph: Graph,
  options: ProjectOptions = {},
): { files: Files; schedule: Schedule } {
  requireInteger(graph);
  const { name = graph.name, vectors = [], version = "", sources = new Map() } = options;
  const schedule = hostSchedule(graph, options.kernels ?? portableKernels, options);
  const names = namesFor(schedule, checkedPrefix(options.prefix ?? prefixFor(name)));
  const facts: Facts = { name, version, hash: options.moduleHash, sources };
  const ofKernels = kernelFiles(schedule);
  const files: Files = new Map([
    ["README.txt", readme(names.prefix, facts, ownFiles(ofKernels))],
    ["Makefile", makefile(names.macro, facts, kernelSources(ofKernels.keys()))],
    ["network.h", networkHeader(schedule, names, facts)],
    ["network.c", networkSource(schedule, names, facts)],
    ["network_weights.h", weightsHeader(schedule, names, facts)],
    ["network_weights.c", weightsSource(schedule, names, facts)],
    ...ofKernels,
    ["test/main.c", runtimeFile("test/main.c")],
    ["test/vectors.h", runtimeFile("test/vectors.h")],
    ["test/vectors.c", vectorsSource(schedule, names, facts, vectors)],
    ["schedule.txt", printSchedule(schedule)],
    ["report.json", `${JSON.stringify(report(schedule, names.prefix, facts), null, 2)}\n`],
  ]);
  return { files, schedule };
}

/** Only integer graphs have a C form; float tails are split off before. */
export function requireInteger(graph: Graph): void {
  if (graph.stage === "integer") return;
  const help = "quantise it, or split the float tail off";
  throw new Refusal(
    error("c/stage", `@${graph.name} is a ${graph.stage} graph`, { expected: "an integer graph", help }),
  );
}

function checkedPrefix(prefix: string): string {
  const wrong = wrongPrefix(prefix);
  if (wrong) throw new Refusal(error("c/prefix", wrong, { help: "choose another of letters, digits and _" }));
  return prefix;
}

function report(
  { graph, memories, steps }: Schedule,
  prefix: string,
  { name, version, hash, sources }: Facts,
) {
  return {
    network: name,
    prefix,
    pulsec: version,
    model: hash ?? null,
    memories,
    macs: graph.nodes.reduce((sum, n) => sum + macsOf(n), 0),
    layers: steps.flatMap((s) => {
      if (s.kind !== "run") return [];
      const { op, result } = s.node;
      const from = result.places.map((p) => describePlace(p, sources));
      return [
        {
          value: result.name,
          op: op.name,
          kernel: s.kernel.name,
          macs: macsOf(s.node),
          bytes: s.result.bytes,
          from,
        },
      ];
    }),
  };
}

const readme = (prefix: string, facts: Facts, own: readonly string[]): string => `${madeBy(facts)}

network.h, network.c             the network: one call, ${prefix}_run(inputs, outputs)
network_weights.h, .c            its constants
pulsec_*.h                       kernels, inlined into network.c; C11, no libc but string.h
${ownLine(own)}test/                            golden vectors and the program that checks them
schedule.txt, report.json        memory map, layers, multiply-accumulates

Firmware takes all above test/. On a host: make check compares every layer with its golden
value; make sanitize does so under the address and undefined-behaviour sanitizers.
`;

/** Files that kernels of the user's own bring along. */
function ownLine(own: readonly string[]): string {
  return own.length > 0 ? `${own.join(", ").padEnd(32)} kernels of your own\n` : "";
}

const makefile = (macro: string, facts: Facts, more: readonly string[]): string => `# ${madeBy(facts)}
CFLAGS ?= -O2
STRICT = -std=c11 -Wall -Wextra
SOURCES = ${["network.c", "network_weights.c", ...more].join(" ")} test/main.c test/vectors.c
HEADERS = $(wildcard *.h test/*.h)
BUILD = @mkdir -p build && $(CC) $(STRICT) $(CFLAGS)

.PHONY: all check sanitize clean
all: build/network build/traced

# As it ships: only the outputs can be seen.
build/network: $(SOURCES) $(HEADERS)
	$(BUILD) -o $@ $(SOURCES)

# Reports the result of every layer.
build/traced: $(SOURCES) $(HEADERS)
	$(BUILD) -D${macro}_TRACE -o $@ $(SOURCES)

build/sanitized: $(SOURCES) $(HEADERS)
	$(BUILD) -D${macro}_TRACE -g -fsanitize=undefined,address -fno-sanitize-recover=all -o $@ $(SOURCES)

check: all
	@build/network check
	@build/traced check

sanitize: build/sanitized
	@build/sanitized check

clean:
	rm -rf build
`;
