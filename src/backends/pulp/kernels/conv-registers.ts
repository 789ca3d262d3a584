/** A convolution block's registers: sums, operands, pointers, and what is left to the stack. */
import type { ConvFinish } from "./conv-finish.js";
import type { Stretches } from "./conv-shape.js";

export interface BlockSpec {
  readonly channels: number;
  readonly columns: number;
  readonly bits: number;
  readonly signed: boolean;
  readonly stretches: Stretches;
  /** Bytes from a position to the next. */
  readonly xColumn: number;
  readonly yColumn: number;
  readonly yBytes: number;
  /** Result in rows of channels (chw): `plane` bytes from one to the next; else channels lie side by side. */
  readonly planar: boolean;
  /** Four bytes of the result may be stored as a word. */
  readonly words: boolean;
  readonly finish: ConvFinish;
  /** Bytes of a block's record, and from its begin to the next one's. */
  readonly record: number;
  readonly recordStep: number;
  /** Sums begin with what addends before have left: they are kept again, or finished. */
  readonly sums?: "kept" | "finished";
  /** Does a call compute neighbouring blocks of channels at the same positions, or of positions in the same channels? */
  readonly walk: "channels" | "columns";
}

export type Lines = string[];
/** Registers of a block, and the variables that have none and live on the stack. */
export interface Registers {
  readonly sums: readonly (readonly string[])[];
  readonly x: readonly string[];
  readonly w: readonly string[];
  /** Free between the inner loop and the next block. */
  readonly spare: readonly string[];
  readonly lane: string;
  readonly mask: string;
  /** Bytes to the next position, and from the last back to the first one's next word, where immediates do not reach. */
  readonly far: readonly string[];
  readonly inMemory: ReadonlySet<Variable>;
}
export type Variable = "y" | "n" | "row" | "plane" | "sums";
export const argument: Readonly<Record<Variable | "x" | "w", string>> = {
  x: "a0",
  w: "a1",
  y: "a2",
  n: "a3",
  row: "a4",
  plane: "a5",
  sums: "a6",
};
/** Registers that a block may use besides its arguments. */
export const free = "t0 t1 t2 t3 t4 t5 t6 a7 s0 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 ra".split(" ");

/** Variables that the block uses, those first that cost most in memory. */
export const used = (spec: BlockSpec): readonly Variable[] => [
  ...(spec.sums ? (["sums"] as const) : []),
  ...(spec.sums === "kept" ? [] : (["y"] as const)),
  ...(hasOuterLoop(spec) ? [] : (["n"] as const)),
  ...(spec.planar && spec.sums !== "kept" ? (["plane"] as const) : []),
  ...(spec.stretches.rows > 1 ? (["row"] as const) : []),
];

export function allocate(spec: BlockSpec): Registers {
  const { channels, columns, bits } = spec;
  const wanted = used(spec);
  const all: Variable[] = ["sums", "y", "n", "plane", "row"];
  const sub = bits < 8 ? 1 : 0;
  const weights = sub ? channels : Math.min(2, channels);
  // Unpacked weights need so many that steps are put into `lane` before each load.
  const reach = far(spec) && sub === 0 ? 2 : 0;
  const needed = channels * columns + columns + weights + sub + (bits === 2 ? 1 : 0) + reach;
  const pool = [...free, ...all.filter((v) => !wanted.includes(v)).map((v) => argument[v])];
  const inMemory = new Set<Variable>();
  for (const v of wanted.toReversed()) {
    if (pool.length >= needed) break;
    inMemory.add(v);
    pool.push(argument[v]);
  }
  const take = (n: number): string[] => pool.splice(0, n);
  const sums = Array.from({ length: channels }, () => take(columns));
  const [x, w] = [take(columns), take(weights)];
  const lane = take(sub)[0] ?? "";
  const mask = take(bits === 2 ? 1 : 0)[0] ?? "";
  return {
    sums,
    x,
    w,
    lane,
    mask,
    far: take(reach),
    spare: [...x, ...w, ...(lane ? [lane] : []), ...pool],
    inMemory,
  };
}

/** Is it an immediate of twelve bits? */
export const fits12 = (v: number): boolean => v >= -2048 && v <= 2047;
/** Is a position further from the next than immediates reach? */
export const far = ({ columns, xColumn }: BlockSpec): boolean =>
  columns > 1 && !fits12(4 - (columns - 1) * xColumn);

/** Can the outer hardware loop run over the blocks? */
export const hasOuterLoop = ({ stretches: { rows, pieces } }: BlockSpec): boolean => rows * pieces <= 1;
