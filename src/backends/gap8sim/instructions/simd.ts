/** Packed SIMD of Xpulpv2 (opcode 0x57): lanes of 8 bits (`.b`) or 16 (`.h`), second operand replicated (`.sc`, `.sci`). */
import { encode, type Format, type Instruction, instruction, maskF7, maskRs2 } from "./types.js";

const opcode = 0x57;
/** Bit 25 belongs to the immediate of the `.sci` forms. */
const maskSci = 0xfc00707f;
type Width = 8 | 16;
type Second = "lanes" | "scalar" | "imm";

/** Lane k of a register as an expression, signed or unsigned. */
const signedLane = (v: string, k: number, w: Width): string =>
  k * w + w === 32 ? `(${v} >> ${32 - w})` : `(${v} << ${32 - w - k * w} >> ${32 - w})`;
const unsignedLane = (v: string, k: number, w: Width): string =>
  k * w + w === 32 ? `(${v} >>> ${32 - w})` : `(${v} >>> ${k * w} & ${w === 8 ? 255 : 65535})`;
const lane = (signed: boolean) => (signed ? signedLane : unsignedLane);
/** The second operand in lane k; immediates arrive already extended, as the operation wants them. */
const second = (from: Second, k: number, w: Width, signed: boolean): string =>
  from === "imm"
    ? signed
      ? "i"
      : `(i & ${w === 8 ? 255 : 65535})`
    : lane(signed)("b", from === "scalar" ? 0 : k, w);

const lanes = (w: Width): readonly number[] => (w === 8 ? [0, 1, 2, 3] : [0, 1]);
/** Puts lane results together; each is masked to its lane. */
const pack = (w: Width, value: (k: number) => string): string =>
  lanes(w)
    .map((k) =>
      k * w + w === 32 ? `(${value(k)}) << ${k * w}` : `(${value(k)} & ${w === 8 ? 255 : 65535}) << ${k * w}`,
    )
    .join(" | ");

/** Name, funct7, operands signed, immediate signed, lane result over x and y. */
type LaneOp = readonly [
  name: string,
  f7: number,
  signed: boolean,
  immSigned: boolean,
  code: (w: Width) => string,
];
const plain = (code: string) => () => code;
const laneOps: readonly LaneOp[] = [
  ["add", 0x00, true, true, plain("x + y")],
  ["sub", 0x04, true, true, plain("x - y")],
  ["avg", 0x08, true, true, (w) => `x + y << ${32 - w} >> ${33 - w}`],
  ["avgu", 0x0c, false, false, (w) => `x + y << ${32 - w} >>> ${33 - w}`],
  ["min", 0x10, true, true, plain("(x < y ? x : y)")],
  ["minu", 0x14, false, false, plain("(x < y ? x : y)")],
  ["max", 0x18, true, true, plain("(x > y ? x : y)")],
  ["maxu", 0x1c, false, false, plain("(x > y ? x : y)")],
  ["srl", 0x20, false, false, (w) => `x >>> (y & ${w - 1})`],
  ["sra", 0x24, true, false, (w) => `x >> (y & ${w - 1})`],
  ["sll", 0x28, false, false, (w) => `x << (y & ${w - 1})`],
  ["or", 0x2c, false, true, plain("(x | y)")],
  ["xor", 0x30, false, true, plain("(x ^ y)")],
  ["and", 0x34, false, true, plain("(x & y)")],
  ["cmpeq", 0x02, true, true, plain("-(x === y)")],
  ["cmpne", 0x06, true, true, plain("-(x !== y)")],
  ["cmpgt", 0x0a, true, true, plain("-(x > y)")],
  ["cmpge", 0x0e, true, true, plain("-(x >= y)")],
  ["cmplt", 0x12, true, true, plain("-(x < y)")],
  ["cmple", 0x16, true, true, plain("-(x <= y)")],
  ["cmpgtu", 0x1a, false, false, plain("-(x > y)")],
  ["cmpgeu", 0x1e, false, false, plain("-(x >= y)")],
  ["cmpltu", 0x22, false, false, plain("-(x < y)")],
  ["cmpleu", 0x26, false, false, plain("-(x <= y)")],
];

