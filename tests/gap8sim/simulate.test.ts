import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { loadElf } from "../../src/backends/gap8sim/elf.js";
import { createSimulation, type SimulationOptions } from "../../src/backends/gap8sim/simulate.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { sharedPath, suite } from "../harness.js";
import { code, l2, type TinySymbol, tinyElf } from "./tiny-elf.js";

const test = suite("gap8sim simulation");

const nop = 0x00000013;
const spin = 0x0000006f;
/** lui t0, 0x1a104; lui a0, 0x80000; addi a0, a0, exit code; sw a0, 0xa0(t0). */
const exitWith = (status: number) => [0x1a1042b7, 0x80000537, (status << 20) | 0x00050513, 0x0aa2a023];

function simulate(
  words: readonly number[],
  options: SimulationOptions = {},
  symbols: readonly TinySymbol[] = [],
) {
  const bytes = tinyElf({
    entry: l2,
    segments: [{ address: l2, data: code(...words), size: 0x1000 }],
    symbols,
  });
  return unwrap(createSimulation(unwrap(loadElf(bytes, "tiny.elf")), options));
}

test("a program exits with its code", () => {
  const end = simulate([nop, ...exitWith(5), spin]).run();
  assert.equal(end, { kind: "exit", code: 5 });
});

test("a program that does not exit ends with its budget", () => {
  const simulation = simulate([spin]);
  const end = simulation.run(50_000);
  assert.is(end.kind, "budget");
  assert.ok(end.kind !== "exit" && /within 50000 instructions/.test(end.trap.text));
});

test("a store to nowhere is a trap with its place", () => {
  // lui t0, 0x30000; sw x0, 0(t0)
  const end = simulate([0x300002b7, 0x0002a023], {}, [{ name: "main", address: l2, size: 8 }]).run();
  assert.is(end.kind, "trap");
  if (end.kind === "exit") return;
  assert.is(end.trap.pc, l2 + 4);
  assert.match(end.trap.text, /^FC at main\+0x4 \(0x1c000004\): store of 4 bytes at 0x30000000/);
});

test("a core that sleeps with nothing to come is a deadlock, and says what it waits for", () => {
  // lui t0, 0x204; p.elw a0, 0x38(t0)
  const end = simulate([0x002042b7, 0x0382e503, spin]).run();
  assert.is(end.kind, "deadlock");
  if (end.kind === "exit") return;
  assert.is(end.trap.waits.length, 1);
  assert.match(end.trap.waits[0]!, /^FC at .* waits for an event \(listens to nothing: its mask is 0\)/);
});

test("memory is read and written by symbol", () => {
  // lui t0, 0x1c000; lw a0, 0x100(t0); addi a0, a0, 1; sw a0, 0x104(t0)
  const words = [0x1c0002b7, 0x1002a503, 0x00150513, 0x10a2a223, ...exitWith(0), spin];
  const symbols = [
    { name: "input", address: l2 + 0x100, size: 4, type: 1 },
    { name: "output", address: l2 + 0x104, size: 4, type: 1 },
  ];
  const simulation = simulate(words, {}, symbols);
  assert.ok(simulation.write("input", Uint8Array.of(41, 0, 0, 0)));
  assert.is(simulation.run().kind, "exit");
  assert.equal(simulation.read("output"), Uint8Array.of(42, 0, 0, 0));
  assert.is(simulation.read("nothing"), undefined);
  assert.is(simulation.read(0x40000000, 4), undefined);
});

test("a breakpoint stops before its instruction, every time, and the program can go on", () => {
  // addi t1, x0, 3; loop: addi t1, t1, -1; bnez t1, loop
  const words = [0x00300313, 0xfff30313, 0xfe031ee3, ...exitWith(9), spin];
  const symbols = [{ name: "loop", address: l2 + 4, size: 4 }];
  const simulation = simulate(words, { breakpoints: ["loop"] }, symbols);
  const counts: number[] = [];
  for (let end = simulation.run(); end.kind === "breakpoint"; end = simulation.run()) {
    assert.is(end.trap.pc, l2 + 4);
    counts.push(simulation.machine.cores[8]!.x[6]!);
  }
  assert.equal(counts, [3, 2, 1]);
  assert.is(simulation.machine.exitCode, 9);
});

test("a segment outside of every memory is refused", () => {
  const bytes = tinyElf({ segments: [{ address: 0x80000000, data: code(nop) }] });
  const result = createSimulation(unwrap(loadElf(bytes, "far.elf")));
  assert.not.ok(result.ok);
  assert.is(result.diagnostics[0]!.id, "sim/segment-outside-memory");
});

const oracle = sharedPath("gap8", "elf", "m_fork.elf");
if (!oracle) test.skip("two runs of a program are identical");
else
  test("two runs of a program are identical, with and without compilation", () => {
    const run = (hotAfter: number) => {
      const firmware = unwrap(loadElf(new Uint8Array(readFileSync(oracle)), "m_fork.elf"));
      const simulation = unwrap(createSimulation(firmware, { hotAfter }));
      assert.equal(simulation.run(50_000_000), { kind: "exit", code: 0 });
      return `${simulation.console()}${simulation.time()}`;
    };
    const first = run(8);
    assert.is(run(8), first);
    assert.is(run(Number.POSITIVE_INFINITY), first);
  });

test.run();
