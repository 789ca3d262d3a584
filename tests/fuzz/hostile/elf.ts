/** Hostile firmware: tables that lie about their size, symbols without end, programs that keep the simulator busy. */
import { code, l2, type TinySymbol, tinyElf } from "../../gap8sim/tiny-elf.js";
import type { Hostile } from "./index.js";

const spin = code(0x0000006f);
const plain = () => tinyElf({ segments: [{ address: l2, data: spin }] });
const program = (...words: readonly number[]) =>
  tinyElf({ segments: [{ address: l2, data: code(...words) }] });

/** A program with other values at some places of its header (16 bit) or its only segment (32 bit). */
function changed(fields: Readonly<Record<number, number>>): Uint8Array {
  const bytes = plain();
  const view = new DataView(bytes.buffer);
  for (const [at, value] of Object.entries(fields)) {
    if (Number(at) < 52 && Number(at) >= 36) view.setUint16(Number(at), value, true);
    else view.setUint32(Number(at), value, true);
  }
  return bytes;
}

const many = (count: number, of: (i: number) => TinySymbol) =>
  tinyElf({
    segments: [{ address: l2, data: spin }],
    symbols: Array.from({ length: count }, (_, i) => of(i)),
  });

/** Symbols whose names are the ends of `strings` long ones, each another. */
function suffixes(strings: number, count: number): Uint8Array {
  const long = "x".repeat(4000);
  const bytes = many(count, (i) => ({ name: i < strings ? long : "", address: l2 }));
  const view = new DataView(bytes.buffer);
  const sections = view.getUint32(32, true);
  const table = view.getUint32(sections + 40 + 16, true);
  const places = strings * (long.length + 1);
  for (let i = 1; i < count; i++) view.setUint32(table + 16 * (i + 1), 1 + (i % places), true);
  return bytes;
}

const cases: Readonly<Record<string, () => Uint8Array>> = {
  "a segment of 4 GiB that starts as zero": () => changed({ 72: 0xffffffff }),
  "a segment that ends behind the address space": () => changed({ 60: 0xfffffff0, 64: 0xfffffff0, 72: 64 }),
  "65535 segments": () => changed({ 44: 0xffff }),
  "65535 segments of 0 bytes each": () => changed({ 42: 0, 44: 0xffff }),
  "65535 sections": () => changed({ 32: 52, 46: 40, 48: 0xffff }),
  "a table of sections at the end of the file": () => changed({ 32: plain().length, 46: 40, 48: 1 }),
  "60000 overlapping segments": () => {
    const segment = { address: l2, data: new Uint8Array(4) };
    return tinyElf({ segments: Array.from({ length: 60_000 }, () => segment) });
  },
  "60000 segments side by side": () => {
    const segments = Array.from({ length: 60_000 }, (_, i) => ({ address: l2 + 4 * i, data: spin }));
    return tinyElf({ segments });
  },
  "a symbol with a name of a megabyte": () => many(1, () => ({ name: "x".repeat(2 ** 20), address: l2 })),
  "300000 symbols": () => many(300_000, (i) => ({ name: `f${i}`, address: l2 + (i % 1000) })),
  "300000 symbols at one place": () => many(300_000, (i) => ({ name: `f${i % 7}`, address: l2, size: 4 })),
  "a million names of up to 4 KB that overlap": () => suffixes(256, 1_000_000),
  "symbols that cover everything": () => many(5000, (i) => ({ name: `f${i}`, address: i, size: 0xffffffff })),
  "512 KiB of compressed no-ops": () =>
    tinyElf({ segments: [{ address: l2, data: new Uint8Array(0x80000).fill(1) }] }),
  "512 KiB that are no instructions": () =>
    tinyElf({ segments: [{ address: l2, data: new Uint8Array(0x80000) }] }),
  "a hardware loop of 2^32 around itself": () => program(0xfff00293, 0x0082c07b, 0x00000013, 0x00000013),
  "a jump to itself, to nowhere, and out of memory": () => program(0x7fffffff, 0x80000067),
  "all DMA ids and a store to every register": () =>
    program(0x00204337, 0x40032283, 0x40532023, 0x00430313, 0xff5ff06f),
  "sixteen million cycles asleep": () => program(0x1b2002b7, 0x0042e303, 0x10500073, 0xff9ff06f),
};

export function* hostilePrograms(): Generator<Hostile> {
  for (const [name, make] of Object.entries(cases)) yield { format: "elf", name, bytes: make() };
}
