/** Cores: the instruction table, hardware loops and traps, and compiled code against interpreted code. */
import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { type Core, fabric, Trap } from "../../src/backends/gap8sim/core/contract.js";
import { cyclesAt, startCore } from "../../src/backends/gap8sim/core/control.js";
import { runUntil } from "../../src/backends/gap8sim/core/run.js";
import { expand } from "../../src/backends/gap8sim/instructions/compressed.js";
import { decode, instructions } from "../../src/backends/gap8sim/instructions/index.js";
import { sharedPath, suite } from "../harness.js";
import { l2, newChip } from "./chip.js";
import { runFirmware } from "./simulated.js";

const test = suite("gap8sim cores");

const addi = (rd: number, rs1: number, imm: number): number =>
  (0x13 | (rd << 7) | (rs1 << 15) | (imm << 20)) >>> 0;
/** lp.setupi: `end` is the distance in bytes to the last instruction. */
const setupi = (loop: number, count: number, end: number): number =>
  (0x7b | (loop << 7) | (5 << 12) | ((end / 2) << 15) | (count << 20)) >>> 0;
const here = 0x0000006f;
const branchAlways = 0x00000263;

/** Runs words on the fabric controller for a while. */
function execute(words: readonly number[], hotAfter = 0): Core {
  const { machine } = newChip();
  for (const [k, word] of words.entries()) {
    for (let b = 0; b < 4; b++)
      machine.poke(machine.cores[fabric]!, l2 + 4 * k + b, (word >>> (8 * b)) & 255);
  }
  const core = machine.cores[fabric]!;
  core.code.hotAfter = hotAfter;
  startCore(core, l2, 0);
  runUntil(machine, machine.cores, 1e8);
  return core;
}
function trapOf(words: readonly number[]): Trap {
  try {
    execute(words);
  } catch (error) {
    if (error instanceof Trap) return error;
    throw error;
  }
  throw new Error("the program did not trap");
}

test("no word belongs to two instructions, and each is found by its own encoding", () => {
  for (const [op, a] of instructions.entries()) {
    for (const b of instructions.slice(op + 1)) {
      const common = (a.mask & b.mask) >>> 0;
      assert.is.not(((a.match ^ b.match) & common) >>> 0, 0, `${a.name} and ${b.name}`);
    }
    assert.is(decode(a.match)?.op, op, a.name);
  }
});

test("compressed instructions expand to the ones they abbreviate", () => {
  const pairs: readonly (readonly [half: number, word: number])[] = [
    [0x0505, 0x00150513], // c.addi a0,1
    [0x4515, 0x00500513], // c.li a0,5
    [0x7139, 0xfc010113], // c.addi16sp -64
    [0x0808, 0x01010513], // c.addi4spn a0,16
    [0x4188, 0x0005a503], // c.lw a0,0(a1)
    [0xc590, 0x00c5a423], // c.sw a2,8(a1)
    [0x50b2, 0x02c12083], // c.lwsp ra,44
    [0xd606, 0x02112623], // c.swsp ra,44
    [0x8d0d, 0x40b50533], // c.sub a0,a1
    [0x8512, 0x00400533], // c.mv a0,tp
    [0x9532, 0x00c50533], // c.add a0,a2
    [0x8082, 0x00008067], // c.jr ra
    [0xbfd5, 0xff5ff06f], // c.j -12
    [0xfd65, 0xfe051ce3], // c.bnez a0,-8
    [0x9002, 0x00100073], // c.ebreak
    [0x0000, 0x00000000], // illegal
  ];
  for (const [half, word] of pairs) assert.is(expand(half).toString(16), word.toString(16));
});

for (const [how, hotAfter] of [
  ["interpreted", Number.POSITIVE_INFINITY],
  ["compiled", 0],
] as const) {
  test(`hardware loops that end together: the inner one counts first (${how})`, () => {
    const words = [setupi(1, 3, 16), addi(7, 7, 1), setupi(0, 2, 8), addi(5, 5, 1), addi(6, 6, 1), here];
    const { x } = execute(words, hotAfter);
    assert.equal([x[5], x[6], x[7]], [6, 6, 3]);
  });
  test(`a count of zero runs the body once (${how})`, () => {
    assert.is(execute([setupi(0, 0, 8), addi(5, 5, 1), addi(6, 6, 1), here], hotAfter).x[5], 1);
  });
}

test("rules of hardware loops that are broken trap with the place", () => {
  const short = trapOf([setupi(0, 2, 4), addi(5, 5, 1), here]);
  assert.equal([short.kind, short.pc], ["hardware-loop", l2]);
  const branch = trapOf([setupi(0, 2, 8), addi(5, 5, 1), branchAlways, here]);
  assert.equal([branch.kind, branch.pc], ["hardware-loop", l2 + 8]);
});

test("what is not an instruction traps, with the core and the address", () => {
  const trap = trapOf([addi(5, 0, 1), 0xffffffff]);
  assert.equal([trap.kind, trap.core, trap.pc], ["illegal-instruction", fabric, l2 + 4]);
  assert.match(trap.message, /0xffffffff/);
});

test("every cycle of a core has a cause", () => {
  const core = execute([addi(5, 0, 100), addi(5, 5, -1), 0xfe029ee3, here]);
  const { blocks } = core.code;
  let cycles = core.slept;
  for (const block of blocks) {
    if (block === undefined) continue;
    cycles += core.runs[block.id]! * block.byCause.reduce((a, b) => a + b, 0);
    cycles += core.taken[block.id]! * block.takenCycles;
  }
  cycles += core.stalls.reduce((a, b) => a + b, 0);
  assert.is(Math.round(cycles), Math.round(cyclesAt(core, core.machine.clock[fabric]!)));
});

const elf = (name: string): string | undefined => sharedPath("gap8", "elf", `${name}.elf`);
const compared = [
  "m_hwloop",
  "m_loaduse",
  "m_misalign",
  "m_div",
  "m_csr",
  "m_tcdm_bank",
  "c_matmul",
  "t_bits",
];
if (elf("m_hwloop") === undefined) test.skip("compiled and interpreted programs (gap8)");
else {
  for (const name of compared) {
    test(`${name}: compiled, interpreted and mixed print the same values and cycles`, () => {
      const bytes = readFileSync(elf(name)!);
      const interpreted = runFirmware(bytes, { hotAfter: Number.POSITIVE_INFINITY });
      assert.is(interpreted.end, "exit");
      for (const hotAfter of [0, 8]) assert.is(runFirmware(bytes, { hotAfter }).console, interpreted.console);
    });
  }
}

test.run();
