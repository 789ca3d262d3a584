/** Firmware files: what is read of them, and what is said of damaged ones. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { type Firmware, loadElf } from "../../src/backends/gap8sim/elf.js";
import { symbolTable } from "../../src/backends/gap8sim/symbols.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { damaged } from "../fuzz/damage.js";
import { seed, sharedPath, suite } from "../harness.js";
import { code, l2, tinyElf } from "./tiny-elf.js";

const test = suite("firmware files");

const program = code(0x00000013, 0x00000013, 0x0000006f);
const good = tinyElf({
  segments: [{ address: l2, data: program, size: 64 }],
  symbols: [
    { name: "_start", address: l2, size: 8 },
    { name: "loop", address: l2 + 4, type: 0 },
    { name: "halt", address: l2 + 8, type: 0 },
    { name: "table", address: l2 + 16, size: 16, type: 1 },
    { name: "__stack", address: 0x1b004000, type: 0, section: 0xfff1 },
    { name: "elsewhere", address: 0, section: 0 },
    { name: "main.c", address: 0, type: 4 },
  ],
});

/** `good` with bytes overwritten. */
function with16(at: number, value: number): Uint8Array {
  const bytes = Buffer.from(good);
  bytes.writeUInt16LE(value, at);
  return new Uint8Array(bytes);
}
function with32(at: number, value: number): Uint8Array {
  const bytes = Buffer.from(good);
  bytes.writeUInt32LE(value, at);
  return new Uint8Array(bytes);
}

test("segments, entry and symbols", () => {
  const { entry, segments, symbols } = unwrap(loadElf(good, "a.elf"));
  assert.is(entry, l2);
  assert.equal(
    segments.map((s) => [s.address, [...s.data], s.size, s.executable]),
    [[l2, [...program], 64, true]],
  );
  assert.equal(
    symbols.map((s) => `${s.kind} ${s.name} ${(s.address - l2) | 0} ${s.size}`),
    [
      `absolute __stack ${0x1b004000 - l2} 0`,
      "function _start 0 8",
      "label loop 4 0",
      "label halt 8 0",
      "object table 16 16",
    ],
  );
});

test("addresses are named by the function, object or label that holds them", () => {
  const { at, describe, named } = symbolTable(unwrap(loadElf(good, "a.elf")));
  assert.is(describe(l2), "_start");
  assert.is(describe(l2 + 6), "_start+0x6");
  assert.is(describe(l2 + 10), "halt+0x2");
  assert.is(describe(l2 + 17), "table+0x1");
  assert.is(describe(l2 + 40), undefined, "behind the table's end");
  assert.is(describe(0x1b004000), undefined);
  assert.is(at(l2 - 1), undefined);
  assert.is(named("__stack")?.address, 0x1b004000);
});

const segmentWord = (i: number): number => 52 + 4 * i;
const sectionAt = new DataView(good.buffer).getUint32(32, true);

