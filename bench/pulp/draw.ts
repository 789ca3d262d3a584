/** Random tiles of every family of kernels of the PULP backend, of the sizes that the search for tiles takes. */
import type { Extent, LayerLayouts, TileKernel } from "../../src/backends/pulp/contract.js";
import { convKernel } from "../../src/backends/pulp/kernels/conv.js";
import { copy } from "../../src/backends/pulp/kernels/copy.js";
import { depthwise } from "../../src/backends/pulp/kernels/depthwise.js";
import { elementwise } from "../../src/backends/pulp/kernels/elementwise.js";
import { globalSum } from "../../src/backends/pulp/kernels/global.js";
import { matmul } from "../../src/backends/pulp/kernels/matmul.js";
import { pool } from "../../src/backends/pulp/kernels/pool.js";
import { upsample } from "../../src/backends/pulp/kernels/upsample.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { randomFrom } from "../../src/ir/random.js";
import { convGraph } from "../../tests/backends/pulp/kernels/conv-cases.js";
import { depthwiseGraph } from "../../tests/backends/pulp/kernels/depthwise-cases.js";
import { graphOf, requant, type Wiring } from "../../tests/backends/pulp/kernels/element-cases.js";
import { fits, type KernelCase, layerOf } from "../../tests/backends/pulp/kernels/harness.js";
import type { Region } from "../../tests/backends/pulp/kernels/job.js";

/** One of a list, each as likely as the others. */
type Pick = <T>(list: readonly T[]) => T;

/** Layers of one family: what it is called on the page, its kernel, and a random layer of it. */
interface Family {
  readonly name: string;
  readonly kernel: TileKernel;
  /** Of the tiles, in parts of those of other families: kernels with more ways to compute need more. */
  readonly weight?: number;
  graph(pick: Pick): Graph;
}

const lengths = [20, 40, 79, 150, 157, 313] as const;
const widths = [4, 8, 12, 16, 32, 48, 64] as const;
const sides = [4, 5, 8, 12, 16, 25] as const;

/** Shape of an activation: a length or two sides, and channels. */
function shapeOf(pick: Pick): readonly number[] {
  const channels = pick([...widths, ...widths, 11]);
  return pick([1, 1, 2]) === 1 ? [1, pick(lengths), channels] : [1, pick(sides), pick(sides), channels];
}

const convFinishes = ["narrow", "narrow", "narrow", "clamped", "wide", "sum"] as const;

function convolution(pick: Pick): Graph {
  const flat = pick([1, 1, 2]) === 1;
  const size = flat ? [pick([...lengths, 3, 7])] : [pick(sides), pick(sides)];
  const stride = pick([1, 1, 1, 2]);
  return convGraph({
    size,
    ci: pick([1, 2, 3, 8, 11, 16, 32, 48, 64, 96]),
    co: pick([1, 3, 8, 11, 16, 32, 48, 64, 96]),
    kernel: size.map((n) => Math.min(n, pick([1, 1, 3, 5]))),
    stride: size.map(() => stride),
    w: pick(["i8", "i8", "i4", "i2"] as const),
    finish: pick(convFinishes),
    shifts: pick([true, false]),
    seed: pick([1, 2, 3, 4, 5]),
  });
}

const transposed = (pick: Pick): Graph =>
  convGraph({
    op: "conv_transpose",
    size: [pick(lengths)],
    ci: pick([8, 16, 32, 48, 64]),
    co: pick([8, 11, 16, 32, 64]),
    kernel: [pick([2, 3, 4])],
    stride: [2],
    w: pick(["i8", "i8", "i4", "i2"] as const),
    finish: pick(convFinishes),
    seed: pick([1, 2, 3, 4, 5]),
  });

const connected = (pick: Pick): Graph =>
  convGraph({
    op: "linear",
    size: [],
    ci: pick([16, 48, 64, 100, 256, 512]),
    co: pick([2, 5, 10, 12, 32, 64]),
    w: pick(["i8", "i8", "i4", "i2"] as const),
    finish: pick(convFinishes),
    seed: pick([1, 2, 3, 4, 5]),
  });

