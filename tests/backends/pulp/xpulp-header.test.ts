/** The assembler macros and C functions of pulsec_xpulp.h. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as assert from "uvu/assert";
import { disassemble } from "../../../src/backends/gap8sim/disassemble.js";
import { runFirmware } from "../../gap8sim/simulated.js";
import {
  crossCompiler,
  hasCrossCompiler,
  hasHostCompiler,
  hostedElf,
  inTemporaryFolder,
  runOnHost,
} from "../../gap8sim/tools.js";
import { root, suite } from "../../harness.js";

const test = suite("pulp xpulp header");
const runtime = path.join(root, "src", "backends", "pulp", "runtime");
const flags =
  "-march=rv32imc -mabi=ilp32 -misa-spec=2.2 -mno-relax -O2 -std=gnu11 -ffreestanding -Wall -Wextra -Werror";

/** Operands that tell the fields of an instruction apart. */
const operands: Readonly<Record<string, string>> = {
  d: "a0",
  a: "a1",
  b: "s7",
  i: "5",
  w: "7",
  l: "1",
  to: "9f",
};

interface Macro {
  readonly name: string;
  readonly line: string;
}
/** What the preprocessor makes of the header. */
function macros(): readonly Macro[] {
  const include = [`-I${runtime}`, `-I${path.join(runtime, "gap8", "include")}`];
  const source = path.join(runtime, "pulsec_xpulp.h");
  const text = execFileSync(crossCompiler, [...flags.split(" "), ...include, "-E", "-P", source], {
    encoding: "utf8",
  });
  return [...text.replace(/"\s*"/g, "").matchAll(/\.macro (\S+) ([^\\]+)\\n/g)].map(([, name, args]) => ({
    name: name!,
    line: `${name} ${args!
      .split(", ")
      .map((a) => operands[a])
      .join(", ")}`,
  }));
}

/** Machine words of lines of assembler. */
function assembled(lines: readonly string[]): Uint32Array {
  const dir = mkdtempSync(path.join(os.tmpdir(), "pulsec-xpulp-"));
  try {
    const source = path.join(dir, "words.c");
    const text = lines.map((l) => `"${l}\\n"`).join("\n");
    // Two words behind the last line: the furthest end of a loop.
    const body = `PULSEC_ASM_BEGIN\n${text}\n"9: nop\\n nop\\n" PULSEC_ASM_END`;
    writeFileSync(source, `#include "pulsec_xpulp.h"\n__asm__(".section .words, \\"ax\\"\\n" ${body});\n`);
    const object = path.join(dir, "words.o");
    const include = [`-I${runtime}`, `-I${path.join(runtime, "gap8", "include")}`];
    execFileSync(crossCompiler, [...flags.split(" "), ...include, "-c", source, "-o", object]);
    const words = path.join(dir, "words");
    execFileSync("riscv64-unknown-elf-objcopy", ["-O", "binary", "-j", ".words", object, words]);
    return new Uint32Array(new Uint8Array(readFileSync(words)).slice().buffer);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The mnemonic of the manual and what its operands are, of a macro. */
function expected(name: string): RegExp {
  const post = /^p\.([ls]\w+)\.post(r?)$/.exec(name);
  if (post) return new RegExp(`^p\\.${post[1]} a0, ${post[2] ? "s7" : "5"}\\(a1!\\)$`);
  return new RegExp(`^${name.replaceAll(".", "\\.")}(?: |$)`);
}

(hasCrossCompiler ? test : test.skip)("every macro is the instruction that its name says", () => {
  const all = macros();
  assert.ok(all.length > 150);
  const words = assembled(all.map((m) => m.line));
  const wrong = all.flatMap(({ name, line }, i) => {
    const { text } = disassemble(words[i]!, 4 * i);
    return expected(name).test(text) ? [] : [`${line}: ${text}`];
  });
  assert.equal(wrong, []);
});

(hasCrossCompiler && hasHostCompiler ? test : test.skip)("functions are what their plain C says", () =>
  inTemporaryFolder((dir) => {
    const source = path.join(root, "tests", "backends", "pulp", "programs", "xpulp_functions.c");
    const include = [`-I${runtime}`];
    const elf = hostedElf("gap8", source, path.join(dir, "gap8.elf"), include);
    const onChip = runFirmware(elf, { checks: { stacks: false } }).console;
    assert.is(onChip.split("\n").length, 56);
    assert.is(onChip, runOnHost(dir, source, include));
  }),
);

test.run();
