/** A vector's result as a kernel would give it that does one thing differently. */

import type { OpDef } from "../ir/op.js";
import { type Attrs, bind } from "../ir/op.js";
import { type Data, type Storage, storages } from "../ir/storage.js";
import { allocate, type Tensor } from "../ir/tensor.js";
import { sameShape, sizes, type TensorType } from "../ir/type.js";
import { type Binding, resultName } from "./binding.js";
import type { GoldenCase } from "./cases.js";

/** What is done differently; everything else stays. */
export interface Change {
  /** The tensor as the kernel takes it; nothing: this change says nothing about the vector. */
  tensor?(name: string, tensor: Tensor): Tensor | undefined;
  /** The attributes as the kernel takes them. */
  attrs?(step: number, attrs: Attrs, operands: readonly Tensor[]): Attrs | undefined;
  /** The first operand as the kernel takes it, once the attributes are known. */
  input?(step: number, x: Tensor): Tensor | undefined;
  /** Another meaning of the op; nothing: its own. */
  meaning?(step: number, operands: readonly Tensor[], attrs: Attrs, out: TensorType): Data | undefined;
}

/** An explanation of wrong results that can be tried: what the kernel gives if it is true. */
export interface Hypothesis {
  /** The kind of mistake: `rounding`, `channel order`, ... */
  readonly cause: string;
  /** What the kernel does, as the rest of a sentence that begins with "the kernel". */
  readonly text: string;
  /** The result under the hypothesis; nothing where it says nothing about the vector. */
  expected(golden: GoldenCase): Data | undefined;
}

/** A hypothesis from a change; it speaks of a vector when the change alters something there. */
export const changing = (cause: string, text: string, change: Change, binding: Binding): Hypothesis => ({
  cause,
  text,
  expected: (golden) => recompute(binding, golden, change),
});

/** Nothing where the ops cannot compute it that way. */
export function recompute(binding: Binding, golden: GoldenCase, change: Change): Data | undefined {
  let x: Tensor | undefined;
  try {
    for (const [i, { op, operands: names }] of binding.steps.entries()) {
      const node = golden.nodes[i]!;
      const operands = names.map((name) => {
        const own = golden.tensors.get(name)!;
        return change.tensor?.(name, own) ?? own;
      });
      if (x) operands.unshift(x);
      const attrs = change.attrs?.(i, node.attrs, operands) ?? node.attrs;
      const input = change.input?.(i, operands[0]!);
      if (input) operands[0] = input;
      const out = resultType(op, operands, attrs, node.result.type);
      if (!out) return undefined;
      const data =
        change.meaning?.(i, operands, attrs, out) ?? op.int!(bind(op, operands), attrs as never, out);
      x = { type: out, data };
    }
  } catch {
    // Operands that an op does not expect may make it fail in any way.
    return undefined;
  }
  return wrapped(binding.tensors.get(resultName)!.storage, x!.data);
}

/** The type that the op gives now, if its shape is still that of the vector. */
function resultType(
  op: OpDef,
  operands: readonly Tensor[],
  attrs: Attrs,
  was: TensorType,
): TensorType | undefined {
  const types = bind(
    op,
    operands.map((t) => t.type),
  );
  const type = op.infer(types, attrs as never, was);
  if (typeof type === "string") return was;
  return sameShape(type.shape, was.shape) ? type : undefined;
}

/** The numbers as so many bits hold them. */
export function wrapTo(storage: Storage, v: number): number {
  const { bits, min } = storages[storage];
  const field = ((v % 2 ** bits) + 2 ** bits) % 2 ** bits;
  return min < 0 && field >= 2 ** (bits - 1) ? field - 2 ** bits : field;
}

export function wrapped(storage: Storage, data: Data): Data {
  const out = allocate(storage, data.length) as Int32Array;
  for (let i = 0; i < out.length; i++) out[i] = wrapTo(storage, Number(data[i]));
  return out;
}

/** The tensor with other elements. */
export const withData = (t: Tensor, of: (v: number, i: number) => number): Tensor => {
  const data = new Int32Array(t.data.length);
  for (let i = 0; i < data.length; i++) data[i] = of(Number(t.data[i]), i);
  return { ...t, data };
};

/** The index of a flat position along one axis. */
export function alongAxis(type: TensorType, axis: number): (flat: number) => number {
  const shape = sizes(type);
  const step = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  return (flat) => Math.floor(flat / step) % shape[axis]!;
}
