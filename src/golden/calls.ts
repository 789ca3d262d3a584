/** Vectors as the kernel gets them: one value per argument of the C function. */
import type { AttrSpec, AttrValue } from "../ir/op.js";
import { requant } from "../ir/ops/requant.js";
import type { Tensor } from "../ir/tensor.js";
import { sizes, zeroPoint } from "../ir/type.js";
import { type Argument, type Binding, type BoundTensor, resultName } from "./binding.js";
import type { GoldenCase } from "./cases.js";
import { attributeStep } from "./chain.js";
import { type Expression, evaluateExpression, type Reference } from "./expression.js";
import { fromMemory, memoryBytes, memoryOrder, toMemory } from "./memory.js";
import { half } from "./rescale.js";

export type CallValue =
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "input" | "mutable"; readonly bytes: Uint8Array; readonly slack: number }
  | { readonly kind: "output" | "scratch"; readonly size: number; readonly slack: number };

export interface CompiledCall {
  readonly cores: number;
  readonly values: readonly CallValue[];
}

export function compileCall(binding: Binding, golden: GoldenCase): CompiledCall {
  return {
    cores: golden.setting.cores,
    values: binding.arguments.map((a) => callValue(binding, golden, a)),
  };
}

function callValue(binding: Binding, golden: GoldenCase, argument: Argument): CallValue {
  const number = (e: Expression) => evaluateExpression(e, (r) => lookUp(binding, golden, r));
  switch (argument.kind) {
    case "value":
      return { kind: "number", value: BigInt.asIntN(64, number(argument.value)) };
    case "scratch":
      return { kind: "scratch", size: Math.max(0, Number(number(argument.bytes))), slack: 0 };
    case "list": {
      const list = golden.nodes[argument.step]!.attrs[argument.attr] as AttrValue;
      return { kind: "input", bytes: listBytes([list].flat() as readonly number[], argument.type), slack: 0 };
    }
    case "tensor":
      return tensorValue(binding, golden, argument.tensor);
  }
}

/** A list of numbers as an array of the C type that a pointer type points to. */
function listBytes(list: readonly number[], type: string): Uint8Array {
  const bits = Number(/(?:8|16|32|64)(?=_t)/.exec(type)?.[0] ?? (type.includes("char") ? 8 : 32));
  const element = `int${bits}_t` as BoundTensor["element"];
  const levels = [{ axis: 0, part: "whole" }] as const;
  return toMemory(list, [list.length], { storage: "i32", levels, element, packing: "none" });
}

function tensorValue(binding: Binding, golden: GoldenCase, name: string): CallValue {
  const bound = binding.tensors.get(name)!;
  const { type, data } = golden.tensors.get(name)!;
  const shape = sizes(type);
  const { slack } = bound;
  if (name === resultName)
    return { kind: "output", size: memoryBytes(memoryOrder(shape, bound.levels).length, bound), slack };
  const bytes = toMemory(withoutHalf(binding, golden, name) ?? data, shape, bound);
  return { kind: bound.mutable ? "mutable" : "input", bytes, slack };
}

/** The addends of a requant as a kernel gets them that adds the half by itself. */
function withoutHalf(binding: Binding, { nodes, tensors }: GoldenCase, name: string): bigint[] | undefined {
  if (binding.rounding === "floor") return undefined;
  for (const [i, step] of binding.steps.entries()) {
    if (step.op !== requant || step.operands.at(-1) !== name) continue;
    const shift = nodes[i]!.attrs.shift as readonly number[];
    return numbersOf64(tensors.get(name)!.data).map((v, c) => v - half(binding, shift, c));
  }
  return undefined;
}

const numbersOf64 = (data: ArrayLike<number | bigint>): bigint[] =>
  Array.from({ length: data.length }, (_, i) => BigInt(data[i]!));

/** Bools are 0 and 1, enums the position of their value, numbers whole. */
function lookUp(binding: Binding, golden: GoldenCase, { base, field, index = 0 }: Reference): bigint {
  const { setting, tensors, nodes } = golden;
  if (field === undefined && Object.hasOwn(setting.sizes, base)) return BigInt(setting.sizes[base]!);
  if (field === undefined && base === "cores") return BigInt(setting.cores);
  const at = attributeStep(binding.steps, base, field);
  if (at < 0) return ofTensor(binding, golden, base, tensors.get(base)!, field!, index);
  const value = nodes[at]?.attrs[field ?? base];
  const one = Array.isArray(value) ? value[Math.min(index, value.length - 1)] : value;
  const kind = (binding.steps[at]?.op.attrs as AttrSpec | undefined)?.[field ?? base];
  if (kind?.kind === "enum") return BigInt(kind.of.indexOf(one as string));
  return BigInt(Math.trunc(Number(one ?? 0)));
}

function ofTensor(
  binding: Binding,
  golden: GoldenCase,
  name: string,
  { type, data }: Tensor,
  field: string,
  index: number,
): bigint {
  if (field === "zero") return BigInt(zeroPoint(type));
  if (field === "at") return BigInt((withoutHalf(binding, golden, name) ?? data)[index] ?? 0);
  return BigInt(sizes(type)[binding.tensors.get(name)!.axes.indexOf(field.toUpperCase())] ?? 1);
}

/** The result's elements, in pulsec's order, from the bytes that the kernel left. */
export function resultOf(
  binding: Binding,
  golden: GoldenCase,
  bytes: Uint8Array,
): ArrayLike<number | bigint> {
  return fromMemory(bytes, sizes(golden.tensors.get(resultName)!.type), binding.tensors.get(resultName)!);
}
