/** Convolutions, transposed convolutions and fully connected layers on bytes: assembler blocks over packed weights. */
import { slotBytes, storages } from "../../../ir/storage.js";
import type { Extent, Layer, LayerLayouts, Layout, TileKernel, TileShape } from "../contract.js";
import { type BlockSpec, blockFunction } from "./conv-block.js";
import { blockCost, type GridWork, tileCycles } from "./conv-cycles.js";
import { type ConvFinish, convFinish } from "./conv-finish.js";
import { blockChannels, type PackedPhase, packConv, packedPhases } from "./conv-pack.js";
import { type ConvShape, convOps, convShape, type Taps, xPitch, yPitch } from "./conv-shape.js";

const isByte = (bits: number): boolean => bits <= 8;
const hwc = (align: 1 | 4): Layout => ({ order: "hwc", align });

/** Layouts that differ for this number of channels, the aligned one first. */
const channelsLast = (c: number): readonly Layout[] => (c % 4 === 0 ? [hwc(1), hwc(4)] : [hwc(4), hwc(1)]);

function refuses(layer: Layer): string | undefined {
  if (!convOps.has(layer.anchor.op.name)) return "it is no convolution";
  const [input] = layer.inputs;
  if (!input || input.channels !== "all") return "channels are computed one by one";
  const shape = convShape(layer);
  if (!isByte(storages[input.value.type.storage].bits)) return "its input has elements of more than a byte";
  if (!isByte(shape.bits)) return "its weights have more than 8 bits";
  if (shape.groups > 1 && shape.co % blockChannels !== 0)
    return `groups of ${shape.co} output channels are no multiple of ${blockChannels}`;
  if (!convFinish(layer)) return "its sums do not fit the packed kernel's arithmetic";
  return undefined;
}

function layouts(layer: Layer): readonly LayerLayouts[] {
  const outputs: Layout[] = [...channelsLast(layer.out.c)];
  if (!convShape(layer).transposed) outputs.push({ order: "chw", align: 4 });
  return channelsLast(layer.inputs[0]!.extent.c).flatMap((x) => outputs.map((output) => ({ inputs: [x], output })));
}

/** The finish of layers that this kernel takes. */
function finishOf(layer: Layer): ConvFinish {
  const finish = convFinish(layer);
  if (!finish) throw new Error(`%${layer.name}: ${refuses(layer)}`);
  return finish;
}

/** Output positions that one step of a grid moves by: phases of transposed convolutions interleave. */
const spread = (shape: ConvShape): readonly [number, number] => (shape.transposed ? shape.stride : [1, 1]);

/** Bytes in x from an output column of a grid to the next. */
const xColumn = (layer: Layer, shape: ConvShape, layout: Layout): number =>
  (shape.transposed ? 1 : shape.stride[1]) * xPitch(layer, layout);

function yColumn(layer: Layer, shape: ConvShape, layout: Layout): number {
  const bytes = slotBytes(layer.output.type.storage);
  return spread(shape)[1] * (layout.order === "chw" ? bytes : yPitch(layer, layout));
}

/** Calls should compute many blocks: along the longer side of the grid. */
function walkOf(layer: Layer, at: LayerLayouts): "channels" | "columns" {
  const shape = convShape(layer);
  const { h, w, c } = layer.out;
  const columns = isFlat(shape, at) ? h * w : Math.ceil(w / spread(shape)[1]);
  return columns > c / shape.groups ? "columns" : "channels";
}

function specOf(layer: Layer, at: LayerLayouts, phase: PackedPhase, record: number): BlockSpec {
  const shape = convShape(layer);
  const yBytes = slotBytes(layer.output.type.storage);
  const planar = at.output.order === "chw";
  const column = yColumn(layer, shape, at.output);
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
  };
}

const finishNames = { sum: "PULSEC_SUM", narrow: "PULSEC_NARROW", clamped: "PULSEC_CLAMPED", wide: "PULSEC_WIDE" } as const;

/** The phase as the C functions of pulsec_conv.h know it. */
function description(name: string, spec: BlockSpec): string {
  const { rows, pieces, bytes, step } = spec.stretches;
  const { kind, shift, lo, hi, lift, drop } = spec.finish;
  const fields = {
    rows,
    pieces,
    bytes,
    step,
    bits: spec.bits,
    x_signed: Number(spec.signed),
    x_column: spec.xColumn,
    y_column: spec.yColumn,
    y_bytes: spec.yBytes,
    finish: finishNames[kind],
    shift: shift ?? -1,
    lo,
    hi,
    lift,
    drop,
  };
  const text = Object.entries(fields).map(([field, value]) => `.${field} = ${value}`);
  return `static const pulsec_conv ${name} = {${text.join(", ")}};`;
}

