/** Graphs of one depthwise layer. */
import { GraphBuilder } from "../../../../src/ir/build.js";
import type { Graph } from "../../../../src/ir/graph.js";
import { conv } from "../../../../src/ir/ops/conv.js";
import { requant } from "../../../../src/ir/ops/requant.js";
import { randomFrom } from "../../../../src/ir/random.js";
import { type IntStorage, storages } from "../../../../src/ir/storage.js";
import { sizes, tensorType } from "../../../../src/ir/type.js";

export interface DepthwiseShape {
  readonly channels: number;
  /** Length, or height and width. */
  readonly spatial: readonly number[];
  readonly kernel: readonly number[];
  readonly stride?: readonly number[];
  readonly dilation?: readonly number[];
  readonly pads?: readonly number[];
  readonly input?: IntStorage;
  readonly output?: IntStorage;
  readonly weights?: "i8" | "i4" | "i2";
  readonly zero?: number;
  /** `sum`: no requant. */
  readonly finish?: "narrow" | "clamped" | "wide" | "exact" | "sum";
  readonly perChannel?: boolean;
  readonly lo?: number;
  readonly hi?: number;
  readonly seed?: number;
}

export function depthwiseGraph(s: DepthwiseShape): Graph {
  const next = randomFrom(s.seed ?? 1);
  const int = (lo: number, hi: number) => lo + Math.floor(next() * (hi - lo + 1));
  const b = new GraphBuilder("main", "integer");
  const input = s.input ?? "i8";
  const x = b.input("x", tensorType(input, [1, ...s.spatial, s.channels], { scale: 1, zero: s.zero ?? 0 }));
  const bits = s.weights ?? "i8";
  const taps = s.kernel.reduce((p, k) => p * k, 1);
  const { min, max } = storages[bits];
  const data = Int8Array.from({ length: s.channels * taps }, () => int(min, max));
  const w = b.param("w", tensorType(bits, [s.channels, ...s.kernel, 1], { scale: 1, zero: 0 }), data);
  const bias = Int32Array.from({ length: s.channels }, () => int(-2000, 2000));
  const each = s.spatial.map(() => 1);
  const y = b.add(conv, [x, w, b.param("b", tensorType("i32", [s.channels]), bias)], {
    groups: s.channels,
    stride: [...(s.stride ?? each)],
    dilation: [...(s.dilation ?? each)],
    pads: [...(s.pads ?? [...each, ...each].map(() => 0))],
  });
  return b.finish([s.finish === "sum" ? y : scaled(b, y, s, taps, int)]);
}

function scaled(
  b: GraphBuilder,
  y: Parameters<GraphBuilder["add"]>[1][number],
  s: DepthwiseShape,
  taps: number,
  int: (lo: number, hi: number) => number,
) {
  const count = s.perChannel === false ? 1 : s.channels;
  const exact = s.finish === "exact";
  const wide = s.finish === "wide" || exact;
  const clamped = s.finish === "clamped";
  const of = <T>(f: () => T) => Array.from({ length: count }, f);
  const mul = Int32Array.from(
    of(() => (wide ? int(2 ** 29, 2 ** 30) : clamped ? int(2 ** 15, 2 ** 16) : int(1, 100))),
  );
  const one = Math.ceil(Math.log2(taps));
  const shift = of(() => (exact ? 20 : wide ? 33 : clamped ? 20 : 11) + one + int(0, 1));
  const add = BigInt64Array.from(of(() => (wide ? 2n ** 35n : 0n) + BigInt(int(-9000, 9000))));
  const output = s.output ?? "i8";
  return b.add(
    requant,
    [y, b.param("m", tensorType("i32", [count]), mul), b.param("a", tensorType("i64", [count]), add)],
    { shift, ...(s.lo === undefined ? {} : { lo: s.lo }), ...(s.hi === undefined ? {} : { hi: s.hi }) },
    { type: tensorType(output, sizes(y.type)) },
  );
}
