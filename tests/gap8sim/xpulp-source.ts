/** A C program that uses every Xpulpv2 instruction on random operands, alone and in random sequences. */
import { pick, type Random, range } from "../fuzz/damage.js";

/** A C expression in `d` (the register that is also written), `a` and `b`; immediates are drawn. */
type Form = readonly [name: string, expression: (random: Random) => string];

const lanes = "add sub avg min max or xor and cmpeq cmpne cmpgt cmpge cmplt cmple".split(" ");
const unsignedLanes = "avgu minu maxu srl sra sll cmpgtu cmpgeu cmpltu cmpleu".split(" ");
const laneCodes: Readonly<Record<string, number>> = {
  ...{ add: 0x00, sub: 0x04, avg: 0x08, avgu: 0x0c, min: 0x10, minu: 0x14, max: 0x18, maxu: 0x1c },
  ...{ srl: 0x20, sra: 0x24, sll: 0x28, or: 0x2c, xor: 0x30, and: 0x34 },
  ...{ cmpeq: 0x02, cmpne: 0x06, cmpgt: 0x0a, cmpge: 0x0e, cmplt: 0x12, cmple: 0x16 },
  ...{ cmpgtu: 0x1a, cmpgeu: 0x1e, cmpltu: 0x22, cmpleu: 0x26 },
};
const forms = ["b", "h", "sc_b", "sc_h"];
const dots = [
  { name: "up", plain: 0x40, summed: 0x50, unsigned: 1 },
  { name: "usp", plain: 0x44, summed: 0x54, unsigned: 0 },
  { name: "sp", plain: 0x4c, summed: 0x5c, unsigned: 0 },
];
const loads = [
  { name: "LB", type: "int8_t", code: 0x00 },
  { name: "LH", type: "int16_t", code: 0x08 },
  { name: "LW", type: "uint32_t", code: 0x10 },
  { name: "LBU", type: "uint8_t", code: 0x20 },
  { name: "LHU", type: "uint16_t", code: 0x28 },
];
const stores = [
  { name: "SB", type: "uint8_t", code: 4 },
  { name: "SH", type: "uint16_t", code: 5 },
  { name: "SW", type: "uint32_t", code: 6 },
];

const laneForms: readonly Form[] = [...lanes, ...unsignedLanes].flatMap((n) => {
  const u = unsignedLanes.includes(n) ? 1 : 0;
  const sci = (r: Random) => `${laneCodes[n]}, ${u}, a, ${range(r, 64)}`;
  return [
    ...forms.map((f): Form => [`pv.${n}.${f}`, () => `xp_${n}_${f}(a, b)`]),
    [`pv.${n}.sci_b`, (r) => `XP_SCI_B(${n}, ${sci(r)})`] as Form,
    [`pv.${n}.sci_h`, (r) => `XP_SCI_H(${n}, ${sci(r)})`] as Form,
  ];
});

const dotForms: readonly Form[] = dots.flatMap(({ name: n, plain, summed, unsigned: u }) => [
  ...forms.map((f): Form => [`pv.dot${n}.${f}`, () => `xp_dot${n}_${f}(a, b)`]),
  ...forms.map((f): Form => [`pv.sdot${n}.${f}`, () => `xp_sdot${n}_${f}(d, a, b)`]),
  ...["B", "H"].flatMap((w): Form[] => [
    [`pv.dot${n}.sci_${w}`, (r) => `MORE_DOT_SCI_${w}(${n}, ${plain}, ${u}, a, ${range(r, 64)})`],
    [`pv.sdot${n}.sci_${w}`, (r) => `MORE_SDOT_SCI_${w}(${n}, ${summed}, ${u}, d, a, ${range(r, 64)})`],
  ]),
]);

const two = "slet sletu min minu max maxu ror shuffle_b shuffle_h pack_h".split(" ");
const one = "abs ff1 fl1 clb cnt exths exthz extbs extbz abs_b abs_h".split(" ");
const three = "mac msu shuffle2_b shuffle2_h packhi_b packlo_b".split(" ");

/** A field of 1 to 32 bits inside of a register: width, offset. */
function drawField(random: Random): string {
  const width = 1 + range(random, 32);
  return `${width}, ${range(random, 33 - width)}`;
}

const scalarForms: readonly Form[] = [
  ...two.map((n): Form => [n, () => `xp_${n}(a, b)`]),
  ...one.map((n): Form => [n, () => `xp_${n}(a)`]),
  ...three.map((n): Form => [n, () => `xp_${n}(d, a, b)`]),
  ...["clipr", "clipur"].map((n): Form => [n, () => `xp_${n}(a, POSITIVE(b))`]),
  ...["CLIP", "CLIPU"].map((n): Form => [n, (r) => `XP_${n}(a, ${range(r, 32)})`]),
  ...["EXTRACT", "EXTRACTU", "BCLR", "BSET"].map((n): Form => [n, (r) => `XP_${n}(a, ${drawField(r)})`]),
  ["INSERT", (r) => `XP_INSERT(d, a, ${drawField(r)})`],
  ...["extractr", "extractur", "bclrr", "bsetr"].map((n): Form => [n, () => `xp_${n}(a, field(b))`]),
  ["insertr", () => "xp_insertr(d, a, field(b))"],
  ["avgu", () => "MORE_AVGU(a, b)"],
  ...["EXTRACT", "EXTRACTU"].flatMap((n): Form[] => [
    [`pv.${n}.b`, (r) => `XP_${n}_B(a, ${range(r, 4)})`],
    [`pv.${n}.h`, (r) => `XP_${n}_H(a, ${range(r, 2)})`],
  ]),
  ["pv.insert.b", (r) => `XP_INSERT_B(d, a, ${range(r, 4)})`],
  ["pv.insert.h", (r) => `XP_INSERT_H(d, a, ${range(r, 2)})`],
];