/** A `pulsec_conv_function` in C. */
function portableFunction(name: string, of: string, spec: BlockSpec, record: number): string {
  return `static void ${name}(const uint8_t *x, const uint8_t *w, uint8_t *y, int32_t n, int32_t row, int32_t plane) {
  pulsec_conv_blocks(&${of}, ${spec.channels}, ${spec.columns}, ${Number(spec.walk === "columns")}, x, w, y, n, ${record}, row, plane);
}`;
}

/** The block of fewer channels or columns: what it stores is no whole word. */
function blockSpec(spec: BlockSpec, channels: number, columns: number): BlockSpec {
  const words = spec.words && (channels === blockChannels || spec.planar) && (columns === 4 || !spec.planar);
  return { ...spec, channels, columns, words };
}

interface Printed {
  readonly text: readonly string[];
  /** Arguments of pulsec_conv_run. */
  readonly calls: string;
}

/** Are there tiles of fewer than four columns only? */
const isThin = ({ out }: Layer, shape: ConvShape): boolean => Math.ceil(out.w / spread(shape)[1]) < 4;

function printPhase(layer: Layer, at: LayerLayouts, phase: PackedPhase, record: number, name: string): Printed {
  const spec = specOf(layer, at, phase, record);
  const rest = layer.out.c % blockChannels;
  const assembler: string[] = [];
  const portable = [description(`${name}_taps`, spec)];
  const block = (suffix: string, channels: number, columns: number): string => {
    const [own, function_] = [blockSpec(spec, channels, columns), `${name}_${suffix}`];
    assembler.push(blockFunction(function_, own));
    portable.push(portableFunction(function_, `${name}_taps`, own, record));
    return function_;
  };
  const whole = [block("4x4", blockChannels, 4), block("4x1", blockChannels, 1)];
  const left = rest > 0 ? [block("rx4", rest, 4), block("rx1", rest, 1)] : whole;
  const single = isThin(layer, convShape(layer)) ? block("1x1", 1, 1) : "NULL";
  const text = ["#ifdef PULSEC_XPULP", ...assembler, "#else", ...portable, "#endif"];
  return { text, calls: [...whole, ...left, single].join(", ") };
}

/** Rows of a result that follow each other without a gap, read from rows that do: one row to the kernel. */
const isFlat = (shape: ConvShape, at: LayerLayouts): boolean =>
  !shape.transposed && shape.kernel.every((k) => k === 1) && shape.stride.every((s) => s === 1) && at.output.order === "hwc";

interface Places {
  readonly x: number;
  readonly y: number;
  readonly bytes: number;
  readonly align: number;
}

/** C of the grid of a window: all output positions. */
function windowGrid(layer: Layer, at: LayerLayouts, phase: PackedPhase, record: number, calls: string): string {
  const shape = convShape(layer);
  const { x, y, bytes } = placesOf(layer, at);
  const planar = at.output.order === "chw";
  const flat = isFlat(shape, at);
  const [dy] = [phase.taps[0].dilation];
  const { pieces, step } = phase.stretches;
  const yRow = planar ? `((t->wo + 3) & ~3) * ${bytes}` : `t->wo * ${y}`;
  return `  const pulsec_conv_grid grid = {
    .x = t->x[0], .w = t->w, .y = t->y, .groups = ${shape.groups > 1 ? "t->q" : "NULL"},
    .rows = ${flat ? "1" : "t->ho"}, .columns = ${flat ? "t->ho * t->wo" : "t->wo"}, .channels = t->co,
    .x_row = ${shape.stride[0] * x} * t->wi, .x_column = ${shape.stride[1] * x},
    .y_row = ${yRow}, .y_column = ${planar ? bytes : y}, .w_block = ${record},
    .along = ${Number(walkOf(layer, at) === "columns")}, .row = ${dy * x} * t->wi - ${pieces * step},
    .plane = ${planar ? `t->ho * ${yRow}` : bytes},
  };
  pulsec_conv_run(&grid, core, &(const pulsec_conv_functions){${calls}});`;
}

const placesOf = (layer: Layer, at: LayerLayouts): Places => ({
  x: xPitch(layer, at.inputs[0]!),
  y: yPitch(layer, at.output),
  bytes: slotBytes(layer.output.type.storage),
  align: at.output.align,
});

