/** The interface for programs: memory in, run, memory out; breakpoints, steps and watchpoints. */
import * as assert from "uvu/assert";
import {
  createSimulation,
  type Firmware,
  filesInFolder,
  loadFirmware,
  runFirmware,
  type SimulationOptions,
  unwrap,
} from "../../src/index.js";
import { suite } from "../harness.js";
import { code, l2, tinyElf } from "./tiny-elf.js";

const test = suite("gap8sim interface");

/** lui t0, 0x1a104; lui a0, 0x80000; sw a0, 0xa0(t0). */
const exits = [0x1a1042b7, 0x80000537, 0x0aa2a023];
/**
 * start: lui s0, 0x1c000; sw x0, 0x100(s0): as start-up code clears .bss
 * main: lw a0, 0x100(s0); addi a0, a0, 1; sw a0, 0x104(s0); exit
 */
const words = [0x1c000437, 0x10042023, 0x10042503, 0x00150513, 0x10a42223, ...exits, 0x0000006f];
const symbols = [
  { name: "start", address: l2, size: 8 },
  { name: "main", address: l2 + 8, size: 28 },
  { name: "input", address: l2 + 0x100, size: 4, type: 1 },
  { name: "output", address: l2 + 0x104, size: 4, type: 1 },
];
const load = (given: readonly number[]): Firmware =>
  unwrap(
    loadFirmware(
      tinyElf({ segments: [{ address: l2, data: code(...given), size: 0x200 }], symbols }),
      "a.elf",
    ),
  );
const firmware = load(words);
const word = (value: number) => new Uint8Array(Int32Array.of(value).buffer);

test("a program runs many times with other memory contents", () => {
  for (const value of [41, 0, -1]) {
    const run = unwrap(
      runFirmware(firmware, { write: { input: word(value) }, writeAt: "main", read: ["output"] }),
    );
    assert.equal(run.end, { kind: "exit", code: 0 });
    assert.equal(run.memory.output, word(value + 1));
    const main = run.report.functions.find((f) => f.name === "main")!;
    assert.ok(main.instructions >= 6 && main.instructions <= 7, `${main.instructions}`);
    assert.ok(main.cycles > 6);
  }
  const early = unwrap(runFirmware(firmware, { write: { input: word(41) }, read: ["output", "input"] }));
  assert.equal(early.memory, { output: word(1), input: word(0) }, "start clears what was written before");
});

test("names that are not there, and too many bytes, are diagnostics", () => {
  const ids = (run: Parameters<typeof runFirmware>[1]) => {
    const result = runFirmware(firmware, run);
    return result.ok ? [] : result.diagnostics.map((d) => d.id);
  };
  assert.equal(ids({ write: { none: word(1) } }), ["sim/no-such-symbol"]);
  assert.equal(ids({ read: ["none"] }), ["sim/no-such-symbol"]);
  assert.equal(ids({ writeAt: "none" }), ["sim/no-such-symbol"]);
  assert.equal(ids({ write: { input: new Uint8Array(5) } }), ["sim/symbol-size"]);
});

test("a run that does not get to its exit says so", () => {
  const end = unwrap(runFirmware(load([0x0000006f]), { budget: 1000 })).end;
  assert.is(end.kind, "budget");
  assert.is(unwrap(runFirmware(load([0xffffffff]))).end.kind, "trap");
});

test("HyperRAM: contents before and after the run", () => {
  // Gates on; EXT_ADDR 0x40; 8 bytes from RAM to 0x1c000180 and from there to RAM at 0x80.
  const wait = (offset: number) => [0x00042583 | (offset << 20), 0x0305f593, 0xfe059ce3];
  const transfer = (channel: number, address: number) => [
    0x00000593 | (address << 20),
    0x02b42023, // sw a1, 0x20(s0): external address
    0x1c0005b7,
    0x18058593,
    0x00b42023 | (channel << 7), // sw a1, channel(s0)
    0x00800593,
    0x00b42223 | (channel << 7),
    0x01400593,
    0x00b42423 | (channel << 7),
    ...wait(channel + 8),
  ];
  const gates = [0x1a102437, 0xfff00593, 0x78b42023, 0x18040413];
  const program = load([...gates, ...transfer(0, 0x40), ...transfer(0x10, 0x80), ...exits, 0x0000006f]);
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const { hyperRam, end } = unwrap(runFirmware(program, { hyperRam: [{ address: 0x40, bytes }] }));
  assert.equal(end, { kind: "exit", code: 0 });
  assert.equal(hyperRam.slice(0x80, 0x88), bytes);
});

const simulate = (options: SimulationOptions = {}) => unwrap(createSimulation(firmware, options));

test("breakpoints are set and cleared between runs", () => {
  const simulation = simulate();
  assert.ok(simulation.breakAt("main"));
  assert.not.ok(simulation.breakAt("none"));
  const end = simulation.run();
  assert.ok(end.kind === "breakpoint" && end.trap.pc === l2 + 8 && end.trap.core === 8);
  assert.ok(simulation.write("input", word(7)));
  simulation.breakAt(l2 + 16);
  simulation.run();
  assert.is(simulation.machine.cores[8]!.x[10], 8);
  simulation.clearBreak("main");
  assert.is(simulation.run().kind, "exit");
  assert.equal(simulation.read("output"), word(8));
});

test("a debugger steps instruction by instruction", () => {
  const simulation = simulate({ debugging: true });
  const core = simulation.machine.cores[8]!;
  const places: number[] = [];
  for (let end: unknown; end === undefined && places.length < 20; ) {
    places.push((core.pc - l2) / 4);
    end = simulation.step(8);
  }
  assert.equal(places, [0, 1, 2, 3, 4, 5, 6, 7]);
});

test("a watchpoint stops behind the access that it waits for", () => {
  for (const [reads, writes, stops] of [
    [false, true, [1]],
    [true, false, [2]],
    [true, true, [1, 2]],
  ] as const) {
    const simulation = simulate({ debugging: true });
    simulation.machine.watches.push({ address: l2 + 0x102, size: 1, reads, writes });
    for (const at of stops) {
      const end = simulation.run();
      assert.ok(end.kind === "watchpoint");
      assert.equal(end.trap.watched, { core: 8, address: l2 + 0x100, isWrite: at === 1 });
      assert.is(simulation.machine.cores[8]!.pc, l2 + 4 * (at + 1));
    }
    assert.equal(simulation.run(), { kind: "exit", code: 0 });
  }
});

test("programs see the files of a folder only if they are given one", () => {
  assert.type(filesInFolder(".").open("package.json", "read"), "object");
  assert.type(filesInFolder("src").open("package.json", "read"), "number");
});

test.run();
