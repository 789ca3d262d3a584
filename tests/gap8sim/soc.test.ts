import * as assert from "uvu/assert";
import { oscillatorHertz } from "../../src/backends/gap8sim/devices/fll.js";
import { createMachine } from "../../src/backends/gap8sim/machine.js";
import { profiles } from "../../src/backends/gap8sim/profiles.js";
import { suite } from "../harness.js";
import { l1, l2, newChip } from "./chip.js";

const test = suite("gap8sim SoC");
const hyper = 0x1a102180;
const gates = 0x1a102780;

const quiet = { uninitialised: false, stacks: true, dma: false };
const coldChip = () => createMachine({ profile: profiles.gvsoc, checks: quiet, files: new Map() });

test("HyperRAM: what is written comes back, and takes a cycle per byte", () => {
  const { store, load, machine, settle } = newChip();
  const { bytes, fabric, cluster } = machine.system;
  for (let i = 0; i < 1000; i++) bytes.l2[i] = (i * 13) & 255;
  store(8, gates, -1, 0);
  const transfer = (channel: number, from: number, cycle: number) => {
    store(8, hyper + 0x20, 0x2000, cycle);
    store(8, hyper + channel, l2 + from, cycle);
    store(8, hyper + channel + 4, 1000, cycle);
    store(8, hyper + channel + 8, 0x14, cycle);
    assert.is(load(8, hyper + channel + 8, cycle) & 0x30, 0x10);
    const end = settle();
    assert.is(load(8, hyper + channel + 8, end) & 0x30, 0);
    return ((end - cycle) * cluster.period) / fabric.period;
  };
  transfer(0x10, 0, 0);
  const cycles = transfer(0, 4096, 10_000);
  assert.equal(bytes.l2.slice(4096, 5096), bytes.l2.slice(0, 1000));
  assert.ok(Math.abs(cycles - 1081) < 3, `${cycles}`);
});

test("HyperBus takes two transfers per channel; a third is lost and told", () => {
  const { store, load, machine } = newChip();
  store(8, gates, -1, 0);
  store(8, hyper + 4, 64, 0);
  store(8, hyper, l2, 0);
  for (let i = 0; i < 3; i++) store(8, hyper + 8, 0x14, 0);
  assert.is(load(8, hyper + 8, 0) & 0x30, 0x30);
  assert.match(machine.notes.join(), /a third transfer/);
});

test("a peripheral behind a closed clock gate reads as 0, and the user is told", () => {
  const { store, load, machine } = newChip();
  store(8, hyper + 4, 64, 0);
  assert.is(load(8, hyper + 4, 0), 0);
  assert.match(machine.notes.join(), /clock is gated \(set bit 3 of 0x1a102780\)/);
});

test("the FC cannot reach a cluster that is off, and learns why", () => {
  const machine = coldChip();
  const fc = machine.cores[8]!;
  const text = () => {
    try {
      machine.store(fc, 0x10200008, 4, 0xff, 0);
    } catch (e) {
      return (e as Error).message;
    }
    return "";
  };
  assert.match(text(), /its supply is off/);
  machine.store(fc, 0x1a104070, 4, 8, 0);
  assert.match(text(), /it is isolated \(store 0 to 0x1a10400c\)/);
  machine.store(fc, 0x1a10400c, 4, 0, 0);
  assert.is(text(), "");
});

test("fetch enable starts the cores at boot address + 0x80", () => {
  const machine = coldChip();
  const fc = machine.cores[8]!;
  machine.store(fc, 0x1a104070, 4, 8, 0);
  machine.store(fc, 0x1a10400c, 4, 0, 0);
  machine.store(fc, 0x10200048, 4, 0x1c000100, 0);
  machine.store(fc, 0x10200008, 4, 0b100, 5 * profiles.gvsoc.clocks.cluster);
  assert.is(machine.cores[2]!.pc, 0x1c000180);
  assert.is(machine.cores[2]!.status, 1);
  assert.is(machine.cores[1]!.status, 0);
});

test("the exit register ends the program with its code", () => {
  const machine = coldChip();
  machine.store(machine.cores[8]!, 0x1a1040a0, 4, 42, 0);
  assert.not.ok(machine.exited, "bit 31 is not set");
  machine.store(machine.cores[8]!, 0x1a1040a0, 4, 0x80000007, 0);
  assert.ok(machine.exited);
  assert.is(machine.exitCode, 7);
});

test("stdout is buffered by line for each core", () => {
  const machine = coldChip();
  const put = (core: number, address: number, text: string) => {
    for (const c of text) machine.store(machine.cores[core]!, 0x1a110000 + address, 4, c.charCodeAt(0), 0);
  };
  put(8, 32 * 128, "fabric ");
  put(0, 0, "zero\n");
  put(1, 8, "one");
  put(8, 32 * 128, "done\n");
  assert.is(machine.console.text(), "zero\nfabric done\n");
  machine.console.flush();
  assert.is(machine.console.text(), "zero\nfabric done\none");
});

test("the test-and-set alias returns the word and leaves all ones", () => {
  const { machine, load, store, core } = newChip();
  store(0, l1 + 64, 5, 0);
  assert.is(load(1, l1 + 0x100000 + 64, 10), 5);
  assert.is(load(2, l1 + 0x100000 + 64, 10), -1);
  assert.is(core(2).latency, 2, "it holds its bank for two cycles");
  assert.is(machine.peek(core(0), l1 + 64), 255);
});

