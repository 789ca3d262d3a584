/** What is wrong with the blocks, channels and memories of a schedule before any step is taken. */
import { type Diagnostic, error, type Place } from "../../ir/diagnostic.js";
import type { Channel, LevelUse, Schedule, ScheduleBlock } from "./schedule.js";
import type { Work } from "./work.js";

interface Report {
  readonly work: Work;
  placeOf(item: object): Place | undefined;
  readonly problems: Diagnostic[];
}

/** The verifier keeps a state for each byte of L1 and L2. */
const largest = { l1: 2 ** 24, l2: 2 ** 26, l3: Number.MAX_SAFE_INTEGER };

function complain(r: Report, item: object, id: Diagnostic["id"], text: string): void {
  const place = r.placeOf(item);
  r.problems.push(error(id, text, place ? { place } : {}));
}

function checkLevels({ levels }: Schedule, r: Report): void {
  for (const l of levels) {
    if (l.bytes > l.budget)
      complain(r, l, "schedule/budget", `${l.level} takes ${l.bytes} bytes of ${l.budget}`);
    const most = largest[l.level as keyof typeof largest] ?? 0;
    if (l.budget > most)
      complain(r, l, "schedule/too-large", `${l.level} has ${l.budget} bytes; at most ${most} are looked at`);
  }
  repeated(levels, (l) => l.level, "memory", r);
}

function repeated<T extends object>(
  items: readonly T[],
  nameOf: (item: T) => string,
  what: string,
  r: Report,
): void {
  const seen = new Set<string>();
  for (const item of items) {
    const name = nameOf(item);
    if (seen.has(name)) complain(r, item, "schedule/duplicate-name", `there is a ${what} ${name} already`);
    seen.add(name);
  }
}

/** Blocks lie inside of what their memory says that it takes. */
function checkEnds(blocks: readonly ScheduleBlock[], levels: ReadonlyMap<string, LevelUse>, r: Report): void {
  for (const b of blocks) {
    if (b.level === "caller") continue;
    const memory = levels.get(b.level);
    const end = b.offset + b.bytes;
    if (!memory)
      complain(r, b, "schedule/budget", `${b.name} lies in ${b.level}, which the schedule does not have`);
    else if (end > memory.bytes)
      complain(
        r,
        b,
        "schedule/budget",
        `${b.name} ends at byte ${end} of ${b.level}, which takes ${memory.bytes}`,
      );
  }
}

const meet = (a: ScheduleBlock, b: ScheduleBlock): boolean =>
  a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;

/** Blocks of one memory that are alive at once and share bytes, with each other or with `others`. Constants have bytes of their own. */
function checkOverlaps(
  blocks: readonly ScheduleBlock[],
  r: Report,
  others: readonly ScheduleBlock[] = [],
): void {
  r.work.spend(blocks.length ** 2 / 4 + blocks.length * others.length);
  for (const [i, a] of blocks.entries())
    for (const b of [...blocks.slice(i + 1), ...others]) {
      const together = a.level === b.level && a.constant === b.constant;
      if (!together || a.level === "caller" || a.from > b.to || b.from > a.to || !meet(a, b)) continue;
      const text = `${a.name} and ${b.name} share bytes of ${a.level} and live together`;
      complain(r, b, "schedule/overlap", text);
      if (r.problems.length > 100) return;
    }
}

/** Memories, blocks and channels of all layers. */
export function checkShape(s: Schedule, r: Report): void {
  checkLevels(s, r);
  const levels = new Map(s.levels.map((l) => [l.level, l]));
  const channels = (list: readonly Channel[]) => repeated(list, (c) => c.name, "channel", r);
  channels(s.channels);
  checkEnds(s.blocks, levels, r);
  checkOverlaps(s.blocks, r);
  repeated(s.blocks, (b) => b.name, "block", r);
  repeated(s.layers, (l) => l.name, "layer", r);
  const names = new Set(s.blocks.map((b) => b.name));
  const inL1 = s.blocks.filter((b) => b.level === "l1");
  for (const [i, layer] of s.layers.entries()) {
    channels(layer.channels);
    repeated(layer.blocks, (b) => b.name, "block", r);
    for (const b of layer.blocks)
      if (names.has(b.name)) complain(r, b, "schedule/duplicate-name", `there is a block ${b.name} already`);
    checkEnds(layer.blocks, levels, r);
    checkOverlaps(
      layer.blocks,
      r,
      inL1.filter((b) => b.from <= i && i <= b.to),
    );
  }
}
