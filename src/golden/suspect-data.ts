/** Mistakes in how a kernel reads and writes memory: order of axes, fields of bytes, signs, constants. */
import { type Storage, storages } from "../ir/storage.js";
import { allocate, type Tensor } from "../ir/tensor.js";
import { sizes, tensorType } from "../ir/type.js";
import { type Binding, type BoundTensor, isStorageNarrow, resultName } from "./binding.js";
import { fromMemory, type Level, type MemoryFormat, type Packing, toMemory } from "./memory.js";
import { alongAxis, type Change, changing, type Hypothesis, recompute, withData } from "./recompute.js";

/** The memory of a tensor, read as if it were laid out in another way. */
function readAs(bound: BoundTensor, other: Partial<MemoryFormat>, t: Tensor): Tensor {
  const shape = sizes(t.type);
  return { ...t, data: fromMemory(toMemory(t.data, shape, bound), shape, { ...bound, ...other }) };
}

/** One tensor in another format: an input is read so, the result is written so. */
function inFormat(
  binding: Binding,
  bound: BoundTensor,
  other: Partial<MemoryFormat>,
  cause: string,
  text: string,
): Hypothesis {
  if (bound.name !== resultName)
    return changing(
      cause,
      text,
      only(bound, (t) => readAs(bound, other, t)),
      binding,
    );
  return {
    cause,
    text,
    expected(golden) {
      const y = golden.tensors.get(resultName)!;
      const shape = sizes(y.type);
      return fromMemory(toMemory(y.data, shape, { ...bound, ...other }), shape, bound);
    },
  };
}

const only = ({ name }: BoundTensor, of: (t: Tensor) => Tensor | undefined): Change => ({
  tensor: (own, t) => (own === name ? of(t) : undefined),
});

/** All orders of the levels; tensors of five moving axes and more are left alone. */
function orders(levels: readonly Level[]): readonly (readonly Level[])[] {
  if (levels.length < 2 || levels.length > 4) return [];
  const all = (list: readonly Level[]): readonly (readonly Level[])[] =>
    list.length === 0 ? [[]] : list.flatMap((l, i) => all(list.toSpliced(i, 1)).map((rest) => [l, ...rest]));
  return all(levels).slice(1);
}

const spelled = (bound: BoundTensor, levels: readonly Level[]): string =>
  levels
    .map((l) => {
      const letter = bound.axes[l.axis]!;
      return l.part === "within" ? `${l.block}${letter.toLowerCase()}` : letter;
    })
    .join("");

const verb = ({ name }: BoundTensor): string => (name === resultName ? "writes" : "reads");

/** Axes in another order, and channels from the last to the first. */
export function channelOrder(binding: Binding): readonly Hypothesis[] {
  const cause = "channel order";
  return [...binding.tensors.values()].flatMap((bound) => {
    const axes = orders(bound.levels).map((levels) => {
      const text = `${verb(bound)} ${bound.name} as ${spelled(bound, levels)}; the binding says ${bound.layout}`;
      return inFormat(binding, bound, { levels }, cause, text);
    });
    const channel = bound.axes.length - 1;
    const reversed = (t: Tensor): Tensor => {
      const at = alongAxis(t.type, channel);
      const count = sizes(t.type)[channel]!;
      return withData(t, (_, i) => Number(t.data[i + count - 1 - 2 * at(i)]));
    };
    if (bound.name === resultName || channel < 0) return axes;
    const text = `reads the last axis of ${bound.name} backwards`;
    return [...axes, changing(cause, text, only(bound, reversed), binding)];
  });
}

