/** Programs of random instructions: every run ends in an exit, a trap or its budget, and alike however it is executed. */
import * as assert from "uvu/assert";
import { loadElf } from "../../src/backends/gap8sim/elf.js";
import { instructions } from "../../src/backends/gap8sim/instructions/index.js";
import { createSimulation } from "../../src/backends/gap8sim/simulate.js";
import { trapDiagnostic } from "../../src/cli/simulation/trap.js";
import { onTwoCores } from "../../src/explain/elf.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { randomFrom } from "../../src/ir/random.js";
import { pick, type Random, range } from "../fuzz/damage.js";
import { seed, suite } from "../harness.js";
import { code, l2, tinyElf } from "./tiny-elf.js";

const test = suite("hostile programs");

const anyWord = (random: Random): number => Math.floor(random() * 2 ** 32);
/** A word of the instruction table; loads and stores mostly through a0 to a3, which point into memory. */
function drawWord(random: Random): number {
  if (random() < 0.02) return anyWord(random);
  const { match, mask, kind } = pick(random, instructions);
  const word = (match | (anyWord(random) & ~mask)) >>> 0;
  const isAccess = kind === "load" || kind === "store";
  if (!isAccess || random() < 0.05 || (mask & (0xf << 15)) !== 0) return word;
  return ((word & ~(31 << 15)) | ((10 + range(random, 4)) << 15)) >>> 0;
}

/** lui a0, L2; lui a1, L1; lui a2, FC TCDM; lui a3, event unit; then random words, the last a jump back. */
function drawProgram(random: Random): readonly number[] {
  const setUp = [0x1c010537, 0x100025b7, 0x1b000637, 0x002046b7];
  const body = Array.from({ length: 10 + range(random, 60) }, () => drawWord(random));
  return [...setUp, ...body, 0x0000006f];
}

function run(words: readonly number[], profile: "gvsoc" | "rtl", hotAfter: number) {
  const elf = tinyElf({ segments: [{ address: l2, data: code(...words) }] });
  const firmware = unwrap(loadElf(elf, "a.elf"));
  const simulation = unwrap(createSimulation(firmware, { profile, hotAfter }));
  const end = simulation.run(3000);
  if (end.kind !== "exit") assert.match(trapDiagnostic(simulation, end.trap, "a.elf").id, /^sim\//);
  const { cores } = simulation.machine;
  const { time } = simulation;
  return {
    end,
    time: time(),
    registers: cores.map((c) => [...c.x].join(" ")).filter((x) => /[1-9]/.test(x)),
    memory: (simulation.read(0x1c010000, 64) ?? []).join(" "),
    // Within a block that traps, compiled code does not say how far it came.
    instructions: end.kind === "trap" ? 0 : simulation.report().instructions,
  };
}

for (const profile of ["gvsoc", "rtl"] as const)
  for (const [what, whole] of [
    ["on the fabric controller", (w: readonly number[]) => w],
    ["on two cores", onTwoCores],
  ] as const)
    test(`random programs ${what} end, and compiled code does what the interpreter does (${profile})`, () => {
      const random = randomFrom(seed);
      const kinds = new Set<string>();
      for (let i = 0; i < 25; i++) {
        const words = whole(drawProgram(random));
        const interpreted = run(words, profile, Number.POSITIVE_INFINITY);
        kinds.add(interpreted.end.kind);
        const text = () => `program ${i}: ${words.map((w) => w.toString(16)).join(" ")}`;
        for (const hotAfter of [0, 3]) assert.equal(run(words, profile, hotAfter), interpreted, text());
      }
      assert.ok(kinds.size > 1, [...kinds].join());
    });

test.run();
