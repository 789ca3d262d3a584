/** Graphs of one convolution, with a requant behind it or without, random weights and constants. */
import type { LayerLayouts, TileKernel } from "../../../../src/backends/pulp/contract.js";
import { GraphBuilder } from "../../../../src/ir/build.js";
import type { Graph, Value } from "../../../../src/ir/graph.js";
import { conv } from "../../../../src/ir/ops/conv.js";
import { convTranspose } from "../../../../src/ir/ops/conv_transpose.js";
import { linear } from "../../../../src/ir/ops/linear.js";
import { requant } from "../../../../src/ir/ops/requant.js";
import { randomFrom } from "../../../../src/ir/random.js";
import { type IntStorage, type Storage, storages } from "../../../../src/ir/storage.js";
import { tensor } from "../../../../src/ir/tensor.js";
import { tensorType } from "../../../../src/ir/type.js";
import { type KernelCase, layerOf } from "./harness.js";
import type { Region } from "./job.js";

export interface ConvOptions {
  readonly op?: "conv" | "conv_transpose" | "linear";
  /** Height and width, or length. */
  readonly size: readonly number[];
  readonly ci: number;
  readonly co: number;
  readonly kernel?: readonly number[];
  readonly stride?: readonly number[];
  readonly dilation?: readonly number[];
  readonly pads?: readonly number[];
  readonly groups?: number;
  readonly x?: IntStorage;
  readonly w?: IntStorage;
  readonly y?: IntStorage;
  readonly zero?: number;
  readonly bias?: boolean;
  /** Requantisation: in 32 bits, with sums clamped before, in 64 bits, or none. */
  readonly finish?: "narrow" | "clamped" | "wide" | "sum";
  /** Shifts differ from channel to channel. */
  readonly shifts?: boolean;
  readonly clamp?: readonly [number, number];
  readonly seed?: number;
}

/** Numbers of a storage, none beyond `most`. */
const integers = (storage: Storage, count: number, next: () => number, most: number): number[] => {
  const { min, max } = {
    min: Math.max(storages[storage].min, -most),
    max: Math.min(storages[storage].max, most),
  };
  return Array.from({ length: count }, () => min + Math.floor(next() * (max - min + 1)));
};

function requantised(b: GraphBuilder, acc: Value, o: ConvOptions, taps: number, next: () => number): Value {
  const [y, co] = [o.y ?? "i8", o.co];
  const wide = o.finish === "wide";
  const reach = Math.min(2 ** 30, taps * storages[o.x ?? "u8"].max * -storages[o.w ?? "i8"].min);
  // Random sums grow with the root of their length: a shift that spreads them over the result.
  const typical = Math.sqrt(taps) * storages[o.x ?? "u8"].max * -storages[o.w ?? "i8"].min * 0.4;
  const most = Math.floor(
    wide ? 2 ** 24 : o.finish === "clamped" ? 2 ** 31 / typical : Math.max(1, 2 ** 30 / reach),
  );
  const mul = Array.from({ length: co }, () => Math.max(1, Math.floor(most * (0.5 + 0.5 * next()))));
  const to = storages[y].max - storages[y].min;
  const ideal = Math.round(Math.log2((typical * most * 1.5) / to));
  const shift = Math.max(0, Math.min(wide ? 60 : 31, ideal));
  const shifts = o.shifts ? mul.map(() => Math.max(0, shift - Math.floor(3 * next()))) : [shift];
  const add = mul.map((_, c) =>
    Math.floor((next() - 0.3) * 2 ** (shifts[c % shifts.length]! - 1) * (o.shifts ? 0.2 : 1)),
  );
  const type = tensorType(y, acc.type.shape);
  const clamp = o.clamp ? { lo: o.clamp[0], hi: o.clamp[1] } : {};
  return b.add(
    requant,
    [
      acc,
      b.param("mul", tensorType("i32", [co]), tensor(tensorType("i32", [co]), mul).data),
      b.param("add", tensorType("i64", [co]), tensor(tensorType("i64", [co]), add).data),
    ],
    { shift: shifts, ...clamp },
    { type },
  );
}

export function convGraph(o: ConvOptions): Graph {
  const next = randomFrom(o.seed ?? 7);
  const b = new GraphBuilder("layer", "integer");
  const groups = o.groups ?? 1;
  const kernel = o.op === "linear" ? [] : (o.kernel ?? o.size.map(() => 1));
  const quant = o.zero ? { scale: 0.5, zero: o.zero } : undefined;
  const x = b.input("x", tensorType(o.x ?? "u8", [1, ...o.size, o.ci], quant));
  const shape = [o.co, ...kernel, o.ci / groups];
  const count = shape.reduce((a, n) => a * n, 1);
  const ws = o.w ?? "i8";
  const weightType = tensorType(ws, shape, o.zero ? { scale: 1, zero: 0 } : undefined);
  const most = Math.floor(2 ** 30 / ((count / o.co) * (storages[o.x ?? "u8"].max + 1)));
  const w = b.param("w", weightType, tensor(weightType, integers(ws, count, next, most)).data);
  const biasType = tensorType("i32", [o.co], o.zero ? { scale: 0.5, zero: 0 } : undefined);
  const bias = Array.from({ length: o.co }, () => Math.floor((next() - 0.5) * 2000));
  const operands = [x, w, ...(o.bias === false ? [] : [b.param("b", biasType, tensor(biasType, bias).data)])];
  const ones = o.size.map(() => 1);
  const attrs = {
    stride: o.stride ?? ones,
    dilation: o.dilation ?? ones,
    groups,
    pads: o.pads ?? [...ones, ...ones].map(() => 0),
  };
  const acc =
    o.op === "linear"
      ? b.add(linear, operands)
      : o.op === "conv_transpose"
        ? b.add(convTranspose, operands, attrs)
        : b.add(conv, operands, attrs);
  const y = o.finish === "sum" ? acc : requantised(b, acc, o, count / o.co, next);
  return b.finish([y]);
}

export interface CaseOptions extends ConvOptions {
  readonly kernelOf: TileKernel;
  readonly layouts?: LayerLayouts;
  readonly cores?: number;
  readonly region?: Region;
}

export function convCase(name: string, o: CaseOptions): KernelCase {
  const graph = convGraph(o);
  const layer = layerOf(graph);
  const kernel = o.kernelOf;
  const refused = kernel.refuses(layer, { bounds: new Map(), cores: o.cores ?? 8 });
  if (refused) throw new Error(`${name}: ${kernel.name} refuses: ${refused}`);
  return {
    name,
    kernel,
    graph,
    layer,
    layouts: o.layouts ?? kernel.layouts(layer)[0]!,
    ...(o.cores ? { cores: o.cores } : {}),
    ...(o.region ? { region: o.region } : {}),
    seed: o.seed ?? 7,
  };
}
