/** From a sum in i32 to an activation: the one place where a quantised network rounds. */
import { highest, lowest } from "../../ir/bounds.js";
import type { Value } from "../../ir/graph.js";
import { relu } from "../../ir/ops/relu.js";
import { requant } from "../../ir/ops/requant.js";
import { storages } from "../../ir/storage.js";
import { tensorType } from "../../ir/type.js";
import { stored } from "./activation.js";
import type { Activation } from "./assign.js";
import type { Chain } from "./chains.js";
import type { Emitter } from "./emitter.js";
import { half, type Multiplier, multiplierFor } from "./multiplier.js";

/** The clamps of a chain as stored integers of its end; an end of the storage itself stays unwritten. */
function clampOf(chain: Chain, { storage, quant }: Activation): { lo?: number; hi?: number } {
  const { min, max } = storages[storage];
  let [lo, hi] = [min, max];
  const limit = (v: number | undefined, none: number) => (v === undefined ? none : stored(v, storage, quant));
  for (const { op, attrs } of chain.clamps) {
    const [low, high] =
      op === relu ? [quant.zero, max] : [limit(attrs.lo as number, min), limit(attrs.hi as number, max)];
    [lo, hi] = [Math.min(Math.max(lo, low), high), Math.min(Math.max(hi, low), high)];
  }
  return { ...(lo > min ? { lo } : {}), ...(hi < max ? { hi } : {}) };
}

const scaleOf = ({ quant }: Value["type"], c: number): number =>
  quant!.scale * Number(quant!.channels?.data[c] ?? 1);

/** requant of `sum` to `to`, rounding half up, named as the chain's end. */
export function requantise(e: Emitter, sum: Value, chain: Chain, to: Activation, tolerance: number): Value {
  const type = tensorType(to.storage, sum.type.shape, to.quant);
  return rescale(e, sum, chain.end.name, chain, type, clampOf(chain, to), tolerance);
}

/** The same numbers at another scale. */
export function rescaled(
  e: Emitter,
  x: Value,
  name: string,
  like: Chain["sum"],
  to: Activation,
  tolerance: number,
) {
  const type = tensorType(to.storage, x.type.shape, to.quant);
  return rescale(e, x, name, { sum: like }, type, {}, tolerance);
}

function rescale(
  e: Emitter,
  x: Value,
  name: string,
  { sum: like }: Pick<Chain, "sum">,
  type: Value["type"],
  clamp: { lo?: number; hi?: number },
  tolerance: number,
): Value {
  const bounds = e.bounds(x);
  const channels = x.type.quant?.channels?.data.length ?? 1;
  const zero = x.type.quant?.zero ?? 0;
  const last = bounds.lo.length === channels;
  const all = Math.max(highest(bounds), -lowest(bounds));
  const multipliers = Array.from({ length: channels }, (_, c): Multiplier => {
    const reach = last ? Math.max(bounds.hi[c]!, -bounds.lo[c]!) : all;
    return multiplierFor(scaleOf(x.type, c) / scaleOf(type, 0), Math.max(reach, 1), tolerance);
  });
  const shared = multipliers.every((m) => m.mul === multipliers[0]!.mul && m.shift === multipliers[0]!.shift)
    ? multipliers.slice(0, 1)
    : multipliers;
  const add = shared.map((m) => half(m.shift) - BigInt(zero) * BigInt(m.mul));
  const mulParam = e.param(
    `${name}.mul`,
    tensorType("i32", [shared.length]),
    Int32Array.from(shared, (m) => m.mul),
  );
  const addParam = e.param(`${name}.add`, tensorType("i64", [shared.length]), BigInt64Array.from(add));
  const shifts = shared.every((m) => m.shift === shared[0]!.shift)
    ? [shared[0]!.shift]
    : shared.map((m) => m.shift);
  return e.node(requant, [x, mulParam, addParam], { shift: shifts, ...clamp }, name, like, type);
}