/** Fields of packed bytes from the other end; all packed inputs, all packed tensors, and each alone. */
export function nibbleOrder(binding: Binding): readonly Hypothesis[] {
  const packed = [...binding.tensors.values()].filter((t) => t.packing !== "none");
  const other = (p: Packing): Packing => (p === "low-first" ? "high-first" : "low-first");
  const cause = "nibble order";
  const end = ({ packing }: BoundTensor) => (packing === "low-first" ? "highest" : "lowest");
  const each = packed.map((bound) => {
    const text = `takes the first element of a byte of ${bound.name} from its ${end(bound)} bits; the binding says ${bound.packing}`;
    return inFormat(binding, bound, { packing: other(bound.packing) }, cause, text);
  });
  const inputs = packed.filter((t) => t.name !== resultName);
  const swapped: Change = {
    tensor(name, t) {
      const bound = inputs.find((b) => b.name === name);
      return bound && readAs(bound, { packing: other(bound.packing) }, t);
    },
  };
  const together = (withResult: boolean): Hypothesis => ({
    cause,
    text: `takes the elements of bytes from the other end in ${inputs.map((t) => t.name).join(", ")}${withResult ? " and y" : ""}`,
    expected(golden) {
      const data = recompute(binding, golden, swapped);
      const y = binding.tensors.get(resultName)!;
      if (!data || !withResult) return data;
      const shape = sizes(golden.tensors.get(resultName)!.type);
      return fromMemory(toMemory(data, shape, { ...y, packing: other(y.packing) }), shape, y);
    },
  });
  const all = inputs.length > 1 ? [together(false)] : [];
  return [...each, ...all, ...(packed.length > inputs.length && inputs.length > 0 ? [together(true)] : [])];
}

/** The format of the same width and the other sign, as far as there is one. */
const otherSign: Partial<Record<Storage, Storage>> = {
  i8: "u8",
  u8: "i8",
  i4: "u4",
  u4: "i4",
  i2: "u2",
  u2: "i2",
  i16: "i32",
};

/** Elements taken with the wrong sign. */
export function signs(binding: Binding): readonly Hypothesis[] {
  return [...binding.tensors.values()].flatMap((bound) => {
    const storage = otherSign[bound.storage];
    if (!storage || bound.name === resultName) return [];
    const { bits, min } = storages[bound.storage];
    const signed = min < 0;
    const text = `reads ${bound.name} as ${signed ? "unsigned" : "signed"}; it is ${bound.storage}`;
    const read = (t: Tensor): Tensor => {
      const wide = withData(t, (v) =>
        signed ? v & (2 ** bits - 1) : v >= 2 ** (bits - 1) ? v - 2 ** bits : v,
      );
      const type = tensorType(storage, t.type.shape, t.type.quant);
      const data = allocate(storage, t.data.length) as Int32Array;
      data.set(wide.data as Int32Array);
      return { type, data };
    };
    const cause = signed ? "signed read as unsigned" : "unsigned read as signed";
    return [changing(cause, text, only(bound, read), binding)];
  });
}

/** Constants that are left out, or taken from the first channel; zero points that are taken for 0. */
export function constants(binding: Binding): readonly Hypothesis[] {
  return [...binding.tensors.values()].flatMap((bound) => {
    if (bound.name === resultName) return [];
    const { name } = bound;
    const found: Hypothesis[] = [];
    if (bound.axes.length === 1 && !isStorageNarrow(bound.storage)) {
      const none = (t: Tensor): Tensor => ({ ...t, data: allocate(t.type.storage, t.data.length) });
      const first = (t: Tensor): Tensor => ({ ...t, data: t.data.map(() => t.data[0] as never) as never });
      found.push(changing("constant left out", `ignores ${name}`, only(bound, none), binding));
      const text = `takes element 0 of ${name} for every channel`;
      found.push(changing("one constant for all channels", text, only(bound, first), binding));
    }
    if (bound.zero.some((z) => z !== 0)) {
      const plain = (t: Tensor): Tensor => ({ ...t, type: tensorType(t.type.storage, t.type.shape) });
      found.push(
        changing("zero point", `does not subtract the zero point of ${name}`, only(bound, plain), binding),
      );
    }
    return found;
  });
}
