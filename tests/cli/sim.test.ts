/** `pulsec sim`: console, summary, exit codes, JSON, traces, disassembly. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
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

test("--files: programs read the files beside them or in a folder, and write where they are let", async () => {
  const semihost = [0x01f01013, 0x00100073, 0x40705013];
  const call = (operation: number, at: number) => [
    ...[(operation << 20) | 0x00000513, (at << 20) | 0x00040593], // a0 = operation, a1 = s0 + at
    ...semihost,
  ];
  const image = new Uint8Array(0x230);
  const words = [
    0x1c000437,
    ...call(1, 0x200),
    0x22a42023,
    ...call(6, 0x220),
    ...call(4, 0x240),
    ...exitWith(0),
  ];
  image.set(code(...words));
  image.set(code(0x1c000210, 0, 0, 8).subarray(0, 4), 0x200);
  image.set([8], 0x208);
  image.set(new TextEncoder().encode("data.txt"), 0x210);
  new DataView(image.buffer).setUint32(0x224, 0x1c000240, true);
  image.set([16], 0x228);
  const file = path.join(dir, "reader.elf");
  const writer = path.join(dir, "writer.elf");
  writeFileSync(file, tinyElf({ segments: [{ address: l2, data: image }] }));
  image.set([4], 0x204);
  writeFileSync(writer, tinyElf({ segments: [{ address: l2, data: image }] }));
  const other = path.join(dir, "other");
  mkdirSync(other);
  writeFileSync(path.join(dir, "data.txt"), "beside\n");
  writeFileSync(path.join(other, "data.txt"), "elsewhere\n");
  assert.is((await callPulsec("sim", file)).out, "beside\n");
  assert.is((await callPulsec("sim", file, "--files", other)).out, "elsewhere\n");
  await callPulsec("sim", writer);
  assert.is(readFileSync(path.join(dir, "data.txt"), "utf8"), "beside\n");
  await callPulsec("sim", writer, "--write-files");
  assert.is(readFileSync(path.join(dir, "data.txt"), "utf8"), "");
  const { code: exit, err } = await callPulsec("sim", file, "--files", path.join(dir, "none"));
  assert.is(exit, 2);
  assert.match(err, /--files: there is no folder/);
});

test("--gdb: a port that is taken, or that is none, is a mistake of the call", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", () => resolve()));
  const { port } = taken.address() as AddressInfo;
  for (const wrong of [String(port), "70000"]) {
    const { code: exit, err } = await callPulsec("sim", good, "--gdb", wrong);
    assert.is(exit, 2);
    assert.match(err, new RegExp(`--gdb: port ${wrong} cannot be used`));
  }
  taken.close();
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
