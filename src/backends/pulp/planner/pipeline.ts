/** The order of a layer's steps: tiles come in ahead of the kernel where an operand has two places, and just before it where it has one. */
import { type Expr, over, plus, rest, times } from "../../schedule/expr.js";
import type { Address, Start, Step } from "../../schedule/program.js";
import type { Load, TilePlan } from "./tile.js";

/** Of the loop over tiles. */
const tileIndex = "t";

/** An operand that comes in: its place in L1, and the transfer for a tile. */
export interface Incoming {
  /** `x0`, `w`. */
  readonly name: string;
  readonly channel: string;
  readonly load: Load;
  readonly block: string;
  /** It is on its way, or there, before the layer begins. */
  readonly early?: boolean;
  /** The transfer of the box for tile `t` into `slot`. */
  start(t: Expr, slot: Expr): Start;
}

/** What is done with a tile once its operands have come and its place for the result is free. */
export interface TileWork {
  readonly prepare: (t: Expr) => readonly Step[];
  readonly compute: (t: Expr) => readonly Step[];
}

const countAt = (load: Load, t: Expr): Expr => (load.loads === 1 ? 0 : over(t, load.every));
/** The place of an operand that tile `t` uses. */
export const slotAt = (load: Load, t: Expr): Expr =>
  load.slots === 1 ? 0 : rest(countAt(load, t), load.slots);
export const placeOf = (load: Load, block: string, slot: Expr): Address => ({
  block,
  offset: times(slot, load.bytes),
});

/** The transfer for tile `t`, where that is the first one that needs it. */
function startFor(o: Incoming, t: Expr): Step {
  const start = o.start(t, slotAt(o.load, t));
  if (o.load.every === 1) return start;
  return { kind: "when", left: rest(t, o.load.every), is: "=", right: 0, body: [start] };
}

const waitFor = (o: Incoming, t: Expr): Step => ({
  kind: "wait",
  channel: o.channel,
  slot: slotAt(o.load, t),
});

/**
 * What is needed first comes first, small things before large ones; `upcoming` starts with the last tile, for the layer
 * behind. Transfers start as late as can be, right before the kernel: a core that misses its instruction cache queues
 * behind them.
 */
export function pipeline(
  incoming: readonly Incoming[],
  plan: TilePlan,
  work: TileWork,
  upcoming: readonly Step[],
): Step[] {
  const constant = incoming.filter((o) => o.load.loads === 1);
  const moving = incoming.filter((o) => o.load.loads > 1);
  const ahead = moving.filter((o) => o.load.slots === 2);
  const late = moving.filter((o) => o.load.slots === 1);
  const next = plus(tileIndex, 1);
  const when = (is: "<" | "=", body: readonly Step[]): Step[] =>
    body.length > 0 ? [{ kind: "when", left: next, is, right: plan.tiles, body }] : [];
  const body = (t: Expr, following: readonly Step[]): Step[] => [
    ...late.map((o) => startFor(o, t)),
    ...moving.map((o) => waitFor(o, t)),
    { kind: "wait", channel: "y", slot: slotAt(plan.output, t) },
    ...work.prepare(t),
    ...following,
    ...work.compute(t),
  ];
  const prefetch = ahead.map((o) => startFor(o, next));
  const tiles: Step[] =
    plan.tiles === 1
      ? body(0, upcoming)
      : [
          {
            kind: "loop",
            index: tileIndex,
            count: plan.tiles,
            body: body(tileIndex, [...when("<", prefetch), ...when("=", upcoming)]),
          },
        ];
  return [
    ...[...constant, ...ahead]
      .filter((o) => !o.early)
      .sort((a, b) => a.load.bytes - b.load.bytes)
      .map((o) => o.start(0, 0)),
    ...constant.map((o) => waitFor(o, 0)),
    ...tiles,
    ...Array.from({ length: plan.output.slots }, (_, slot): Step => ({ kind: "wait", channel: "y", slot })),
  ];
}
