/** Geometry of sliding windows, shared by convolutions and pools. 1-D data is 2-D data of height 1. */
import type { AttrKind } from "../op.js";

export type PadMode = "constant" | "edge" | "reflect";
export const padModes = ["constant", "edge", "reflect"] as const;

export const perSpatial = (fill: number): AttrKind & { kind: "ints" } => ({
  kind: "ints",
  length: "spatial",
  default: fill,
  min: 1,
});
/** One positive size per spatial dimension that must be written. */
export const neededPerSpatial = { kind: "ints", length: "spatial", min: 1 } as const satisfies AttrKind;
/** Begins of all spatial dimensions, then ends of all. Negative pads crop. */
export const edgePads = { kind: "ints", length: "edges", default: 0 } as const satisfies AttrKind;

export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Begins, then ends. */
  readonly pads: readonly number[];
}

/** Positions of a window along each dimension: floor((size + pads - ((k - 1) d + 1)) / stride) + 1. */
export function windowPositions(spatial: readonly number[], w: Window): number[] {
  return spatial.map((size, i) => {
    const reach = (w.kernel[i]! - 1) * w.dilation[i]! + 1;
    return Math.floor((size + w.pads[i]! + w.pads[i + spatial.length]! - reach) / w.stride[i]!) + 1;
  });
}

/** Why padding cannot be done, in words. */
export function wrongPads(
  spatial: readonly number[],
  pads: readonly number[],
  mode: PadMode,
): string | undefined {
  for (const [i, size] of spatial.entries()) {
    const [begin, end] = [pads[i]!, pads[i + spatial.length]!];
    if (size + Math.min(begin, 0) + Math.min(end, 0) < 1)
      return `the negative pads [${pads.join(", ")}] crop all ${size} positions away`;
    if (mode === "reflect" && Math.max(begin, end) >= size)
      return `reflect pads must be smaller than the size ${size}`;
  }
  return undefined;
}

/** Why a window cannot slide over `spatial`, in words: its pads, or its reach. */
export function wrongWindow(
  spatial: readonly number[],
  w: Window,
  mode: PadMode = "constant",
): string | undefined {
  const wrong = wrongPads(spatial, w.pads, mode);
  if (wrong) return wrong;
  for (const [i, size] of spatial.entries()) {
    const [begin, end] = [w.pads[i]!, w.pads[i + spatial.length]!];
    const reach = (w.kernel[i]! - 1) * w.dilation[i]! + 1;
    if (reach > size + begin + end)
      return `a window that reaches over ${reach} positions does not fit into ${size} with pads ${begin} and ${end}`;
  }
  return undefined;
}

/** Which source index position `p` of a padded axis shows; -1 is the pad constant. */
export function source(p: number, size: number, mode: PadMode): number {
  if (p >= 0 && p < size) return p;
  if (mode === "constant") return -1;
  if (mode === "edge") return p < 0 ? 0 : size - 1;
  return p < 0 ? -p : 2 * (size - 1) - p;
}

/** [h, w] of what is listed per dimension, with `fill` for the height of 1-D data. */
export const twoD = <T>(list: readonly T[], fill: T): readonly [T, T] =>
  list.length === 1 ? [fill, list[0]!] : [list[0]!, list[1]!];
/** [top, left] begins of pads. */
export const twoDBegins = (pads: readonly number[]): readonly [number, number] =>
  twoD(pads.slice(0, pads.length / 2), 0);

/** Taps of the window that lie inside x at position `p` of dimension `i`. */
function tapsInside(p: number, size: number, w: Window, i: number): number {
  const first = p * w.stride[i]! - w.pads[i]!;
  const from = Math.max(0, Math.ceil(-first / w.dilation[i]!));
  const to = Math.min(w.kernel[i]! - 1, Math.floor((size - 1 - first) / w.dilation[i]!));
  return Math.max(0, to - from + 1);
}

/** How many taps of the window lie inside x, for every position along every dimension. */
export function windowCounts(spatial: readonly number[], w: Window): number[][] {
  const positions = windowPositions(spatial, w);
  return spatial.map((size, i) => Array.from({ length: positions[i]! }, (_, p) => tapsInside(p, size, w, i)));
}

/** Is there a position at either end where no tap lies inside x? */
export function blindAtEnds(spatial: readonly number[], w: Window): boolean {
  const positions = windowPositions(spatial, w);
  return spatial.some(
    (size, i) => tapsInside(0, size, w, i) === 0 || tapsInside(positions[i]! - 1, size, w, i) === 0,
  );
}

const manyBorderPositions = 2 ** 17;

/**
 * The different numbers of taps inside x along each dimension. Windows away from the borders are all alike, so only
 * those at a border are visited; nothing where a whole host of them is, which no real network has.
 */
export function tapCounts(spatial: readonly number[], w: Window): readonly (readonly number[])[] | undefined {
  const positions = windowPositions(spatial, w);
  const all: number[][] = [];
  for (const [i, size] of spatial.entries()) {
    const [stride, begin, kernel] = [w.stride[i]!, w.pads[i]!, w.kernel[i]!];
    const left = Math.min(positions[i]!, Math.max(0, Math.ceil(begin / stride)));
    const inner = Math.floor((size - 1 + begin - (kernel - 1) * w.dilation[i]!) / stride) + 1;
    const right = Math.min(positions[i]!, Math.max(left, inner));
    if (left + positions[i]! - right > manyBorderPositions) return undefined;
    const counts = new Set<number>(right > left ? [kernel] : []);
    for (let p = 0; p < left; p++) counts.add(tapsInside(p, size, w, i));
    for (let p = right; p < positions[i]!; p++) counts.add(tapsInside(p, size, w, i));
    all.push([...counts]);
  }
  return all;
}
