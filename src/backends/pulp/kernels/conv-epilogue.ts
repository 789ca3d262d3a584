/** Assembler behind a convolution block's sums: constants, multiplication, shift, clamp, packing and stores. */
import type { BlockSpec, Lines, Registers } from "./conv-registers.js";
import { clampOf } from "./finish-assembly.js";

const constant = (to: string, word: number, row: number): string => `lw ${to}, ${16 * word + 4 * row}(a1)`;

/** An operation on all sums with a constant of their channel. */
function withConstant(
  r: Registers,
  word: number,
  operation: (sum: string, constant: string) => string,
): Lines {
  return [
    ...r.sums.map((_, row) => constant(r.spare[row]!, word, row)),
    ...r.sums.flatMap((s, row) => s.map((x) => operation(x, r.spare[row]!))),
  ];
}

/** Sums become (sum * mul + add) >> shift; the constants begin at word `at`. */
function scaled({ finish }: BlockSpec, r: Registers, at: number): Lines {
  const rows = [...r.sums.keys()];
  const lines = finish.unscaled ? [] : withConstant(r, at, (x, mul) => `mul ${x}, ${x}, ${mul}`);
  const unsigned = finish.kind === "clamped" && finish.lo >= 0 ? "u" : "";
  const { shift } = finish;
  if (shift !== undefined)
    return [
      ...lines,
      ...withConstant(r, at + 1, (x, add) => `p.add${unsigned}N ${x}, ${x}, ${add}, ${shift}`),
    ];
  const pair = (row: number) => [r.spare[(2 * row) % 4]!, r.spare[((2 * row) % 4) + 1]!] as const;
  const load = (row: number) => [constant(pair(row)[0], at + 1, row), constant(pair(row)[1], at + 2, row)];
  lines.push(...load(0));
  for (const row of rows) {
    if (row + 1 < rows.length) lines.push(...load(row + 1));
    lines.push(...r.sums[row]!.map((x) => `p.add${unsigned}Nr ${x}, ${pair(row)[0]}, ${pair(row)[1]}`));
  }
  return lines;
}

/** Sums that would end in the clamp anyway are clamped first. */
const clampedFirst = (spec: BlockSpec, r: Registers): Lines => [
  ...withConstant(r, 0, (x, from) => `p.max ${x}, ${x}, ${from}`),
  ...withConstant(r, 1, (x, to) => `p.min ${x}, ${x}, ${to}`),
  ...scaled(spec, r, 2),
];

/** The high half of sum * mul + add, shifted. */
function wide({ finish }: BlockSpec, r: Registers): Lines {
  const [mul, low, high, shift, t] = r.spare as [string, string, string, string, string];
  const shifted = (x: string) =>
    finish.shift === undefined
      ? `p.addNr ${x}, ${high}, ${shift}`
      : `p.addN ${x}, ${x}, ${high}, ${finish.shift}`;
  const one = (x: string): Lines =>
    finish.lowZero
      ? [`mulh ${x}, ${x}, ${mul}`, shifted(x)]
      : [
          `mulh ${t}, ${x}, ${mul}`,
          `mul ${x}, ${x}, ${mul}`,
          `add ${x}, ${x}, ${low}`,
          `sltu ${x}, ${x}, ${low}`,
          `add ${x}, ${x}, ${t}`,
          shifted(x),
        ];
  return r.sums.flatMap((s, row) => [
    constant(mul, 0, row),
    ...(finish.lowZero ? [] : [constant(low, 1, row)]),
    constant(high, 2, row),
    ...(finish.shift === undefined ? [constant(shift, 3, row)] : []),
    ...s.flatMap(one),
  ]);
}

const storeOf = (bytes: number): string => (bytes === 1 ? "sb" : bytes === 2 ? "sh" : "sw");

/** Four sums in the low bytes of the first. */
const pack = ([a, b, c, d]: readonly string[]): Lines => [
  `pv.packlo.b ${a}, ${b}, ${a}`,
  `pv.packhi.b ${a}, ${d}, ${c}`,
];

