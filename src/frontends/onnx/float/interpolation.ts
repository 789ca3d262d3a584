/**
 * Resampling along one axis as a matrix: row i holds the weights of the input's elements in element i of the
 * result. Formulas: the ONNX operator specification, Resize, and its reference implementation for
 * antialiasing.
 */
import { own } from "../raw.js";
import { range } from "../shapes.js";

export interface Sampling {
  readonly mode: string;
  readonly transform: string;
  readonly nearestMode: string;
  readonly cubicA: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
}
export interface AxisSampling {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  /** Where the crop begins and ends, as parts of the axis. */
  readonly roi: readonly [number, number];
}

/** Position in the input of element i of the result; `to` may be a fraction where scales are given. */
function coordinate(transform: string, i: number, a: AxisSampling): number | undefined {
  const { from, scale, roi } = a;
  const whole = Math.abs(scale * from - a.to) < 1e-4 ? a.to : scale * from;
  const half = (i + 0.5) / scale - 0.5;
  switch (transform) {
    case "asymmetric":
      return i / scale;
    case "half_pixel":
      return half;
    case "pytorch_half_pixel":
      return a.to > 1 ? half : 0;
    case "half_pixel_symmetric":
      return (from / 2) * (1 - a.to / whole) + half;
    case "align_corners":
      return whole === 1 ? 0 : (i * (from - 1)) / (whole - 1);
    case "tf_crop_and_resize":
      return a.to > 1
        ? roi[0] * (from - 1) + (i * (roi[1] - roi[0]) * (from - 1)) / (a.to - 1)
        : 0.5 * (roi[0] + roi[1]) * (from - 1);
    default:
      return undefined;
  }
}

const nearestIsUpper: Readonly<Record<string, (r: number) => boolean>> = {
  floor: (r) => r === 1,
  ceil: () => true,
  round_prefer_floor: (r) => r > 0.5,
  round_prefer_ceil: (r) => r >= 0.5,
};

/** Keys' cubic kernel. */
function cubic(x: number, a: number): number {
  const d = Math.abs(x);
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
}

/** Weights of the elements around a position at `r` of the way (0 < r <= 1), first tap to last. */
function taps(s: Sampling, r: number, scale: number): number[] | undefined {
  if (s.mode === "nearest") {
    const upper = own(nearestIsUpper, s.nearestMode);
    return upper && (upper(r) ? [0, 1] : [1, 0]);
  }
  const shrink = s.antialias ? Math.min(scale, 1) : 1;
  const reach = s.mode === "linear" ? 1 : s.mode === "cubic" ? 2 : undefined;
  if (reach === undefined) return undefined;
  const first = Math.floor(-reach / shrink) + 1;
  const weights = range(2 - 2 * first).map((i) => {
    const x = (first + i - r) * shrink;
    return s.mode === "linear" ? Math.max(0, 1 - Math.abs(x)) : cubic(x, s.cubicA);
  });
  return s.antialias ? normalised(weights) : weights;
}

function normalised(weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
}

/** The matrix, with a row of zeros for what lies outside a crop; nothing where a mode is not known. */
export function matrixOf(s: Sampling, a: AxisSampling): number[][] | undefined {
  const rows: number[][] = [];
  for (let i = 0; i < a.to; i++) {
    const at = coordinate(s.transform, i, a);
    if (at === undefined) return undefined;
    const row = new Array<number>(a.from).fill(0);
    rows.push(row);
    if (s.transform === "tf_crop_and_resize" && (at < 0 || at > a.from - 1)) continue;
    const lower = Math.ceil(at) - 1;
    let weights = taps(s, at - lower, a.scale);
    if (!weights) return undefined;
    const first = lower - weights.length / 2 + 1;
    const outside = (k: number) => first + k < 0 || first + k >= a.from;
    if (s.excludeOutside) weights = normalised(weights.map((w, k) => (outside(k) ? 0 : w)));
    for (const [k, w] of weights.entries()) row[Math.min(Math.max(first + k, 0), a.from - 1)]! += w;
  }
  return rows;
}
