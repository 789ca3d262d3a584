/** What follows an accumulator: bias, requant and clamps as one formula per channel. */
import { at, type Bounds } from "../../../ir/bounds.js";
import { isParam, type Node, type Value } from "../../../ir/graph.js";
import { requantClamp } from "../../../ir/ops/requant.js";
import { storages } from "../../../ir/storage.js";
import { zeroPoint } from "../../../ir/type.js";
import type { Layer, Requant } from "../contract.js";

const last = (node: Node): boolean => {
  const axis = (node.attrs.axis as number | undefined) ?? -1;
  return axis === -1 || axis === node.result.type.shape.length - 1;
};
const scalar = (node: Node): boolean =>
  [node.operands[1]!, node.operands[2]!].every((v) => isParam(v) && v.data.length === 1) &&
  (node.attrs.shift as readonly number[]).length === 1;

/** Can the node be part of an epilogue: a requant over channels, or a clamp? */
export function foldable(node: Node): boolean {
  if (node.op.name === "requant") return last(node) || scalar(node);
  return node.op.name === "relu" || node.op.name === "clip";
}

const pick = (list: ArrayLike<number | bigint>, c: number): bigint =>
  BigInt(list[list.length === 1 ? 0 : c]!);
const dataOf = (value: Value | undefined): ArrayLike<number | bigint> =>
  value && isParam(value) ? value.data : [0];
const i32 = (v: bigint): boolean => v >= -(2n ** 31n) && v < 2n ** 31n;

/** What is added to the sum of stored x times w: the bias, and the zero point of x that was not subtracted. */
function biasOf(anchor: Node, channels: number): { bias: number[]; reach: number } {
  const [x, w, b] = anchor.operands;
  if (!w || !isParam(w)) return { bias: new Array<number>(channels).fill(0), reach: 0 };
  const zero = zeroPoint(x!.type);
  const { min, max } = storages[x!.type.storage];
  const taps = w.data.length / channels;
  let reach = 0;
  const bias = Array.from({ length: channels }, (_, c) => {
    let [sum, magnitude] = [0, 0];
    for (let t = c * taps; t < (c + 1) * taps; t++) {
      sum += Number(w.data[t]);
      magnitude += Math.abs(Number(w.data[t]));
    }
    const exact = pick(b ? dataOf(b) : [0], c) - BigInt(zero) * BigInt(sum);
    reach = Math.max(reach, i32(exact) ? magnitude * Math.max(-min, max) : Infinity);
    return Number(BigInt.asIntN(32, exact));
  });
  return { bias, reach };
}

/** The clamp of a requant and of what follows it. */
function limits(nodes: readonly Node[]): { lo: number; hi: number } {
  const requant = nodes[1]!;
  const own = requantClamp(requant.attrs as { lo?: number; hi?: number }, requant.result.type);
  return nodes.slice(2).reduce(({ lo, hi }, node) => {
    const low = node.op.name === "relu" ? zeroPoint(node.result.type) : (node.attrs.lo as number | undefined);
    const high = node.op.name === "relu" ? undefined : (node.attrs.hi as number | undefined);
    const bound = (v: number) => Math.min(Math.max(v, low ?? -Infinity), high ?? Infinity);
    return { lo: bound(lo), hi: bound(hi) };
  }, own);
}

/** Bias and requant of a chain that begins at an anchor; nothing where a kernel could not hold what it needs. */
export function epilogueOf(
  nodes: readonly Node[],
  channels: number,
  bounds: ReadonlyMap<Value, Bounds>,
): Pick<Layer, "bias" | "requant"> | undefined {
  const [anchor, requant] = nodes;
  const { bias, reach } = biasOf(anchor!, channels);
  if (!requant) return { bias };
  const [mul, add] = [dataOf(requant.operands[1]), dataOf(requant.operands[2])];
  const shift = requant.attrs.shift as readonly number[];
  const zero = BigInt(zeroPoint(requant.result.type));
  const acc = bounds.get(anchor!.result)!;
  const each = Array.from({ length: channels }, (_, c) => {
    const [m, s] = [pick(mul, c), pick(shift, c)];
    const after = pick(add, c) + (zero << s);
    const ends = [at(acc, c).lo, at(acc, c).hi].map((v) => BigInt(v) * m + after);
    return { m, s, add: after + BigInt(bias[c]!) * m, narrow: s < 32n && ends.every(i32) };
  });
  const narrow = each.every((e) => e.narrow);
  if (!narrow && reach >= 2 ** 31) return undefined;
  const formula: Requant = {
    mul: each.map((e) => Number(e.m)),
    add: each.map((e) => e.add),
    shift: each.map((e) => Number(e.s)),
    ...limits(nodes),
    narrow,
  };
  return { bias, requant: formula };
}
