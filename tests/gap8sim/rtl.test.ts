/** Profile `rtl` pinned by small programs on the fabric controller: cycles between two reads of the cycle counter. */
import * as assert from "uvu/assert";
import { loadElf } from "../../src/backends/gap8sim/elf.js";
import type { Profile } from "../../src/backends/gap8sim/profiles.js";
import { createSimulation } from "../../src/backends/gap8sim/simulate.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { suite } from "../harness.js";
import { code, l2, tinyElf } from "./tiny-elf.js";

const test = suite("gap8sim profile rtl");

const [zero, t0, t1, t2, a0, a1, a2, a3] = [0, 5, 6, 7, 10, 11, 12, 13];
const i = (op: number, f3: number, rd: number, rs1: number, imm: number) =>
  (((imm & 0xfff) << 20) | (rs1 << 15) | (f3 << 12) | (rd << 7) | op) >>> 0;
const r = (op: number, f7: number, f3: number, rd: number, rs1: number, rs2: number) =>
  ((f7 << 25) | (rs2 << 20) | (rs1 << 15) | (f3 << 12) | (rd << 7) | op) >>> 0;
const s = (f3: number, rs2: number, rs1: number, imm: number) =>
  (((imm >> 5) << 25) | (rs2 << 20) | (rs1 << 15) | (f3 << 12) | ((imm & 31) << 7) | 0x23) >>> 0;
const lui = (rd: number, value: number) => (value & 0xfffff000) | (rd << 7) | 0x37;
const addi = (rd: number, rs1: number, imm: number) => i(0x13, 0, rd, rs1, imm);
const lw = (rd: number, rs1: number, imm: number) => i(0x03, 2, rd, rs1, imm);
const bne = (rs1: number, rs2: number, back: number) => {
  const o = -back;
  const bits =
    (((o >> 12) & 1) << 31) | (((o >> 5) & 63) << 25) | (((o >> 1) & 15) << 8) | (((o >> 11) & 1) << 7);
  return (bits | (rs2 << 20) | (rs1 << 15) | (1 << 12) | 0x63) >>> 0;
};
const csrr = (rd: number, csr: number) => i(0x73, 2, rd, zero, csr);
const csrw = (csr: number, rs1: number) => i(0x73, 1, zero, rs1, csr);
const nop = addi(zero, zero, 0);
const mul = (f3: number, rd: number, rs1: number, rs2: number) => r(0x33, 1, f3, rd, rs1, rs2);

/** Cycles that `body` takes on the second time through; a1 is 0x1b000100 (TCDM), a2 is 0x1c000800 (L2). */
function cycles(profile: Profile["name"], ...body: readonly number[]): number {
  const start = [
    lui(t0, 0x1b201000),
    addi(t1, zero, -1),
    s(2, t1, t0, 0x400),
    csrw(0x7a0, t1),
    addi(t1, zero, 1),
  ];
  const bases = [
    csrw(0x7a1, t1),
    lui(a1, 0x1b000000),
    addi(a1, a1, 0x100),
    lui(a2, 0x1c001000),
    addi(a2, a2, -0x7ff),
  ];
  const align = [addi(a2, a2, -1), addi(a3, zero, 2), nop, nop, nop, nop];
  const loop = [csrr(t1, 0x780), ...body, csrr(t2, 0x780), addi(a3, a3, -1)];
  const back = 4 * loop.length;
  const exit = [
    r(0x33, 0x20, 0, a0, t2, t1),
    addi(a0, a0, -1),
    lui(t0, 0x80000000),
    r(0x33, 0, 6, a0, a0, t0),
  ];
  const leave = [lui(t0, 0x1a104000), s(2, a0, t0, 0xa0), 0x0000006f];
  const words = [...start, ...bases, ...align, ...loop, bne(a3, zero, back), ...exit, ...leave];
  const bytes = tinyElf({ entry: l2, segments: [{ address: l2, data: code(...words), size: 0x1000 }] });
  const end = unwrap(createSimulation(unwrap(loadElf(bytes, "probe.elf")), { profile })).run(100_000);
  assert.is(end.kind, "exit", JSON.stringify(end));
  return end.kind === "exit" ? end.code : -1;
}

const cases: readonly [string, readonly number[], { readonly rtl: number; readonly gvsoc: number }][] = [
  ["an add takes a cycle", [addi(t0, t0, 1)], { rtl: 1, gvsoc: 1 }],
  ["a load and its use: one stall", [lw(t0, a1, 0), addi(t0, t0, 1)], { rtl: 3, gvsoc: 3 }],
  ["a load and something else: none", [lw(t0, a1, 0), addi(a0, a0, 1)], { rtl: 2, gvsoc: 2 }],
  ["mul and its use: a stall in gvsoc only", [mul(0, t0, a1, a2), addi(t0, t0, 1)], { rtl: 2, gvsoc: 3 }],
  ["mulh takes five", [mul(1, t0, a1, a2)], { rtl: 5, gvsoc: 5 }],
  ["div by zero", [mul(4, t0, a1, zero)], { rtl: 35, gvsoc: 34 }],
  ["a jump takes two", [0x0080006f, nop, nop], { rtl: 3, gvsoc: 3 }],
  ["a misaligned load: two accesses, gvsoc counts three", [lw(t0, a1, 1)], { rtl: 2, gvsoc: 3 }],
  ["a load from L2", [lw(t0, a2, 0), nop], { rtl: 10, gvsoc: 10 }],
];
for (const [name, body, expected] of cases) {
  test(name, () => {
    assert.is(cycles("rtl", ...body), expected.rtl, "rtl");
    assert.is(cycles("gvsoc", ...body), expected.gvsoc, "gvsoc");
  });
}

test.run();
