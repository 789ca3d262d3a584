/** Means over windows whose borders count fewer elements, exactly. */

import { type Window, windowCounts } from "../../../ir/ops/window.js";
import { storages } from "../../../ir/storage.js";
import { sizes } from "../../../ir/type.js";
import { stored } from "./emit.js";
import type { Lower } from "./lower.js";
import { sumOf } from "./real.js";

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const lcm = (a: number, b: number): number => (a / gcd(a, b)) * b;

/**
 * Where pads do not count, the IR's avgpool divides by 15-bit reciprocals, which is too coarse for the conversion rule: the sums
 * are multiplied by m / count instead, m the least common multiple of the counts, and their scale is divided by m.
 */
export const averaged =
  (plain: Lower): Lower =>
  (s, node, xs) => {
    const { pads, kernel, stride, count_include_pad } = node.attrs as {
      pads: readonly number[];
      kernel: readonly number[];
      stride: readonly number[];
      count_include_pad: boolean;
    };
    if (count_include_pad || pads.every((p) => p <= 0)) return plain(s, node, xs);
    const value = xs[0] && stored(s, xs[0]);
    if (!value) return undefined;
    const window: Window = { kernel, stride, pads, dilation: kernel.map(() => 1) };
    const spatial = sizes(value.type).slice(1, -1);
    const [rows, columns = [1]] = windowCounts(spatial, window) as [number[], number[]?];
    const counts = rows.flatMap((r) => columns.map((c) => r * c));
    const multiple = counts.reduce(lcm, 1);
    const sum = s.emit("avgpool", [value], { ...node.attrs, count_include_pad: true }, node.result);
    const { lo, hi } = s.bounds(sum);
    const least = counts.reduce((a, b) => Math.min(a, b));
    if (Math.max(-lo, hi) * (multiple / least) > storages.i32.max) return undefined;
    const weights = s.param(
      `${node.result.name}.weights`,
      "i32",
      [1, ...spatial.map((_, i) => sizes(sum.type)[i + 1]!), 1],
      counts.map((count) => multiple / count),
    );
    const y = s.emit("mul", [sum, weights], {}, node.result);
    return sumOf({ value: y, zero: 0, scale: [value.type.quant!.scale / multiple] });
  };
