/**
 * Assembler of a convolution's inner block: some channels by some positions, for a row of channel blocks. One pointer
 * walks over the positions' inputs and one over the packed weights, all sums stay in registers; the mnemonics are those
 * of pulsec_xpulp.h.
 */
import { cyclesOf } from "./assembly-cycles.js";
import { finishCode, storeCode } from "./conv-epilogue.js";
import {
  allocate,
  argument,
  type BlockSpec,
  far,
  fits12,
  free,
  hasOuterLoop,
  type Lines,
  type Registers,
  used,
  type Variable,
} from "./conv-registers.js";
import { keepSums, loadSums } from "./conv-sums.js";

/** rd += v, over a spare register where v is no immediate. */
export const addConstant = (rd: string, v: number, spare: string): Lines =>
  v === 0
    ? []
    : fits12(v)
      ? [`addi ${rd}, ${rd}, ${v}`]
      : [`li ${spare}, ${v}`, `add ${rd}, ${rd}, ${spare}`];

/** Loads of one word of every position; the pointer ends at the next word of the first. */
function loadPositions(spec: BlockSpec, r: Registers): Lines {
  const { columns, xColumn } = spec;
  const last = columns - 1;
  if (far(spec) && r.far.length === 0) {
    const loads = r.x.map((x) => `p.lw.postr ${x}, a0, ${r.lane}`);
    return [
      `li ${r.lane}, ${xColumn}`,
      ...loads.slice(0, last),
      `li ${r.lane}, ${4 - last * xColumn}`,
      ...loads.slice(last),
    ];
  }
  if (far(spec)) return r.x.map((x, c) => `p.lw.postr ${x}, a0, ${c < last ? r.far[0] : r.far[1]}`);
  return r.x.map((x, c) => `p.lw.post ${x}, a0, ${c < last ? xColumn : 4 - last * xColumn}`);
}

const dot = (spec: BlockSpec, first: boolean): string =>
  `pv.${first ? "dot" : "sdot"}${spec.signed ? "sp" : "usp"}.${spec.bits === 16 ? "h" : "b"}`;

/** One word of 8- or 16-bit weights per channel: weights alternate between two registers, loaded a row ahead. */
function step8(spec: BlockSpec, r: Registers, first: boolean): Lines {
  const { channels } = spec;
  const load = (row: number) =>
    `p.lw.post ${r.w[row % 2]}, a1, ${row === channels - 1 ? 4 * (5 - channels) : 4}`;
  const lines: Lines = [load(0), ...loadPositions(spec, r)];
  if (channels > 1) lines.push(load(1));
  for (let row = 0; row < channels; row++) {
    for (const [c, x] of r.x.entries())
      lines.push(`${dot(spec, first)} ${r.sums[row]![c]}, ${x}, ${r.w[row % 2]}`);
    if (row + 2 < channels) lines.push(load(row + 2));
  }
  return lines;
}

/** Weight `part` of every byte of a packed word, in the byte's upper bits. */
function unpack(spec: BlockSpec, r: Registers, part: number, w: string): { lines: Lines; from: string } {
  const last = part === 8 / spec.bits - 1;
  if (spec.bits === 4)
    return last
      ? { lines: [`pv.and.sci.b ${r.lane}, ${w}, -16`], from: r.lane }
      : { lines: [`pv.sll.sci.b ${r.lane}, ${w}, 4`], from: r.lane };
  const shift = 6 - 2 * part;
  const lines = shift > 0 ? [`pv.sll.sci.b ${r.lane}, ${w}, ${shift}`] : [];
  if (part > 0) lines.push(`and ${r.lane}, ${shift > 0 ? r.lane : w}, ${r.mask}`);
  return { lines, from: r.lane };
}

/** Two words of one channel at one position: loads are two instructions ahead of their products. */
const isSingle = ({ channels, columns, bits }: BlockSpec): boolean => channels * columns === 1 && bits >= 8;
function double8(spec: BlockSpec, r: Registers): Lines {
  const [[sum]] = r.sums as [[string]];
  const [x, w] = [
    [r.x[0]!, r.spare.at(-1)!],
    [r.w[0]!, r.spare.at(-2)!],
  ];
  return [
    ...[0, 1].flatMap((i) => [`p.lw.post ${w[i]}, a1, 16`, `p.lw.post ${x[i]}, a0, 4`]),
    ...[0, 1].map((i) => `${dot(spec, false)} ${sum}, ${x[i]}, ${w[i]}`),
  ];
}

