/** C text of packed convolutions: blocks in assembler and in C, and the grids of output positions over them. */
import { slotBytes } from "../../../ir/storage.js";
import type { Extent, Layer, LayerLayouts } from "../contract.js";
import { blockFunction } from "./conv-block.js";
import { blockChannels, type PackedPhase } from "./conv-pack.js";
import { blockSpec, isFlat, isThin, planOf, specOf, walkOf } from "./conv-plan.js";
import type { BlockSpec } from "./conv-registers.js";
import { convShape, type TileLayouts, xPitch, yPitch } from "./conv-shape.js";

const finishNames = {
  sum: "PULSEC_SUM",
  narrow: "PULSEC_NARROW",
  clamped: "PULSEC_CLAMPED",
  wide: "PULSEC_WIDE",
} as const;

const sumsNames = {
  fresh: "PULSEC_SUMS_FRESH",
  kept: "PULSEC_SUMS_KEPT",
  finished: "PULSEC_SUMS_FINISHED",
} as const;

/** The phase as the C functions of pulsec_conv.h know it. */
function description(name: string, spec: BlockSpec): string {
  const { rows, pieces, bytes, step } = spec.stretches;
  const { kind, shift, lo, hi, drop } = spec.finish;
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
    drop,
    sums: sumsNames[spec.sums ?? "fresh"],
  };
  const text = Object.entries(fields).map(([field, value]) => `.${field} = ${value}`);
  return `static const pulsec_conv ${name} = {${text.join(", ")}};`;
}

/** A `pulsec_conv_function` in C. */
function portableFunction(name: string, of: string, spec: BlockSpec, record: number): string {
  return `static void ${name}(const uint8_t *x, const uint8_t *w, uint8_t *y, int32_t n, int32_t row, int32_t plane, int32_t *sums) {
  pulsec_conv_blocks(&${of}, ${spec.channels}, ${spec.columns}, ${Number(spec.walk === "columns")}, x, w, y, n, ${record}, row, plane, sums);
}`;
}

interface Printed {
  readonly text: readonly string[];
  /** Of pulsec_conv_functions. */
  readonly functions: readonly string[];
}

function printPhase(
  layer: Layer,
  at: TileLayouts,
  phase: PackedPhase,
  record: number,
  name: string,
): Printed {
  const spec = specOf(layer, at, phase, record);
  const rest = layer.out.c % blockChannels;
  const assembler: string[] = [];
  const portable = [description(`${name}_taps`, spec)];
  const block = (suffix: string, channels: number, columns: number): string => {
    const [own, function_] = [blockSpec(spec, channels, columns), `${name}_${suffix}`];
    assembler.push(`/* ${channels} channels by ${columns} positions. */\n${blockFunction(function_, own)}`);
    portable.push(portableFunction(function_, `${name}_taps`, own, record));
    return function_;
  };
  const whole = [block("4x4", blockChannels, 4), block("4x1", blockChannels, 1)];
  const left = rest > 0 ? [block("rx4", rest, 4), block("rx1", rest, 1)] : whole;
  const single = isThin(layer, convShape(layer), at) ? block("1x1", 1, 1) : "NULL";
  const text = ["#ifdef PULSEC_XPULP", ...assembler, "#else", ...portable, "#endif"];
  return { text, functions: [...whole, ...left, single] };
}

interface Places {
  readonly x: number;
  readonly y: number;
  readonly bytes: number;
  readonly align: number;
}

/** C expressions for the grid of a phase: its functions and its place in a block's record, and further fields. */
interface Run {
  readonly functions: readonly string[];
  readonly record: string;
  readonly at: string;
  readonly fields: string;
}

const functionsText = ({ functions }: Run): string =>
  `&(const pulsec_conv_functions){${functions.join(", ")}}`;

