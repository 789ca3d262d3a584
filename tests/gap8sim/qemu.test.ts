/** Plain RV32IMC programs: QEMU's `virt` machine and the simulator print the same and exit alike. */
import { readdirSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.js";
import { runFirmware } from "./simulated.js";
import { hasCrossCompiler, hasQemu, hostedElf, inTemporaryFolder, programs, runOnQemu } from "./tools.js";

const test = suite("QEMU");

const missing = [
  !hasCrossCompiler && "riscv64-unknown-elf-gcc with picolibc",
  !hasQemu && "qemu-system-riscv32",
].filter((m) => m !== false);

for (const file of readdirSync(programs)
  .filter((f) => f.endsWith(".c"))
  .sort())
  if (missing.length > 0) test.skip(`${file}: ${missing.join(", ")} absent`);
  else
    test(`${file}: the same output and exit code`, () => {
      inTemporaryFolder((dir) => {
        const onQemu = path.join(dir, "qemu.elf");
        hostedElf("qemu", path.join(programs, file), onQemu);
        const expected = runOnQemu(onQemu);
        assert.match(expected.console, /\w+ [0-9a-f]{8}\n/);
        const ours = runFirmware(hostedElf("gap8", path.join(programs, file), path.join(dir, "gap8.elf")));
        assert.is(ours.end, "exit");
        assert.is(ours.console, expected.console);
        assert.is(ours.code, expected.code);
      });
    });

test.run();
