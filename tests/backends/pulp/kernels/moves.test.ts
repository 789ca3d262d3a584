import { copy } from "../../../../src/backends/pulp/kernels/copy.js";
import { globalSum } from "../../../../src/backends/pulp/kernels/global.js";
import { matmul } from "../../../../src/backends/pulp/kernels/matmul.js";
import type { Storage } from "../../../../src/ir/storage.js";
import { hasCrossCompiler } from "../../../gap8sim/tools.js";
import { suite } from "../../../harness.js";
import { allRight, casesOf } from "./checking.js";
import { graphOf, requant } from "./element-cases.js";

const test = suite("pulp copies, sums over one axis, products of two values");
const onCores = hasCrossCompiler ? test : test.skip;
const part = { y: 2, x: 5, c: 4, h: 7, w: 6, channels: 2 };

onCores("copies between pixels and planes, and repeated borders", () => {
  const same = (dims: number[]) => graphOf((w) => w.op("concat", [w.input("i8", dims)], { axis: -1 }));
  const pad = (dims: number[], pads: number[], pad_mode: string, storage: Storage = "u8") =>
    graphOf((w) => w.op("pad", [w.input(storage, dims, 2)], { pads, pad_mode }));
  const wide = pad([1, 9, 11, 6], [2, 3, 1, 4], "reflect");
  return allRight([
    ...casesOf("line", copy, same([1, 31, 13])),
    ...casesOf("image", copy, same([1, 7, 10, 12]), { every: 3 }),
    ...casesOf("a part of it", copy, same([1, 9, 12, 6]), { every: 2, region: part, cores: 8 }),
    ...casesOf("edge", copy, pad([1, 20, 5], [4, 3], "edge"), { every: 3 }),
    ...casesOf("edge, and less", copy, pad([1, 20, 5], [4, -3], "edge", "i16"), { every: 5 }),
    ...casesOf("reflect", copy, wide, { every: 2 }),
    ...casesOf("a part of reflect", copy, wide, { every: 3, region: { ...part, y: 0, x: 0 }, cores: 8 }),
    ...casesOf("the end of reflect", copy, wide, { every: 3, region: { ...part, y: 5, x: 12 }, cores: 8 }),
  ]);
});

onCores("sums over one axis", () => {
  const sum = (axes: number[], storage: Storage) =>
    graphOf((w) =>
      requant(w, w.op("reduce_mean", [w.input(storage, [1, 7, 9, 13], 3)], { axes }), [300], [0], 12, "i8"),
    );
  const region = { y: 2, x: 0, c: 4, h: 4, w: 1, channels: 8 };
  return allRight([
    ...casesOf("columns", globalSum, sum([1], "u8"), { every: 3 }),
    ...casesOf("rows", globalSum, sum([2], "i8"), { every: 3 }),
    ...casesOf("rows, 16 bits", globalSum, sum([2], "i16"), { every: 5 }),
    ...casesOf("rows, a tile", globalSum, sum([2], "u8"), { every: 3, region }),
  ]);
});

onCores("products of two values", () => {
  const of = (
    a: number[],
    b: number[],
    [sa, sb]: readonly [Storage, Storage],
    zeros: readonly number[] = [],
  ) =>
    graphOf((w) => {
      const y = w.op("matmul", [w.input(sa, a, zeros[0]), w.input(sb, b, zeros[1])]);
      return zeros.length === 1 ? y : requant(w, y, [3], [77], 9, "i8");
    });
  const heads = of([1, 3, 9, 14], [1, 3, 14, 6], ["u8", "i8"], [7, 2]);
  const region = { y: 1, x: 2, c: 4, h: 2, w: 6, channels: 2 };
  return allRight([
    ...casesOf("bytes", matmul, of([1, 13, 7], [1, 7, 9], ["i8", "u8"]), { every: 3 }),
    ...casesOf("unsigned bytes", matmul, of([1, 6, 12], [1, 12, 8], ["u8", "u8"], [3, 250]), { every: 3 }),
    ...casesOf("sums", matmul, of([5, 8], [8, 5], ["i8", "i8"], [-3]), { every: 3 }),
    ...casesOf("several matrices", matmul, heads, { every: 3 }),
    ...casesOf("a tile", matmul, heads, { every: 3, region }),
    ...casesOf("16 bits", matmul, of([1, 13, 7], [1, 7, 9], ["i16", "u4"], [3, 1]), { every: 3 }),
  ]);
});

test.run();
