/** Corners that firmware meets: hardware loops of count 0, code that is written while it runs, counters of external accesses. */
import * as assert from "uvu/assert";
import { type Core, fabric } from "../../src/backends/gap8sim/core/contract.js";
import { startCore } from "../../src/backends/gap8sim/core/control.js";
import { runUntil } from "../../src/backends/gap8sim/core/run.js";
import { suite } from "../harness.js";
import { l1, l2, newChip } from "./chip.js";

const test = suite("gap8sim corners");

const i = (imm: number, rs1: number, f3: number, rd: number, op: number) =>
  ((imm << 20) | (rs1 << 15) | (f3 << 12) | (rd << 7) | op) >>> 0;
const addi = (rd: number, rs1: number, imm: number) => i(imm, rs1, 0, rd, 0x13);
const lw = (rd: number, rs1: number, imm: number) => i(imm, rs1, 2, rd, 0x03);
const sw = (rs2: number, rs1: number, imm: number) =>
  (((imm >> 5) << 25) | (rs2 << 20) | (rs1 << 15) | (2 << 12) | ((imm & 31) << 7) | 0x23) >>> 0;
const lui = (rd: number, value: number) => ((value & 0xfffff000) | (rd << 7) | 0x37) >>> 0;
const csrr = (rd: number, csr: number) => i(csr, 0, 2, rd, 0x73);
const csrw = (csr: number, rs1: number) => i(csr, rs1, 1, 0, 0x73);
const jal = (rd: number, offset: number) =>
  ((((offset >> 20) & 1) << 31) |
    (((offset >> 1) & 1023) << 21) |
    (((offset >> 11) & 1) << 20) |
    (offset & 0xff000) |
    (rd << 7) |
    0x6f) >>>
  0;
const ret = i(0, 1, 0, 0, 0x67);
const fenceI = 0x0000100f;
const here = 0x0000006f;
const [t0, t1, a0, a1, s0, s1, s2] = [5, 6, 10, 11, 8, 9, 18];

/** Runs words on a core for a while, compiled from the first run on. */
function execute(words: readonly number[], id: number = fabric, profile: "gvsoc" | "rtl" = "gvsoc"): Core {
  const { machine } = newChip(profile);
  const core = machine.cores[id]!;
  for (const [k, word] of words.entries())
    for (let b = 0; b < 4; b++) machine.poke(core, l2 + 4 * k + b, (word >>> (8 * b)) & 255);
  for (const c of machine.cores) c.code.hotAfter = 0;
  for (const c of machine.cores) c.status = 0;
  startCore(core, l2, 0);
  runUntil(machine, machine.cores, 1e8);
  return core;
}

test("a hardware loop of count 0 runs its body once, as one of count 1 does", () => {
  const lp = (f3: number, imm: number, rs1: number) => i(imm, rs1, f3, 0, 0x7b);
  for (const count of [0, 1]) {
    const body = [addi(a0, a0, 1), addi(a1, a1, 1)];
    const setup = execute([addi(t0, 0, count), lp(4, 4, t0), ...body, addi(s0, 0, 7), here]);
    assert.equal([setup.x[a0], setup.x[a1], setup.x[s0]], [1, 1, 7], `lp.setup ${count}`);
    const setupi = execute([lp(5, count, 4), ...body, addi(s0, 0, 7), here]);
    assert.equal([setupi.x[a0], setupi.x[a1], setupi.x[s0]], [1, 1, 7], `lp.setupi ${count}`);
    const parts = execute([lp(0, 6, 0), lp(1, 6, 0), lp(3, count, 0), ...body, addi(s0, 0, 7), here]);
    assert.equal([parts.x[a0], parts.x[a1], parts.x[s0]], [1, 1, 7], `in parts ${count}`);
  }
});

test("code that is written anew runs from the next fence.i or flush of the cache on", () => {
  const f = 0x100;
  const call = (k: number) => jal(1, f - 4 * k);
  const rewrite = [lui(t0, addi(a0, 0, 2)), addi(t0, t0, addi(a0, 0, 2) & 0xfff)];
  const words = (flush: readonly number[]) => {
    const head = [lui(t1, l2), ...rewrite];
    const before = [...head, call(3), addi(s0, a0, 0), sw(t0, t1, f), call(6), addi(s1, a0, 0), ...flush];
    const all = [...before, call(before.length), addi(s2, a0, 0), here];
    while (all.length < f / 4) all.push(here);
    return [...all, addi(a0, 0, 1), ret];
  };
  const cacheFlush = [lui(t0, 0x1b201000), sw(t1, t0, 0x404)];
  for (const flush of [[fenceI], cacheFlush]) {
    const core = execute(words(flush));
    assert.equal([core.x[s0], core.x[s1], core.x[s2]], [1, 1, 2]);
  }
  assert.equal([...execute(words([])).x].slice(18, 19), [1], "without one");
});

/** Enables all counters, executes, and reads numbers 11 to 14 into s2, s3, s4, s5. */
const counting = (body: readonly number[]) => [
  ...[addi(t0, 0, -1), csrw(0x7a0, t0), addi(t0, 0, 1), csrw(0x7a1, t0)],
  ...body,
  ...[11, 12, 13, 14].map((event, k) => csrr(18 + k, 0x780 + event)),
  here,
];

