/** What lowerings take from their node: tensors, weights, shapes. */
import type { Value } from "../../../ir/graph.js";
import { type IntStorage, storageFor, storages } from "../../../ir/storage.js";
import { permute } from "../../../ir/tensor.js";
import type { Inputs } from "../attributes.js";
import { type Constant, extremes, firstFraction } from "../constant.js";
import { type Context, refuse } from "../context.js";
import { nodePlace } from "../places.js";
import type { RawNode } from "../raw.js";
import { range } from "../shapes.js";
import { type Imported, inPerm, type Tensor } from "../tensor.js";

/** Lowers one node; gives one result per output that it makes. */
export type Lowering = (cx: Context, node: RawNode, inputs: Inputs) => Imported | readonly Imported[];

export const outputName = (node: RawNode): string => node.outputs[0] ?? node.name;

/** An operand that must be an integer tensor. */
export function tensorInput(cx: Context, inputs: Inputs, index: number): Tensor {
  const input = inputs[index];
  if (input?.kind === "tensor") return input;
  if (input?.kind === "float") {
    const help = "only Softmax, LogSoftmax, Sigmoid, Tanh and reshapes may follow the last integer node";
    const text = `it takes the float tensor ${input.name} where integers are needed`;
    const start = cx.tailStart && nodePlace(cx.file, cx.tailStart, cx.typeOf);
    const notes = start ? [{ place: start, text: "integers became floats here" }] : [];
    refuse(cx, "onnx/float-network", text, { notes, help });
  }
  refuse(
    cx,
    "onnx/operands",
    `operand ${index} ${input ? "is a constant" : "is missing"}; a tensor is needed`,
  );
}

/** The elements of a constant, which must all be integers. */
export function integers(cx: Context, c: Constant): Float64Array {
  const at = firstFraction(c);
  if (at === undefined) return c.data;
  refuse(
    cx,
    "onnx/float-network",
    `this is a float network: ${c.name} holds ${c.data[at]}, which is no integer`,
    {
      help: "import a network that was made integer by DORY's tools (NEMO, Quantlab), PLiNIO or Deeploy",
    },
  );
}

/** The constant's elements with its axes in the order `perm`. */
const inAxisOrder = (
  data: Float64Array,
  shape: readonly number[],
  perm: readonly number[],
): ArrayLike<number> =>
  perm.every((p, i) => p === i) ? data : (permute(data as never, shape, perm) as ArrayLike<number>);

/** A param of the narrowest storage of `from` that holds the constant, its axes in the order `perm`. */
export function paramOf(
  cx: Context,
  c: Constant,
  perm: readonly number[],
  from: readonly IntStorage[],
  shape = c.shape,
): Value {
  const data = integers(cx, c);
  const { lo, hi } = extremes(data);
  const storage = storageFor(lo, hi, from);
  if (!storage) {
    const widest = from.at(-1)!;
    const expected = `[${storages[widest].min}, ${storages[widest].max}]`;
    refuse(cx, "onnx/constant-range", `its constant ${c.name} does not fit ${widest}`, {
      found: `[${lo}, ${hi}]`,
      expected,
    });
  }
  return cx.main.param(
    c.name,
    storage,
    perm.map((a) => shape[a]!),
    inAxisOrder(data, shape, perm),
  );
}

/** A constant that meets a tensor of the same rank: a param as its source. */
export function constantTensor(cx: Context, c: Constant, rank: number, perm: readonly number[]): Tensor {
  const shape = [...new Array<number>(rank - c.shape.length).fill(1), ...c.shape];
  return inPerm(c.name, shape, paramOf(cx, c, perm, ["i8", "i16", "i32"], shape), perm);
}

export const identityPerm = (shape: readonly number[]): number[] => range(shape.length);
