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

/** Best fit in several orders, the lowest peak wins. Names must be unique; `align` is in bytes. */
export function planMemory(buffers: readonly LiveBuffer[], align = 16): MemoryPlan {
  const blocks = buffers.map((b) => ({ ...b, bytes: alignUp(b.bytes, align) }));
  const lowerBound = mostAlive(blocks);
  let best: readonly Placed[] | undefined;
  for (const order of orders) {
    const placed = place(blocks.toSorted(order));
    if (!best || peakOf(placed) < peakOf(best)) best = placed;
    if (peakOf(best) === lowerBound) break;
  }
  const plan = best ?? [];
  return { offsets: new Map(plan.map((b) => [b.name, b.offset])), peak: peakOf(plan), lowerBound };
}

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
