/** The disassembler: its own syntax for Xpulpv2, and agreement with objdump on everything that objdump knows. */
import { execFileSync } from "node:child_process";
import path from "node:path";
import * as assert from "uvu/assert";
import { disassemble, disassembleFirmware, registerNames } from "../../src/backends/gap8sim/disassemble.js";
import { loadElf } from "../../src/backends/gap8sim/elf.js";
import { decode, instructions } from "../../src/backends/gap8sim/instructions/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { randomFrom } from "../../src/ir/random.js";
import { seed, suite } from "../harness.js";
import { code, l2, tinyElf } from "./tiny-elf.js";
import { hasCrossCompiler, hasObjdump, hostedElf, inTemporaryFolder, programs } from "./tools.js";

const test = suite("disassembler");

/** Words as gap8-facts gives the encodings, and how they read. */
const xpulp: readonly (readonly [number, string])[] = [
  [0x0042a30b, "p.lw t1, 4(t0!)"],
  [0xffc2c30b, "p.lbu t1, -4(t0!)"],
  [0x2072f30b, "p.lw t1, t2(t0!)"],
  [0x2072f303, "p.lw t1, t2(t0)"],
  [0x0062a22b, "p.sw t1, 4(t0!)"],
  [0x0062e3ab, "p.sw t1, t2(t0!)"],
  [0x0062e3a3, "p.sw t1, t2(t0)"],
  [0x0002e303, "p.elw t1, 0(t0)"],
  [0x14829333, "p.clip t1, t0, 8"],
  [0xce329333, "p.extractu t1, t0, 7, 3"],
  [0x42728333, "p.mac t1, t0, t2"],
  [0x0c72a35b, "p.addN t1, t0, t2, 6"],
  [0x0c72e35b, "p.addRN t1, t0, t2, 6"],
  [0xb8729357, "pv.sdotsp.b t1, t0, t2"],
  [0x03f2f357, "pv.add.sci.b t1, t0, -1"],
  [0x4a32f357, "pv.sra.sci.b t1, t0, 7"],
  [0x7ac2e357, "pv.extract.h t1, t0, 25"],
  [0x008fc07b, "lp.setup x0, t6, 0x1c000010 <loop>"],
  [0x010450fb, "lp.setupi x1, 16, 0x1c000010 <loop>"],
  [0x0640b07b, "lp.counti x0, 100"],
  [0x7ff2a863, "p.beqimm t0, -1, 0x1c0007f0"],
  [0xf1402573, "csrrs a0, mhartid, zero"],
  [0x78102573, "csrrs a0, pccr1, zero"],
  [0x00112073, "csrrs zero, 0x1, sp"],
  [0x00008082, "jalr zero, 0(ra)"],
  [0x00000000, ".2byte 0x0"],
  [0xffffffff, ".4byte 0xffffffff"],
];
const near = (address: number) => (address === l2 + 16 ? "loop" : undefined);
const table = new Map(instructions.map((i) => [i.name, i]));

test("Xpulpv2 in the syntax of the RI5CY manual", () => {
  const wrong = xpulp.filter(([word, text]) => disassemble(word, l2, near).text !== text);
  assert.equal(
    wrong.map(([word]) => disassemble(word, l2, near).text),
    wrong.map(([, text]) => text),
  );
});

test("every instruction of the table is printed by its own name, with all its operands", () => {
  const random = randomFrom(seed);
  for (const entry of instructions) {
    const word = entry.match | (Math.floor(random() * 2 ** 32) & ~entry.mask) | 0;
    const found = decode(word);
    if (!found || instructions[found.op] !== entry) continue;
    const { text, size } = disassemble(word, l2);
    assert.is(size, 4);
    assert.is(text.split(" ")[0], entry.name);
    assert.not.match(text, /undefined|NaN/);
    assert.is(text.includes(" "), entry.format !== "none", text);
  }
  assert.ok(table.size > 250, `${table.size} instructions`);
});

test("a program: compressed instructions, data between, a cut-off end", () => {
  const words = code(0x00000001, 0x00000013, 0x0000ffff);
  const bytes = tinyElf({ segments: [{ address: l2, data: words.subarray(0, 8) }] });
  const lines = [...disassembleFirmware(unwrap(loadElf(bytes, "a.elf")))];
  assert.equal(
    lines.map((l) => `${(l.address - l2).toString(16)} ${l.size} ${l.text}`),
    ["0 2 addi zero, zero, 0", "2 4 addi zero, zero, 0", "6 2 .2byte 0xffff"],
  );
});

