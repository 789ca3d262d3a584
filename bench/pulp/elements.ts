/**
 * What depthwise, element-wise, pooling, upsampling and copying kernels reach on gap8sim, beside what their inner loops
 * could reach without anything around them: 8 cores x results of a step / instructions of a step.
 *
 *   depthwise k   planes to planes: k + 3 words of taps, ceil((k + 3) / 4) words of x, 4 x (mul, shift, clip), 2 to pack, 1 to
 *                 store: 4 results in 23 (k = 3), 25 (5), 30 (9) instructions. Into pixels 1 more; from pixels 18 more per
 *                 four inputs for the transposition.
 *   add           2 loads, 3 to pair bytes, 4 dot products, 4 shifts, 4 clips, 3 to pack and store: 4 in 20. With a multiplier
 *                 that does not fit into the weights 24; of a signed and an unsigned operand 27.
 *   copy, nearest 1 load, 1 store: 4 bytes in 2.
 *   turned        4 loads, 10 moves, 4 stores: 16 bytes in 18, between pixels and planes.
 *   matmul        of each 4 elements of 4 rows and 4 columns: 8 loads, 8 to turn the columns, 16 products: 64 MAC in 32.
 *   linear        2 loads, 3 to pair, 4 differences, 4 products, 4 to pack, add and store: 4 in 17, or 8 in 25 where two
 *                 results lie between the same positions.
 *   max of n      n loads, n - 1 maxima, 1 store: 4 in 2 n.
 *   mean over all 1 load, 4 sums: 4 inputs in 5 (pixels), in 2 (planes).
 */
import type { LayerLayouts, Layout } from "../../src/backends/pulp/contract.js";
import { tileKernels } from "../../src/backends/pulp/kernels/index.js";
import type { Graph } from "../../src/ir/graph.js";
import { depthwiseGraph } from "../../tests/backends/pulp/kernels/depthwise-cases.js";
import { graphOf, requant, type Wiring } from "../../tests/backends/pulp/kernels/element-cases.js";
import { type KernelCase, layerOf, runCases } from "../../tests/backends/pulp/kernels/harness.js";
import { type Cells, markdownTable, table } from "../table.js";

type Order = "planes" | "pixels";
interface Row {
  readonly name: string;
  readonly graph: Graph;
  readonly orders: readonly [Order, Order];
  /** Instructions of a step of four results. */
  readonly step: number;
  /** What is counted: bytes that are written, or multiply-accumulates or bytes read per result. */
  readonly unit: "B written" | "B read" | "MAC";
  readonly perResult: number;
}

const layoutOf: Readonly<Record<Order, Layout>> = {
  pixels: { order: "hwc", align: 4 },
  planes: { order: "chw", align: 4 },
};
const shape = [1, 128, 64];
const image = [1, 24, 16, 64];
const rows: Row[] = [];
const row = (
  name: string,
  graph: Graph,
  step: number,
  orders: Row["orders"] = ["pixels", "pixels"],
  more: Partial<Row> = {},
) => rows.push({ name, graph, orders, step, unit: "B written", perResult: 1, ...more });

const made = (k: number, stride: number) => 4.5 * stride * (1 + (k - stride) / (128 * stride));
for (const [k, step] of [
  [3, 23],
  [5, 25],
  [9, 30],
] as const)
  for (const orders of [
    ["planes", "planes"],
    ["planes", "pixels"],
    ["pixels", "pixels"],
  ] as const) {
    const graph = depthwiseGraph({ channels: 32, spatial: [311 + k], kernel: [k] });
    const more = (orders[1] === "pixels" ? 1 : 0) + (orders[0] === "pixels" ? made(k, 1) : 0);
    row(`depthwise k ${k}`, graph, step + more, orders, { unit: "MAC", perResult: k });
  }
const strided = depthwiseGraph({ channels: 32, spatial: [627], kernel: [5], stride: [2] });
row("depthwise k 5 stride 2", strided, 26, ["planes", "planes"], { unit: "MAC", perResult: 5 });

const sum = (w: Wiring, b: "i8" | "u8", m: number[], mul: number) =>
  requant(w, w.op("add", [w.input("i8", shape), w.input(b, shape)], { mul: m }), [mul], [64], 12, "i8");
