import fc from "fast-check";
import * as assert from "uvu/assert";
import { type LiveBuffer, planMemory } from "../../src/backends/memory.js";
import { suite } from "../harness.js";

const test = suite("memory");

const buffer = fc.record({
  bytes: fc.integer({ min: 1, max: 5000 }),
  firstUse: fc.nat(40),
  duration: fc.nat(12),
});
const buffers = fc.array(buffer, { maxLength: 40 }).map((list): LiveBuffer[] =>
  list.map(({ bytes, firstUse, duration }, i) => ({
    name: `b${i}`,
    bytes,
    firstUse,
    lastUse: firstUse + duration,
  })),
);

test("buffers that live at the same time share no byte", () => {
  fc.assert(
    fc.property(buffers, fc.constantFrom(1, 4, 16), (list, align) => {
      const { offsets } = planMemory(list, align);
      for (const a of list) {
        for (const b of list) {
          if (a === b || a.lastUse < b.firstUse || b.lastUse < a.firstUse) continue;
          const [from, other] = [offsets.get(a.name)!, offsets.get(b.name)!];
          assert.ok(from + a.bytes <= other || other + b.bytes <= from, `${a.name} and ${b.name} overlap`);
        }
      }
    }),
  );
});

test("every buffer is aligned and lies below the peak, which is no less than the lower bound", () => {
  fc.assert(
    fc.property(buffers, (list) => {
      const { offsets, peak, lowerBound } = planMemory(list);
      assert.is(offsets.size, list.length);
      for (const b of list) {
        const offset = offsets.get(b.name)!;
        assert.is(offset % 16, 0);
        assert.ok(offset >= 0 && offset + b.bytes <= peak);
      }
      assert.ok(peak >= lowerBound);
    }),
  );
});

test("a chain needs its two largest neighbours and no more", () => {
  const sizes = [64, 256, 128, 512, 64, 32];
  const chain = sizes.map((bytes, i) => ({ name: `v${i}`, bytes, firstUse: i, lastUse: i + 1 }));
  assert.is(planMemory(chain).peak, 128 + 512);
  assert.is(planMemory(chain).lowerBound, 128 + 512);
});

test("a skip connection stays while the layers beneath it take turns", () => {
  const { peak, offsets } = planMemory([
    { name: "skip", bytes: 100, firstUse: 0, lastUse: 9 },
    { name: "a", bytes: 48, firstUse: 1, lastUse: 2 },
    { name: "b", bytes: 16, firstUse: 2, lastUse: 3 },
    { name: "c", bytes: 48, firstUse: 3, lastUse: 4 },
  ]);
  assert.is(peak, 112 + 48 + 16);
  assert.is(offsets.get("a"), offsets.get("c"));
});

/** A network of layers that need an accumulator beside their input, and padding before every other one. */
const layers = Array.from({ length: 12 }, (_, i) => ({
  name: `v${i}`,
  bytes: [708, 32000, 8000, 12096][i % 4]!,
  firstUse: i,
  lastUse: i + 1,
}));

test("a chain fits into its lower bound where greedy placing wastes a fifth", () => {
  const { peak, lowerBound } = planMemory([
    ...layers,
    { name: "last", bytes: 32000, firstUse: 12, lastUse: 13 },
  ]);
  assert.is(lowerBound, 32000 + 12096);
  assert.is(peak, lowerBound);
});

test("a chain of 5,000 buffers meets its lower bound", () => {
  const chain = Array.from({ length: 5000 }, (_, i) => ({
    name: `v${i}`,
    bytes: 16 * (1 + (i % 3)),
    firstUse: i,
    lastUse: i + 1,
  }));
  const { peak, lowerBound } = planMemory(chain);
  assert.is(lowerBound, 32 + 48);
  assert.is(peak, lowerBound);
});

test("the same buffers get the same plan", () => {
  fc.assert(
    fc.property(buffers, (list) =>
      assert.equal([...planMemory(list).offsets], [...planMemory(list).offsets]),
    ),
    { numRuns: 20 },
  );
});

test("the lower bound counts what is alive at once, aligned", () => {
  const { lowerBound } = planMemory([
    { name: "a", bytes: 1, firstUse: 0, lastUse: 1 },
    { name: "b", bytes: 17, firstUse: 1, lastUse: 2 },
    { name: "c", bytes: 16, firstUse: 3, lastUse: 3 },
  ]);
  assert.is(lowerBound, 16 + 32);
});

test("nothing needs nothing", () => {
  const plan = planMemory([]);
  assert.is(plan.peak, 0);
  assert.is(plan.lowerBound, 0);
});

test.run();
