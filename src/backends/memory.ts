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

type Order = (a: LiveBuffer, b: LiveBuffer) => number;

export const alignUp = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;
const overlap = (a: LiveBuffer, b: LiveBuffer): boolean => a.firstUse <= b.lastUse && b.firstUse <= a.lastUse;
/** By begin of life, then the largest first. */
const byBegin: Order = (a, b) => a.firstUse - b.firstUse || b.bytes - a.bytes;
const duration = (b: LiveBuffer): number => b.lastUse - b.firstUse + 1;

/** Orders in which buffers are placed; no single one wins on every network. */
const orders: readonly Order[] = [
  (a, b) => b.bytes - a.bytes || a.firstUse - b.firstUse,
  (a, b) => b.bytes * duration(b) - a.bytes * duration(a) || a.firstUse - b.firstUse,
  (a, b) => duration(b) - duration(a) || b.bytes - a.bytes,
  byBegin,
];

/**
 * Best fit in several orders, the lowest peak wins; where that misses the lower bound, a beam search.
 * Nothing more is tried once a plan meets the bound. Names must be unique; `align` is in bytes.
 * Equal buffers give equal plans.
 */
export function planMemory(buffers: readonly LiveBuffer[], align = 16): MemoryPlan {
  const blocks = buffers.map((b) => ({ ...b, bytes: alignUp(b.bytes, align) }));
  const lowerBound = mostAlive(blocks);
  const plan = refine(blocks, greedy(blocks, lowerBound), lowerBound, align);
  return { offsets: new Map(plan.map((b) => [b.name, b.offset])), peak: peakOf(plan), lowerBound };
}

/** The best plan of all orders, or the first that meets the lower bound. */
function greedy(blocks: readonly LiveBuffer[], lowerBound: number): readonly Placed[] {
  if (blocks.reduce((sum, b) => sum + b.bytes, 0) === lowerBound) return stack(blocks.toSorted(orders[0]));
  let best: readonly Placed[] = [];
  let peak = Number.POSITIVE_INFINITY;
  for (const order of orders) {
    const plan = place(blocks, order);
    if (peakOf(plan) >= peak) continue;
    best = plan;
    peak = peakOf(plan);
    if (peak === lowerBound) break;
  }
  return best;
}

/** One above the other: what all orders come to where everything is alive at once. */
function stack(blocks: readonly LiveBuffer[]): readonly Placed[] {
  let top = 0;
  return blocks.map((block) => {
    const offset = top;
    top += block.bytes;
    return { ...block, offset };
  });
}

/** Limits to try in turn: the lower bound, then shares of what the best plan so far needs beyond it. */
const limits = [0, 1 / 2, 1 / 2, 1 / 2];
/** States that the beam search carries along. */
const beam = 64;
/**
 * Live buffers that the beam search may look at for one plan: a few seconds of work, and more than networks of a hundred buffers take.
 * A search that runs out is given up, and the best plan so far stays.
 */
const searchBudget = 4_000_000;

/** Beam searches below one limit after another, as long as some plan may be better and the budget lasts. */
function refine(blocks: readonly LiveBuffer[], greedy: readonly Placed[], lowerBound: number, align: number) {
  const budget = { left: searchBudget };
  let plan = greedy;
  for (const share of limits) {
    const peak = peakOf(plan);
    if (budget.left <= 0) break;
    const limit = lowerBound + Math.floor(((peak - lowerBound) * share) / align) * align;
    if (limit < peak) plan = sweep(blocks, limit, budget) ?? plan;
  }
  return plan;
}

interface Seated extends Placed {
  /** Name and offset: states whose live buffers have equal tags are the same. */
  readonly tag: string;
}

/** The buffers placed so far, the last one first: states share what they have in common. */
interface Trail {
  readonly last: Seated;
  readonly before: Trail | undefined;
}

interface State {
  /** Sorted by offset. */
  readonly live: readonly Seated[];
  readonly trail: Trail | undefined;
  /** Bytes of the largest gap between live buffers. */
  readonly room: number;
}

/**
 * Places buffers below `limit` in the order of their lives, each at the bottom or top of a gap.
 * Networks keep few buffers alive at once, so a beam of states sees nearly all that matters.
 */
function sweep(
  blocks: readonly LiveBuffer[],
  limit: number,
  budget: { left: number },
): readonly Placed[] | undefined {
  let states: readonly State[] = [{ live: [], trail: undefined, room: limit }];
  for (const block of blocks.toSorted(byBegin)) {
    const next = new Map<string, State>();
    for (const state of states) {
      budget.left -= seat(state, block, limit, next);
      if (budget.left < 0) return undefined;
    }
    states = [...next.values()].sort((a, b) => b.room - a.room).slice(0, beam);
    if (states.length === 0) return undefined;
  }
  return placedBy(states[0]?.trail);
}