/** C of one phase of a transposed convolution: every stride-th output position along both axes. */
function phaseGrid(layer: Layer, at: LayerLayouts, phase: PackedPhase, record: number, calls: string): string {
  const shape = convShape(layer);
  const { x, y, bytes } = placesOf(layer, at);
  const [ty, tx] = phase.taps;
  const [sy, sx] = shape.stride;
  const [ly, lx] = shape.before.map((b, i) => Math.ceil(Math.max(0, -b) / shape.stride[i]!)) as [number, number];
  const [by, bx] = [shape.before[0] + ly * sy, shape.before[1] + lx * sx];
  const { pieces, step } = phase.stretches;
  return `  {
    const int32_t oy = pulsec_conv_first(t->oy + ${by}, ${ty.phase}, ${sy}), ox = pulsec_conv_first(t->ox + ${bx}, ${tx.phase}, ${sx});
    const int32_t iy = (t->oy + oy + ${by}) / ${sy} + ${ty.offset - ly} - t->iy, ix = (t->ox + ox + ${bx}) / ${sx} + ${tx.offset - lx} - t->ix;
    const pulsec_conv_grid grid = {
      .x = (const uint8_t *)t->x[0] + (iy * t->wi + ix) * ${x}, .w = (const uint8_t *)t->w + ${phase.at},
      .y = (uint8_t *)t->y + (oy * t->wo + ox) * ${y}, .groups = ${shape.groups > 1 ? "t->q" : "NULL"},
      .rows = pulsec_conv_count(t->ho - oy, ${sy}), .columns = pulsec_conv_count(t->wo - ox, ${sx}), .channels = t->co,
      .x_row = ${x} * t->wi, .x_column = ${x}, .y_row = ${sy * y} * t->wo, .y_column = ${sx * y}, .w_block = ${record},
      .along = ${Number(walkOf(layer, at) === "columns")}, .row = ${ty.dilation * x} * t->wi - ${pieces * step}, .plane = ${bytes},
    };
    pulsec_conv_run(&grid, core, &(const pulsec_conv_functions){${calls}});
  }`;
}

function emit(layer: Layer, at: LayerLayouts, name: string): string {
  const shape = convShape(layer);
  const { phases, record } = planOf(layer, at);
  const grid = shape.transposed ? phaseGrid : windowGrid;
  const text: string[] = [];
  const body = phases.map((phase, i) => {
    const printed = printPhase(layer, at, phase, record, shape.transposed ? `${name}_${i}` : name);
    text.push(...printed.text);
    return grid(layer, at, phase, record, printed.calls);
  });
  return [...text, `static void ${name}(const pulsec_tile *t, int core) {\n${body.join("\n")}\n}`].join("\n\n");
}

/** How many of `n` output positions, from a multiple of the stride on, belong to a phase. */
function phasePositions(shape: ConvShape, n: number, axis: 0 | 1, { phase }: Taps): number {
  const [every, before] = [spread(shape)[axis], shape.before[axis]];
  const first = (((phase - before) % every) + every) % every;
  return Math.max(0, Math.ceil((n - first) / every));
}

function cycles(layer: Layer, at: LayerLayouts, { out }: TileShape, cores: number): number {
  const shape = convShape(layer);
  const plan = planOf(layer, at);
  const flat = isFlat(shape, at);
  const thin = isThin(layer, shape);
  const grids = plan.phases.map((phase): GridWork => {
    const cost = (channels: number, columns: number) => plan.cost(phase, channels, columns);
    const [h, w] = [phasePositions(shape, out.h, 0, phase.taps[0]), phasePositions(shape, out.w, 1, phase.taps[1])];
    const [rows, columns] = flat ? [1, h * w] : [h, w];
    return { rows, columns, channels: out.c, along: walkOf(layer, at) === "columns", cost, hasSingles: thin };
  });
  return tileCycles(grids, cores);
}

/** What is known of a layer in given layouts, computed once. */
interface Plan {
  readonly phases: readonly PackedPhase[];
  /** Bytes of all phases of a block. */
  readonly record: number;
  cost(phase: PackedPhase, channels: number, columns: number): number;
}
const plans = new WeakMap<Layer, Map<string, Plan>>();

function planOf(layer: Layer, at: LayerLayouts): Plan {
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

function grain(layer: Layer): Extent {
  const [h, w] = spread(convShape(layer));
  return { h, w: 4 * w, c: blockChannels };
}

/** Needs a result of bytes or words in any of the layouts of `layouts`, weights of at most 8 bits. */
export const convKernel: TileKernel = {
  name: "conv",
  refuses,
  layouts,
  pack: (layer, at) => packConv(layer, at, finishOf(layer)),
  grain,
  scratch: () => 0,
  cycles,
  headers: ["pulsec_conv.h"],
  emit,
};
