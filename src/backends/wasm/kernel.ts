/** What a WebAssembly kernel is: the code of one op, with everything known at compile time folded in. */
import type { Known } from "../../ir/bounds.js";
import type { AttrSpec, Attrs, AttrsOf, OpDef, OperandSpec, Per } from "../../ir/op.js";
import type { Data, Storage } from "../../ir/storage.js";
import type { TensorType } from "../../ir/type.js";
import type { Code } from "./code.js";
import type { Buffer } from "./expr.js";

/** What a kernel emits into. */
export interface Emission {
  readonly code: Code;
  /** Memory that holds `data` from the start: packed weights, tables. The same array twice is stored once. */
  constant(storage: Storage, data: Data): Buffer;
  /** Memory that only this node uses. */
  scratch(storage: Storage, count: number): Buffer;
}

/** An operand or result. `buffer` holds it row major; a param whose buffer nobody asks for is not stored. */
export interface Source {
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly zero: number;
  /** Of params only. */
  readonly data?: Data;
  readonly buffer: Buffer;
  /** Type, proven interval and data, as ops' proofs take them. */
  readonly known: Known;
}

export interface WasmKernel {
  readonly op: OpDef;
  /** The result has the operand's bytes: it takes the operand's memory and no code. */
  readonly alias?: true;
  emit(e: Emission, x: Per<OperandSpec, Source>, attrs: Attrs, y: Source): void;
}

/** A kernel with its operands and attributes typed by the op's record. */
export function kernel<O extends OperandSpec, A extends AttrSpec>(
  op: OpDef<O, A>,
  emit: (e: Emission, x: Per<O, Source>, attrs: AttrsOf<A>, y: Source) => void,
): WasmKernel {
  return { op, emit: emit as unknown as WasmKernel["emit"] };
}
