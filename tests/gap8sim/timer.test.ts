import * as assert from "uvu/assert";
import { suite } from "../harness.js";
import { eventUnit, newChip } from "./chip.js";

const test = suite("gap8sim timer");
const timer = 0x10200400;
const Config = { enable: 1, reset: 2, interrupt: 4, clear: 0x10, oneShot: 0x20, prescaler: 0x40 };

test("it counts cycles of its clock while enabled", () => {
  const { store, load } = newChip();
  assert.is(load(0, timer + 8, 50), 0);
  store(0, timer, Config.enable, 100);
  assert.is(load(0, timer + 8, 350), 250);
  store(0, timer, 0, 400);
  assert.is(load(0, timer + 8, 900), 300);
  store(0, timer + 0x18, 1, 1000);
  assert.is(load(0, timer + 8, 1010), 310, "START goes on");
  store(0, timer + 0x20, 1, 1020);
  assert.is(load(0, timer + 8, 1025), 5, "RESET begins at 0");
});

test("the prescaler divides, the two counters are independent", () => {
  const { store, load } = newChip();
  store(0, timer, Config.enable | Config.prescaler | (9 << 8), 0);
  store(0, timer + 4, Config.enable, 20);
  assert.is(load(0, timer + 8, 105), 10);
  assert.is(load(0, timer + 12, 105), 85);
});

test("a match raises its event in every core and, in one-shot mode, stops", () => {
  const { store, load, settle } = newChip();
  store(0, timer + 0x10, 60, 0);
  store(0, timer, Config.enable | Config.interrupt | Config.oneShot, 10);
  assert.is(settle(), 70);
  assert.is(load(5, eventUnit + 0x1c, 80), 1 << 10);
  assert.is(load(0, timer + 8, 500), 60);
});

test("clear on match makes it periodic", () => {
  const { store, load, machine, at } = newChip();
  store(0, timer + 0x10, 25, 0);
  store(0, timer, Config.enable | Config.clear, 0);
  machine.runEvents(at(110));
  assert.is(load(0, timer + 8, 112), 12);
});

test("cascaded, both halves are one counter of 64 bits", () => {
  const { store, load } = newChip();
  store(0, timer + 8, 0xfffffff0, 0);
  store(0, timer, Config.enable | (1 << 31), 0);
  assert.is(load(0, timer + 8, 0x20), 0x10);
  assert.is(load(0, timer + 12, 0x20), 1);
});

test.run();