/** Adds to `next` what `block` makes of a state; returns how many live buffers it looked at. */
function seat({ live, trail }: State, block: LiveBuffer, limit: number, next: Map<string, State>): number {
  const rivals = live.filter((p) => overlap(p, block));
  const offsets = seats(rivals, block.bytes, limit);
  for (const offset of offsets) {
    const seated = { ...block, offset, tag: `${block.name}:${offset},` };
    const now = inserted(rivals, seated);
    let key = "";
    for (const p of now) key += p.tag;
    if (next.has(key)) continue;
    next.set(key, { live: now, trail: { last: seated, before: trail }, room: largestGap(now, limit) });
  }
  return live.length + offsets.length * (rivals.length + 1);
}

/** Behind all that lie no higher. */
function inserted(sorted: readonly Seated[], seated: Seated): readonly Seated[] {
  const above = sorted.findIndex((p) => p.offset > seated.offset);
  return above < 0 ? [...sorted, seated] : sorted.toSpliced(above, 0, seated);
}

function placedBy(trail: Trail | undefined): readonly Placed[] {
  const placed: Placed[] = [];
  for (let at = trail; at; at = at.before) placed.push(at.last);
  return placed.reverse();
}

/** Largest free stretch below `limit` between buffers that are sorted by offset. */
function largestGap(taken: readonly Placed[], limit: number): number {
  let [top, most] = [0, 0];
  for (const { offset, bytes } of taken) {
    most = Math.max(most, offset - top);
    top = offset + bytes;
  }
  return Math.max(most, limit - top);
}

/** Bottom and top of each free stretch that holds `bytes`; `taken` is sorted by offset. */
function seats(taken: readonly Placed[], bytes: number, limit: number): number[] {
  const found: number[] = [];
  let top = 0;
  const between = (from: number, to: number) => {
    if (to - from >= bytes) found.push(from, to - bytes);
  };
  for (const p of taken) {
    between(top, p.offset);
    top = p.offset + p.bytes;
  }
  between(top, limit);
  return found;
}

const peakOf = (placed: readonly Placed[]): number =>
  placed.reduce((top, b) => Math.max(top, b.offset + b.bytes), 0);

/** Walks over the begins in order, and takes off what ended before each. */
function mostAlive(blocks: readonly LiveBuffer[]): number {
  const ends = blocks.toSorted((a, b) => a.lastUse - b.lastUse);
  let [most, alive, ended] = [0, 0, 0];
  for (const { firstUse, bytes } of blocks.toSorted(byBegin)) {
    for (; ends[ended]!.lastUse < firstUse; ended++) alive -= ends[ended]!.bytes;
    alive += bytes;
    most = Math.max(most, alive);
  }
  return most;
}

function place(blocks: readonly LiveBuffer[], order: Order): readonly Placed[] {
  const index = new PlacedIndex(blocks);
  return blocks.toSorted(order).map((block) => {
    const rivals = index.overlapping(block).sort((a, b) => a.offset - b.offset);
    const placed = { ...block, offset: bestFit(rivals, block.bytes) };
    index.add(block, placed);
    return placed;
  });
}

/**
 * Finds the placed buffers that live at some time of another. A tree over all buffers in the order of
 * their begins: leaf `i` is `tree[size + i]`, and each inner node has the latest end placed beneath it.
 */
class PlacedIndex {
  readonly #order: readonly LiveBuffer[];
  readonly #rank: ReadonlyMap<LiveBuffer, number>;
  readonly #placed: Placed[];
  readonly #size: number;
  readonly #tree: Float64Array;

  constructor(blocks: readonly LiveBuffer[]) {
    this.#order = blocks.toSorted(byBegin);
    this.#rank = new Map(this.#order.map((b, i) => [b, i]));
    this.#placed = new Array(blocks.length);
    this.#size = 2 ** Math.ceil(Math.log2(Math.max(1, blocks.length)));
    this.#tree = new Float64Array(2 * this.#size).fill(Number.NEGATIVE_INFINITY);
  }

  add(block: LiveBuffer, placed: Placed): void {
    const rank = this.#rank.get(block)!;
    this.#placed[rank] = placed;
    for (let at = this.#size + rank; at > 0; at >>= 1) {
      if (this.#tree[at]! >= block.lastUse) break;
      this.#tree[at] = block.lastUse;
    }
  }

  overlapping(block: LiveBuffer): Placed[] {
    const found: Placed[] = [];
    this.#collect(block, 1, 0, this.#size, found);
    return found;
  }

  /** Node `at` stands for `width` buffers from the one of rank `from`. */
  #collect(block: LiveBuffer, at: number, from: number, width: number, found: Placed[]): void {
    if (this.#tree[at]! < block.firstUse || this.#order[from]!.firstUse > block.lastUse) return;
    if (width === 1) {
      found.push(this.#placed[from]!);
      return;
    }
    const half = width / 2;
    this.#collect(block, 2 * at, from, half, found);
    this.#collect(block, 2 * at + 1, from + half, half, found);
  }
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
