/** What a debugger knows of a core's registers: RISC-V's own, and those of the hardware loops. */
import { type Core, fabric, Status } from "../core/contract.js";
import { coreName } from "../insight/profile.js";
import { wordFrom, wordHex } from "./packets.js";

const names =
  "zero ra sp gp tp t0 t1 t2 fp s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6".split(
    " ",
  );
const loops = "lpstart0 lpend0 lpcount0 lpstart1 lpend1 lpcount1".split(" ");
const pc = 32;
const firstLoop = 33;
export const registerCount = firstLoop + loops.length;

const reg = (name: string, number: number, type: string): string =>
  `<reg name="${name}" bitsize="32" regnum="${number}" type="${type}"/>`;

/** The description that GDB asks for as `target.xml`. */
export const targetXml = `<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0"><architecture>riscv:rv32</architecture><feature name="org.gnu.gdb.riscv.cpu">${names
  .map((name, i) => reg(name, i, name === "ra" ? "code_ptr" : name === "sp" ? "data_ptr" : "int"))
  .join("")}${reg("pc", pc, "code_ptr")}</feature><feature name="pulsec.hardware-loops">${loops
  .map((name, i) => reg(name, firstLoop + i, name.startsWith("lpcount") ? "int" : "code_ptr"))
  .join("")}</feature></target>`;

/** Where a core is: before its next instruction. */
export const pcOf = (core: Core): number =>
  (core.entry > 0 ? core.block?.pcs[core.entry - 1] : undefined) ?? core.pc;

const registerOf = (core: Core, number: number): number =>
  number < pc ? core.x[number]! : number === pc ? pcOf(core) : core.loops[number - firstLoop]!;

export const readRegister = (core: Core, number: number): string | undefined =>
  number >= 0 && number < registerCount ? wordHex(registerOf(core, number)) : undefined;

export const readRegisters = (core: Core): string =>
  Array.from({ length: registerCount }, (_, i) => wordHex(registerOf(core, i))).join("");

export function writeRegister(core: Core, number: number, hex: string): boolean {
  if (!(number >= 0 && number < registerCount) || !/^[\da-f]{8}$/i.test(hex)) return false;
  const value = wordFrom(hex);
  if (number === pc) {
    core.pc = value >>> 0;
    core.entry = 0;
  } else if (number > pc) core.loops[number - firstLoop] = value;
  else if (number > 0) core.x[number] = value;
  return true;
}

/** Cores as threads: 1 to 8 are the cluster's, 9 is the fabric controller. */
export const threadOf = (core: Core): string => (core.id + 1).toString(16);
export const isThread = (core: Core): boolean => core.status !== Status.off;

export function aboutThread(core: Core): string {
  const doing =
    core.status === Status.asleep ? "asleep" : core.status === Status.halted ? "halted" : "running";
  return `${core.id === fabric ? "fabric controller" : `cluster ${coreName(core.id)}`}, ${doing}`;
}