function perChannel(pick: Pick): Graph {
  const flat = pick([1, 1, 2]) === 1;
  const taps = flat ? [pick([3, 5, 7, 9])] : pick([[3, 3] as const, [3, 3] as const, [5, 5] as const]);
  const stride = pick([1, 1, 2]);
  return depthwiseGraph({
    channels: pick([8, 11, 16, 24, 32, 40, 64]),
    spatial: taps.map((k) => (pick(flat ? lengths : sides) - 1) * stride + k),
    kernel: taps,
    stride: taps.map(() => stride),
    finish: pick(["narrow", "narrow", "narrow", "clamped", "wide", "exact"] as const),
    seed: pick([1, 2, 3, 4, 5]),
  });
}

const narrow = (w: Wiring, x: Value, mul: readonly number[] = [40]): Value =>
  requant(w, x, mul, [64], 12, "i8");
const wide = (w: Wiring, x: Value, shift = 44): Value =>
  requant(w, x, [2 ** 28 + 3], [2n ** BigInt(shift - 4)], shift, "i8");

/** Runs of element-wise nodes on a tensor of this shape. */
const runs: readonly ((w: Wiring, s: readonly number[]) => Value)[] = [
  (w, s) => narrow(w, w.op("add", [w.input("i8", s), w.input("i8", s)], { mul: [1, 1] })),
  (w, s) => narrow(w, w.op("add", [w.input("i8", s), w.input("i8", s)], { mul: [3, 5] }), [400]),
  (w, s) => narrow(w, w.op("add", [w.input("i8", s), w.input("u8", s)], { mul: [3, 5] }), [400]),
  (w, s) => wide(w, w.op("add", [w.input("i8", s), w.input("i8", s)], { mul: [3, 5] }), 31),
  (w, s) =>
    narrow(w, w.op("mul", [w.input("i8", s), w.input("u8", [...s.slice(0, -1).map(() => 1), s.at(-1)!])])),
  (w, s) =>
    narrow(
      w,
      w.input("i8", s),
      Array.from({ length: s.at(-1)! }, (_, i) => i + 1),
    ),
  (w, s) => narrow(w, w.input("i8", s)),
  (w, s) => w.op("relu", [w.input("i8", s)]),
  (w, s) => w.op("lut", [w.input("i8", s), w.param("u8", [256], new Uint8Array(256))], {}, "u8"),
  (w, s) =>
    narrow(w, w.op("prelu", [w.input("i8", s), w.param("i8", [1], new Int8Array(1))], { positive: 8 }), [1]),
  (w, s) => wide(w, w.input("i32", s)),
  (w, s) => w.op("add", [w.input("i32", s), w.input("i32", s)], { mul: [1, 1] }),
];

const each = (shape: readonly number[], of: number): number[] => shape.slice(1, -1).map(() => of);

function pooled(pick: Pick): Graph {
  const shape = shapeOf(pick);
  const k = pick([2, 2, 3]);
  const attrs = { kernel: each(shape, k), stride: each(shape, pick([1, k])) };
  const kind = pick(["max", "max", "max", "mean", "mean", "mean over all"] as const);
  const finish = pick([narrow, narrow, wide]);
  return graphOf((w) => {
    if (kind === "max") return w.op("maxpool", [w.input("i8", shape)], attrs);
    const window = kind === "mean" ? attrs : { kernel: shape.slice(1, -1) };
    return finish(w, w.op("avgpool", [w.input("u8", shape)], window));
  });
}

function summed(pick: Pick): Graph {
  const shape = shapeOf(pick);
  const finish = pick([narrow, wide]);
  return graphOf((w) => finish(w, w.op("global_avgpool", [w.input("u8", shape)])));
}

function stretched(pick: Pick): Graph {
  const shape = shapeOf(pick).map((n, i, all) => (i === 0 || i === all.length - 1 ? n : Math.ceil(n / 2)));
  const by = pick([2, 2, 3]);
  const size = shape.slice(1, -1).map((n) => n * by);
  const mode = pick(["nearest", "linear"]);
  return graphOf((w) => w.op("upsample", [w.input("i8", shape)], { size, mode }));
}

function copied(pick: Pick): Graph {
  const shape = shapeOf(pick);
  const edges = [...each(shape, 1), ...each(shape, 2)];
  const op = pick(["crop", "pad"]);
  return graphOf((w) => w.op(op, [w.input("i8", shape)], op === "crop" ? { edges } : { pads: edges }));
}