/** objdump's compressed mnemonics as what they abbreviate. */
function expanded(name: string, o: readonly string[]): readonly [string, readonly string[]] {
  const [a = "", b = "", c = ""] = o;
  switch (name) {
    case "c.nop":
      return ["addi", ["zero", "zero", "0"]];
    case "c.ebreak":
      return ["ebreak", []];
    case "c.li":
      return ["addi", [a, "zero", b]];
    case "c.mv":
      return ["add", [a, "zero", b]];
    case "c.addi4spn":
      return ["addi", [a, b, c]];
    case "c.addi16sp":
      return ["addi", [a, a, b]];
    case "c.lwsp":
      return ["lw", o];
    case "c.swsp":
      return ["sw", o];
    case "c.j":
      return ["jal", ["zero", a]];
    case "c.jal":
      return ["jal", ["ra", a]];
    case "c.jr":
      return ["jalr", ["zero", `0(${a})`]];
    case "c.jalr":
      return ["jalr", ["ra", `0(${a})`]];
    case "c.beqz":
      return ["beq", [a, "zero", b]];
    case "c.bnez":
      return ["bne", [a, "zero", b]];
    case "c.lw":
    case "c.sw":
    case "c.lui":
      return [name.slice(2), o];
    default:
      return [name.slice(2), [a, a, b]];
  }
}

/** Numbers alike, immediates of objdump that are written with other names. */
function normalised(name: string, operands: readonly string[]): string {
  const number = (t: string) =>
    /^-?(0x)?[0-9a-f]+$/.test(t) && /^-?(0x|\d)/.test(t) ? String(Number(t) | 0) : t;
  const place = (t: string) =>
    t.replace(/^(.+)(\(\w+\))$/, (_, n: string, base: string) => `${number(n)}${base}`);
  return `${name} ${operands.map((t) => place(number(t))).join(",")}`.trim();
}

const isJump = /^(jal|beq|bne|blt|bge|bltu|bgeu|c\.j|c\.jal|c\.beqz|c\.bnez)$/;

/** One line of `objdump -d -M no-aliases`, as ours read. */
function fromObjdump(line: string): readonly [address: number, text: string] | undefined {
  const found = /^\s*([0-9a-f]+):\t[0-9a-f ]+\t([^#<]+)/.exec(line);
  if (!found) return undefined;
  const [name = "", rest = ""] = found[2]!.trim().split(/\s+/);
  const listed = rest.split(",").filter((t) => t !== "");
  const operands = isJump.test(name)
    ? listed.map((t, i) => (i === listed.length - 1 ? `0x${t}` : t))
    : listed;
  const known = name.startsWith("c.") ? expanded(name, operands) : ([name, operands] as const);
  return [Number.parseInt(found[1]!, 16), normalised(...known)];
}

const withoutSymbols = (text: string): string => text.replace(/ <[^>]*>/g, "");

if (!hasObjdump || !hasCrossCompiler)
  test.skip("objdump: riscv64-unknown-elf-gcc or its binutils are absent");
else
  test("objdump reads every instruction of compiled programs alike", () => {
    inTemporaryFolder((dir) => {
      let compared = 0;
      for (const name of ["formats", "reals", "sorting"]) {
        const elf = path.join(dir, `${name}.elf`);
        const firmware = unwrap(loadElf(hostedElf("gap8", path.join(programs, `${name}.c`), elf), elf));
        const ours = new Map([...disassembleFirmware(firmware)].map((l) => [l.address, l]));
        const listing = execFileSync("riscv64-unknown-elf-objdump", ["-d", "-M", "no-aliases", elf], {
          encoding: "utf8",
          maxBuffer: 1 << 26,
        });
        for (const [address, theirs] of listing
          .split("\n")
          .flatMap((l) => [fromObjdump(l) ?? []].filter((x) => x.length > 0)) as [number, string][]) {
          if (theirs.startsWith(".") || theirs.startsWith("unimp")) continue;
          const line = ours.get(address);
          assert.ok(line, `nothing at ${address.toString(16)}: ${theirs}`);
          const [mnemonic = "", rest = ""] = withoutSymbols(line!.text).split(/ (.*)/);
          assert.is(
            normalised(
              mnemonic,
              rest.split(", ").filter((t) => t !== ""),
            ),
            theirs,
            address.toString(16),
          );
          compared++;
        }
      }
      assert.ok(compared > 5000, `${compared} instructions`);
      assert.is(registerNames.length, 32);
    });
  });

test.run();
