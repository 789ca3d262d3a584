/** The record an op is declared by; parser, printer, verifier, builder, engines and docs derive from it. */
import type * as tfjs from "@tensorflow/tfjs-core";
import type { Bounds, Known } from "./bounds.js";
import type { Rule } from "./rewrite.js";
import type { Data, Storage } from "./storage.js";
import type { Tensor } from "./tensor.js";
import type { TensorType } from "./type.js";

interface OperandKind {
  readonly storage: readonly Storage[];
  readonly rank?: number | readonly number[];
  /** Must be a param: the verifier's proofs and the kernels' packing need its data. */
  readonly param?: true;
  /** May be left out; only trailing operands may. */
  readonly optional?: true;
  /** Takes all operands of the op; then it is the only entry. */
  readonly variadic?: true;
}
/** The operands of an op by name, in order. */
export type OperandSpec = Readonly<Record<string, OperandKind>>;

/** `optional` attributes are absent unless written; `default` ones print only when they differ from it. */
export type AttrKind =
  | {
      readonly kind: "int";
      readonly default?: number;
      readonly optional?: true;
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly kind: "float"; readonly default?: number; readonly optional?: true }
  | { readonly kind: "bool"; readonly default: boolean }
  | { readonly kind: "enum"; readonly of: readonly string[]; readonly default?: string }
  | {
      readonly kind: "ints";
      /** `spatial`: one per spatial dimension of the first operand; `edges`: begins of all, then ends of all. */
      readonly length?: number | "spatial" | "edges";
      /** Every element of the default. */
      readonly default?: number;
      readonly optional?: true;
      readonly min?: number;
      readonly max?: number;
    };
/** The attributes of an op by name. */
export type AttrSpec = Readonly<Record<string, AttrKind>>;
/** What an attribute holds. */
export type AttrValue = number | boolean | string | readonly number[];
/** Attributes of a node by name, defaults filled in. */
export type Attrs = Readonly<Record<string, AttrValue | undefined>>;

type ValueOf<K extends AttrKind> = K extends { kind: "bool" }
  ? boolean
  : K extends { kind: "enum"; of: readonly (infer E)[] }
    ? E
    : K extends { kind: "ints" }
      ? readonly number[]
      : number;
/** The values that attributes of these kinds have. */
export type AttrsOf<S extends AttrSpec> = {
  readonly [K in keyof S]: S[K] extends { optional: true } ? ValueOf<S[K]> | undefined : ValueOf<S[K]>;
};

/** One `T` per operand, under the operand's name. */
export type Per<O extends OperandSpec, T> = {
  readonly [K in keyof O]: O[K] extends { variadic: true }
    ? readonly T[]
    : O[K] extends { optional: true }
      ? T | undefined
      : T;
};

/** Arithmetic of cost formulas: on numbers when compiling, on differentiable scalars while a search trains. */
export interface Num<N> {
  lit(x: number): N;
  add(a: N, b: N): N;
  mul(a: N, b: N): N;
  ceilDiv(a: N, b: number): N;
}

/** What a float evaluation may depend on besides its operands. */
export interface FloatRun {
  readonly training: boolean;
  /** Counter-based noise for this op at this step: uniform in [0, 1), same seed, same bits. */
  uniform(shape: readonly number[]): tfjs.Tensor;
  /** A scheduled value (temperature, ...), sampled once per step. */
  schedule(name: string): number;
}

/** `updates`: new values of non-gradient params, by operand name. */
export interface FloatResult {
  readonly y: tfjs.Tensor;
  readonly updates?: Readonly<Record<string, tfjs.Tensor>>;
}
/** The stock ops that `float` may call: the module `@tensorflow/tfjs-core`, handed in. */
export type FloatOps = typeof tfjs;

/** `reads`: result elements are some of the operand's elements (or its zero), so its bounds hold for the result. */
export type Trait = "elementwise" | "reads" | "reshapes" | "training-only" | "relaxed";

/**
 * How the pass `to-integer` makes integers of a float node.
 * `sum`: the same op on integers, whose i32 result has a scale of its own and is requantised to the range that calibration saw;
 * `same`: the same op on integers, the result has the type of the operand;
 * `table`: a function of each element by itself, on real numbers, of which a lut is made.
 */
export type Quantise<A extends AttrSpec> = "sum" | "same" | { table(x: number, a: AttrsOf<A>): number };

/** IR text with inputs and the output they must give: manual and test at once. */
export interface Example {
  readonly text: string;
  readonly inputs: readonly (readonly number[])[];
  readonly output: readonly number[];
}

/** An op: its operands and attributes, its type rule, what it means on floats and on integers, and examples. */
// biome-ignore lint/suspicious/noExplicitAny: a list of ops of all kinds needs a parameter that every record is assignable to
export interface OpDef<O extends OperandSpec = any, A extends AttrSpec = any> {
  readonly name: string;
  readonly summary: string;
  /** The integer meaning as a formula, and its source where it has one. */
  readonly integer?: string;
  readonly operands: O;
  readonly attrs: A;
  readonly traits: readonly Trait[];
  /** The result's type, or a refusal in words. `declared` is the type written down, where storage or scale are a choice. */
  infer(x: Per<O, TensorType>, a: AttrsOf<A>, declared?: TensorType): TensorType | string;
  /** What training and the float engine run. Shapes are concrete, channels last. */
  float?(f: FloatOps, x: Per<O, tfjs.Tensor>, a: AttrsOf<A>, run: FloatRun): FloatResult;
  /** The specification: slow and obvious, bit for bit. */
  int?(x: Per<O, Tensor>, a: AttrsOf<A>, out: TensorType): Data;
  /** How a float node becomes integers; without it `to-integer` refuses an op that has an integer meaning, and splits off others. */
  readonly quantise?: Quantise<A>;
  /** What the integer result can be; absent means: whatever its storage holds. */
  bounds?(x: Per<O, Known>, a: AttrsOf<A>, out: TensorType): Bounds;
  /** Why an integer evaluation could wrap inside, beyond the result's own bounds: a refusal in words. */
  prove?(x: Per<O, Known>, a: AttrsOf<A>, out: TensorType): string | undefined;
  /** Multiply-accumulates, from the sizes and ranks of operands and result ("y"); no target enters. */
  work?<N>(
    k: Num<N>,
    dim: (of: (keyof O & string) | "y", axis: number) => N,
    a: AttrsOf<A>,
    rank: (of: (keyof O & string) | "y") => number,
  ): N;
  readonly canonical?: readonly Rule[];
  readonly examples: readonly Example[];
}

/** Gives the functions of an op's record the types of its operands and attributes. */
export const defineOp = <const O extends OperandSpec, const A extends AttrSpec>(
  def: OpDef<O, A>,
): OpDef<O, A> => Object.freeze(def);

/** Groups a flat operand list under the names of the op's record. */
export function bind<T>(op: OpDef, list: readonly T[]): Per<OperandSpec, T> {
  const entries = Object.entries(op.operands as OperandSpec);
  const [first] = entries;
  if (first?.[1].variadic) return { [first[0]]: list } as Per<OperandSpec, T>;
  return Object.fromEntries(entries.map(([name], i) => [name, list[i]])) as Per<OperandSpec, T>;
}

/** Operand names in order, as many as `count` operands need. */
export function operandNames(op: OpDef, count: number): readonly string[] {
  const names = Object.keys(op.operands);
  const variadic = (op.operands as OperandSpec)[names[0] ?? ""]?.variadic;
  return variadic ? Array.from({ length: count }, (_, i) => `${names[0]}[${i}]`) : names;
}