/** A packed word of 4- or 2-bit weights per channel, and two or four words of every position. */
function stepPacked(spec: BlockSpec, r: Registers, first: boolean): Lines {
  const { channels, bits } = spec;
  const lines: Lines = r.w.map(
    (w, row) => `p.lw.post ${w}, a1, ${row === channels - 1 ? 4 * (5 - channels) : 4}`,
  );
  for (let part = 0; part < 8 / bits; part++) {
    lines.push(...loadPositions(spec, r));
    for (const [row, w] of r.w.entries()) {
      const { lines: unpacked, from } = unpack(spec, r, part, w);
      lines.push(...unpacked);
      for (const [c, x] of r.x.entries())
        lines.push(`${dot(spec, first && part === 0)} ${r.sums[row]![c]}, ${x}, ${from}`);
    }
  }
  return lines;
}

const oneStep = (spec: BlockSpec, r: Registers, first: boolean): Lines =>
  spec.bits >= 8 ? step8(spec, r, first) : stepPacked(spec, r, first);

const labelled = (label: string, body: Lines): Lines => [...body.slice(0, -1), `${label}: ${body.at(-1)}`];

const hardwareLoop = (count: number, body: Lines): Lines => {
  const [first, ...rest] = labelled("2", body);
  return [`lp.counti 0, ${count}`, `1: ${first}`, ...rest];
};

/** A stretch: `steps` steps in the inner hardware loop, whose ends were set. */
function stretch(spec: BlockSpec, r: Registers, steps: number): Lines {
  const body = oneStep(spec, r, false);
  if (steps === 1) return body;
  return hardwareLoop(steps, body);
}

/** Where the inner loop begins and ends, once for all blocks. */
const innerLoop: Lines = ["lp.starti 0, 1f", "lp.endi 0, 2f"];

interface Summation {
  /** In front of the loop over blocks. */
  readonly before: Lines;
  readonly sum: Lines;
}

/** All products of a block. */
function summation(spec: BlockSpec, r: Registers): Summation {
  const { rows, pieces, bytes, step } = spec.stretches;
  const steps = spec.bits < 8 ? (bytes * spec.bits) / 32 : bytes / 4;
  const fresh = !spec.sums;
  const zero = fresh ? r.sums.flat().map((s) => `li ${s}, 0`) : loadSums(spec, r);
  if (rows * pieces === 0) return { before: [], sum: zero };
  if (rows * pieces === 1) {
    if (isSingle(spec) && steps >= 4) {
      const pairs = hardwareLoop(Math.floor(steps / 2), double8(spec, r));
      return {
        before: innerLoop,
        sum: [...zero, ...(steps % 2 === 1 ? oneStep(spec, r, fresh) : []), ...pairs],
      };
    }
    const first = fresh ? oneStep(spec, r, true) : [...zero, ...oneStep(spec, r, false)];
    if (steps === 1) return { before: [], sum: first };
    if (steps === 2) return { before: [], sum: [...first, ...oneStep(spec, r, false)] };
    return { before: innerLoop, sum: [...first, ...stretch(spec, r, steps - 1)] };
  }
  const inner = stretch(spec, r, steps);
  const before = steps > 1 ? innerLoop : [];
  const jump = addConstant("a0", step - bytes, r.x[0]!);
  const rowJump = r.inMemory.has("row")
    ? [`lw ${r.x[0]}, %[row]`, `add a0, a0, ${r.x[0]}`]
    : ["add a0, a0, a4"];
  const outer = (count: number, body: Lines) => [
    "lp.starti 1, 4f",
    "lp.endi 1, 5f",
    `lp.counti 1, ${count}`,
    ...[`4: ${body[0]}`, ...labelled("5", body.slice(1))],
  ];
  if (pieces === 1) return { before, sum: [...zero, ...outer(rows, [...inner, ...jump, ...rowJump])] };
  const row = outer(pieces, [...inner, ...(jump.length > 0 ? jump : ["nop"])]);
  if (rows === 1) return { before, sum: [...zero, ...row] };
  // Three levels, of which hardware has two: the outermost is written out.
  const each = [...before, ...row, ...rowJump];
  return { before: [], sum: [...zero, ...Array.from({ length: rows }, () => each).flat()] };
}

/** Bytes from a block's positions to the next one's. */
const advance = (spec: BlockSpec): number => (spec.walk === "columns" ? spec.columns * spec.xColumn : 0);

interface Moves {
  readonly lines: Lines;
  /** Pointers that are kept on the stack. */
  readonly saved: readonly ("x" | "w")[];
}

/** a0 to the first position of the next block. */
function movePositions(spec: BlockSpec, r: Registers): Moves {
  const { rows, pieces, step } = spec.stretches;
  const moved = rows * pieces === 0 ? 0 : pieces * step;
  const by = advance(spec) - moved;
  if (rows <= 1 && (fits12(by) || spec.walk === "columns"))
    return { lines: addConstant("a0", by, r.spare[0]!), saved: [] };
  const lines = ["lw a0, %[x0]"];
  if (spec.walk === "columns") lines.push(...addConstant("a0", advance(spec), r.spare[0]!), "sw a0, %[x0]");
  return { lines, saved: ["x"] };
}