test("accesses outside of the core's own memory are counted, with the cycles that they wait", () => {
  const own = (base: number) => [lui(a0, base), lw(a1, a0, 64), sw(a1, a0, 68)];
  const far = [lui(a0, l2 + 0x10000), lw(a1, a0, 0), lw(a1, a0, 4), sw(a1, a0, 8)];
  const counted = (core: Core) => [...core.x].slice(18, 22);
  assert.equal(counted(execute(counting([...own(0x1b000000), ...far]))), [2, 1, 16, 8]);
  assert.equal(counted(execute(counting([...own(l1), ...far]), 0)), [2, 1, 16, 8]);
  const timer = [lui(a0, 0x10200000), lw(a1, a0, 0x408), ...own(l1)];
  assert.equal(counted(execute(counting(timer), 0)), [1, 0, 0, 0]);
});

test("code that follows in its block comes through a cache that was just enabled", () => {
  const enable = [lui(t0, 0x1b201000), addi(t1, 0, -1), sw(t1, t0, 0x400)];
  const core = execute([...enable, ...Array.from({ length: 9 }, () => addi(a0, a0, 1)), here]);
  const lines = [...core.cache.tags].filter((tag) => tag >= 0).toSorted();
  assert.equal(lines, [l2 / 16 + 1, l2 / 16 + 2, l2 / 16 + 3]);
  assert.is(core.x[a0], 9);
});

test("cold code pays for each line at its first instruction, and GVSOC's CSRs are read before that", () => {
  const enable = [lui(t0, 0x1b201000), addi(t1, 0, -1), sw(t1, t0, 0x400), csrw(0x7a0, t1)];
  const count = [addi(t1, 0, 1), csrw(0x7a1, t1), addi(0, 0, 0), addi(0, 0, 0)];
  // Line 2 begins with a read, line 3 with another.
  const probe = [csrr(s0, 0x780), addi(0, 0, 0), addi(0, 0, 0), addi(0, 0, 0), csrr(s1, 0x780), here];
  const spent = (name: "gvsoc" | "rtl") => {
    const core = execute([...enable, ...count, ...probe], fabric, name);
    return core.x[s1]! - core.x[s0]!;
  };
  assert.is(spent("gvsoc"), 4 + 12);
  assert.is(spent("rtl"), 4 + 10);
});

test("in the cycle in which a transfer ends, GVSOC's cores and DMA take turns", () => {
  const queue = 0x00204400;
  const asked = (name: "gvsoc" | "rtl", entry: number) => {
    const { machine, core, store, load } = newChip(name);
    load(0, queue, 0);
    for (const [cycle, word] of [64 | (1 << 16) | (1 << 17), l1, l2].entries())
      store(0, queue, word, 1 + cycle);
    let end = 0;
    for (let next = 0; Number.isFinite(next); next = machine.clock[10]!) machine.runEvents((end = next));
    const [first] = machine.cores;
    first!.block = { cycles: [2, 1, 1, 1] } as unknown as NonNullable<Core["block"]>;
    first!.entry = entry;
    return machine.load(core(0), queue + 4, 4, end) & 1;
  };
  assert.equal(
    [1, 2, 3, 4].map((entry) => asked("gvsoc", entry)),
    [0, 0, 1, 0],
  );
  assert.equal(
    [1, 2, 3, 4].map((entry) => asked("rtl", entry)),
    [0, 0, 0, 0],
  );
});

test("a program that enables an interrupt is told that none will come", () => {
  const { store, machine } = newChip();
  store(2, 0x00204008, 1 << 8, 0);
  assert.equal(machine.notes, [], "events are no interrupts");
  store(2, 0x00204014, 1 << 8, 0);
  store(8, 0x1b20080c, 1 << 10, 0);
  assert.match(machine.notes[0]!, /^interrupts are not modelled: core 2 enables dma as interrupts/);
  assert.match(machine.notes[1]!, /: the FC enables timerLow as interrupts/);
});

const hyper = 0x1a102180;
test("a core of the cluster programs HyperRAM: two transfers wait for their turn, CFG says how many are left", () => {
  const { store, load, machine, settle } = newChip();
  const { bytes, fabric: clock, cluster } = machine.system;
  bytes.l2.set([1, 2, 3, 4, 5, 6, 7, 8], 0x100);
  store(3, 0x1a102780, -1, 0);
  const queue = (offset: number, from: number, size: number, cycle: number) => {
    store(3, hyper + offset, l2 + from, cycle);
    store(3, hyper + offset + 4, size, cycle);
    store(3, hyper + offset + 8, 0x14, cycle);
  };
  const pending = (cycle: number) => load(3, hyper + 8, cycle) & 0x30;
  machine.devices.hyper.ram.set([10, 11, 12, 13, 14, 15, 16, 17], 0x4000);
  store(3, hyper + 0x20, 0x4000, 0);
  queue(0, 0x200, 400, 0);
  assert.is(pending(1), 0x10);
  queue(0, 0x400, 8, 1);
  assert.is(pending(2), 0x30, "the second waits");
  const ends: number[] = [];
  while (Number.isFinite(machine.clock[10]!)) {
    const at = machine.clock[10]!;
    machine.runEvents(at);
    ends.push(at / clock.period);
    if (ends.length === 1) assert.is(pending(at / cluster.period), 0x10);
  }
  assert.is(pending(settle()), 0);
  assert.is(ends.length, 2);
  assert.ok(Math.abs(ends[0]! - (81 + 400)) < 3, `${ends}`);
  assert.ok(Math.abs(ends[1]! - ends[0]! - (82 + 8)) < 3, `${ends}`);
  assert.equal([...bytes.l2.slice(0x400, 0x408)], [10, 11, 12, 13, 14, 15, 16, 17]);
});

test.run();
