import * as assert from "uvu/assert";
import { suite } from "../harness.js";
import { type Chip, dmaQueue, eventUnit, l1, l2, newChip } from "./chip.js";

const test = suite("gap8sim DMA");
const toL1 = 1 << 16;
const increment = 1 << 17;
const twoD = 1 << 18;
const event = 1 << 19;
const status = dmaQueue + 4;

/** Pushes a transfer at `cycle`, one word per cycle; the id. */
function push(chip: Chip, core: number, words: readonly number[], cycle: number): number {
  const id = chip.load(core, dmaQueue, cycle);
  words.forEach((word, i) => void chip.store(core, dmaQueue, word, cycle + 1 + i));
  return id;
}
const fill = (bytes: Uint8Array, from: number, count: number) => {
  for (let i = 0; i < count; i++) bytes[from + i] = (7 * i + 3) & 255;
};

for (const isIn of [true, false])
  for (const [size, o1, o2] of [
    [1, 0, 0],
    [256, 0, 0],
    [257, 3, 1],
    [1001, 2, 5],
    [16384, 0, 0],
  ] as const)
    test(`1-D ${isIn ? "in" : "out"}, ${size} bytes at ${o1} and ${o2}: bytes, status, event`, () => {
      const chip = newChip();
      const { bytes } = chip.machine.system;
      fill(isIn ? bytes.l2 : bytes.l1, isIn ? o2 : o1, size);
      const id = push(chip, 2, [size | (isIn ? toL1 : 0) | increment | event, l1 + o1, l2 + o2], 0);
      assert.is(chip.load(2, status, 4), (1 << id) | (1 << (16 + id)));
      chip.settle();
      assert.equal(bytes.l1.subarray(o1, o1 + size), bytes.l2.subarray(o2, o2 + size));
      assert.is(chip.load(2, status, 1e5), 1 << (16 + id));
      assert.is(chip.load(2, eventUnit + 0x1c, 1e5), 1 << 8, "only the core that pushed is told");
      assert.is(chip.load(0, eventUnit + 0x1c, 1e5), 0);
      chip.store(2, status, 1 << id, 1e5);
      assert.is(chip.load(2, status, 1e5), 0);
    });

test("2-D: lines outside lie a stride apart, inside they follow each other", () => {
  for (const isIn of [true, false]) {
    const chip = newChip();
    const { bytes } = chip.machine.system;
    fill(bytes.l2, 0, 4096);
    fill(bytes.l1, 0, 4096);
    const before = bytes.l1.slice(0, 300);
    push(chip, 0, [300 | (isIn ? toL1 : 0) | increment | twoD, l1, l2 + 8, (100 << 16) | 60], 0);
    chip.settle();
    for (let line = 0; line < 5; line++) {
      const outside = bytes.l2.subarray(8 + 100 * line, 8 + 100 * line + 60);
      const inside = (isIn ? bytes.l1 : before).subarray(60 * line, 60 * line + 60);
      assert.equal(outside, inside, `line ${line}`);
    }
  }
});

test("it moves 8 bytes per cycle", () => {
  const cycles = (size: number) => {
    const chip = newChip();
    push(chip, 0, [size | toL1 | increment, l1, l2], 0);
    return chip.settle();
  };
  assert.is(cycles(8192) - cycles(4096), 512);
});

test("both directions at once take as long as one", () => {
  const chip = newChip();
  push(chip, 0, [4096 | toL1 | increment, l1, l2], 0);
  push(chip, 1, [4096 | increment, l1 + 0x4000, l2 + 0x4000], 0);
  assert.ok(chip.settle() < 4096 / 8 + 60);
});

test("gvsoc: a load behind a transfer waits for bytes / 4 cycles; rtl: it does not", () => {
  const wait = (name: "gvsoc" | "rtl") => {
    const chip = newChip(name);
    push(chip, 0, [1024 | toL1 | increment, l1, l2 + 0x1000], 0);
    chip.machine.runEvents(chip.at(12));
    chip.load(0, l2, 12);
    return chip.core(0).latency;
  };
  assert.ok(Math.abs(wait("gvsoc") - 256) < 12, `${wait("gvsoc")}`);
  assert.is(wait("rtl"), 8);
});

test("a store to a full queue waits until a command has left it", () => {
  const chip = newChip();
  const waits = Array.from({ length: 13 }, (_, i) => {
    chip.machine.runEvents(chip.at(10 * i));
    chip.load(0, dmaQueue, 10 * i);
    chip.store(0, dmaQueue, 4096 | toL1 | increment, 10 * i + 1);
    const wait = chip.core(0).latency;
    chip.store(0, dmaQueue, l1, 10 * i + 2);
    chip.store(0, dmaQueue, l2, 10 * i + 3);
    return wait;
  });
  assert.equal(
    waits.slice(0, 11),
    new Array(11).fill(0),
    "one at work, eight behind it, two in the core's queue",
  );
  assert.ok(waits[11]! > 0);
  chip.settle();
  assert.is(chip.load(0, status, 1e6) & 0xffff, 0);
});

test("without a free id the core would wait for ever: a trap says so", () => {
  const chip = newChip();
  for (let i = 0; i < 16; i++) assert.is(chip.load(0, dmaQueue, i), i);
  const trap = chip.trapOf(() => chip.load(0, dmaQueue, 20));
  assert.is(trap.kind, "dma-hazard");
  assert.match(trap.message, /all 16 are in use/);
});

test("2-D transfers of two cores at once without a barrier are refused in profile rtl, and only there", () => {
  const words = [256 | toL1 | increment | twoD, l1, l2, (64 << 16) | 32];
  const rtl = newChip("rtl");
  push(rtl, 0, words, 0);
  const trap = rtl.trapOf(() => push(rtl, 3, words, 5));
  assert.is(trap.kind, "dma-hazard");
  assert.match(trap.message, /core 0 pushed is in flight, without a barrier/);
  const gvsoc = newChip();
  push(gvsoc, 0, words, 0);
  push(gvsoc, 3, words, 5);
  const apart = newChip("rtl");
  push(apart, 0, words, 0);
  apart.settle();
  push(apart, 3, words, 1e5);
});

test("addresses outside of L2 and L1 are refused with the address", () => {
  const outside = newChip();
  push(outside, 0, [64 | toL1 | increment, l1, 0x2c000000], 0);
  assert.match(outside.trapOf(() => outside.settle()).message, /reads 0x2c000000, which is not in L2/);
  const beyond = newChip();
  push(beyond, 0, [64 | toL1 | increment, l1 + 0xfff0, l2], 0);
  assert.match(beyond.trapOf(() => beyond.settle()).message, /leaves L1 at 0x10010000/);
});

test.run();
