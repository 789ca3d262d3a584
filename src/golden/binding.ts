/** What a binding file says: how a user's C function is called, and what it is meant to compute. */
import type { AttrValue, OpDef } from "../ir/op.js";
import type { Storage } from "../ir/storage.js";
import type { Expression } from "./expression.js";
import type { MemoryFormat } from "./memory.js";

/** A tensor of the call: an operand of one of the ops, or the result of the last. */
export interface BoundTensor extends MemoryFormat {
  readonly name: string;
  /** One letter per axis in pulsec's own order, for instance NHWC. */
  readonly axes: string;
  /** The layout as the file spells it. */
  readonly layout: string;
  /** Sizes in pulsec's order; absent for the result, which the ops infer. */
  readonly shape?: readonly Expression[];
  /** Zero points that vectors are made for. */
  readonly zero: readonly number[];
  /** What random elements lie in. */
  readonly range?: readonly [number, number];
  /** Bytes behind the tensor that the kernel may read. */
  readonly slack: number;
  /** The kernel may overwrite it. */
  readonly mutable: boolean;
}

/** One op of the chain. Its first operand is the result of the op before, all others are tensors of their own. */
export interface Step {
  readonly op: OpDef;
  /** The tensors of its operands in order, the result of the step before left out. */
  readonly operands: readonly string[];
  /** Per attribute the values that vectors are made for: elements of lists may be expressions. */
  readonly attrs: Readonly<Record<string, readonly AttrChoice[]>>;
}
/** `auto` (of a requant's shift): chosen per vector so that results fill their type. */
export type AttrChoice = Exclude<AttrValue, readonly number[]> | Expression | readonly Expression[] | "auto";

export interface SizeRange {
  readonly min: number;
  readonly max: number;
  readonly multiple: number;
}

export const roundings = ["floor", "half-up"] as const;

interface ArgumentBase {
  /** Its name in C. */
  readonly name: string;
  /** Its type in C. */
  readonly type: string;
}
export type Argument =
  | (ArgumentBase & { readonly kind: "tensor"; readonly tensor: string })
  | (ArgumentBase & { readonly kind: "value"; readonly value: Expression })
  /** Memory that the kernel may use as it likes; its size in bytes. */
  | (ArgumentBase & { readonly kind: "scratch"; readonly bytes: Expression })
  /** An attribute that is a list, as an array. */
  | (ArgumentBase & { readonly kind: "list"; readonly step: number; readonly attr: string });

export interface Binding {
  /** Where it was read; adapter and sources are named relative to it. */
  readonly file: string;
  readonly kernel: string;
  readonly adapter: string;
  readonly steps: readonly Step[];
  readonly tensors: ReadonlyMap<string, BoundTensor>;
  readonly sizes: ReadonlyMap<string, SizeRange>;
  /** How the kernel rounds when it requantises. With half-up it adds 2^(shift-1) itself. */
  readonly rounding: (typeof roundings)[number];
  /** Bits in which the kernel holds x * mul + add of a requant. */
  readonly product: 32 | 64;
  readonly cores: readonly number[];
  /** For the compiler, for instance -DNUM_CORES=8. */
  readonly flags: readonly string[];
  /** C files that are compiled with the kernel. */
  readonly sources: readonly string[];
  readonly arguments: readonly Argument[];
}

/** The name of the result's tensor. */
export const resultName = "y";

/** `conv + requant`. */
export const chainName = ({ steps }: Pick<Binding, "steps">): string =>
  steps.map((s) => s.op.name).join(" + ");

/** The tensors that the kernel reads, in the order of the ops. */
export const inputTensors = ({
  steps,
  tensors,
}: Pick<Binding, "steps" | "tensors">): readonly BoundTensor[] =>
  steps.flatMap((s) => s.operands).map((name) => tensors.get(name)!);

/** Is the operand a param, which proofs need to know? */
export function isParamOperand(step: Step, at: number, first: boolean): boolean {
  const kinds = Object.values(
    step.op.operands as Readonly<Record<string, { param?: true; variadic?: true }>>,
  );
  if (kinds[0]?.variadic) return false;
  return kinds[first ? at : at + 1]?.param === true;
}

export const isStorageNarrow = (storage: Storage): boolean => /^[iu][24]$/.test(storage);
