/** Runs the program that a firmware project ships: golden vectors, CRC of every layer, on the simulator. */
import { error, Refusal, unwrap } from "../../ir/diagnostic.js";
import { loadElf } from "../gap8sim/elf.js";
import { createSimulation } from "../gap8sim/simulate.js";
import { filesFor } from "./engine.js";
import { bootSources, type FirmwareProject } from "./project.js";
import { buildFirmware } from "./toolchain.js";

/** What a run of firmware on the simulator said of its golden vectors. */
export interface FirmwareCheck {
  readonly ok: boolean;
  /** What the program printed. */
  readonly console: string;
  /** Of the cluster's clock, boot and CRCs included. */
  readonly cycles: number;
}

/** Exit code of the test program where a CRC differs. */
const differs = 3;

/**
 * Builds the test program as `make sim` does and runs it. Throws a `Refusal` where it cannot be built, or ends in any other way
 * than with its verdict.
 */
export async function checkFirmware(
  { files, emission, networkSources, defines }: FirmwareProject,
  { profile = "gvsoc" as "gvsoc" | "rtl" } = {},
): Promise<FirmwareCheck> {
  const elf = await buildFirmware(files, {
    sources: [...bootSources, ...networkSources, "test/main.c", "test/vectors.c"],
    defines: [...defines, `${emission.names.macro}_TRACE`],
  });
  const simulation = unwrap(
    createSimulation(unwrap(loadElf(elf, "network.elf")), { profile, files: filesFor(emission) }),
  );
  const end = simulation.run();
  const console = simulation.console().trim();
  const cycles = simulation.report().cycles.cluster;
  if (end.kind === "exit" && (end.code === 0 || end.code === differs))
    return { ok: end.code === 0, console, cycles };
  const found =
    end.kind === "exit" ? `it exited with ${end.code}\n${console}` : `${end.trap.text}\n${console}`;
  throw new Refusal(error("pulp/run", "the firmware did not run to its end on the simulator", { found }));
}
