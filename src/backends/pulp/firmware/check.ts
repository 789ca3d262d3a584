/** Runs the program that a firmware project ships: golden vectors, CRC of every layer, on the simulator. */
import type { ComputedTiles } from "../../../ir/contracts.js";
import { error, Refusal, unwrap } from "../../../ir/diagnostic.js";
import type { Tensor } from "../../../ir/tensor.js";
import { type Firmware, loadElf } from "../../gap8sim/elf.js";
import { createSimulation } from "../../gap8sim/simulate.js";
import { computedTiles } from "./computed-tiles.js";
import type { Emission } from "./emit.js";
import { filesFor } from "./engine.js";
import { bootSources, type FirmwareProject } from "./project.js";
import { buildFirmware } from "./toolchain.js";
import { tracedResult, traceHooks } from "./traced.js";

/** What a run of firmware on the simulator said of its golden vectors. */
export interface FirmwareCheck {
  readonly ok: boolean;
  /** What the program printed. */
  readonly console: string;
  /** Of the cluster's clock, boot and CRCs included. */
  readonly cycles: number;
  /** Where a CRC differs: what every layer left in memory, vector by vector. */
  readonly values: readonly ReadonlyMap<string, Tensor>[];
  /** How a value was computed. */
  tiles(value: string): ComputedTiles | undefined;
}

/** Exit code of the test program where a CRC differs. */
const differs = 3;

export interface CheckOptions {
  readonly profile?: "gvsoc" | "rtl";
}

/**
 * Builds the test program as `make sim` does and runs it. Throws a `Refusal` where it cannot be built, or ends in any other way
 * than with its verdict.
 */
export async function checkFirmware(
  { files, emission, networkSources, defines }: FirmwareProject,
  options: CheckOptions = {},
): Promise<FirmwareCheck> {
  const elf = await buildFirmware(files, {
    sources: [...bootSources, ...networkSources, "test/main.c", "test/vectors.c"],
    defines: [...defines, `${emission.names.macro}_TRACE`],
  });
  const firmware = unwrap(loadElf(elf, "network.elf"));
  const simulation = simulate(firmware, emission, options);
  const end = simulation.run();
  const console = simulation.console().trim();
  if (end.kind !== "exit" || (end.code !== 0 && end.code !== differs)) {
    const what = end.kind === "exit" ? `it exited with ${end.code}` : end.trap.text;
    const text = "the firmware did not run to its end on the simulator";
    throw new Refusal(error("pulp/run", text, { found: `${what}\n${console}` }));
  }
  return {
    ok: end.code === 0,
    console,
    cycles: simulation.report().cycles.cluster,
    values: end.code === 0 ? [] : valuesOf(firmware, emission, options),
    tiles: (value) => computedTiles(emission.program, value),
  };
}

const simulate = (
  firmware: Firmware,
  emission: Emission,
  { profile = "gvsoc" }: CheckOptions,
  breakpoints: readonly string[] = [],
) => unwrap(createSimulation(firmware, { profile, files: filesFor(emission), breakpoints }));

/** Runs it once more and looks at each result where the program does. */
function valuesOf(firmware: Firmware, emission: Emission, options: CheckOptions) {
  const { program, names } = emission;
  const simulation = simulate(firmware, emission, options, traceHooks(firmware, names.prefix));
  const found: Map<string, Tensor>[] = [];
  for (let last = Infinity; simulation.run().kind === "breakpoint"; ) {
    const { layer, name, tensor } = tracedResult(simulation, program);
    if (layer <= last) found.push(new Map());
    found.at(-1)!.set(name, tensor);
    last = layer;
  }
  return found;
}
