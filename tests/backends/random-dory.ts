/** Random integer graphs of what DORY's dialect can say. */
import { GraphBuilder } from "../../src/ir/build.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { opNamed } from "../../src/ir/ops/index.js";
import { randomFrom } from "../../src/ir/random.js";
import { activationStorages, type IntStorage, storages } from "../../src/ir/storage.js";
import { tensor } from "../../src/ir/tensor.js";
import { sizes, tensorType } from "../../src/ir/type.js";

const narrow: readonly IntStorage[] = activationStorages.filter((s) => s !== "i16");

/** A graph under construction. */
function growing(seed: number) {
  const unit = randomFrom(seed);
  const b = new GraphBuilder("net", "integer");
  const between = (lo: number, hi: number) => lo + Math.floor(unit() * (hi - lo + 1));
  const pick = <T>(list: readonly T[]): T => list[between(0, list.length - 1)]!;
  const list = (n: number, lo: number, hi: number) => Array.from({ length: n }, () => between(lo, hi));
  const param = (storage: IntStorage | "i64", shape: readonly number[], lo: number, hi: number) => {
    const type = tensorType(storage, shape);
    return b.param(
      pick(["w", "v17", "layer.weight"]),
      type,
      tensor(
        type,
        list(
          shape.reduce((p, d) => p * d, 1),
          lo,
          hi,
        ),
      ).data,
    );
  };
  const add = (op: string, operands: readonly Value[], attrs = {}, storage?: IntStorage): Value => {
    const type = storage && tensorType(storage, sizes(operands[0]!.type));
    const name = pick(["x", "v30", "layer.out"]);
    return b.add(opNamed(op)!, operands, attrs, { name, ...(type ? { type } : {}) });
  };
  return { b, between, pick, list, param, add, open: [] as Value[] };
}
type Net = ReturnType<typeof growing>;

/** To few bits; shifts and multipliers of one channel or of all, wide ones too. */
function requantised(net: Net, x: Value, perTensor = false, storage = net.pick(narrow)): Value {
  const { between, list, param, pick } = net;
  const channels = perTensor ? 1 : (x.type.shape.at(-1) as number);
  const count = () => pick([1, channels]);
  const isWide = between(0, 3) === 0;
  const mul = param("i32", [count()], isWide ? -(2 ** 18) : -20, isWide ? 2 ** 20 : 90);
  const add = param("i64", [count()], isWide ? -(2 ** 36) : -4000, isWide ? 2 ** 36 : 4000);
  const base = isWide ? 24 : between(0, 9);
  const shift = list(count(), base, base + 2);
  const { min, max } = storages[storage];
  const clamp = !perTensor && between(0, 3) === 0 ? { lo: Math.max(min, -1), hi: max - between(0, 1) } : {};
  return net.add("requant", [x, mul, add], { shift, ...clamp }, storage);
}

const positions = (x: Value) => sizes(x.type).slice(1, -1);

/** Windows that fit: kernel, stride, pads. */
function windowOf(net: Net, x: Value) {
  const dims = positions(x);
  const kernel = dims.map((d) => net.between(1, Math.min(3, d)));
  const pads = [...kernel, ...kernel].map((k) => net.between(0, k - 1));
  return { kernel, stride: dims.map(() => net.between(1, 2)), pads };
}

function conv(net: Net, x: Value): Value {
  const { between, param, pick } = net;
  const ci = x.type.shape.at(-1) as number;
  const { kernel, stride, pads } = windowOf(net, x);
  const depthwise = between(0, 2) === 0;
  const co = depthwise ? ci : between(1, 5);
  const storage = pick(["i8", "i4", "i2"] as const);
  const { min, max } = storages[storage];
  const w = param(storage, [co, ...kernel, depthwise ? 1 : ci], min, max);
  const bias = between(0, 1) ? [param("i32", [co], -500, 500)] : [];
  const dilation = kernel.map((k, i) => (k > 1 && 2 * (k - 1) < positions(x)[i]! ? between(1, 2) : 1));
  const outside = between(0, 3) === 0 && pads.some((p) => p > 0);
  const source = outside ? net.add("pad", [x], { pads }) : x;
  const attrs = { stride, dilation, groups: depthwise ? ci : 1, pads: outside ? pads.map(() => 0) : pads };
  return requantised(net, net.add("conv", [source, w, ...bias], attrs));
}

function pool(net: Net, x: Value): Value {
  const { between, pick } = net;
  const window = windowOf(net, x);
  if (between(0, 2) === 0) return requantised(net, net.add("global_avgpool", [x]));
  if (between(0, 1)) return net.add("maxpool", [x], window);
  const whole = { ...window, pads: pick([window.pads, window.pads.map(() => 0)]), count_include_pad: true };
  return requantised(net, net.add("avgpool", [x], whole));
}

/** Of two results of one shape, each perhaps scaled or requantised before. */
function sum(net: Net, x: Value): Value {
  const { between, open, pick } = net;
  const alike = open.filter((v) => String(v.type.shape) === String(x.type.shape) && v !== open[0]);
  if (alike.length === 0) return conv(net, x);
  const isScaled = between(0, 1) === 1;
  const operand = (v: Value) => {
    const signed = storages[v.type.storage as IntStorage].min < 0;
    const same = narrow.filter((s) => storages[s].min < 0 === signed);
    return isScaled || between(0, 1) ? v : requantised(net, v, true, pick(same));
  };
  const mul = isScaled ? [between(1, 9), between(1, 9)] : [1, 1];
  const y = net.add("add", [operand(pick(alike)), operand(pick(alike))], { mul });
  const out = requantised(net, y, true, pick([...narrow, "i16"]));
  return out.type.storage === "i16" ? requantised(net, out) : out;
}

function ending(net: Net, x: Value): Value {
  const { between, param } = net;
  const flat = net.add("flatten", [x]);
  const [depth, width] = [flat.type.shape[1] as number, between(1, 4)];
  const bias = between(0, 1) ? [param("i32", [width], -500, 500)] : [];
  const y = net.add("linear", [flat, param("i8", [width, depth], -128, 127), ...bias]);
  return between(0, 1) ? y : requantised(net, y);
}

/** About `length` layers on one input of rank 3 or 4. */
export function randomDoryGraph(seed: number, length: number): Graph {
  const net = growing(seed);
  const { b, between, open, pick } = net;
  const dims = Array.from({ length: between(1, 2) }, () => between(2, 7));
  open.push(b.input(pick(["x", "v0", "input.1"]), tensorType(pick(narrow), [1, ...dims, between(1, 4)])));
  open.push(conv(net, open[0]!));
  for (let i = 1; i < length; i++) {
    const last = open.at(-1)!;
    open.push(pick([conv, conv, pool, sum, sum])(net, between(0, 3) && i > 1 ? last : pick(open.slice(1))));
  }
  return b.finish([between(0, 1) ? ending(net, open.at(-1)!) : open.at(-1)!]);
}
