/** The runtime itself: transfers, teams, borders, L3, console, on the simulator and on this machine. */

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { bootSources } from "../../../src/backends/pulp/firmware/project.js";
import { buildFirmware } from "../../../src/backends/pulp/firmware/toolchain.js";
import { runtimeFile } from "../../../src/backends/pulp/runtime.js";
import { runFirmware } from "../../gap8sim/simulated.js";
import { suite } from "../../harness.js";
import { hasCrossCompiler, hasHostCompiler, here, outcome, run, runtime, within } from "./tools.js";

const test = suite("pulp runtime");
const program = path.join(here, "programs", "transfers.c");
const printed = "-123 0000beef\n";

async function elfFor(cores: number, defines: readonly string[] = []): Promise<Uint8Array> {
  const headers = readdirSync(runtime).filter((f) => f.endsWith(".h"));
  const names = [...headers, ...bootSources, "gap8/link.ld", "gap8/include/string.h"];
  const files = new Map<string, string>(names.map((f) => [f, runtimeFile(f)]));
  files.set("main.c", readFileSync(program, "utf8"));
  return buildFirmware(files, {
    sources: [...bootSources, "main.c"],
    defines: [`PULSEC_CORES=${cores}`, ...defines],
  });
}

const cross = hasCrossCompiler ? test : test.skip;

cross("every shape of transfer arrives, with 8 cores, in both profiles", async () => {
  const elf = await elfFor(8);
  for (const profile of ["gvsoc", "rtl"] as const) {
    const { code, console, end } = runFirmware(elf, { profile });
    assert.is(end, "exit");
    assert.is(console, printed);
    assert.is(code, 0);
  }
});

cross("teams of 1 and 3 cores; transfers that block", async () => {
  for (const [cores, ...defines] of [[1], [3, "PULSEC_SAFE_DMA"]] as const) {
    const { code, console } = runFirmware(await elfFor(cores, defines));
    assert.is(console, printed, `${cores} cores`);
    assert.is(code, 0);
  }
});

(hasHostCompiler ? test : test.skip)(
  "the host's runtime does the same, without undefined behaviour",
  async () => {
    await within(new Map(), async (folder) => {
      const binary = path.join(folder, "transfers");
      const flags =
        "-std=gnu11 -Wall -Wextra -Werror -O1 -fsanitize=undefined,address -fno-sanitize-recover=all";
      const sources = [program, path.join(runtime, "host", "platform.c")];
      await run("cc", [...flags.split(" "), `-I${runtime}`, ...sources, "-o", binary]);
      assert.equal(await outcome(binary, []), { code: 0, stdout: printed });
    });
  },
);

test.run();
