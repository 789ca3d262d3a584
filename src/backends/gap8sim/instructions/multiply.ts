/** RV32M, and the multiply-accumulate and fixed-point instructions of Xpulpv2. */
import { encode, type Instruction, instruction, maskF7 } from "./types.js";

const m = (name: string, f3: number, code: string, timing: Instruction["timing"]): Instruction =>
  instruction(name, "r", "value", encode(0x33, f3, 1), maskF7, code, { timing });

/** Products of 16-bit halves: f2 field, name, product. */
const halves: readonly (readonly [number, string, string])[] = [
  [0, "u", "Math.imul(a & 65535, b & 65535)"],
  [1, "hhu", "Math.imul(a >>> 16, b >>> 16)"],
  [2, "s", "Math.imul(a << 16 >> 16, b << 16 >> 16)"],
  [3, "hhs", "Math.imul(a >> 16, b >> 16)"],
];
const rounding = " + (1 << i >>> 1)";
/** Bits 31:30 hold f2, bits 29:25 the shift. */
const maskF2 = 0xc000707f;

/** `(sum [+ half]) >> i`, arithmetic or logical. */
const shifted = (sum: string, round: boolean, signed: boolean): string =>
  `(${sum}${round ? rounding : ""} | 0) ${signed ? ">>" : ">>>"} i`;

/** p.mulsN, p.macsN and their like, plain and with rounding. */
const products: readonly Instruction[] = halves.flatMap(([f2, suffix, product]) =>
  [false, true].flatMap((round) => {
    const signed = f2 >= 2;
    const tail = `${suffix}${round ? "R" : ""}N`;
    const match = (f3: number): number => encode(0x5b, f3, f2 << 5);
    return [
      instruction(
        `p.mul${tail}`,
        "shift",
        "value",
        match(round ? 4 : 0),
        maskF2,
        shifted(product, round, signed),
      ),
      instruction(
        `p.mac${tail}`,
        "shift",
        "value",
        match(round ? 5 : 1),
        maskF2,
        shifted(`d + ${product}`, round, signed),
        { accumulates: true },
      ),
    ];
  }),
);

/** p.addN, p.subuRN and their like; the forms ending in r take the shift from rs2 and accumulate. */
const sums: readonly Instruction[] = ["add", "sub"].flatMap((name, k) =>
  [false, true].flatMap((round) =>
    [true, false].flatMap((signed) => {
      const sign = k === 0 ? "+" : "-";
      const f3 = 2 + k + (round ? 4 : 0);
      const f2 = signed ? 0 : 2;
      const title = `p.${name}${signed ? "" : "u"}${round ? "R" : ""}N`;
      const half = round ? " + (1 << (b & 31) >>> 1)" : "";
      return [
        instruction(
          title,
          "shift",
          "value",
          encode(0x5b, f3, f2 << 5),
          maskF2,
          shifted(`a ${sign} b`, round, signed),
        ),
        instruction(
          `${title}r`,
          "r",
          "value",
          encode(0x5b, f3, (f2 | 1) << 5),
          maskF7,
          `(d ${sign} a${half} | 0) ${signed ? ">>" : ">>>"} (b & 31)`,
          { accumulates: true },
        ),
      ];
    }),
  ),
);

export const multiply: readonly Instruction[] = [
  m("mul", 0, "Math.imul(a, b)", "mul"),
  m("mulh", 1, "mulh(a, b)", "mulh"),
  m("mulhsu", 2, "mulhsu(a, b)", "mulh"),
  m("mulhu", 3, "mulhu(a, b)", "mulh"),
  m("div", 4, "div(a, b)", "div"),
  m("divu", 5, "divu(a, b)", "div"),
  m("rem", 6, "rem(a, b)", "div"),
  m("remu", 7, "remu(a, b)", "div"),
  instruction("p.mac", "r", "value", encode(0x33, 0, 0x21), maskF7, "d + Math.imul(a, b) | 0", {
    accumulates: true,
  }),
  instruction("p.msu", "r", "value", encode(0x33, 1, 0x21), maskF7, "d - Math.imul(a, b) | 0", {
    accumulates: true,
  }),
  ...products,
  ...sums,
];