/** Stores at steps from y: [register, offset] per step. */
function storeAt(
  y: string,
  spare: string,
  groups: readonly (readonly [string, number][])[],
  op: string,
  stride: number | string,
  end: number,
): Lines {
  const most =
    typeof stride === "number"
      ? stride * (groups.length - 1) + Math.max(...groups.flat().map(([, o]) => o))
      : Infinity;
  const lines: Lines = [];
  if (typeof stride === "number" && most <= 2047) {
    for (const [i, group] of groups.entries())
      for (const [x, o] of group) lines.push(`${op} ${x}, ${stride * i + o}(${y})`);
    lines.push(...move(y, end, spare));
    return lines;
  }
  for (const [i, group] of groups.entries()) {
    for (const [x, o] of group) lines.push(`${op} ${x}, ${o}(${y})`);
    if (typeof stride === "string") lines.push(`add ${y}, ${y}, ${stride}`);
    else if (i < groups.length - 1) lines.push(...move(y, stride, spare));
    else lines.push(...move(y, end - stride * (groups.length - 1), spare));
  }
  return lines;
}

const move = (y: string, by: number, spare: string): Lines =>
  by === 0
    ? []
    : by >= -2048 && by <= 2047
      ? [`addi ${y}, ${y}, ${by}`]
      : [`li ${spare}, ${by}`, `add ${y}, ${y}, ${spare}`];

/** y from behind `channels` planes to the next columns of the first. */
function backOverPlanes(channels: number, bytes: number, y: string, plane: string, spare: string): Lines {
  const back =
    channels === 4
      ? [`slli ${spare}, ${plane}, 2`, `sub ${y}, ${y}, ${spare}`]
      : Array.from({ length: channels }, () => `sub ${y}, ${y}, ${plane}`);
  return [...back, ...move(y, bytes, spare)];
}

/** Stores all results and moves y to the next block. */
export function storeCode(spec: BlockSpec, r: Registers): Lines {
  const { channels, columns, yBytes, yColumn, planar, words, walk } = spec;
  const along = walk === "columns";
  const inMemory = (v: "y" | "plane") => r.inMemory.has(v);
  const spare = [...r.spare];
  const y = inMemory("y") ? spare.pop()! : "a2";
  const plane = inMemory("plane") ? spare.pop()! : "a5";
  const temporary = spare.pop()!;
  const lines: Lines = [];
  if (inMemory("y")) lines.push(`lw ${y}, %[y]`);
  if (planar && inMemory("plane")) lines.push(`lw ${plane}, %[plane]`);
  const op = words ? "sw" : storeOf(yBytes);
  if (planar) {
    if (words) lines.push(...r.sums.flatMap(pack));
    const groups = r.sums.map((s) =>
      words ? [[s[0]!, 0] as [string, number]] : s.map((x, c) => [x, c * yColumn] as [string, number]),
    );
    // Rows of channels: y has moved by their number of planes.
    lines.push(...storeAt(y, temporary, groups, op, plane, 0));
    if (along) lines.push(...backOverPlanes(channels, columns * yColumn, y, plane, temporary));
  } else {
    const columnsOf = Array.from({ length: columns }, (_, c) => r.sums.map((s) => s[c]!));
    if (words) lines.push(...columnsOf.flatMap(pack));
    const groups = columnsOf.map((s) =>
      words ? [[s[0]!, 0] as [string, number]] : s.map((x, k) => [x, k * yBytes] as [string, number]),
    );
    lines.push(...storeAt(y, temporary, groups, op, yColumn, along ? columns * yColumn : channels * yBytes));
  }
  if (inMemory("y")) lines.push(`sw ${y}, %[y]`);
  return lines;
}

/** From sums to results, in their registers. */
export function finishCode(spec: BlockSpec, r: Registers): Lines {
  const { finish } = spec;
  const lines: Lines = [];
  if (finish.drop > 0) lines.push(...r.sums.flat().map((x) => `srai ${x}, ${x}, ${finish.drop}`));
  if (finish.kind === "sum") lines.push(...withConstant(r, 0, (x, bias) => `add ${x}, ${x}, ${bias}`));
  else if (finish.kind === "clamped") lines.push(...clampedFirst(spec, r));
  else {
    lines.push(...(finish.kind === "narrow" ? scaled(spec, r, 0) : wide(spec, r)));
    const spare = [...r.spare];
    const clamp = clampOf(finish.lo, finish.hi, (v) => {
      const x = spare.shift()!;
      lines.push(`li ${x}, ${v}`);
      return x;
    });
    lines.push(...r.sums.flat().flatMap(clamp));
  }
  return lines;
}