row(
  "add, one scale",
  graphOf((w) => sum(w, "i8", [1, 1], 40)),
  20,
);
row(
  "add, two scales",
  graphOf((w) => sum(w, "i8", [3, 5], 400)),
  24,
);
row(
  "add, i8 and u8",
  graphOf((w) => sum(w, "u8", [3, 5], 400)),
  27,
);
row(
  "crop",
  graphOf((w) => w.op("crop", [w.input("i8", [1, 130, 64])], { edges: [1, 1] })),
  2,
);
const same = graphOf((w) => w.op("concat", [w.input("i8", shape)], { axis: -1 }));
row("turned", same, 4.5, ["pixels", "planes"]);
row("turned", same, 4.5, ["planes", "pixels"]);
const product = graphOf((w) => {
  const matrix = [1, 64, 64];
  const y = w.op("matmul", [w.input("i8", matrix), w.input("i8", matrix)]);
  return requant(w, y, [3], [77], 9, "i8");
});
row("matmul", product, 128, ["pixels", "pixels"], { unit: "MAC", perResult: 64 });
row(
  "nearest x2",
  graphOf((w) => w.op("upsample", [w.input("i8", shape)], { size: [256] })),
  2,
);
row(
  "linear x2",
  graphOf((w) => w.op("upsample", [w.input("i8", shape)], { size: [256], mode: "linear" })),
  12.5,
);
const square = (n: number) => ({ kernel: [n, n], stride: [2, 2] });
row(
  "max 2x2",
  graphOf((w) => w.op("maxpool", [w.input("i8", image)], square(2))),
  8,
);
row(
  "max 3x3",
  graphOf((w) => w.op("maxpool", [w.input("i8", image)], square(3))),
  18,
);
const mean = graphOf((w) =>
  requant(w, w.op("global_avgpool", [w.input("u8", [1, 320, 64])]), [300], [0], 16, "u8"),
);
row("mean over all", mean, 5 * 320, ["pixels", "pixels"], { unit: "B read", perResult: 320 });
row("mean over all", mean, 2 * 320, ["planes", "pixels"], { unit: "B read", perResult: 320 });

function caseOf({ name, graph, orders }: Row): KernelCase {
  const layer = layerOf(graph);
  const kernel = tileKernels.find((k) => k.refuses(layer, { bounds: new Map(), cores: 8 }) === undefined)!;
  const layouts: LayerLayouts = {
    inputs: layer.inputs.map(() => layoutOf[orders[0]]),
    output: layoutOf[orders[1]],
  };
  return { name, kernel, graph, layer, layouts };
}

const about =
  "Whole kernels with requantisation on the eight cores of gap8sim, data in L1, code in the instruction cache. *limit*: 8 cores times the results of a step of the inner loop by its instructions, as `bench/pulp/elements.ts` counts them, without anything around it.";

/** Every row on both profiles. */
export async function elementKernels(): Promise<{ json: unknown; terminal: string; page: string }> {
  const outcomes = await runCases(rows.map(caseOf), { host: false });
  const speeds = rows.map(({ name, orders, step, unit, perResult }, i) => {
    const { cycles, out, wrong } = outcomes[i]!;
    if (wrong.length > 0) throw new Error(`${name}: ${wrong.join("; ")}`);
    const work = out.h * out.w * out.c * perResult;
    const limit = (32 / step) * perResult;
    const [gvsoc, rtl] = (["gvsoc", "rtl"] as const).map((p) => work / cycles[p]!.warm) as [number, number];
    return { name, layouts: orders.join(" to "), unit, gvsoc, rtl, limit };
  });
  const cells: Cells = [
    ["kernel", "layouts", "per cycle", "gvsoc", "rtl", "limit", "of it"],
    ...speeds.map((s) => [
      s.name,
      s.layouts,
      s.unit,
      ...[s.gvsoc, s.rtl, s.limit].map((v) => v.toFixed(2)),
      `${Math.round((100 * s.gvsoc) / s.limit)} %`,
    ]),
  ];
  return {
    json: speeds,
    terminal: `${about}\n\n${table(cells)}`,
    page: `${about}\n\n${markdownTable(cells)}`,
  };
}
