/** A kernel in C that is asked before ours: convolutions with kernel 1, on weights that are stored in 16 bits. */
import { elements, type Kernel, kernelType, type Node, opNamed, sizes, zeroPoint } from "pulsec";

/** Why the kernel leaves a node to the next one in the list. */
function refuses({ operands: [x, w], attrs }: Node): string | undefined {
  const list = (name: string) => attrs[name] as readonly number[];
  if (!["i8", "u8", "i4", "u4", "i2", "u2"].includes(x!.type.storage)) return "x has more than 8 bits";
  if (
    sizes(w!.type)
      .slice(1, -1)
      .some((k) => k !== 1)
  )
    return "the kernel is larger than 1";
  if (attrs.groups !== 1) return "it has groups";
  return list("stride").some((s) => s !== 1) || list("pads").some((p) => p !== 0)
    ? "it has strides or pads"
    : undefined;
}

export const pointwise: Kernel = {
  name: "pointwise",
  op: opNamed("conv")!,
  header: "pointwise.h",
  files: [{ name: "pointwise.h", from: new URL("./pointwise.h", import.meta.url) }],
  refuses,

  /** Operand 1, the weights, with every element in 16 bits. */
  pack({ operands }, operand) {
    const w = operands[operand]!;
    return operand === 1 && "data" in w
      ? { form: "i16", storage: "i16", data: Int16Array.from(w.data as Int8Array) }
      : undefined;
  },

  emit({ operands: [x, w], result }, { operands: [from, weights, bias = "NULL"], result: to }) {
    const [out, into] = [sizes(w!.type)[0]!, sizes(w!.type).at(-1)!];
    const numbers = [zeroPoint(x!.type), elements(result.type) / out, into, out];
    return `  pointwise(${[from, weights, bias, to, kernelType(x!.type.storage), ...numbers].join(", ")});`;
  },
};
