/** Integer expressions and statements: the small language of kernels. Knows nothing of binaryen. */
import { type Storage, slotBytes } from "../../ir/storage.js";

export type Scalar = "i32" | "i64";
/** What a local or an expression holds: a number, or 16 bytes of lanes. */
export type Register = Scalar | "v128";

/** A stretch of linear memory, one element per slot. Its address is decided after the kernels have spoken. */
export interface Buffer {
  readonly storage: Storage;
  readonly bytes: number;
  address?: number;
}

/** A function's variable. Identity is the object; lowering numbers it. */
export interface Local {
  readonly type: Register;
}

export type BinaryOp = "add" | "sub" | "mul" | "shr_s" | "lt_s" | "gt_s" | "ge_s" | "min" | "max";
export type UnaryOp = "extend_s" | "wrap";

export type Expr =
  | { readonly kind: "const"; readonly type: Scalar; readonly value: bigint }
  | { readonly kind: "get"; readonly type: Register; readonly local: Local }
  | { readonly kind: "load"; readonly type: Scalar; readonly place: Place }
  | { readonly kind: "unary"; readonly type: Scalar; readonly op: UnaryOp; readonly x: Expr }
  | {
      readonly kind: "binary";
      readonly type: Scalar;
      readonly op: BinaryOp;
      readonly a: Expr;
      readonly b: Expr;
    }
  | {
      readonly kind: "select";
      readonly type: Register;
      readonly when: Expr;
      readonly a: Expr;
      readonly b: Expr;
    }
  | VectorExpr;

/** Operations on v128 by the names that WebAssembly gives them. */
export type VectorOp =
  | `i32x4.${"add" | "sub" | "mul" | "min_s" | "max_s" | "splat" | "shr_s" | "dot_i16x8_s"}`
  | `i32x4.extend_${"low" | "high"}_i16x8_s`
  | `i64x2.${"add" | `extmul_${"low" | "high"}_i32x4_s`}`
  | `i16x8.${"min_s" | "max_s" | "narrow_i32x4_s"}`
  | `i8x16.narrow_i16x8_${"s" | "u"}`;
export type VectorLoad = "load" | `load8x8_${"s" | "u"}` | `load${32 | 64}_zero` | "load32_splat";

export type VectorExpr =
  | { readonly kind: "lanes"; readonly type: "v128"; readonly op: VectorOp; readonly args: readonly Expr[] }
  | { readonly kind: "load lanes"; readonly type: "v128"; readonly op: VectorLoad; readonly place: Place }
  /** Bytes of a (0 to 15) and b (16 to 31). */
  | {
      readonly kind: "shuffle";
      readonly type: "v128";
      readonly a: Expr;
      readonly b: Expr;
      readonly bytes: readonly number[];
    };

/** Byte `buffer.address + offset + pointer`; no summand is negative, as wasm's addressing demands. */
export interface Place {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly pointer: Expr;
}

export type Statement =
  | { readonly kind: "set"; readonly local: Local; readonly value: Expr }
  | { readonly kind: "store"; readonly place: Place; readonly value: Expr }
  /** All 16 bytes, or `bytes` of them: the lane of that size with index `lane`. */
  | {
      readonly kind: "store lanes";
      readonly place: Place;
      readonly bytes: 1 | 2 | 4 | 8 | 16;
      readonly lane: number;
      readonly value: Expr;
    }
  /** Runs `body` `count` times, at least once; `counter` counts down. */
  | {
      readonly kind: "loop";
      readonly counter: Local;
      readonly count: number;
      readonly body: readonly Statement[];
    }
  | { readonly kind: "copy"; readonly to: Place; readonly from: Place; readonly bytes: number }
  | { readonly kind: "fill"; readonly to: Place; readonly byte: number; readonly bytes: number }
  /** Lets the host evaluate node `node` on the memory. */
  | { readonly kind: "host"; readonly node: number };

export type Operand = Expr | number | bigint;

export const constant = (value: number | bigint, type: Scalar = "i32"): Expr => ({
  kind: "const",
  type,
  value: BigInt.asIntN(type === "i32" ? 32 : 64, BigInt(value)),
});

const isExpr = (x: Operand): x is Expr => typeof x === "object";
const typed = (x: Operand, type: Scalar): Expr => (isExpr(x) ? x : constant(x, type));

const folds: Readonly<Record<BinaryOp, (a: bigint, b: bigint) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  shr_s: (a, b) => a >> b,
  lt_s: (a, b) => BigInt(a < b),
  gt_s: (a, b) => BigInt(a > b),
  ge_s: (a, b) => BigInt(a >= b),
  // Math.min and Math.max take no bigint.
  min: (a, b) => (a < b ? a : b),
  max: (a, b) => (a > b ? a : b),
};
/** `x op neutral` is x. */
const neutral: Partial<Record<BinaryOp, bigint>> = { add: 0n, sub: 0n, mul: 1n, shr_s: 0n };
const compares = (op: BinaryOp): boolean => op === "lt_s" || op === "gt_s" || op === "ge_s";

const scalar = ({ type }: Expr): Scalar => {
  if (type === "v128") throw new Error("a scalar was expected, not v128");
  return type;
};

function binary(op: BinaryOp, left: Operand, right: Operand): Expr {
  const operandType = isExpr(left) ? scalar(left) : isExpr(right) ? scalar(right) : "i32";
  const [a, b] = [typed(left, operandType), typed(right, operandType)];
  if (a.type !== b.type) throw new Error(`${op} of ${a.type} and ${b.type}`);
  const type = compares(op) ? "i32" : operandType;
  if (a.kind === "const" && b.kind === "const") return constant(folds[op](a.value, b.value), type);
  if (b.kind === "const" && b.value === neutral[op]) return a;
  return { kind: "binary", type, op, a, b };
}

export const add = (a: Operand, b: Operand): Expr => binary("add", a, b);
export const sub = (a: Operand, b: Operand): Expr => binary("sub", a, b);
export const mul = (a: Operand, b: Operand): Expr => binary("mul", a, b);
/** Arithmetic shift right: floor(a / 2^b) for b below the width. */
export const shiftRight = (a: Operand, b: Operand): Expr => binary("shr_s", a, b);
export const atLeast = (a: Operand, b: Operand): Expr => binary("ge_s", a, b);
export const min = (a: Operand, b: Operand): Expr => binary("min", a, b);
export const max = (a: Operand, b: Operand): Expr => binary("max", a, b);
export const clamp = (x: Operand, lo: Operand, hi: Operand): Expr => min(max(x, lo), hi);

export function select(when: Expr, a: Operand, b: Operand): Expr {
  const type = isExpr(a) ? scalar(a) : isExpr(b) ? scalar(b) : "i32";
  return { kind: "select", type, when, a: typed(a, type), b: typed(b, type) };
}

/** The same number in 64 bits. */
export const wide = (x: Expr): Expr =>
  x.type === "i64"
    ? x
    : x.kind === "const"
      ? constant(x.value, "i64")
      : { kind: "unary", type: "i64", op: "extend_s", x };
/** The low 32 bits. */
export const narrow = (x: Expr): Expr =>
  x.type === "i32"
    ? x
    : x.kind === "const"
      ? constant(x.value)
      : { kind: "unary", type: "i32", op: "wrap", x };

export const load = (place: Place): Expr => ({
  kind: "load",
  type: place.buffer.storage === "i64" ? "i64" : "i32",
  place,
});

/** A buffer for `count` elements. */
export const newBuffer = (storage: Storage, count: number): Buffer => ({
  storage,
  bytes: count * slotBytes(storage),
});
