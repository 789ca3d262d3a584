/** `pulsec sim`: console, summary, exit codes, JSON, traces, disassembly. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as assert from "uvu/assert";
import { exitWith } from "../../src/explain/elf.js";
import { code, l2, tinyElf } from "../gap8sim/tiny-elf.js";
import { suite } from "../harness.js";
import { callPulsec } from "./in-process.js";

const test = suite("pulsec sim");
const dir = mkdtempSync(path.join(os.tmpdir(), "pulsec-sim-"));
test.after(() => rmSync(dir, { recursive: true }));

function program(name: string, words: readonly number[]): string {
  const file = path.join(dir, `${name}.elf`);
  const symbols = [{ name: "_start", address: l2, size: 4 * words.length }];
  writeFileSync(file, tinyElf({ segments: [{ address: l2, data: code(...words) }], symbols }));
  return file;
}
/** "Hi\n" to stdout of the fabric controller (t0 = 0x1a111000). */
const hello = [0x1a1112b7, 0x04800313, 0x00628023, 0x06900313, 0x00628023, 0x00a00313, 0x00628023];
const good = program("good", [0x00102013, ...hello, 0x00002013, ...exitWith(0)]);

test("console on stdout, summary on stderr", async () => {
  const { code: exit, out, err } = await callPulsec("sim", good);
  assert.is(exit, 0);
  assert.is(out, "Hi\n");
  assert.match(err, /\d+ cycles of the fabric controller, 14 instructions \(profile gvsoc\)/);
  assert.match(err, /_start +FC/);
  assert.match(err, /region 1 on FC/);
});

const endings: readonly (readonly [name: string, words: readonly number[], exit: number, says: RegExp])[] = [
  ["exit", exitWith(3), 5, /exited with 3/],
  ["illegal", [0xffffffff], 6, /sim\/illegal-instruction/],
  ["asleep", [0x002042b7, 0x0382e503], 7, /sim\/deadlock/],
  ["forever", [0x0000006f], 8, /sim\/budget.*5000 instructions/],
];
for (const [name, words, exit, says] of endings)
  test(`${name}: exit code ${exit}`, async () => {
    const { code: found, err } = await callPulsec("sim", program(name, words), "--budget", "5000");
    assert.is(found, exit);
    assert.match(err, says);
  });

test("a trap shows the instruction, and where its address comes from", async () => {
  const { err } = await callPulsec("sim", program("stray", [0x40000537, 0x00052583]));
  assert.match(err, /FC at _start\+0x4 .*0x40000000/);
  assert.match(err, /> 1c000004: 00052583 {2}lw a1, 0\(a0\)/);
  assert.match(err, /a0 is 0x40000000, last set before by lui a0, 0x40000 at _start/);
});

test("--json: one object with the console and all profiles", async () => {
  const { out } = await callPulsec("sim", good, "--json", "--clock", "100MHz", "--power", "51mW");
  const found = JSON.parse(out);
  assert.equal([found.ok, found.end, found.exitCode, found.console], [true, "exit", 0, "Hi\n"]);
  assert.is(found.instructions, 14);
  assert.is(found.cores.length, 1);
  assert.is(found.regions[0].id, 1);
  assert.ok(Math.abs(found.energy.joules - (found.cycles.fabric / 100e6) * 51e-3) < 1e-15);
});

test("--trace writes what Perfetto opens", async () => {
  const file = path.join(dir, "t.json");
  assert.is((await callPulsec("sim", good, "--trace", file)).code, 0);
  assert.ok(JSON.parse(readFileSync(file, "utf8")).traceEvents.length > 3);
});

test("--disassemble: symbols, addresses, words", async () => {
  const { code: exit, out } = await callPulsec("sim", "--disassemble", good);
  assert.is(exit, 0);
  assert.match(out, /1c000000 <_start>:\n1c000000: {2}00102013 {2}slti zero, zero, 1\n/);
});

test("mistakes in the call", async () => {
  assert.is((await callPulsec("sim", good, "--clock", "100MHz")).code, 2);
  assert.is((await callPulsec("sim", good, "--clock", "100", "--power", "51mW")).code, 2);
  assert.is((await callPulsec("sim", good, "--profile", "fast")).code, 2);
  assert.is((await callPulsec("sim", path.join(dir, "none.elf"))).code, 1);
});

test.run();
