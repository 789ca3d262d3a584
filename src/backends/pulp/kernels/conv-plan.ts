/** What is decided about a packed convolution before its text is printed: blocks, their order, their cycles. */
import { slotBytes } from "../../../ir/storage.js";
import type { Layer, LayerLayouts, Layout, TileShape } from "../contract.js";
import { blockCost } from "./conv-cycles.js";
import { type ConvFinish, convFinish } from "./conv-finish.js";
import { blockChannels, type PackedPhase, packedPhases } from "./conv-pack.js";
import type { BlockSpec } from "./conv-registers.js";
import { type ConvShape, convShape, type TileLayouts, xPitch, yPitch } from "./conv-shape.js";

/** The finish of a layer that the packed kernel takes. */
export function finishOf(layer: Layer): ConvFinish {
  const finish = convFinish(layer);
  if (!finish) throw new Error(`%${layer.name}: the packed kernel does not take it`);
  return finish;
}

/** Output positions that one step of a grid moves by: phases of transposed convolutions interleave. */
export const spread = (shape: ConvShape): readonly [number, number] =>
  shape.transposed ? shape.stride : [1, 1];

/** Bytes in x from an output column of a grid to the next. */
const xColumn = (layer: Layer, shape: ConvShape, layout: Layout): number =>
  (shape.transposed ? 1 : shape.stride[1]) * xPitch(layer, layout);

function yColumn(layer: Layer, shape: ConvShape, at: TileLayouts): number {
  const bytes = slotBytes(layer.output.type.storage);
  return spread(shape)[1] * (at.output.order === "chw" ? bytes : yPitch(layer, at));
}

/** Calls should compute many blocks: along the longer side of the grid. */
export function walkOf(layer: Layer, at: LayerLayouts): "channels" | "columns" {
  const shape = convShape(layer);
  const { h, w, c } = layer.out;
  const columns = isFlat(shape, at) ? h * w : Math.ceil(w / spread(shape)[1]);
  return columns > c / shape.groups ? "columns" : "channels";
}

export function specOf(layer: Layer, at: TileLayouts, phase: PackedPhase, record: number): BlockSpec {
  const shape = convShape(layer);
  const yBytes = slotBytes(layer.output.type.storage);
  const planar = at.output.order === "chw";
  const column = yColumn(layer, shape, at);
  return {
    channels: blockChannels,
    columns: 4,
    bits: shape.bits,
    signed: shape.signed,
    stretches: phase.stretches,
    xColumn: xColumn(layer, shape, at.inputs[0]!),
    yColumn: column,
    yBytes,
    planar,
    words: yBytes === 1 && (planar || column % 4 === 0),
    finish: finishOf(layer),
    record: phase.bytes,
    recordStep: record,
    walk: walkOf(layer, at),
    ...(layer.addend ? { sums: layer.addend.last ? "finished" : "kept" } : {}),
  };
}

/** Bytes of the sums of a tile while addends come, in pieces of four channels by four columns or one. */
export function sumsBytes(layer: Layer, at: LayerLayouts, { out }: Pick<TileShape, "out">): number {
  if (!layer.addend) return 0;
  const shape = convShape(layer);
  const [sy, sx] = spread(shape);
  const [rows, columns] = isFlat(shape, at)
    ? [1, out.h * out.w]
    : [Math.ceil(out.h / sy), Math.ceil(out.w / sx)];
  const pieces = rows * (columns >= 4 ? 4 * Math.ceil(columns / 4) : columns);
  return 4 * blockChannels * pieces * Math.ceil(out.c / blockChannels) * shape.phases.length;
}

/** Rows of a result that follow each other without a gap, read from rows that do: one row to the kernel. */
export const isFlat = (shape: ConvShape, at: LayerLayouts): boolean =>
  !shape.transposed &&
  shape.kernel.every((k) => k === 1) &&
  shape.stride.every((s) => s === 1) &&
  at.output.order === "hwc";

/** Are there tiles of fewer than four columns only? */
export const isThin = ({ out }: Layer, shape: ConvShape, at: LayerLayouts): boolean =>
  (isFlat(shape, at) ? out.h * out.w : Math.ceil(out.w / spread(shape)[1])) < 4;

/** The block of fewer channels or columns: what it stores is no whole word. */
export function blockSpec(spec: BlockSpec, channels: number, columns: number): BlockSpec {
  const words = spec.words && (channels === blockChannels || spec.planar) && (columns === 4 || !spec.planar);
  return { ...spec, channels, columns, words };
}

/** What is known of a layer in given layouts, computed once. */
export interface Plan {
  readonly phases: readonly PackedPhase[];
  /** Bytes of all phases of a block. */
  readonly record: number;
  cost(phase: PackedPhase, channels: number, columns: number): number;
}
const plans = new WeakMap<Layer, Map<string, Plan>>();

export function planOf(layer: Layer, at: LayerLayouts): Plan {
  const known = plans.get(layer) ?? new Map<string, Plan>();
  plans.set(layer, known);
  const key = [...at.inputs, at.output].map((l) => `${l.order}${l.align}`).join();
  const plan = known.get(key) ?? newPlan(layer, at);
  known.set(key, plan);
  return plan;
}

function newPlan(layer: Layer, at: LayerLayouts): Plan {
  const phases = packedPhases(layer, at, finishOf(layer));
  const record = phases.reduce((n, p) => n + p.bytes, 0);
  const costs = new Map<string, number>();
  const cost: Plan["cost"] = (phase, channels, columns) => {
    const key = `${phase.at} ${channels} ${columns}`;
    const found = costs.get(key) ?? blockCost(blockSpec(specOf(layer, at, phase, record), channels, columns));
    costs.set(key, found);
    return found;
  };
  return { phases, record, cost };
}
