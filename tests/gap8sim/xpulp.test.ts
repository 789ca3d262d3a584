/**
 * Instructions of Xpulpv2 against their definitions in C, compiled for this machine. In profile `rtl`: `gvsoc` also has GVSOC's
 * flaw of signed half words that cross a word.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { randomFrom } from "../../src/ir/random.js";
import { seed, sharedPath, suite } from "../harness.js";
import { runFirmware } from "./simulated.js";
import {
  hasCrossCompiler,
  hasHostCompiler,
  hostedElf,
  inTemporaryFolder,
  programs,
  runOnHost,
} from "./tools.js";
import { instructionForms, xpulpSource } from "./xpulp-source.js";

const test = suite("Xpulpv2 against C");

const include = sharedPath("gap8", "include");
const missing = [
  include === undefined && "../shared/gap8",
  !hasHostCompiler && "cc",
  !hasCrossCompiler && "riscv64-unknown-elf-gcc with picolibc",
].filter((m) => m !== false);

if (include === undefined || missing.length > 0)
  test.skip(`every instruction, alone and in sequences: ${missing.join(", ")} absent`);
else
  test(`every instruction, alone and in sequences (seed ${seed})`, () => {
    inTemporaryFolder((dir) => {
      const source = path.join(dir, "xpulp.c");
      writeFileSync(source, xpulpSource(randomFrom(seed), 12));
      const headers = ["-I", include, "-I", programs];
      const expected = runOnHost(dir, source, headers).split("\n");
      assert.ok(expected.length > 2 * instructionForms.length);
      const target = path.join(dir, "xpulp.elf");
      const found = runFirmware(hostedElf("gap8", source, target, headers), { profile: "rtl" });
      assert.is(found.end, "exit");
      const lines = found.console.split("\n");
      const wrong = expected.filter((line, i) => lines[i] !== line);
      assert.equal(wrong.slice(0, 20), [], `${wrong.length} of ${expected.length} lines differ; expected`);
    });
  });

test.run();
