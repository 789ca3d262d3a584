/** Mistakes around windows and borders: pad values, loops that end one too early, attributes taken for others. */
import { defaultAttr } from "../ir/check.js";
import type { AttrKind, AttrSpec, Attrs } from "../ir/op.js";
import { storages } from "../ir/storage.js";
import { allocate, forEachIndex, strides, type Tensor } from "../ir/tensor.js";
import { sizes, zeroPoint } from "../ir/type.js";
import { type Binding, type BoundTensor, resultName } from "./binding.js";
import { alongAxis, type Change, changing, type Hypothesis, withData } from "./recompute.js";

interface NamedAttr {
  readonly step: number;
  readonly name: string;
  readonly kind: AttrKind;
}

/** Every attribute of every op, in order. */
const attributes = ({ steps }: Binding): readonly NamedAttr[] =>
  steps.flatMap(({ op }, step) =>
    Object.entries(op.attrs as AttrSpec).map(([name, kind]) => ({ step, name, kind })),
  );

const listOf = (attrs: Attrs, name: string): readonly number[] => (attrs[name] as readonly number[]) ?? [];

/** Pads are attributes with a begin and an end per spatial dimension. */
const padsOf = (binding: Binding) =>
  attributes(binding).filter(({ kind }) => kind.kind === "ints" && kind.length === "edges");

/** The tensor with a border of `value`; negative pads stay with the op. */
function bordered(x: Tensor, pads: readonly number[], value: number): Tensor {
  const shape = sizes(x.type);
  const spatial = pads.length / 2;
  const begins = shape.map((_, d) => (d >= 1 && d <= spatial ? Math.max(0, pads[d - 1]!) : 0));
  const ends = shape.map((_, d) => (d >= 1 && d <= spatial ? Math.max(0, pads[d - 1 + spatial]!) : 0));
  const wide = shape.map((s, d) => s + begins[d]! + ends[d]!);
  const data = (
    allocate(
      "i32",
      wide.reduce((a, b) => a * b, 1),
    ) as Int32Array
  ).fill(value);
  const steps = strides(wide);
  forEachIndex(shape, (index, at) => {
    data[index.reduce((sum, p, d) => sum + (p + begins[d]!) * steps[d]!, 0)] = Number(x.data[at]);
  });
  return { type: { ...x.type, shape: wide }, data };
}

/** Borders filled with another number than the op says. */
export function padValues(binding: Binding): readonly Hypothesis[] {
  return padsOf(binding).flatMap(({ step, name }) => {
    const fill = (text: string, value: (x: Tensor) => number): Hypothesis => {
      let pads: readonly number[] = [];
      const change: Change = {
        attrs(i, attrs) {
          if (i !== step) return undefined;
          pads = listOf(attrs, name);
          return { ...attrs, [name]: pads.map((p) => Math.min(0, p)) };
        },
        input: (i, x) => (i === step ? bordered(x, pads, value(x)) : undefined),
      };
      return changing("pad value", `fills the border with ${text}`, change, binding);
    };
    return [
      fill("0, not with the op's pad value", () => 0),
      fill("the zero point, not with the op's pad value", (x) => zeroPoint(x.type)),
      fill("the smallest number of the storage", (x) => storages[x.type.storage].min),
      fill("the largest number of the storage", (x) => storages[x.type.storage].max),
    ];
  });
}

/** Bools and enums that the kernel takes for another value, lists in another order or at their defaults. */
export function otherAttributes(binding: Binding): readonly Hypothesis[] {
  return attributes(binding).flatMap(({ step, name, kind }) => {
    const as = (
      cause: string,
      text: string,
      of: (attrs: Attrs, operands: readonly Tensor[]) => Attrs,
    ): Hypothesis =>
      changing(
        cause,
        text,
        { attrs: (i, attrs, operands) => (i === step ? of(attrs, operands) : undefined) },
        binding,
      );
    if (kind.kind === "bool")
      return [as("attribute", `takes ${name} for its opposite`, (a) => ({ ...a, [name]: !a[name] }))];
    if (kind.kind === "enum")
      return kind.of.map((v) =>
        as(cause(name), `behaves as if ${name} were ${v}`, (a) => ({ ...a, [name]: v })),
      );
    if (kind.kind === "int" && name === "groups") return [];
    if (kind.kind !== "ints" || kind.length !== "spatial") return [];
    const reversed = as("attribute", `swaps height and width of ${name}`, (a) => ({
      ...a,
      [name]: listOf(a, name).toReversed(),
    }));
    if (kind.default === undefined) return [reversed];
    const plain = as("attribute", `ignores ${name} (takes ${kind.default})`, (a, operands) => {
      const values = operands.map(({ type }) => ({ name: "x", type, places: [] }));
      return { ...a, [name]: defaultAttr(kind, values) };
    });
    return [reversed, plain];
  });
}

/** What fills a border is named so, whatever the op calls it. */
const cause = (name: string): string => (name.includes("pad") ? "pad value" : "attribute");

const axisWords: Readonly<Record<string, string>> = {
  H: "row",
  W: "column",
  L: "position",
  C: "channel",
  I: "input channel",
  O: "output channel",
};
/** What one index along an axis is called. */
export const wordOf = (letter: string): string => axisWords[letter] ?? `index of ${letter}`;