/** a1 from behind the weights to the next block's record, or back to the begin of this one. */
function moveWeights(spec: BlockSpec, r: Registers): Lines {
  const constants = 16 * spec.finish.words(0).length;
  const read = spec.record - constants;
  return addConstant("a1", (spec.walk === "columns" ? 0 : spec.recordStep) - read, r.spare[0]!);
}

function blockLoop(spec: BlockSpec, r: Registers, body: Lines): Lines {
  if (hasOuterLoop(spec)) {
    return ["lp.starti 1, 4f", "lp.endi 1, 5f", `4: ${body[0]}`, ...labelled("5", body.slice(1))];
  }
  const t = r.x[0]!;
  const count = r.inMemory.has("n")
    ? [`lw ${t}, %[n]`, `addi ${t}, ${t}, -1`, `sw ${t}, %[n]`, `bnez ${t}, 3b`]
    : ["addi a3, a3, -1", "bnez a3, 3b"];
  return ["3:", ...body, ...count];
}

interface Block {
  readonly registers: Registers;
  /** In front of the loop over blocks. */
  readonly before: Lines;
  readonly body: Lines;
  readonly saved: boolean;
}

function blockOf(spec: BlockSpec): Block {
  const registers = allocate(spec);
  const { before, sum } = summation(spec, registers);
  const next = movePositions(spec, registers);
  const weights = moveWeights(spec, registers);
  const rest =
    spec.sums === "kept"
      ? [...weights, ...keepSums(registers)]
      : [...finishCode(spec, registers), ...weights, ...storeCode(spec, registers)];
  return { registers, before, body: [...sum, ...next.lines, ...rest], saved: next.saved.length > 0 };
}

/** Cycles of one block when nothing is in its way: every load hits a free bank at a whole word. */
export function blockCycles(spec: BlockSpec): number {
  const { body } = blockOf(spec);
  return cyclesOf(body) + (hasOuterLoop(spec) ? 0 : 4);
}

/** A C function `pulsec_conv_function` that computes the block in assembler. */
export function blockFunction(name: string, spec: BlockSpec): string {
  const { registers: r, before, body, saved } = blockOf(spec);
  const count = hasOuterLoop(spec) ? ["lp.count 1, a3"] : [];
  const mask = r.mask ? [`li ${r.mask}, 0xc0c0c0c0`] : [];
  const [ahead, behind] = [spec.xColumn, 4 - (spec.columns - 1) * spec.xColumn];
  const steps = r.far.length > 0 ? [`li ${r.far[0]}, ${ahead}`, `li ${r.far[1]}, ${behind}`] : [];
  const lines = [...count, ...mask, ...steps, ...before, ...blockLoop(spec, r, body)];
  return printed(name, spec, r, lines, saved);
}

function printed(name: string, spec: BlockSpec, r: Registers, lines: Lines, saved: boolean): string {
  const wanted = [...new Set<Variable>([...used(spec), "n"])];
  const inRegister = wanted.filter((v) => !r.inMemory.has(v));
  const bound: readonly (Variable | "x" | "w")[] = ["x", "w", ...inRegister];
  const types = {
    x: "const uint8_t *",
    w: "const uint8_t *",
    y: "uint8_t *",
    n: "int32_t ",
    row: "int32_t ",
    plane: "int32_t ",
    sums: "int32_t *",
  };
  const unused = (["y", "n", "row", "plane", "sums"] as const).filter((v) => !wanted.includes(v));
  const registers = bound.map(
    (v) => `  register ${types[v]}${argument[v]} __asm__("${argument[v]}") = ${v};`,
  );
  const outputs = [
    ...bound.map((v) => `"+r"(${argument[v]})`),
    ...[...r.inMemory].map((v) => `[${v}] "+m"(${v})`),
  ];
  if (saved) outputs.push(`[x0] "+m"(x)`);
  const taken = new Set(bound.map((v) => argument[v]));
  const clobbered = [...free, ...Object.values(argument)].filter(
    (x) => !taken.has(x) && lines.some((l) => new RegExp(`\\b${x}\\b`).test(l)),
  );
  const text = lines.map((l) => `    "${l}\\n"`).join("\n");
  const params =
    "const uint8_t *x, const uint8_t *w, uint8_t *y, int32_t n, int32_t row, int32_t plane, int32_t *sums";
  return `static __attribute__((noinline)) void ${name}(${params}) {
${registers.join("\n")}
${unused.map((v) => `  (void)${v};`).join("\n")}
  __asm__ volatile(
    PULSEC_ASM_BEGIN
${text}
    PULSEC_ASM_END
    : ${outputs.join(", ")}
    :
    : ${[...clobbered, "memory"].map((x) => `"${x}"`).join(", ")});
}`;
}