/** C of the grid of a window: all output positions. */
function windowGrid(layer: Layer, at: TileLayouts, phase: PackedPhase, run: Run): string {
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
    .y_row = ${yRow}, .y_column = ${planar ? bytes : y}, .w_block = ${run.record},
    .along = ${Number(walkOf(layer, at) === "columns")}, .row = ${dy * x} * t->wi - ${pieces * step},
    .plane = ${planar ? `t->ho * ${yRow}` : bytes},${run.fields}
  };
  pulsec_conv_run(&grid, core, ${functionsText(run)});`;
}

const placesOf = (layer: Layer, at: TileLayouts): Places => ({
  x: xPitch(layer, at.inputs[0]!),
  y: yPitch(layer, at),
  bytes: slotBytes(layer.output.type.storage),
  align: at.output.align,
});

/** C of one phase of a transposed convolution: every stride-th output position along both axes. */
function phaseGrid(layer: Layer, at: TileLayouts, phase: PackedPhase, run: Run): string {
  const shape = convShape(layer);
  const { x, y, bytes } = placesOf(layer, at);
  const [ty, tx] = phase.taps;
  const [sy, sx] = shape.stride;
  const [ly, lx] = shape.before.map((b, i) => Math.ceil(Math.max(0, -b) / shape.stride[i]!)) as [
    number,
    number,
  ];
  const [by, bx] = [shape.before[0] + ly * sy, shape.before[1] + lx * sx];
  const { pieces, step } = phase.stretches;
  return `  {
    const int32_t oy = pulsec_conv_first(t->oy + ${by}, ${ty.phase}, ${sy}), ox = pulsec_conv_first(t->ox + ${bx}, ${tx.phase}, ${sx});
    const int32_t iy = (t->oy + oy + ${by}) / ${sy} + ${ty.offset - ly} - t->iy, ix = (t->ox + ox + ${bx}) / ${sx} + ${tx.offset - lx} - t->ix;
    const pulsec_conv_grid grid = {
      .x = (const uint8_t *)t->x[0] + (iy * t->wi + ix) * ${x}, .w = (const uint8_t *)t->w + ${run.at},
      .y = (uint8_t *)t->y + (oy * t->wo + ox) * ${y}, .groups = ${shape.groups > 1 ? "t->q" : "NULL"},
      .rows = pulsec_conv_count(t->ho - oy, ${sy}), .columns = pulsec_conv_count(t->wo - ox, ${sx}), .channels = t->co,
      .x_row = ${x} * t->wi, .x_column = ${x}, .y_row = ${sy * y} * t->wo, .y_column = ${sx * y}, .w_block = ${run.record},
      .along = ${Number(walkOf(layer, at) === "columns")}, .row = ${ty.dilation * x} * t->wi - ${pieces * step}, .plane = ${bytes},${run.fields}
    };
    pulsec_conv_run(&grid, core, ${functionsText(run)});${run.fields ? "\n    sums += pulsec_conv_taken(&grid);" : ""}
  }`;
}

/** The kernel of a layer in C. */
export function emitConv(layer: Layer, layouts: LayerLayouts, name: string, tile: Extent): string {
  const shape = convShape(layer);
  const at: TileLayouts = { ...layouts, channels: tile.c };
  const { phases, record } = planOf(layer, layouts);
  const grid = shape.transposed ? phaseGrid : windowGrid;
  const text: string[] = [];
  const body = phases.map((phase, i) => {
    const own = shape.transposed ? `${name}_${i}` : name;
    const printed = printPhase(layer, at, phase, record, own);
    text.push(...printed.text);
    const { functions } = printed;
    const run: Run = { functions, record: `${record}`, at: `${phase.at}`, fields: "" };
    if (!layer.addend) return grid(layer, at, phase, run);
    const kept = keptRun(layer, at, i, own);
    text.push(...kept.text);
    return grid(layer, at, phase, eitherRun(run, kept.run));
  });
  const sums = layer.addend ? ["  int32_t *sums = t->scratch;"] : [];
  return [
    ...text,
    `static void ${name}(const pulsec_tile *t, int core) {\n${[...sums, ...body].join("\n")}\n}`,
  ].join("\n\n");
}

/** What runs for the addends before the last. */
function keptRun(
  layer: Layer,
  at: TileLayouts,
  i: number,
  name: string,
): { text: readonly string[]; run: Run } {
  const earlier: Layer = { ...layer, addend: { of: layer.addend!.of, last: false } };
  const { phases, record } = planOf(earlier, at);
  const { text, functions } = printPhase(earlier, at, phases[i]!, record, `${name}_kept`);
  return { text, run: { functions, record: `${record}`, at: `${phases[i]!.at}`, fields: "" } };
}

/** The last addend finishes the sums, those before keep them. Chosen one by one: a table of functions would lie in L2. */
function eitherRun(last: Run, before: Run): Run {
  const either = (a: string, b: string) => (a === b ? a : `(t->last ? ${a} : ${b})`);
  return {
    functions: last.functions.map((f, i) => either(f, before.functions[i]!)),
    record: either(last.record, before.record),
    at: either(last.at, before.at),
    fields: "\n    .sums = sums, .first = t->first,",
  };
}
