import * as assert from "uvu/assert";
import { profiles } from "../../src/backends/gap8sim/profiles.js";
import { suite } from "../harness.js";
import { eventUnit, newChip } from "./chip.js";

const test = suite("gap8sim event unit");
const { wakeUp, ready } = profiles.gvsoc.events;
const barrier = eventUnit + 0x200;
const dispatch = eventUnit + 0x80;
const mutex = eventUnit + 0xc0;

test("masks can be written, cleared and set bit by bit", () => {
  const { store, load } = newChip();
  store(3, eventUnit, 0xf0, 0);
  store(3, eventUnit + 4, 0x30, 0);
  store(3, eventUnit + 8, 0x05, 0);
  assert.is(load(3, eventUnit, 0), 0xc5);
  assert.is(load(2, eventUnit, 0), 0, "each core has its own");
  assert.is(load(8, 0x10200800 + 3 * 0x40, 0), 0xc5, "the global view shows it");
});

test("a software event wakes the core that waits, and is cleared by wait-and-clear", () => {
  const { store, load, wait, resumes } = newChip();
  store(1, eventUnit, 1 << 5, 0);
  assert.is(wait(1, eventUnit + 0x3c, 10), "asleep");
  store(0, eventUnit + 0x100 + 4 * 4, 1 << 1, 20);
  assert.is(resumes(1), Number.POSITIVE_INFINITY, "event 4 is not in the mask");
  store(0, eventUnit + 0x100 + 4 * 5, 1 << 1, 30);
  assert.is(resumes(1), 30 + wakeUp);
  assert.is(load(1, eventUnit + 0x1c, 40), 1 << 4, "what was not waited for stays");
});

test("an event that is there already is answered without sleep", () => {
  const { store, wait, core } = newChip();
  store(1, eventUnit, 1 << 2, 0);
  store(1, eventUnit + 0x100 + 4 * 2, 0, 5);
  assert.is(wait(1, eventUnit + 0x38, 10), 1 << 2);
  assert.is(core(1).latency, ready - 1 - profiles.gvsoc.core.eventLoad);
  store(1, eventUnit + 0x28, 1 << 2, 20);
  assert.is(wait(1, eventUnit + 0x38, 30), "asleep", "after a clear nothing is left");
});

test("a barrier lets its cores go when the last one comes", () => {
  const { store, wait, resumes, core } = newChip();
  for (const id of [0, 1, 2]) store(id, eventUnit, 1 << 16, 0);
  store(0, barrier, 0b111, 0);
  store(0, barrier + 0xc, 0b111, 0);
  assert.is(wait(0, barrier + 0x1c, 10), "asleep");
  assert.is(wait(2, barrier + 0x1c, 15), "asleep");
  assert.is(wait(1, barrier + 0x1c, 40), 1 << 16);
  assert.is(resumes(0), 40 + wakeUp);
  assert.is(resumes(2), 40 + wakeUp);
  assert.is(core(1).status, 1);
  assert.is(wait(1, barrier + 0x1c, 60), "asleep", "the next round begins with nobody");
});

test("barriers are eight and independent; who is missing can be told", () => {
  const { store, wait, load, machine, core, trapOf } = newChip();
  store(4, eventUnit, 1 << 16, 0);
  store(4, barrier + 7 * 0x20, 0b110000, 0);
  store(4, barrier + 7 * 0x20 + 0xc, 0b110000, 0);
  assert.is(wait(4, barrier + 7 * 0x20 + 0x1c, 1), "asleep");
  assert.is(load(0, barrier + 7 * 0x20 + 4, 2), 1 << 4);
  assert.is(load(0, barrier + 4, 2), 0);
  assert.is(machine.devices.describe(core(4)), "barrier 7: core 5 not there yet");
  assert.match(trapOf(() => store(0, barrier + 8 * 0x20, 1, 3)).message, /there are 8/);
});

test("a dispatch reaches every core of the team once and in order; others skip it", () => {
  const { store, wait, resumes, core } = newChip();
  for (const id of [1, 2, 3]) store(id, eventUnit, 1 << 18, 0);
  store(0, dispatch + 4, 0b0110, 0);
  assert.is(wait(1, dispatch, 1), "asleep");
  core(1).pending = 10;
  assert.is(wait(3, dispatch, 2), "asleep");
  store(0, dispatch, 0x111, 10);
  store(0, dispatch, 0x222, 11);
  assert.is(core(1).x[10], 0x111);
  assert.is(resumes(1), 10 + wakeUp);
  assert.is(resumes(3), Number.POSITIVE_INFINITY, "core 3 is not in the team");
  assert.is(wait(1, dispatch, 30), 0x222);
  assert.is(wait(2, dispatch, 30), 0x111);
  assert.is(wait(2, dispatch, 31), 0x222);
  store(0, dispatch + 4, 0b1000, 40);
  core(3).pending = 11;
  store(0, dispatch, 0x333, 41);
  assert.is(core(3).x[11], 0x333);
});

test("the mutex goes to one core at a time, then to the lowest that waits", () => {
  const { store, wait, machine, core, resumes } = newChip();
  for (const id of [0, 1, 2]) store(id, eventUnit, 1 << 17, 0);
  assert.is.not(wait(1, mutex, 1), "asleep");
  assert.is(wait(2, mutex, 2), "asleep");
  assert.is(wait(0, mutex, 3), "asleep");
  assert.is(machine.devices.describe(core(2)), "mutex 0, which core 1 holds");
  store(1, mutex, 0, 10);
  assert.is(resumes(0), 10 + wakeUp);
  assert.is(resumes(2), Number.POSITIVE_INFINITY);
  store(0, mutex, 0, 20);
  assert.is(resumes(2), 20 + wakeUp);
  store(2, mutex, 0, 30);
  assert.is.not(wait(1, mutex, 31), "asleep");
});

test("events of the SoC come through a FIFO of eight", () => {
  const { store, load, machine } = newChip();
  store(8, 0x1a106000 + 0x4, 0, 0);
  for (let i = 0; i < 9; i++) store(8, 0x1a106000, 1 << (i % 8), i);
  assert.is(load(8, 0x1b200800 + 0x1c, 20) >>> 27, 1);
  const popped = Array.from({ length: 9 }, () => load(8, 0x1b200800 + 0x700, 30) >>> 0);
  assert.equal(
    popped.slice(0, 8),
    [48, 49, 50, 51, 52, 53, 54, 55].map((e) => 0x80000000 + e),
  );
  assert.is(popped[8], 0);
  assert.equal(machine.notes, []);
});

test.run();
