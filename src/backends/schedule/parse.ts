/** Reads the text of schedules. What it says of memories and transfers is the verifier's to judge. */
import { attempt, error, type Result, type Span } from "../../ir/diagnostic.js";
import { oneOf, type Parser, placed, readSteps, separated } from "./parse-steps.js";
import { scan } from "./scan.js";
import type { Channel, Level, LevelUse, Schedule, ScheduleBlock, ScheduleLayer } from "./schedule.js";

export interface ParsedSchedule {
  readonly schedule: Schedule;
  /** Where steps, blocks, layers and memories stand. */
  readonly places: ReadonlyMap<object, Span>;
}

/** In characters. */
const textLimit = 4 * 2 ** 20;
/** The schedule that a text says: `parseSchedule(printSchedule(s))` says what `s` does. */
export function parseSchedule(source: string, { file }: { readonly file: string }): Result<ParsedSchedule> {
  if (source.length > textLimit) {
    const more = { found: `${source.length} characters`, expected: `at most ${textLimit}` };
    return { ok: false, diagnostics: [error("schedule/too-large", `${file} is too large`, more)] };
  }
  return attempt(() => {
    const p: Parser = { ...scan(source, file), places: new Map(), indices: new Set() };
    const schedule = readSchedule(p);
    if (p.peek().kind !== "end") p.refuse("the end of the text");
    return { schedule, places: p.places };
  });
}

/** `@name` without its sigil. */
function sigiled(p: Parser, sigil: "@" | "%"): string {
  if (!p.peek().text.startsWith(sigil)) p.refuse(`a name that begins with ${sigil}`);
  return p.word("a name").slice(1);
}

/** `1 core`, `2 cores`. */
function counted(p: Parser, unit: string): number {
  const count = p.number(`a number of ${unit}s`);
  p.expect(count === 1 ? unit : `${unit}s`);
  return count;
}

/** As many as begin with the word. */
function each<T extends object>(p: Parser, word: string, read: () => T): T[] {
  const found: T[] = [];
  while (p.peek().text === word) found.push(placed(p, read));
  return found;
}

function readSchedule(p: Parser): Schedule {
  p.expect("schedule");
  const name = sigiled(p, "@");
  p.expect("for");
  const target = p.word("a target");
  p.expect(",");
  const cores = counted(p, "core");
  p.expect("{");
  const levels = each(p, "memory", () => readLevel(p));
  const channels = readChannels(p);
  const blocks = each(p, "block", () => readBlock(p, ["caller", "l1", "l2", "l3"]));
  const layers: ScheduleLayer[] = [];
  while (p.peek().text === "layer") layers.push(placed(p, () => readLayer(p, layers.length)));
  if (!p.take("}")) p.refuse(layers.length > 0 ? "layer or }" : "memory, channels, block, layer or }");
  return { name, target, cores, levels, channels, blocks, layers };
}

function readLevel(p: Parser): LevelUse {
  p.expect("memory");
  const level = oneOf(p, ["l1", "l2", "l3"]);
  p.expect(":");
  const bytes = p.number("bytes");
  p.expect("of");
  const budget = p.number("bytes");
  p.expect("bytes", ",", "lower", "bound");
  return { level, bytes, budget, lowerBound: p.number("bytes") };
}

function readChannels(p: Parser): Channel[] {
  if (!p.take("channels")) return [];
  return separated(p, () => {
    const name = p.word("a channel");
    p.expect("[");
    const slots = p.number("a number of slots");
    p.expect("]");
    return { name, slots };
  });
}

function readBlock(p: Parser, levels: readonly Level[]): ScheduleBlock {
  p.expect("block");
  const name = p.word("a name");
  p.expect("at");
  const level = oneOf(p, levels);
  if (level !== "caller") p.expect("+");
  const offset = level === "caller" ? 0 : p.number("an offset in bytes");
  p.expect(",");
  const bytes = p.number("a size in bytes");
  p.expect("bytes", ",", "layers");
  const from = p.number("a layer");
  p.expect("to");
  const to = p.number("a layer");
  const constant = p.take(",");
  if (constant) p.expect("constant");
  const block = { name, level, offset, bytes, from, to, constant };
  if (p.peek().text !== "holds") return block;
  p.next();
  return { ...block, holds: p.restOfLine() };
}

function readLayer(p: Parser, number: number): ScheduleLayer {
  p.expect("layer", String(number));
  const name = sigiled(p, "%");
  p.expect("=");
  const kernel = p.word("a kernel");
  p.expect(",");
  const tiles = counted(p, "tile");
  p.expect(",", "about");
  const estimate = p.number("a number of cycles");
  p.expect("cycles", "{");
  const channels = readChannels(p);
  const blocks = each(p, "block", () => readBlock(p, ["l1"]));
  const steps = readSteps(p, 0);
  return { name, kernel, channels, blocks, steps, tiles, estimate };
}
