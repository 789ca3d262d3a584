/** C text about boxes: strides of their layouts, and loops over the elements of an output box. */
import type { Layer, LayerInput, Layout } from "../contract.js";
import { cType, padded } from "./output.js";

/** C expressions of sizes. */
export interface Sizes {
  readonly h: string;
  readonly w: string;
  readonly c: string;
}
/** C expressions of the elements from one row, column and channel to the next; "0" where all share one. */
export interface Strides {
  readonly row: string;
  readonly column: string;
  readonly channel: string;
}

export function stridesOf(layout: Layout, { h, w, c }: Sizes): Strides {
  const pitch = padded(layout.order === "hwc" ? c : w, layout);
  return layout.order === "hwc"
    ? { row: `${w} * ${pitch}`, column: pitch, channel: "1" }
    : { row: pitch, column: "1", channel: `${h} * ${pitch}` };
}

export const outputSizes: Sizes = { h: "t->ho", w: "t->wo", c: "t->co" };
export const inputSizes: Sizes = { h: "t->hi", w: "t->wi", c: "t->ci" };

/** Strides of an input that is read where the output is written, repeated along the axes where it has one position. */
export function pointStrides(layout: Layout, input: LayerInput): Strides {
  const one = { h: input.y.kind === "single", w: input.x.kind === "single", c: input.channels === "single" };
  const size = (axis: "h" | "w" | "c") => (one[axis] ? "1" : outputSizes[axis]);
  const s = stridesOf(layout, { h: size("h"), w: size("w"), c: size("c") });
  return { row: one.h ? "0" : s.row, column: one.w ? "0" : s.column, channel: one.c ? "0" : s.channel };
}

/** The order in which an output lies in memory decides the inner loop. */
export const innerAxis = (layout: Layout): "c" | "w" => (layout.order === "hwc" ? "c" : "w");
export const innerStride = (s: Strides, layout: Layout): string =>
  layout.order === "hwc" ? s.channel : s.column;
/** C expression of the offset of the first element of a run. */
export const runOffset = (s: Strides, layout: Layout): string =>
  layout.order === "hwc" ? `h * (${s.row}) + w * (${s.column})` : `c * (${s.channel}) + h * (${s.row})`;

export interface Elements {
  /** Declarations before the loops. */
  readonly setup: string;
  /** Statements before a run of neighbouring elements, with `h` and `w`, or `c` and `h`, of it. */
  readonly run: string;
  /** Statements that give element `i` of the run its value, with `out` pointing at the run's begin. */
  readonly body: string;
  /** Elements that `body` computes at once; runs are padded to a multiple of it. */
  readonly step?: number;
}

/** A kernel that computes every element of the output by itself, split evenly over the cores. */
export function elementsText(layer: Layer, layout: Layout, name: string, e: Elements): string {
  const type = cType(layer.output.type.storage);
  const hwc = layout.order === "hwc";
  const [inner, outer, slow, fast] = hwc ? ["t->co", "t->wo", "h", "w"] : ["t->wo", "t->ho", "c", "h"];
  const { step = 1 } = e;
  const [length, runs] = [
    step === 1 ? inner : `((${inner} + ${step - 1}) / ${step})`,
    hwc ? "t->ho * t->wo" : "t->co * t->ho",
  ];
  const out = runOffset(stridesOf(layout, outputSizes), layout);
  const times = (n: string) => (step === 1 ? n : `${step} * ${n}`);
  return `static void ${name}(const pulsec_tile *t, int core) {
  ${type} *const y = (${type} *)t->y;
  ${e.setup}
  int32_t piece, end;
  pulsec_share(${runs} * ${length}, core, &piece, &end);
  int32_t from = piece / ${length};
  int32_t ${slow} = from / ${outer}, ${fast} = from - ${slow} * ${outer};
  for (from = piece - from * ${length}; piece < end; from = 0) {
    const int32_t to = pulsec_min(${length}, from + end - piece);
    ${type} *const out = y + ${out};
    ${e.run}
    for (int32_t i = ${times("from")}; i < ${times("to")}; i += ${step}) {
      ${e.body}
    }
    piece += to - from;
    if (++${fast} == ${outer}) {
      ${fast} = 0;
      ${slow}++;
    }
  }
}
`;
}

/** A kernel that computes runs of neighbouring elements, split over the cores by runs; `run` has `out`, and `h` and `w`, or `c` and `h`. */
export function runsText(layer: Layer, layout: Layout, name: string, setup: string, run: string): string {
  const type = cType(layer.output.type.storage);
  const [runs, outer, slow, fast] =
    layout.order === "hwc" ? ["t->ho * t->wo", "t->wo", "h", "w"] : ["t->co * t->ho", "t->ho", "c", "h"];
  return `static void ${name}(const pulsec_tile *t, int core) {
  ${type} *const y = (${type} *)t->y;
  ${setup}
  int32_t piece, end;
  pulsec_share(${runs}, core, &piece, &end);
  int32_t ${slow} = piece / ${outer}, ${fast} = piece - ${slow} * ${outer};
  for (; piece < end; piece++) {
    ${type} *const out = y + ${runOffset(stridesOf(layout, outputSizes), layout)};
    ${run}
    if (++${fast} == ${outer}) {
      ${fast} = 0;
      ${slow}++;
    }
  }
}
`;
}

/** Every layout; the fastest for whole words first. */
export const everyLayout: readonly Layout[] = [
  { order: "hwc", align: 4 },
  { order: "hwc", align: 1 },
  { order: "chw", align: 4 },
  { order: "chw", align: 1 },
];
