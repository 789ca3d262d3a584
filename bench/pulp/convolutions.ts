/** Convolution kernels of the PULP backend on gap8sim: eight cores, data in L1, whole kernels with requantisation. */
import { convKernel } from "../../src/backends/pulp/kernels/conv.js";
import { storages } from "../../src/ir/storage.js";
import { type ConvOptions, convCase } from "../../tests/backends/pulp/kernels/conv-cases.js";
import { type KernelOutcome, runCases } from "../../tests/backends/pulp/kernels/harness.js";
import { type Cells, markdownTable, table } from "../table.js";

interface Shape extends ConvOptions {
  readonly name: string;
  /** MAC/cycle that this kernel should reach in profile gvsoc. */
  readonly target?: number;
}

const pads = (k: number): readonly number[] => [(k - 1) / 2, (k - 1) / 2];
const k3 = { size: [64], ci: 64, co: 64, kernel: [3], pads: pads(3) } as const;
const wide = { size: [128], ci: 64, co: 64 } as const;
const small = { size: [256], ci: 32, co: 32 } as const;

/** 4- and 2-bit weights should keep at least this much of the speed of bytes. */
const packedShare = 0.85;

const shapes: readonly Shape[] = [
  { name: "k3, 64 to 64", ...k3, target: 18 },
  { name: "k3, 64 to 64, 4-bit weights", ...k3, w: "i4" },
  { name: "k3, 64 to 64, 2-bit weights", ...k3, w: "i2" },
  { name: "pointwise, 64 to 64", ...wide, target: 15.5 },
  { name: "pointwise, 64 to 64, 4-bit weights", ...wide, w: "i4" },
  { name: "pointwise, 64 to 64, 2-bit weights", ...wide, w: "i2" },
  { name: "pointwise, 32 to 32", ...small, target: 13 },
  { name: "pointwise, 32 to 32, 4-bit weights", ...small, w: "i4" },
  { name: "pointwise, 32 to 32, 2-bit weights", ...small, w: "i2" },
  { name: "pointwise, 64 to 64, sums clamped first", ...wide, finish: "clamped" },
  { name: "pointwise, 64 to 64, 64-bit requant", ...wide, finish: "wide" },
  { name: "pointwise, 64 to 64, sums", ...wide, size: [64], finish: "sum" },
  { name: "pointwise, 16 to 32", size: [256], ci: 16, co: 32 },
  { name: "pointwise, 192 to 64", ...wide, ci: 192 },
  { name: "k5, 1 to 64", size: [256], ci: 1, co: 64, kernel: [5], pads: pads(5) },
  { name: "k5, 48 to 1", size: [625], ci: 48, co: 1, kernel: [5], pads: pads(5) },
  { name: "k5, 13 to 13", size: [256], ci: 13, co: 13, kernel: [5], pads: pads(5) },
  { name: "k3 stride 2, 3 to 16", size: [256], ci: 3, co: 16, kernel: [3], stride: [2], pads: pads(3) },
  { name: "k11, 32 to 102", size: [64], ci: 32, co: 102, kernel: [11], pads: pads(11) },
  { name: "k3 dilation 4, 32 to 32", size: [128], ci: 32, co: 32, kernel: [3], dilation: [4], pads: [4, 4] },
  { name: "3x3, 16 to 16", size: [16, 16], ci: 16, co: 16, kernel: [3, 3], pads: [1, 1, 1, 1] },
  {
    name: "3x3, 16 to 16, 16-bit input",
    size: [8, 8],
    ci: 16,
    co: 16,
    kernel: [3, 3],
    pads: [1, 1, 1, 1],
    x: "i16",
  },
  {
    name: "transposed k4 stride 2, 32 to 32",
    op: "conv_transpose",
    ...small,
    size: [64],
    kernel: [4],
    stride: [2],
  },
  { name: "linear, 512 to 10", op: "linear", size: [], ci: 512, co: 10 },
  { name: "linear, 256 to 64", op: "linear", size: [], ci: 256, co: 64 },
];