/** Pads that repeat what lies inside. */
function repeated(pick: Pick): Graph {
  const shape = shapeOf(pick).map((n, i) => (i === 0 ? n : Math.max(4, n)));
  const pads = [...each(shape, pick([1, 3])), ...each(shape, 2)];
  return graphOf((w) => w.op("pad", [w.input("i8", shape)], { pads, pad_mode: pick(["edge", "reflect"]) }));
}

function multiplied(pick: Pick): Graph {
  const [m, k, n] = [pick([4, 13, 32, 50]), pick([6, 16, 32, 64]), pick([4, 9, 16, 40])];
  const storage = pick(["i8", "i8", "u8", "i16"] as const);
  return graphOf((w) => narrow(w, w.op("matmul", [w.input(storage, [1, m, k]), w.input("i8", [1, k, n])])));
}

export const families: readonly Family[] = [
  { name: "convolution", kernel: convKernel, graph: convolution },
  { name: "transposed convolution", kernel: convKernel, graph: transposed },
  { name: "linear", kernel: convKernel, graph: connected },
  { name: "depthwise", kernel: depthwise, graph: perChannel },
  {
    name: "element-wise",
    kernel: elementwise,
    weight: 4,
    graph: (pick) => ((s) => graphOf((w) => pick(runs)(w, s)))(shapeOf(pick)),
  },
  { name: "pool", kernel: pool, weight: 2, graph: pooled },
  { name: "sum over space", kernel: globalSum, graph: summed },
  { name: "upsampling", kernel: upsample, weight: 2, graph: stretched },
  { name: "copy", kernel: copy, graph: copied },
  { name: "repeated borders", kernel: copy, graph: repeated },
  { name: "matrix product", kernel: matmul, graph: multiplied },
];

/** A tile of the output, full or one of the smaller ones at the ends, as if the search had cut each axis into a few. */
function regionOf(pick: Pick, out: Extent, wholeRows: boolean, grain: Extent): Region {
  const cut = (n: number, to: number, whole: boolean) => {
    const size = whole ? n : Math.min(n, Math.ceil(n / pick([1, 1, 2, 3, 4, 6]) / to) * to);
    const begin = pick([0, Math.floor((n - 1) / size) * size]);
    return [begin, Math.min(size, n - begin)] as const;
  };
  const [y, h] = cut(out.h, grain.h, false);
  const [x, w] = cut(out.w, grain.w, wholeRows);
  const [c, channels] = cut(out.c, grain.c, false);
  return { y, x, c, h, w, channels };
}

/** Layouts alike half of the time, as the search for layouts prefers them. */
function layoutsOf(pick: Pick, all: readonly LayerLayouts[]): LayerLayouts {
  const alike = all.filter((l) =>
    l.inputs.every((i) => i.order === l.output.order && i.align === l.output.align),
  );
  return pick(pick([alike.length > 0 ? alike : all, all]));
}

function caseOf({ name, kernel, graph }: Family, pick: Pick): KernelCase | undefined {
  const drawn = graph(pick);
  const layer = layerOf(drawn);
  const cores = pick([8, 8, 8, 4, 2, 1]);
  if (kernel.refuses(layer, { bounds: new Map(), cores })) return undefined;
  const layouts = layoutsOf(pick, kernel.layouts(layer));
  const rows = layer.out.h > 1 && [...layouts.inputs, layouts.output].some((l) => l.order === "chw");
  const { block } = kernel.pack(layer, layouts);
  const grain = { ...kernel.grain(layer, layouts), c: Math.max(4, block) };
  const region = regionOf(pick, layer.out, rows, grain);
  return { name, kernel, graph: drawn, layer, layouts, cores, region };
}

/** `count` tiles of each family that fit L1, some families more; the same for the same seed. */
export async function drawTiles(seed: number, count: number, only?: RegExp): Promise<readonly KernelCase[]> {
  const found: KernelCase[] = [];
  for (const [i, family] of families.entries()) {
    const next = randomFrom(1000 * seed + i);
    const pick: Pick = (list) => list[Math.floor(next() * list.length)]!;
    if (only && !only.test(family.name)) continue;
    const enough = found.length + count * (family.weight ?? 1);
    while (found.length < enough) {
      const one = caseOf(family, pick);
      if (one && (await fits(one))) found.push(one);
    }
  }
  return found;
}