const flaws: readonly (readonly [what: string, id: string, bytes: Uint8Array, text: RegExp])[] = [
  ["an empty file", "sim/not-elf", new Uint8Array(), /0 bytes/],
  ["a text", "sim/not-elf", new TextEncoder().encode("graph @main() -> () stage integer {}"), /67 72 61 70/],
  ["64 bit", "sim/elf-machine", with16(4, 0x0102), /64 bit, little-endian, RISC-V/],
  ["big-endian", "sim/elf-machine", with16(4, 0x0201), /32 bit, big-endian/],
  ["Arm", "sim/elf-machine", with16(18, 40), /Arm/],
  ["an object file", "sim/elf-machine", with16(16, 1), /an object file/],
  ["half a header", "sim/elf-truncated", good.subarray(0, 40), /40 bytes/],
  ["a cut-off segment", "sim/elf-truncated", good.subarray(0, 90), /90 bytes/],
  ["a cut-off section table", "sim/elf-truncated", good.subarray(0, good.length - 1), /table of sections/],
  ["no segments", "sim/elf-empty", with16(44, 0), /0 segments/],
  ["a segment of another type", "sim/elf-empty", with32(segmentWord(0), 4), /1 segments/],
  ["segments that overlap in the file's table", "sim/elf-malformed", with16(42, 8), /8 bytes/],
  ["more stored than loaded", "sim/elf-malformed", with32(segmentWord(5), 4), /12 bytes/],
  ["an end beyond the address space", "sim/elf-malformed", with32(segmentWord(5), 0xf0000000), /below 2\^32/],
  ["an entry elsewhere", "sim/elf-malformed", with32(24, 0x1c008000), /0x1c008000/],
  ["an odd entry", "sim/elf-malformed", with32(24, l2 + 1), /0x1c000001/],
  ["symbols without names", "sim/elf-malformed", with32(sectionAt + 40 + 24, 0), /section 0/],
  ["a name beyond the names", "sim/elf-malformed", with32(sectionAt + 80 + 20, 3), /has no end/],
  ["symbols of three bytes", "sim/elf-malformed", with32(sectionAt + 40 + 36, 3), /3 bytes/],
  [
    "symbols beyond the file",
    "sim/elf-truncated",
    with32(sectionAt + 40 + 20, 0x7fffff00),
    /table of symbols/,
  ],
];

for (const [what, id, bytes, text] of flaws)
  test(`${what}: ${id}`, () => {
    const result = loadElf(bytes, "a.elf");
    assert.not(result.ok);
    const [d] = result.diagnostics;
    assert.is(d!.id, id);
    assert.match(`${d!.text} ${d!.found} ${d!.expected}`, text);
    assert.ok(d!.help && d!.expected);
  });

test("two segments at one address are refused", () => {
  const bytes = tinyElf({
    segments: [
      { address: l2, data: program },
      { address: l2 + 8, data: program },
    ],
  });
  assert.is(loadElf(bytes, "a.elf").diagnostics[0]?.id, "sim/elf-malformed");
});

/** A program that was read holds nothing that its file does not. */
function isSound({ entry, segments, symbols }: Firmware, bytes: number): void {
  for (const s of segments) {
    assert.ok(s.data.length <= s.size && s.data.length <= bytes);
    assert.ok(s.address + s.size <= 2 ** 32);
  }
  assert.ok(segments.some((s) => entry >= s.address && entry < s.address + s.data.length));
  assert.ok(symbols.every((s) => s.name.length > 0 && s.name.length <= 4096));
}

/** Every result is a sound program or a diagnostic of ours. */
function survives(bytes: Uint8Array): boolean {
  const result = loadElf(bytes, "a.elf");
  if (result.ok) isSound(result.value, bytes.length);
  else assert.ok(result.diagnostics.length > 0 && result.diagnostics.every((d) => d.id.startsWith("sim/")));
  return result.ok;
}

function fuzz(original: Uint8Array, runs: number): void {
  let read = 0;
  fc.assert(
    fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), (draws) => {
      if (survives(damaged(original, () => draws.next().value!))) read++;
    }),
    { numRuns: runs, seed },
  );
  assert.ok(read > 0 && read < runs, `${read} of ${runs} damaged files are read: the damage reaches nothing`);
}

test("damaged programs are read or refused, never more", () => {
  fuzz(good, 3000);
});

test("every beginning of a program is refused with a reason", () => {
  for (let i = 0; i < good.length; i++) assert.not(survives(good.subarray(0, i)), `${i} bytes`);
});

const elfs = sharedPath("gap8", "elf");
if (elfs === undefined) test.skip("real programs: ../shared/gap8 is absent");
else {
  const files = readdirSync(elfs).sort();
  const bytesOf = (name: string) => new Uint8Array(readFileSync(path.join(elfs, name)));
  test("real programs are read", () => {
    for (const name of files) {
      const { entry, segments } = unwrap(loadElf(bytesOf(name), name));
      assert.is(segments[0]!.address, l2, name);
      assert.ok(entry > l2 && segments[0]!.data.length > 1000, name);
    }
  });
  test("damaged real programs are read or refused", () => {
    for (const name of files) fuzz(bytesOf(name), 60);
  });
}

test.run();
