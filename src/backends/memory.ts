/** Where buffers lie in one memory: offsets from lifetimes, with a lower bound to judge them by. */

/** A block of bytes that must keep its content from step `firstUse` to step `lastUse`, both included. */
export interface LiveBuffer {
  readonly name: string;
  readonly bytes: number;
  readonly firstUse: number;
  readonly lastUse: number;
}

export interface MemoryPlan {
  /** Offset of each buffer by name, a multiple of the alignment. */
  readonly offsets: ReadonlyMap<string, number>;
  /** Bytes from 0 to the end of the highest buffer. */
  readonly peak: number;
  /** Most bytes alive at once: no plan can need less. */
  readonly lowerBound: number;
}

interface Placed extends LiveBuffer {
  readonly offset: number;
}

export const alignUp = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;
const overlap = (a: LiveBuffer, b: LiveBuffer): boolean => a.firstUse <= b.lastUse && b.firstUse <= a.lastUse;
const duration = (b: LiveBuffer): number => b.lastUse - b.firstUse + 1;

type Order = (a: LiveBuffer, b: LiveBuffer) => number;
/** Orders in which buffers are placed; no single one wins on every network. */
const orders: readonly Order[] = [
  (a, b) => b.bytes - a.bytes || a.firstUse - b.firstUse,
  (a, b) => b.bytes * duration(b) - a.bytes * duration(a) || a.firstUse - b.firstUse,
  (a, b) => duration(b) - duration(a) || b.bytes - a.bytes,
  (a, b) => a.firstUse - b.firstUse || b.bytes - a.bytes,
];

/**
 * Best fit in several orders, the lowest peak wins; where that misses the lower bound, a beam search.
 * Names must be unique; `align` is in bytes. Equal buffers give equal plans.
 */
export function planMemory(buffers: readonly LiveBuffer[], align = 16): MemoryPlan {
  const blocks = buffers.map((b) => ({ ...b, bytes: alignUp(b.bytes, align) }));
  const lowerBound = mostAlive(blocks);
  let plan = orders
    .map((order) => place(blocks.toSorted(order)))
    .reduce((best, p) => (peakOf(p) < peakOf(best) ? p : best));
  for (const share of limits) {
    const peak = peakOf(plan);
    const limit = lowerBound + Math.floor(((peak - lowerBound) * share) / align) * align;
    if (limit < peak) plan = sweep(blocks, limit) ?? plan;
  }
  return { offsets: new Map(plan.map((b) => [b.name, b.offset])), peak: peakOf(plan), lowerBound };
}

/** Limits to try in turn: the lower bound, then shares of what the best plan so far needs beyond it. */
const limits = [0, 1 / 2, 1 / 2, 1 / 2];
/** States that the beam search carries along. */
const beam = 64;

interface State {
  readonly live: readonly Placed[];
  readonly placed: readonly Placed[];
}

/**
 * Places buffers below `limit` in the order of their lives, each at the bottom or top of a gap.
 * Networks keep few buffers alive at once, so a beam of states sees nearly all that matters.
 */
function sweep(blocks: readonly LiveBuffer[], limit: number): readonly Placed[] | undefined {
  let states: readonly State[] = [{ live: [], placed: [] }];
  for (const block of blocks.toSorted((a, b) => a.firstUse - b.firstUse || b.bytes - a.bytes)) {
    const next = new Map<string, State>();
    for (const { live, placed } of states) {
      const rivals = live.filter((p) => overlap(p, block));
      for (const offset of seats(rivals, block.bytes, limit)) {
        const seated = { ...block, offset };
        const now = [...rivals, seated].sort((a, b) => a.offset - b.offset);
        const key = now.map((p) => `${p.name}:${p.offset}`).join();
        if (!next.has(key)) next.set(key, { live: now, placed: [...placed, seated] });
      }
    }
    states = [...next.values()]
      .sort((a, b) => largestGap(b.live, limit) - largestGap(a.live, limit))
      .slice(0, beam);
  }
  return states[0]?.placed;
}

/** Free stretches below `limit` between buffers that are sorted by offset. */
function gaps(taken: readonly Placed[], limit: number): { from: number; to: number }[] {
  const ends = taken.map((p) => p.offset + p.bytes);
  return [...taken.map((p) => p.offset), limit].map((to, i) => ({ from: ends[i - 1] ?? 0, to }));
}

const largestGap = (taken: readonly Placed[], limit: number): number =>
  gaps(taken, limit).reduce((most, g) => Math.max(most, g.to - g.from), 0);

const seats = (taken: readonly Placed[], bytes: number, limit: number): number[] =>
  gaps(taken, limit).flatMap((g) => (g.to - g.from < bytes ? [] : [g.from, g.to - bytes]));

const peakOf = (placed: readonly Placed[]): number =>
  placed.reduce((top, b) => Math.max(top, b.offset + b.bytes), 0);

/** The sum of live bytes changes upwards only where some buffer begins. */
function mostAlive(blocks: readonly LiveBuffer[]): number {
  const alive = (step: number) =>
    blocks.reduce((sum, b) => (b.firstUse <= step && step <= b.lastUse ? sum + b.bytes : sum), 0);
  return blocks.reduce((most, b) => Math.max(most, alive(b.firstUse)), 0);
}

function place(ordered: readonly LiveBuffer[]): readonly Placed[] {
  const placed: Placed[] = [];
  for (const block of ordered) {
    const rivals = placed.filter((p) => overlap(p, block)).sort((a, b) => a.offset - b.offset);
    placed.push({ ...block, offset: bestFit(rivals, block.bytes) });
  }
  return placed;
}

/** The tightest gap between `rivals` (sorted by offset) that holds `bytes`, else the space above them. */
function bestFit(rivals: readonly Placed[], bytes: number): number {
  let top = 0;
  let best: { offset: number; size: number } | undefined;
  for (const { offset, bytes: taken } of rivals) {
    const size = offset - top;
    if (size >= bytes && (!best || size < best.size)) best = { offset: top, size };
    top = Math.max(top, offset + taken);
  }
  return best?.offset ?? top;
}
