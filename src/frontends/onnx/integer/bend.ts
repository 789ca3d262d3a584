/** Rectifiers with a slope below zero on sums that nothing has rounded yet. */
import type { Value } from "../../../ir/graph.js";
import { type TensorType, zeroPoint } from "../../../ir/type.js";
import { type Bent, type PerChannel, type Term, zipped } from "./real.js";
import { bentReal, levelsOf, realOfSum } from "./rule.js";
import type { State } from "./state.js";
import { requantised, summed, type Target, targetOf } from "./sum.js";

const mostUnits = 2 ** 12;
/** Slopes are f32: what is further from a whole number of units is meant to be no such number. */
const slopeTolerance = 2 ** -24;

interface Slopes {
  readonly positive: number;
  readonly alpha: readonly number[];
}

/** Whole slopes, slope 1 counting `positive`, that keep a sum within `reach` in 32 bits. */
function wholeSlopes(slopes: PerChannel, reach: number): Slopes | undefined {
  const steepest = Math.max(1, ...slopes.map(Math.abs));
  const most = Math.min(mostUnits, Math.floor((2 ** 31 - 1) / (reach * steepest * (1 + slopeTolerance))));
  for (let positive = 1; positive <= most; positive++) {
    const alpha = slopes.map((v) => Math.round(v * positive) + 0);
    if (alpha.every((a, c) => Math.abs(a - slopes[c]! * positive) <= slopeTolerance * Math.abs(a)))
      return { positive, alpha };
  }
  return undefined;
}

/** prelu on the integers, where its slopes are whole. */
function inWholes(s: State, term: Term, x: Bent, target: Target): Value | undefined {
  if (x.sum.offset.some((v) => v !== 0) || term.zero !== zeroPoint(term.value.type)) return undefined;
  if (term.scale.some((v) => v <= 0)) return undefined;
  const { lo, hi } = s.bounds(term.value);
  const slopes = wholeSlopes(x.slopes, Math.max(hi - term.zero, term.zero - lo, 1));
  if (!slopes) return undefined;
  const { positive, alpha } = slopes;
  const param = s.param(`${target.like.name}.alpha`, "i32", [alpha.length], alpha);
  const value = s.emit("prelu", [term.value, param], { positive }, target.node?.operands[0] ?? target.like);
  const scaled = { value, zero: 0, scale: term.scale.map((v) => v / positive) };
  return requantised(s, scaled, [0], levelsOf(target.type, x.lo, x.hi), target);
}

/**
 * What lies above zero, below it with slopes that rise, and below it with slopes that fall: each rounded by itself and
 * clamped at zero, which all but one are. Their sum is exact whatever the slopes are.
 */
function inParts(s: State, term: Term, x: Bent, target: Target): Value {
  const { type, like, node } = target;
  const part = (name: string, slopes: PerChannel, lo: number, hi: number): Value => {
    const to = { ...target, like: { ...like, name: `${like.name}.${name}` } };
    const scaled = { ...term, scale: zipped(term.scale, slopes, (a, b) => a * b) };
    const whole = summed(s, { ...x.sum, terms: [scaled] }, to.like, node);
    const offsets = zipped(x.sum.offset, slopes, (a, b) => a * b);
    return requantised(s, whole, offsets, levelsOf(type, lo, hi), to);
  };
  const [down, up] = [Math.min(x.lo, 0), Math.max(x.hi, 0)];
  const rising = x.slopes.map((v) => Math.max(v, 0));
  const falling = x.slopes.map((v) => Math.min(v, 0));
  const parts = [
    part("above", [1], 0, up),
    ...(rising.some((v) => v > 0) ? [part("below", rising, down, 0)] : []),
    ...(falling.some((v) => v < 0) ? [part("turned", falling, 0, up)] : []),
  ];
  const value = parts.reduce((a, b) => s.emit("add", [a, b], {}, node?.operands[0] ?? like));
  const sum = { value, zero: zeroPoint(value.type), scale: [type.quant!.scale] };
  return requantised(s, sum, [0], levelsOf(type, x.lo, x.hi), target);
}

/** A bent sum as stored integers. */
export function bent(s: State, x: Bent, type: TensorType, like: Value): Value {
  const target = targetOf(s, type, like);
  const term = summed(s, x.sum, target.node?.operands[0] ?? like, target.node);
  const y = inWholes(s, term, x, target) ?? inParts(s, term, x, target);
  const real = bentReal(realOfSum(x.sum.terms, x.sum.offset, y.type), x.slopes, y.type);
  s.roundings.push({ value: y.name, type: y.type, ...levelsOf(type, x.lo, x.hi), real });
  return y;
}