/** Whole-word shortcuts where lanes do not meet. */
const high = (w: Width): string => (w === 8 ? "0x80808080" : "0x80008000");
const low = (w: Width): string => (w === 8 ? "0x7f7f7f7f" : "0x7fff7fff");
const wholeWord: Readonly<Record<string, (w: Width) => string>> = {
  add: (w) => `(a & ${low(w)}) + (b & ${low(w)}) ^ (a ^ b) & ${high(w)}`,
  sub: (w) => `(a | ${high(w)}) - (b & ${low(w)}) ^ (a ^ ~b) & ${high(w)}`,
  or: () => "a | b",
  xor: () => "a ^ b",
  and: () => "a & b",
};

function laneCode([name, , signed, , code]: LaneOp, w: Width, from: Second): string {
  const whole = from === "lanes" ? wholeWord[name] : undefined;
  if (whole !== undefined) return whole(w);
  return pack(w, (k) =>
    `(${code(w)})`.replace(/\b[xy]\b/g, (v) =>
      v === "x" ? lane(signed)("a", k, w) : second(from, k, w, signed),
    ),
  );
}

/** The dot products: which operands are signed. */
const dots: readonly (readonly [string, number, number, boolean, boolean])[] = [
  ["up", 0x40, 0x50, false, false],
  ["usp", 0x44, 0x54, false, true],
  ["sp", 0x4c, 0x5c, true, true],
];
const dotCode = (w: Width, from: Second, first: boolean, other: boolean): string =>
  lanes(w)
    .map((k) => `Math.imul(${lane(first)("a", k, w)}, ${second(from, k, w, other)})`)
    .join(" + ");

/** The six forms of an operation: name suffix, funct3, width, second operand. */
const forms: readonly (readonly [string, number, Width, Second])[] = [
  [".h", 0, 16, "lanes"],
  [".b", 1, 8, "lanes"],
  [".sc.h", 4, 16, "scalar"],
  [".sc.b", 5, 8, "scalar"],
  [".sci.h", 6, 16, "imm"],
  [".sci.b", 7, 8, "imm"],
];

function form(
  name: string,
  f7: number,
  [suffix, f3, , from]: (typeof forms)[number],
  immSigned: boolean,
  code: string,
  accumulates = false,
): Instruction {
  const format: Format = from !== "imm" ? "r" : immSigned ? "simd-s" : "simd-u";
  const mask = from === "imm" ? maskSci : maskF7;
  return instruction(`pv.${name}${suffix}`, format, "value", encode(opcode, f3, f7), mask, code, {
    accumulates,
  });
}

const arithmetic = laneOps.flatMap((op) =>
  forms.map((f) => form(op[0], op[1], f, op[3], laneCode(op, f[2], f[3]))),
);
const products = dots.flatMap(([name, f7, f7acc, first, other]) =>
  forms.flatMap((f) => {
    const code = dotCode(f[2], f[3], first, other);
    return [
      form(`dot${name}`, f7, f, other, `${code} | 0`),
      form(`sdot${name}`, f7acc, f, other, `d + ${code} | 0`, true),
    ];
  }),
);
const absolute = ([".h", ".b"] as const).map((suffix, f3) => {
  const w: Width = suffix === ".h" ? 16 : 8;
  const code = pack(
    w,
    (k) => `(${signedLane("a", k, w)} < 0 ? -${signedLane("a", k, w)} : ${signedLane("a", k, w)})`,
  );
  return instruction(`pv.abs${suffix}`, "unary", "value", encode(opcode, f3, 0x38), maskRs2, code);
});

export const simd: readonly Instruction[] = [...arithmetic, ...products, ...absolute];