test("addresses below 4 MiB are each side's own: L1 for the cluster, TCDM for the FC", () => {
  const { machine, core } = newChip();
  machine.poke(core(3), 0x40, 1);
  machine.poke(core(8), 0x40, 2);
  assert.is(machine.peek(core(0), l1 + 0x40), 1);
  assert.is(machine.peek(core(0), 0x1b000040), 2);
});

test("a stray access says where it would have been", () => {
  const { trapOf, load, store } = newChip();
  const trap = trapOf(() => load(0, 0x1c080010, 0));
  assert.is(trap.kind, "unmapped-access");
  assert.is(trap.address, 0x1c080010);
  assert.match(trap.message, /load of 4 bytes at 0x1c080010: .*16 bytes behind the end of L2/);
  assert.match(trapOf(() => store(8, 0x30000000, 1, 0)).message, /store of 4 bytes at 0x30000000/);
});

test("the oscillator's curve gives 72 MHz at the reset code, and the fabric's loop settles at 50 MHz", () => {
  assert.is(Math.round(oscillatorHertz(332) / 2e6), 72);
  const machine = coldChip();
  machine.devices.start();
  const first = machine.system.fabric.period;
  while (Number.isFinite(machine.clock[10]!)) machine.runEvents(machine.clock[10]!);
  assert.ok(first < 18_000 && Math.abs(machine.system.fabric.period - 20_000) < 50);
});

test("an FLL can be set: code and divider give the period of its domain", () => {
  const { store, machine } = newChip();
  store(8, 0x1a100014, (332 << 16) | (2 << 26), 0);
  assert.is(machine.system.cluster.period, 2 * profiles.gvsoc.clocks.cluster + 1);
  assert.is(machine.cores[0]!.period, machine.system.cluster.period);
});

test("semihosting: console, files in memory, exit", () => {
  const files = new Map([["in.txt", new TextEncoder().encode("hello")]]);
  const machine = createMachine({ profile: profiles.gvsoc, checks: quiet, files });
  const fc = machine.cores[8]!;
  const poke = (at: number, bytes: Iterable<number>) => {
    let address = at;
    for (const b of bytes) machine.poke(fc, address++, b);
  };
  const words = (at: number, ...values: number[]) => poke(at, new Uint8Array(Int32Array.from(values).buffer));
  const call = (operation: number, argument: number): number => {
    fc.x[10] = operation;
    fc.x[11] = argument;
    machine.semihost(fc, 2.5e12);
    return fc.x[10]!;
  };
  const text = l2 + 0x100;
  poke(text, new TextEncoder().encode("in.txt\0"));
  words(l2, text, 0, 6);
  const handle = call(1, l2);
  words(l2, handle);
  assert.is(call(0x0c, l2), 5);
  words(l2, handle, l2 + 0x200, 8);
  assert.is(call(6, l2), 3, "bytes that were not read");
  assert.is(machine.peek(fc, l2 + 0x204), "o".charCodeAt(0));
  words(l2, handle, 1);
  assert.is(call(0x0a, l2), 0);
  words(l2, handle, l2 + 0x300, 1);
  assert.is(call(6, l2), 0);
  assert.is(machine.peek(fc, l2 + 0x300), "e".charCodeAt(0));
  poke(text, new TextEncoder().encode("out!"));
  words(l2, text, 4, 3);
  const out = call(1, l2);
  words(l2, out, text, 4);
  assert.is(call(5, l2), 0);
  words(l2, out);
  assert.is(call(2, l2), 0);
  assert.is(new TextDecoder().decode(files.get("out")), "out!");
  assert.is(call(2, l2), -1, "closed already");
  assert.is(call(0x13, 0), 9);
  assert.is(call(0x10, 0), 250, "hundredths of a second");
  poke(text, new TextEncoder().encode("to the console\n\0"));
  call(4, text);
  assert.is(machine.console.text(), "to the console\n");
  assert.is(call(0x31, 0), -1);
  assert.match(machine.notes.join(), /operation 0x00000031|operation 0x31/);
  call(0x18, 0x20026);
  assert.is(machine.exitCode, 0);
});

test("a stack pointer below where the next core began is an overflow", () => {
  const { core, wait, store, trapOf } = newChip();
  core(0).x[2] = 0x10010000 - 32;
  core(1).x[2] = 0x1000f800 - 32;
  for (const id of [0, 1]) store(id, 0x00204000, 1, 0);
  core(0).x[2] = 0x1000f800 - 64;
  const trap = trapOf(() => wait(0, 0x00204038, 10));
  assert.is(trap.kind, "stack-overflow");
  assert.match(trap.message, /stack of core 0 has run into that of core 1: sp is 0x1000f7c0, 32 bytes below/);
});

test("reads of memory that nobody wrote are found when asked for", () => {
  const { trapOf, load, store, machine } = newChip("gvsoc", { uninitialised: true });
  store(0, l1 + 8, 1, 0);
  assert.is(load(0, l1 + 8, 1), 1);
  assert.match(
    trapOf(() => load(3, l1 + 12, 2)).message,
    /core 3 reads 0x1000000c, which nothing has written/,
  );
  machine.checks.written("l2", 0, 16);
  load(0, l2 + 12, 3);
  assert.is(trapOf(() => load(0, l2 + 16, 3)).kind, "uninitialised-read");
});

test.run();
