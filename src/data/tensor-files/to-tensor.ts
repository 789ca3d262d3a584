/** From an array in a file to a tensor of the graph: count, layout, whole numbers, range. */
import { attempt, type Diagnostic, error, Refusal, type Result, warning } from "../../ir/diagnostic.js";
import { isInteger, storages } from "../../ir/storage.js";
import { allocate, permute, type Tensor } from "../../ir/tensor.js";
import { elements, printType, sameShape, sizes, type TensorType } from "../../ir/type.js";
import type { RawArray } from "./array.js";

export interface LayoutHints {
  /** Axes of the model's layout: its axis i is axis `perm[i]` of the type's shape. Default: channels first. */
  readonly perm?: readonly number[];
  /** The file's layout where its shape fits both. Default: the model's for shapes, channels last for flat arrays. */
  readonly order?: "channels-first" | "channels-last";
}

/** The layout of ONNX: channels follow the batch. */
export const channelsFirst = (rank: number): readonly number[] =>
  rank < 3
    ? Array.from({ length: rank }, (_, i) => i)
    : [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];

/**
 * `raw` as a tensor of `type`, channels last. Flat arrays are taken in order; a shape, axes of size 1 aside,
 * decides the layout.
 * Diagnostics name the first element that does not fit. A shape that fits two layouts gives a warning.
 * `type` is any format but i64, which only params have.
 */
export function toTensor(raw: RawArray, type: TensorType, layout: LayoutHints = {}): Result<Tensor> {
  return attempt((report) => {
    const source = inLayout(raw, type, layout, report);
    const out = allocate(type.storage, source.data.length) as Int32Array;
    const { min, max } = storages[type.storage];
    const whole = isInteger(type.storage);
    for (let i = 0; i < out.length; i++) {
      const value = Number(source.data[i]);
      if (whole && !Number.isInteger(value)) refuseFraction(raw, type, source, i);
      if (value < min || value > max) refuseRange(raw, type, source, i);
      out[i] = value;
    }
    return { type, data: out };
  });
}

interface Ordered {
  readonly data: ArrayLike<number | bigint>;
  readonly shape: readonly number[];
}

/** The elements in the order of the type, and the shape whose indices a diagnostic may name. */
function inLayout(
  raw: RawArray,
  type: TensorType,
  layout: LayoutHints,
  report: (d: Diagnostic) => void,
): Ordered {
  const canonical = sizes(type);
  const count = elements(type);
  const perm = layout.perm ?? channelsFirst(canonical.length);
  const model = perm.map((p) => canonical[p]!);
  const shape = raw.shape ?? raw.headerShape;
  const other = `${layout.perm ? "as in the model's file" : "channels first"}, [${model.join(", ")}]`;
  const shapes = sameShape(canonical, model)
    ? `[${canonical.join(", ")}]`
    : `[${canonical.join(", ")}] or, ${other}`;
  if (raw.data.length !== count) refuseCount(raw, type, shapes);
  const order = chooseOrder(raw, canonical, perm, layout.order);
  if (!order) {
    const more = {
      found: `[${shape!.join(", ")}]`,
      expected: shapes,
    };
    throw new Refusal(
      error("file/tensor-shape", `${raw.name}: the shape is not that of the graph's value`, {
        ...more,
        help: "reshape the array, or flatten it",
      }),
    );
  }
  if (order === "ambiguous") {
    const text = `${raw.name}: the shape [${shape!.join(", ")}] fits both layouts; the model's is taken`;
    const help = "say which layout the file has: --input-layout channels-first or channels-last";
    report(warning("file/ambiguous-layout", text, { help }));
  }
  if (order === "channels-last") return { data: raw.data, shape: canonical };
  return { data: permute(raw.data as never, model, inverse(perm)), shape: canonical };
}

/** Squeezed shapes are compared: axes of size 1 do not move elements. */
function chooseOrder(
  raw: RawArray,
  canonical: readonly number[],
  perm: readonly number[],
  wish: LayoutHints["order"],
) {
  const squeeze = (s: readonly number[]) => s.filter((d) => d !== 1);
  const shape = squeeze(raw.shape ?? raw.headerShape ?? []);
  const last = sameShape(shape, squeeze(canonical));
  const first = sameShape(shape, squeeze(perm.map((p) => canonical[p]!)));
  if (last !== first) return last ? "channels-last" : "channels-first";
  const flat = !raw.shape || shape.length < 2;
  if (!last && !flat) return undefined;
  if (wish) return wish;
  return flat || keepsOrder(canonical, perm) ? "channels-last" : "ambiguous";
}

const keepsOrder = (shape: readonly number[], perm: readonly number[]): boolean =>
  perm.filter((p) => shape[p] !== 1).every((p, i, all) => i === 0 || all[i - 1]! < p);

const inverse = (perm: readonly number[]): number[] => perm.map((_, i) => perm.indexOf(i));

/** `[0, 3, 1]` of a flat index. */
export function indexOf(flat: number, shape: readonly number[]): readonly number[] {
  const index = new Array<number>(shape.length).fill(0);
  let rest = flat;
  for (let d = shape.length - 1; d >= 0; d--) {
    index[d] = rest % shape[d]!;
    rest = Math.floor(rest / shape[d]!);
  }
  return index;
}

function refuseCount(raw: RawArray, type: TensorType, shapes: string): never {
  const shape = raw.shape ? ` of shape [${raw.shape.join(", ")}]` : "";
  throw new Refusal(
    error("file/tensor-count", `${raw.name}: the number of elements is not that of the graph's value`, {
      found: `${raw.data.length} elements${shape}`,
      expected: `${elements(type)} elements for ${printType(type)}: ${shapes}`,
      help: "one file holds one inference; cut a longer recording into windows",
    }),
  );
}

const element = (raw: RawArray, shape: readonly number[], at: number) =>
  `${raw.name}: element [${indexOf(at, shape).join(", ")}]`;

function refuseFraction(raw: RawArray, type: TensorType, { data, shape }: Ordered, at: number): never {
  const { scale, zero } = type.quant ?? { scale: undefined, zero: 0 };
  const formula =
    scale === undefined ? "round(x / scale) + zero" : `round(x / ${scale})${zero ? ` + ${zero}` : ""}`;
  throw new Refusal(
    error("file/tensor-fraction", `${element(raw, shape, at)} is no whole number`, {
      found: String(data[at]),
      expected: printType(type),
      help: `the graph takes stored integers: quantise the data first, q = ${formula}`,
    }),
  );
}

function refuseRange(raw: RawArray, type: TensorType, { data, shape }: Ordered, at: number): never {
  const { min, max } = storages[type.storage];
  const value = Number(data[at]);
  const shifted = value < 0 && min === 0 ? "add" : value > max && min < 0 ? "subtract" : undefined;
  const shift = shifted ? `${shifted} ${2 ** (storages[type.storage].bits - 1)}, or ` : "";
  throw new Refusal(
    error("file/tensor-range", `${element(raw, shape, at)} does not fit ${type.storage}`, {
      found: String(data[at]),
      expected: `[${min}, ${max}]`,
      help: `sign or scale differ from the graph's: ${shift}quantise the data for ${printType(type)}`,
    }),
  );
}