export interface KernelSpeed {
  readonly name: string;
  readonly macs: number;
  /** Cycles from the first core's start to the last one's end, code in the cache. */
  readonly gvsoc: number;
  readonly rtl: number;
  readonly target?: number;
  /** MAC/cycle of the inner loops as measured alone, with 5.3 cycles for every result. */
  readonly expected: number;
  /** MAC/cycle by PLiNIO's formula for PULP-NN on GAP8. */
  readonly plinio: number;
}

/** MAC/cycle and core of the loop of four channels by four positions, measured alone. */
const inner: Readonly<Record<number, number>> = { 8: 2.66, 4: 2.46, 2: 2.37, 16: 1.33 };

/** ceil(ox / 2) ceil(oy / 8) (2 K + ceil(co / 4) (15 + 14 ceil(K / 4))); lengths run along the axis that suits it more. */
function plinioCycles(h: number, w: number, co: number, taps: number): number {
  const each = 2 * taps + Math.ceil(co / 4) * (15 + 14 * Math.ceil(taps / 4));
  const along = (x: number, y: number) => Math.ceil(x / 2) * Math.ceil(y / 8);
  return Math.min(along(w, h), along(h, w)) * each;
}

function speedOf({ case: c, out, cycles, wrong }: KernelOutcome, shape: Shape): KernelSpeed {
  if (wrong.length > 0) throw new Error(`${c.name}: ${wrong.join("; ")}`);
  const { type } = c.layer.anchor.operands[1]!;
  const taps = (type.shape as readonly number[]).slice(1).reduce((a, n) => a * n, 1);
  const positions = shape.op === "conv_transpose" ? shape.size[0]! : out.h * out.w;
  const macs = positions * out.c * taps;
  const k = macs / (out.h * out.w * out.c);
  const bits = shape.x === "i16" ? 16 : storages[type.storage].bits;
  const expected = (8 * k) / (k / inner[bits]! + 5.3);
  const plinio = macs / plinioCycles(out.h, out.w, out.c, k);
  const { gvsoc, rtl } = { gvsoc: cycles.gvsoc!.warm, rtl: cycles.rtl!.warm };
  const { name, target } = shape;
  return { name, macs, gvsoc, rtl, expected, plinio, ...(target ? { target } : {}) };
}

/** Of a kernel with 4- or 2-bit weights: its share of the speed with bytes. */
function targetOf(speeds: readonly KernelSpeed[], s: KernelSpeed): number | undefined {
  const bytes = speeds.find((b) => b.name !== s.name && s.name.startsWith(`${b.name}, `));
  const packed = /-bit weights$/.test(s.name);
  return packed && bytes ? (packedShare * bytes.macs) / bytes.gvsoc : s.target;
}

const about = `MAC per cycle of whole kernels, requantisation included, on the eight cores of gap8sim with all data in L1 and code in the instruction cache. *expected*: the inner loop as measured alone on GVSOC (2.66 MAC per cycle and core; 2.46 and 2.37 with 4- and 2-bit weights, 1.33 with 16-bit inputs) and 5.3 cycles per result; results of fewer than 4 channels or positions cannot reach it. *PLiNIO*: its formula for PULP-NN on GAP8. PULP-NN's published peak is 15.5 (arXiv 1908.11263); with 4- and 2-bit weights its unpacking bounds it to 7.1 to 7.3. The target with 4- and 2-bit weights is ${packedShare} of the speed with bytes.`;

/** Every shape on both profiles. */
export async function pulpKernels(): Promise<{ json: unknown; terminal: string; page: string }> {
  const cases = shapes.map(({ name, ...o }) => convCase(name, { ...o, kernelOf: convKernel }));
  const outcomes = await runCases(cases, { host: false });
  const speeds = outcomes.map((o, i) => speedOf(o, shapes[i]!));
  const rows: Cells = [
    ["convolution", "kMAC", "gvsoc", "rtl", "target", "expected", "PLiNIO"],
    ...speeds.map((s) => [
      s.name,
      (s.macs / 1000).toFixed(0),
      (s.macs / s.gvsoc).toFixed(2),
      (s.macs / s.rtl).toFixed(2),
      targetOf(speeds, s)?.toFixed(1) ?? "",
      s.expected.toFixed(1),
      s.plinio.toFixed(1),
    ]),
  ];
  return { json: speeds, terminal: `${about}\n\n${table(rows)}`, page: `${about}\n\n${markdownTable(rows)}` };
}
