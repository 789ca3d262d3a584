/** Attributes of a node, and what newer opsets turned from attributes into constant inputs. */
import type { Constant } from "./constant.js";
import { type Context, refuse } from "./context.js";
import type { RawNode, RawTensor } from "./raw.js";
import { isWrong, type Or } from "./shapes.js";
import type { Imported } from "./tensor.js";

export type Inputs = readonly (Imported | undefined)[];

interface ValueOf {
  int: number;
  ints: readonly number[];
  string: string;
  tensor: RawTensor;
}

function attribute<K extends keyof ValueOf>(
  cx: Context,
  node: RawNode,
  name: string,
  kind: K,
): ValueOf[K] | undefined {
  const found = node.attributes.get(name);
  if (!found) return undefined;
  if (found.kind === kind && "value" in found) return found.value as ValueOf[K];
  refuse(cx, "onnx/attribute", `its attribute ${name} is of another kind`, {
    found: found.kind,
    expected: kind,
  });
}

export const hasAttribute = (node: RawNode, name: string): boolean => node.attributes.has(name);
export const intOf = (cx: Context, node: RawNode, name: string, otherwise: number): number =>
  attribute(cx, node, name, "int") ?? otherwise;
export const intsOf = (cx: Context, node: RawNode, name: string): readonly number[] | undefined =>
  attribute(cx, node, name, "ints");
export const stringOf = (cx: Context, node: RawNode, name: string, otherwise: string): string =>
  attribute(cx, node, name, "string") ?? otherwise;
export const tensorOf = (cx: Context, node: RawNode, name: string): RawTensor | undefined =>
  attribute(cx, node, name, "tensor");

/** A number that exporters write as float, int or one-element tensor. */
export function numberOf(cx: Context, node: RawNode, name: string): number | undefined {
  const found = node.attributes.get(name);
  if (found?.kind === "float" || found?.kind === "int") return found.value;
  if (found?.kind === "tensor") return Number(found.value.data()[0]);
  if (found?.kind === "floats" || found?.kind === "ints") return found.value[0];
  if (found) refuse(cx, "onnx/attribute", `its attribute ${name} is no number`, { found: found.kind });
  return undefined;
}

/** An input that must be a constant; nothing when it is left out. */
export function constantInput(
  cx: Context,
  inputs: Inputs,
  index: number,
  what: string,
): Constant | undefined {
  const input = inputs[index];
  if (input === undefined || input.kind === "constant") return input;
  const help = "export the model with constant folding and static shapes";
  refuse(cx, "onnx/dynamic-shape", `its ${what} is computed while the network runs; it must be a constant`, {
    help,
  });
}

/** A list of integers: attribute `name`, or input `index` of newer opsets. */
export function listOf(
  cx: Context,
  node: RawNode,
  inputs: Inputs,
  name: string,
  index: number,
): readonly number[] | undefined {
  const written = intsOf(cx, node, name);
  if (written) return written;
  const input = constantInput(cx, inputs, index, name);
  return input && [...input.data];
}

/** A number: attribute `name`, or input `index` of newer opsets. */
export function scalarOf(
  cx: Context,
  node: RawNode,
  inputs: Inputs,
  name: string,
  index: number,
): number | undefined {
  return numberOf(cx, node, name) ?? constantInput(cx, inputs, index, name)?.data[0];
}

/** The result of shape arithmetic, or a refusal of the node. */
export function sound<T>(cx: Context, result: Or<T>): T {
  if (isWrong(result)) refuse(cx, "onnx/shape", result.wrong);
  return result;
}
