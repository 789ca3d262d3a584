/** What a WebAssembly kernel is: the code of one op, with everything known at compile time folded in. */
import type { Known } from "../../ir/bounds.js";
import type { AttrSpec, Attrs, AttrsOf, OpDef, OperandSpec, Per } from "../../ir/op.js";
import type { Data, Storage } from "../../ir/storage.js";
import type { TensorType } from "../../ir/type.js";
import type { Code } from "./code.js";
import type { Buffer } from "./expr.js";
import type { Finish } from "./finish.js";

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
  /** Whether `emit` can finish its sums, which y would hold, in registers: it then gets the finished result as y. */
  readonly finishes?: (x: Per<OperandSpec, Source>, y: Source) => boolean;
  emit(e: Emission, x: Per<OperandSpec, Source>, attrs: Attrs, y: Source, finish?: Finish): void;
}

/** A kernel with its operands and attributes typed by the op's record; `finishes` where it takes a finish. */
export function kernel<O extends OperandSpec, A extends AttrSpec>(
  op: OpDef<O, A>,
  emit: (e: Emission, x: Per<O, Source>, attrs: AttrsOf<A>, y: Source, finish?: Finish) => void,
  finishes?: (x: Per<O, Source>, y: Source) => boolean,
): WasmKernel {
  return { op, emit, ...(finishes ? { finishes } : {}) } as unknown as WasmKernel;
}

/** Of kernels whose every form takes a finish. */
export const always = (): boolean => true;
