/** Ops that quantise, and the two that compute on stored integers as they are. */
import type { Param } from "../../../ir/graph.js";
import { axisOf } from "../../../ir/ops/axes.js";
import { requantClamp } from "../../../ir/ops/requant.js";
import { range } from "../../../ir/ops/take.js";
import { storages } from "../../../ir/storage.js";
import { type TensorType, zeroPoint } from "../../../ir/type.js";
import { type Layout, onnxAxis } from "../layout.js";
import { carrierOf } from "../quantisation.js";
import {
  commonLayout,
  emit,
  emitDequantised,
  emitStored,
  floats,
  isHeld,
  isStored,
  type Lowering,
  quantised,
  real,
  step,
  stored,
  unsupported,
  type Writer,
} from "../writer.js";

/** QuantizeLinear gives at most 16 bits. */
function assertNarrow(cx: Writer): void {
  if (!isStored(cx.node!.result)) unsupported(cx, "QuantizeLinear gives no 32-bit integers");
}

const quantize: Lowering = (cx, { operands: [x] }) => {
  assertNarrow(cx);
  const layout = commonLayout(cx, [x!]);
  quantised(cx, layout, real(cx, x!, layout));
};

const dequantize: Lowering = (cx, { operands: [x] }) => {
  const layout = commonLayout(cx, [x!]);
  if (isStored(x!)) emitDequantised(cx, layout, x!);
  else emit(cx, layout, "Identity", [real(cx, x!, layout)]);
};

interface Line {
  readonly gain: number;
  readonly offset: number;
}

const scaleOf = ({ quant }: TensorType, c: number): number =>
  quant!.scale * Number(quant!.channels?.data[c] ?? 1);

/**
 * What a requant does beyond passing from one scale to the other, per channel: by how much its multiplier differs from
 * the ratio of the scales, and what it adds, in levels of the result, besides rounding.
 */
function linesOf(cx: Writer): readonly Line[] {
  const { operands, attrs, result } = cx.node!;
  const [x, mul, add] = operands as [Param, Param, Param];
  const shifts = attrs.shift as readonly number[];
  const at = (list: ArrayLike<number | bigint>, c: number) => Number(list[list.length === 1 ? 0 : c]);
  const vectors = [mul.data, add.data, shifts, x.type.quant!.channels?.data ?? [0]];
  const count = Math.max(...vectors.map((v) => v.length), result.type.quant!.channels?.data.length ?? 1);
  return range(0, count).map((c) => {
    const unit = 2 ** -at(shifts, c);
    const gain = (at(mul.data, c) * unit * scaleOf(result.type, c)) / scaleOf(x.type, c);
    const levels = (at(add.data, c) + zeroPoint(x.type) * at(mul.data, c)) * unit;
    return { gain, offset: levels >= 0 && levels <= 1 ? 0 : levels - 0.5 };
  });
}

/** One number, or a vector along the axis of the requant. */
function alongAxis(cx: Writer, what: string, data: readonly number[], layout: Layout): string {
  const { attrs, result } = cx.node!;
  const rank = result.type.shape.length;
  const inner = rank - 1 - onnxAxis(rank, layout, axisOf(rank, attrs.axis as number));
  const shape = data.length === 1 ? [] : [data.length, ...new Array<number>(inner).fill(1)];
  return floats(cx, what, data, shape);
}

const requant: Lowering = (cx, { operands: [x], attrs, result }) => {
  assertNarrow(cx);
  const layout = commonLayout(cx, [x!]);
  const lines = linesOf(cx);
  const levels = storages[result.type.storage].max - storages[result.type.storage].min;
  let y = real(cx, x!, layout);
  // A quarter of a level at the far end stays within the rounding of one.
  if (lines.some(({ gain }) => Math.abs(gain - 1) * levels > 0.25))
    y = step(
      cx,
      "Mul",
      [
        y,
        alongAxis(
          cx,
          "gain",
          lines.map((l) => l.gain),
          layout,
        ),
      ],
      "scaled",
    );
  if (lines.some(({ offset }) => offset !== 0)) {
    const offsets = lines.map(({ offset }, c) => offset * scaleOf(result.type, c));
    y = step(cx, "Add", [y, alongAxis(cx, "offset", offsets, layout)], "moved");
  }
  const limits = attrs as { readonly lo?: number; readonly hi?: number };
  quantised(cx, layout, y, requantClamp(limits, result.type));
};

/** ONNX counts negative indices from the end, so a table of signed elements begins with that of 0. */
const lut: Lowering = (cx, { operands }) => {
  const [x, table] = operands as [Param, Param];
  const layout = isHeld(cx, x, "last") && !isHeld(cx, x, "first") ? "last" : "first";
  const first = -storages[x.type.storage].min;
  const data = [...table.data.slice(first), ...table.data.slice(0, first)];
  const type = carrierOf(table.type.storage, cx.builder.opset, "values");
  const entries = cx.builder.constant(table.name, { type, shape: [data.length], data });
  const index = step(cx, "Cast", [stored(cx, x, layout)], "index", { to: int32 });
  emitStored(cx, layout, "Gather", [entries, index], { axis: 0 });
};
/** TensorProto.DataType of int32. */
const int32 = 6;

export const quantisedRows: Readonly<Record<string, Lowering>> = { dequantize, lut, quantize, requant };
