/** Engine `gap8sim`: the firmware that ships, on the simulator of the target. */
import type { Engine, PrepareOptions, Session } from "../../../ir/contracts.js";
import { type Diagnostic, error, Refusal, unwrap } from "../../../ir/diagnostic.js";
import type { Graph } from "../../../ir/graph.js";
import { requireInputs } from "../../../ir/inputs.js";
import { bytesOf } from "../../../ir/tensor.js";
import { elements } from "../../../ir/type.js";
import { portableKernels } from "../../c/kernels/index.js";
import { cType } from "../../c/text.js";
import { chooseKernels } from "../../choose-kernels.js";
import { loadElf } from "../../gap8sim/elf.js";
import { createSimulation, type RunEnd, type Simulation } from "../../gap8sim/simulate.js";
import type { Program } from "../../schedule/program.js";
import { runtimeFile } from "../runtime.js";
import { computedTiles } from "./computed-tiles.js";
import type { Emission } from "./emit.js";
import { macsOfProgram } from "./network.js";
import { fromPhysical, rowsOf, spanOf } from "./physical.js";
import { bootSources, type FirmwareOptions, type FirmwareProject, makeFirmware } from "./project.js";
import { buildFirmware } from "./toolchain.js";
import { tracedResult, traceHooks } from "./traced.js";
import { weightsFiles } from "./weights.js";

/** How engine `gap8` builds firmware and runs it on the simulator. */
export interface Gap8EngineOptions
  extends Pick<
    FirmwareOptions,
    "cores" | "kernels" | "tileKernels" | "linked" | "l1" | "l2" | "spill" | "safeDma"
  > {
  readonly profile?: "gvsoc" | "rtl";
  /** Folder to build in and to keep; without it a temporary one. */
  readonly workDir?: string;
}

/**
 * Inferences follow each other in one run of the firmware, so that what one leaves behind is seen by the next.
 * `prepare` throws a `Refusal` where no cross compiler is found or the network does not fit.
 */
export function gap8simEngine(options: Gap8EngineOptions = {}): Engine {
  const { kernels = portableKernels } = options;
  return {
    name: "gap8sim",
    refuses(graph) {
      if (graph.stage !== "integer")
        return [`@${graph.name} is a ${graph.stage} graph; firmware takes integer graphs`];
      return chooseKernels(graph, kernels).missing.map((d) => (d.found ? `${d.text} (${d.found})` : d.text));
    },
    async prepare(graph, { expose = "all" } = {}) {
      const project = makeFirmware(graph, { ...options, name: graph.name, prefix: "network" });
      return firmwareSession(graph, project, { ...options, expose });
    },
  };
}

/** Builds a project of prefix `network` and runs it on the simulator. */
export async function firmwareSession(
  graph: Graph,
  project: FirmwareProject,
  {
    expose = "all",
    profile = "gvsoc",
    workDir,
  }: PrepareOptions & Pick<Gap8EngineOptions, "profile" | "workDir">,
): Promise<Session> {
  const elf = await buildFirmware(withEngine(project), {
    sources: [...bootSources, ...project.networkSources, "engine/main.c", "engine/run.c"],
    defines: [...project.defines, ...(expose === "all" ? ["NETWORK_TRACE"] : [])],
    workDir,
  });
  return session(graph, project.emission, elf, expose === "all", profile);
}

/** The project with the program that the engine talks to. */
export function withEngine({ files, emission }: FirmwareProject): ReadonlyMap<string, string | Uint8Array> {
  const { program, names } = emission;
  const places = [
    ...program.inputs.map((b, i) => ({ b, name: `engine_input${i}` })),
    ...program.outputs.map((b, i) => ({ b, name: `engine_output${i}` })),
  ];
  const arrays = places.map(
    ({ b, name }) =>
      `${cType(b.value!.type.storage)} ${name}[${elements(b.value!.type)}] __attribute__((aligned(16)));`,
  );
  const run = `#include "../network.h"

${arrays.join("\n")}

void engine_run(void);
void engine_run(void) { ${names.prefix}_run(${places.map((p) => p.name).join(", ")}); }

#ifdef ${names.macro}_TRACE
__attribute__((noinline)) void ${names.prefix}_trace(int layer, const void *data) {
  __asm__ volatile("" : : "r"(layer), "r"(data) : "memory");
}
__attribute__((noinline)) void ${names.prefix}_trace_l3(int layer, uint32_t address) {
  __asm__ volatile("/* other text than above, or gcc makes them one */" : : "r"(layer), "r"(address) : "memory");
}
#endif
`;
  return new Map([...files, ["engine/main.c", runtimeFile("engine/main.c")], ["engine/run.c", run]]);
}

/** What the firmware reads through semihosting. */
export const filesFor = (emission: Emission): Map<string, Uint8Array> => new Map(weightsFiles(emission));

/** Instructions after which a network is given up: far more than the slowest kernels take. */
const budgetFor = (program: Program): number => 1e9 + 2000 * macsOfProgram(program);

function session(
  graph: Graph,
  emission: Emission,
  elf: Uint8Array,
  all: boolean,
  profile: "gvsoc" | "rtl",
): Session {
  const { program } = emission;
  const firmware = unwrap(loadElf(elf, "network.elf"));
  const breakpoints = ["engine_ready", ...(all ? traceHooks(firmware, "network") : [])];
  const files = filesFor(emission);
  const simulation = unwrap(createSimulation(firmware, { profile, breakpoints, files }));
  const ready = simulation.symbols.named("engine_ready")!.address;
  const goOn = () => next(simulation, budgetFor(program));
  let started = false;
  return {
    async dispose() {},
    tiles: (value) => computedTiles(program, value),
    async run(inputs) {
      requireInputs(graph, inputs);
      if (!started) goOn();
      started = true;
      const values = new Map(graph.inputs.map((v, i) => [v.name, inputs[i]!]));
      inputs.forEach((t, i) => {
        simulation.write(`engine_input${i}`, bytesOf(t.data));
      });
      while (goOn() !== ready) {
        const { name, tensor } = tracedResult(simulation, program);
        values.set(name, tensor);
      }
      graph.outputs.forEach(({ name, type }, i) => {
        const bytes = simulation.read(`engine_output${i}`, spanOf(rowsOf(undefined, type)))!;
        values.set(name, fromPhysical(undefined, type, bytes));
      });
      return values;
    },
  };
}

/** Runs to the next breakpoint and gives its address. */
function next(simulation: Simulation, budget: number): number {
  const end = simulation.run(budget);
  if (end.kind === "breakpoint") return end.trap.pc;
  throw new Refusal(stopped(simulation, end));
}

function stopped(simulation: Simulation, end: RunEnd): Diagnostic {
  const what = end.kind === "exit" ? `it exited with ${end.code}` : end.trap.text;
  const printed = simulation.console().trim();
  return error("pulp/run", "the firmware did not run to its end on the simulator", {
    found: [what, ...(end.kind === "exit" ? [] : end.trap.waits), printed].filter(Boolean).join("\n"),
    help: "this is a bug of pulsec or of a kernel of your own: pulsec compile --target gap8 writes the same program",
  });
}