const fixedPointForms: readonly Form[] = [
  ...[0, 1, 2, 3].flatMap((f): Form[] =>
    [0, 1].flatMap((rounded): Form[] => [
      [`mul16.${f}.${rounded}`, (r) => `XP_MUL16N(${f}, ${rounded}, a, b, ${range(r, 32)})`],
      [`mac16.${f}.${rounded}`, (r) => `XP_MAC16N(${f}, ${rounded}, d, a, b, ${range(r, 32)})`],
    ]),
  ),
  ...["ADDN", "ADDUN", "ADDRN", "ADDURN", "SUBN", "SUBRN"].map(
    (n): Form => [n, (r) => `XP_${n}(a, b, ${range(r, 32)})`],
  ),
  ...["SUBUN", "SUBURN"].map((n): Form => [n, (r) => `MORE_${n}(a, b, ${range(r, 32)})`]),
  ...["ADDNR", "SUBNR"].flatMap((n): Form[] =>
    ["0, 0", "0, 1", "1, 0", "1, 1"].map((how): Form => [`${n} ${how}`, () => `MORE_${n}(d, a, b, ${how})`]),
  ),
];

const step = (random: Random): number => range(random, 64) - 32;
const memoryForms: readonly Form[] = [
  ...loads.flatMap(({ name, type, code }): Form[] => [
    [`${name} post`, (r) => `LOADED(XP_${name}_POST, a, p_, ${step(r)})`],
    [`${name} post register`, () => `LOADED(MORE_LOAD_POST, a, ${type}, ${code}, p_, STEP(b))`],
    [`${name} at register`, () => `LOADED(MORE_LOAD_AT, a, ${type}, ${code}, p_, STEP(b))`],
  ]),
  ...stores.flatMap(({ name, type, code }): Form[] => [
    [`${name} post`, (r) => `STORED(XP_${name}_POST, a, p_, b, ${step(r)})`],
    [`${name} post register`, () => `STORED(MORE_STORE_POST, a, ${type}, ${code}, p_, d, STEP(b))`],
    [`${name} at register`, () => `STORED(MORE_STORE_AT, a, ${type}, ${code}, p_, d, STEP(b))`],
  ]),
];

const controlForms: readonly Form[] = [
  ["beqimm", (r) => `MORE_BRANCH(2, STEP(a), ${range(r, 32) - 16})`],
  ["bneimm", (r) => `MORE_BRANCH(3, STEP(a), ${range(r, 32) - 16})`],
  ["beqimm always", (r) => `MORE_BRANCH(2, ${range(r, 32) - 16} + 0 * (int32_t)a, -7)`],
  ...[0, 1].flatMap((level): Form[] => [
    [`setup ${level}`, () => `MORE_LOOP(${level}, d, a, b, (a & 15) + 1)`],
    [`setupi ${level}`, (r) => `MORE_LOOPI(${level}, d, a, b, ${1 + range(r, 20)})`],
    [`starti endi count ${level}`, () => `MORE_LOOP_PARTS(${level}, d, a, b, (b & 15) + 1)`],
  ]),
  ["nested loops", () => "MORE_NEST(d, a, b, (a & 7) + 1, (b & 7) + 1)"],
];

/** Every instruction that has a C definition. */
export const instructionForms: readonly Form[] = [
  ...laneForms,
  ...dotForms,
  ...scalarForms,
  ...fixedPointForms,
  ...memoryForms,
  ...controlForms,
];

/** Immediates per instruction, operands per immediate. */
const instances = 2;
const operands = 40;

/** The program; each line that it prints is an instruction's (or a sequence's) hash of results. */
export function xpulpSource(random: Random, sequences: number): string {
  const alone = instructionForms.flatMap(([name, expression], i) =>
    Array.from({ length: instances }, (_, k) =>
      lonely(`alone_${i}_${k}`, `${name} #${k}`, expression(random)),
    ),
  );
  const chains = Array.from({ length: sequences }, (_, i) => sequence(`sequence_${i}`, random));
  const all = [...alone, ...chains];
  return [
    '#include "xpulp-more.h"',
    ...all.map((f) => f.text),
    "int main(void) {",
    "  for (unsigned i = 0; i < sizeof pool; i++) pool[i] = (uint8_t)(draw() >> 9);",
    ...all.map((f) => `  ${f.name}();`),
    "  return 0;",
    "}",
    "",
  ].join("\n");
}

interface CFunction {
  readonly name: string;
  readonly text: string;
}

function lonely(name: string, title: string, expression: string): CFunction {
  const text = `static void ${name}(void) {
  uint32_t h = HASH0;
  for (int i = 0; i < ${operands}; i++) {
    uint32_t d = operand(), a = operand(), b = operand(), r;
    (void)d; (void)b;
    r = (uint32_t)(${expression});
    h = hash(&r, 4, h);
  }
  SHOW("${title}", h);
}`;
  return { name, text };
}

/** Instructions on eight values, each on what others left behind. */
function sequence(name: string, random: Random): CFunction {
  const lines = Array.from({ length: 60 }, () => {
    const [, expression] = pick(random, instructionForms);
    const [d, a, b] = [0, 0, 0].map(() => `v[${range(random, 8)}]`);
    return `    { uint32_t d = ${d}, a = ${a}, b = ${b}; (void)d; (void)b; ${d} = (uint32_t)(${expression(random)}); }`;
  });
  const text = `static void ${name}(void) {
  uint32_t v[8];
  for (int i = 0; i < 8; i++) v[i] = operand();
  for (int i = 0; i < 6; i++) {
${lines.join("\n")}
  }
  SHOW("${name}", hash(v, sizeof v, HASH0));
}`;
  return { name, text };
}