/** Windows that begin one too early or late, and loops that leave out the first or last of something. */
export function borders(binding: Binding): readonly Hypothesis[] {
  return [...shiftedWindows(binding), ...leftOut(binding), ...leftovers(binding), ...shiftedResult(binding)];
}

const offByOne = "off-by-one border";

function shiftedWindows(binding: Binding): readonly Hypothesis[] {
  return padsOf(binding).flatMap(({ step, name }) => {
    const shifted = (dims: readonly number[], by: number, text: string): Hypothesis =>
      changing(
        offByOne,
        text,
        {
          attrs(i, attrs) {
            if (i !== step) return undefined;
            const pads = listOf(attrs, name);
            const half = pads.length / 2;
            const moved = pads.map((p, d) => (dims.includes(d % half) ? p + (d < half ? by : -by) : p));
            return { ...attrs, [name]: moved };
          },
        },
        binding,
      );
    return [1, -1].flatMap((by) => {
      const way = by > 0 ? "early" : "late";
      return [
        shifted([0, 1], by, `begins every window one position too ${way}`),
        shifted([0], by, `begins windows one position too ${way} along the first spatial axis`),
        shifted([1], by, `begins windows one position too ${way} along the second spatial axis`),
      ];
    });
  });
}

/** The first or last of an axis counts as outside: spatial axes of the input, taps and channels of weights. */
function leftOut(binding: Binding): readonly Hypothesis[] {
  const first = binding.steps[0]!.operands[0];
  return [...binding.tensors.values()].flatMap((bound) => {
    if (bound.name === resultName || bound.axes.length < 2) return [];
    return [...bound.axes].flatMap((letter, axis) => {
      if (!(bound.name === first ? "HWLC" : "HWLI").includes(letter)) return [];
      return (["first", "last"] as const).map((end) => {
        const text = `does not use the ${end} ${wordOf(letter)} of ${bound.name}`;
        return changing(
          offByOne,
          text,
          zeroed(bound, axis, (p, n) => p === (end === "first" ? 0 : n - 1)),
          binding,
        );
      });
    });
  });
}

/** Elements of an axis count as zero (the zero point) where `when` says so. */
const zeroed = (bound: BoundTensor, axis: number, when: (p: number, size: number) => boolean): Change => ({
  tensor(name, t) {
    if (name !== bound.name) return undefined;
    const at = alongAxis(t.type, axis);
    const size = sizes(t.type)[axis]!;
    return withData(t, (v, i) => (when(at(i), size) ? zeroPoint(t.type) : v));
  },
});

/** Channels beyond a multiple of the vector's width are not summed. */
function leftovers(binding: Binding): readonly Hypothesis[] {
  return [...binding.tensors.values()].flatMap((bound) => {
    const axis = Math.max(bound.axes.indexOf("I"), bound.axes.length > 1 ? bound.axes.lastIndexOf("C") : -1);
    if (bound.name === resultName || axis < 0) return [];
    return [4, 2, 8].map((width) => {
      const text = `sums only whole groups of ${width} channels of ${bound.name}`;
      return changing(
        "leftover channels",
        text,
        zeroed(bound, axis, (p, n) => p >= n - (n % width)),
        binding,
      );
    });
  });
}

/** The result lies one element further on along an axis. */
function shiftedResult(binding: Binding): readonly Hypothesis[] {
  const bound = binding.tensors.get(resultName)!;
  return [...bound.axes].flatMap((letter, axis) =>
    "HWLC".includes(letter)
      ? [1, -1].map(
          (by): Hypothesis => ({
            cause: offByOne,
            text: `gives each ${wordOf(letter)} of y what belongs one ${by > 0 ? "before" : "behind"} it`,
            expected(golden) {
              const y = golden.tensors.get(resultName)!;
              const at = alongAxis(y.type, axis);
              const shape = sizes(y.type);
              const step = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
              const inside = (p: number) => p >= 0 && p < shape[axis]!;
              if (shape[axis]! < 2) return undefined;
              return withData(y, (v, i) => (inside(at(i) - by) ? Number(y.data[i - by * step]) : v)).data;
            },
          }),
        )
      : [],
  );
}

/** The window's taps from the last to the first: a convolution where a correlation is meant. */
export function flippedWindows(binding: Binding): readonly Hypothesis[] {
  return [...binding.tensors.values()].flatMap((bound) => {
    const taps = [...bound.axes].flatMap((letter, axis) => ("HWL".includes(letter) ? [axis] : []));
    if (!bound.axes.includes("I") || taps.length === 0 || bound.name === resultName) return [];
    const flip: Change = {
      tensor(name, t) {
        if (name !== bound.name) return undefined;
        const shape = sizes(t.type);
        const steps = strides(shape);
        const ats = taps.map((axis) => alongAxis(t.type, axis));
        return withData(t, (_, i) => {
          const moved = taps.reduce(
            (at, axis, k) => at + (shape[axis]! - 1 - 2 * ats[k]!(i)) * steps[axis]!,
            i,
          );
          return Number(t.data[moved]);
        });
      },
    };
    return [
      changing(
        "flipped window",
        `applies the taps of ${bound.name} from the last to the first`,
        flip,
        binding,
      ),
    ];
  });
}
