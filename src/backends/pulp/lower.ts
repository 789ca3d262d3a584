/** One layer as steps: tiles come in, the kernel runs, tiles go out, one ahead of the other where there are two places. */
import { type IntStorage, slotBytes } from "../../ir/storage.js";
import { type Expr, over, plus, rest, times } from "../schedule/expr.js";
import type { Address, Block, Channel, Start, Step, Tile } from "../schedule/program.js";
import type { Interval } from "./geometry.js";
import { borderOf, contiguous, type Home, inputBoxAt, moveOf, type Position, positionsOf } from "./moves.js";
import { type Load, type Prepared, planTiles, type TilePlan, type Tiling } from "./tile.js";

export interface Homes {
  readonly inputs: readonly Home[];
  readonly output: Home;
  /** Block of the packed constants: weights, then channels, then tables, each aligned to 16 bytes. */
  readonly constants: string;
}

const index = "t";

/** The places of a layer in L1, one behind the other. */
class Places {
  readonly blocks: Block[] = [];
  readonly #layer: string;
  readonly #step: number;
  #top = 0;
  constructor(layer: string, step: number) {
    this.#layer = layer;
    this.#step = step;
  }

  add(name: string, bytes: number): string {
    const block = { name: `${this.#layer}.${name}`, level: "l1" as const, offset: this.#top, bytes };
    this.blocks.push({ ...block, from: this.#step, to: this.#step });
    this.#top += bytes;
    return block.name;
  }
}

/** An operand that comes in: its place in L1, and the transfer for a tile. */
interface Incoming {
  readonly channel: string;
  readonly load: Load;
  readonly block: string;
  /** The transfer of the box for tile `t` into `slot`. */
  start(t: Expr, slot: Expr): Start;
}

const countAt = (load: Load, t: Expr): Expr => (load.loads === 1 ? 0 : over(t, load.every));
const slotAt = (load: Load, t: Expr): Expr => (load.slots === 1 ? 0 : rest(countAt(load, t), load.slots));
const placeOf = (load: Load, block: string, slot: Expr): Address => ({
  block,
  offset: times(slot, load.bytes),
});

function incomingInput(
  p: Prepared,
  i: number,
  plan: TilePlan,
  tiling: Tiling,
  homes: Homes,
  block: string,
): Incoming {
  const input = p.layer.inputs[i]!;
  const [home, load, channel] = [homes.inputs[i]!, plan.inputs[i]!, `x${i}`];
  const bytes = slotBytes(input.value.type.storage);
  return {
    channel,
    load,
    block,
    start(t, slot) {
      const box = inputBoxAt(input, positionsOf(t, tiling, plan.counts, p.layer.out), p.layer.out);
      const move = moveOf(home, box, input.extent, bytes);
      const place = placeOf(load, block, slot);
      return {
        kind: "start",
        channel,
        slot,
        direction: "in",
        near: { ...place, offset: plus(place.offset, move.near) },
        far: { block: home.block, offset: plus(home.offset, move.far) },
        shape: move.shape,
      };
    },
  };
}

/** Constants of the tile's channels: groups of `block` channels, `each` bytes per group. */
function incomingConstants(
  p: Prepared,
  what: { channel: "w" | "q"; load: Load; data: Uint8Array; at: number },
  ctx: { plan: TilePlan; tiling: Tiling; homes: Homes; block: string },
): Incoming {
  const { channel, load, data, at } = what;
  const groups = Math.max(1, Math.ceil(p.layer.out.c / p.constants.block));
  const each = data.length / groups;
  return {
    channel,
    load,
    block: ctx.block,
    start(t, slot) {
      const { c } = positionsOf(t, ctx.tiling, ctx.plan.counts, p.layer.out);
      const count = over(plus(c.length, p.constants.block - 1), p.constants.block);
      return {
        kind: "start",
        channel,
        slot,
        direction: "in",
        near: placeOf(load, ctx.block, slot),
        far: { block: ctx.homes.constants, offset: plus(at, times(over(c.from, p.constants.block), each)) },
        shape: contiguous(times(count, each)),
      };
    },
  };
}

export const aligned16 = (n: number): number => Math.ceil(n / 16) * 16;
/** Where the parts of a layer's constants begin in its block, and how long it is. */
export function constantOffsets({ weights, channels, shared }: Prepared["constants"]) {
  const q = aligned16(weights.length);
  const tables = q + aligned16(channels.length);
  return { w: 0, q, shared: tables, bytes: tables + aligned16(shared.length) };
}

export interface LoweredLayer {
  readonly channels: readonly Channel[];
  readonly blocks: readonly Block[];
  readonly steps: readonly Step[];
  readonly tiles: number;
}

/** The steps of one layer; `step` is its place among the layers. `cFunction` computes a tile. */
export function lowerLayer(
  p: Prepared,
  tiling: Tiling,
  homes: Homes,
  names: { layer: string; cFunction: string; step: number; cores: number },
): LoweredLayer {
  const plan = planTiles(p, tiling, names.cores);
  const places = new Places(names.layer, names.step);
  const place = (name: string, l: Load) => places.add(name, l.slots * l.bytes);
  const at = constantOffsets(p.constants);
  const inputs = p.layer.inputs.map((_, i) =>
    incomingInput(p, i, plan, tiling, homes, place(`x${i}`, plan.inputs[i]!)),
  );
  const constants = (["w", "q"] as const).flatMap((channel) => {
    const [load, data] =
      channel === "w" ? [plan.weights, p.constants.weights] : [plan.channels, p.constants.channels];
    if (data.length === 0) return [];
    const block = place(channel, load);
    return [incomingConstants(p, { channel, load, data, at: at[channel] }, { plan, tiling, homes, block })];
  });
  const shared = plan.shared > 0 ? places.add("shared", plan.shared) : undefined;
  const result = place("y", plan.output);
  const scratch = plan.scratch > 0 ? places.add("scratch", plan.scratch) : undefined;
  const incoming = [...inputs, ...constants];
  const job: Job = { p, plan, tiling, homes };
  const steps = pipeline(incoming, plan, (t) => [
    ...bordersOf(job, inputs, t),
    { kind: "wait", channel: "y", slot: slotAt(plan.output, t) },
    tileStep(job, names.cFunction, { inputs, constants, result, shared, scratch }, t),
    storeStep(job, result, t),
  ]);
  return {
    channels: [
      ...incoming.map((o) => ({ name: o.channel, slots: o.load.slots })),
      { name: "y", slots: plan.output.slots },
      ...(shared ? [{ name: "shared", slots: 1 }] : []),
    ],
    blocks: places.blocks,
    steps: [...(shared ? tables(shared, homes, at.shared, p.constants.shared.length) : []), ...steps],
    tiles: plan.tiles,
  };
}

const tables = (block: string, homes: Homes, offset: number, bytes: number): Step[] => [
  {
    kind: "start",
    channel: "shared",
    slot: 0,
    direction: "in",
    near: { block, offset: 0 },
    far: { block: homes.constants, offset },
    shape: contiguous(bytes),
  },
  { kind: "wait", channel: "shared", slot: 0 },
];

/** What the steps of one layer are made from. */
interface Job {
  readonly p: Prepared;
  readonly plan: TilePlan;
  readonly tiling: Tiling;
  readonly homes: Homes;
}

function bordersOf({ p, plan, tiling, homes }: Job, inputs: readonly Incoming[], t: Expr): Step[] {
  const at = positionsOf(t, tiling, plan.counts, p.layer.out);
  return p.layer.inputs.flatMap((input, i) => {
    const { load, block } = inputs[i]!;
    const box = inputBoxAt(input, at, p.layer.out);
    const bytes = slotBytes(input.value.type.storage as IntStorage);
    const border = borderOf(placeOf(load, block, slotAt(load, t)), homes.inputs[i]!, box, bytes, input.fill);
    return border ? [border] : [];
  });
}

function tileStep(
  { p, plan, tiling }: Job,
  kernel: string,
  o: {
    inputs: readonly Incoming[];
    constants: readonly Incoming[];
    result: string;
    shared: string | undefined;
    scratch: string | undefined;
  },
  t: Expr,
): Tile {
  const at = positionsOf(t, tiling, plan.counts, p.layer.out);
  const box = inputBoxAt(p.layer.inputs[0]!, at, p.layer.out);
  const here = (i: Incoming) => placeOf(i.load, i.block, slotAt(i.load, t));
  const constant = (channel: string) => o.constants.find((c) => c.channel === channel);
  const [w, q] = [constant("w"), constant("q")];
  return {
    kind: "tile",
    kernel,
    x: o.inputs.map(here),
    ...(w ? { w: here(w) } : {}),
    ...(q ? { q: here(q) } : {}),
    ...(o.shared ? { shared: { block: o.shared, offset: 0 } } : {}),
    y: placeOf(plan.output, o.result, slotAt(plan.output, t)),
    ...(o.scratch ? { scratch: { block: o.scratch, offset: 0 } } : {}),
    extents: {
      ho: at.h.length,
      wo: at.w.length,
      co: at.c.length,
      hi: box.y.length,
      wi: box.x.length,
      ci: box.c.length,
      oy: at.h.from,
      ox: at.w.from,
      iy: box.y.begin,
      ix: box.x.begin,
      first: 1,
      last: 1,
    },
  };
}

function storeStep({ p, plan, tiling, homes }: Job, block: string, t: Expr): Start {
  const { h, w, c } = positionsOf(t, tiling, plan.counts, p.layer.out);
  const whole = ({ from, length }: Position): Interval => ({ begin: from, length, before: 0, behind: 0 });
  const bytes = slotBytes(p.layer.output.type.storage);
  const move = moveOf(homes.output, { y: whole(h), x: whole(w), c }, p.layer.out, bytes);
  return {
    kind: "start",
    channel: "y",
    slot: slotAt(plan.output, t),
    direction: "out",
    near: placeOf(plan.output, block, slotAt(plan.output, t)),
    far: { block: homes.output.block, offset: plus(homes.output.offset, move.far) },
    shape: move.shape,
  };
}

/** Loads around the work on each tile: ahead of it where an operand has two places, just before it where it has one. */
function pipeline(incoming: readonly Incoming[], plan: TilePlan, work: (t: Expr) => readonly Step[]): Step[] {
  const startAt = (o: Incoming, t: Expr) => o.start(t, slotAt(o.load, t));
  const once = (o: Incoming) => o.load.slots === 2 || o.load.loads === 1;
  const ahead = incoming.filter((o) => o.load.slots === 2);
  const late = incoming.filter((o) => !once(o));
  const every = (o: Incoming, t: Expr): Step[] =>
    o.load.every === 1
      ? [startAt(o, t)]
      : [{ kind: "when", left: rest(t, o.load.every), is: "=", right: 0, body: [startAt(o, t)] }];
  const next = plus(index, 1);
  const prefetch = ahead.flatMap((o) => every(o, next));
  const body = (t: Expr): Step[] => [
    ...(prefetch.length > 0
      ? [{ kind: "when", left: next, is: "<", right: plan.tiles, body: prefetch } as const]
      : []),
    ...late.flatMap((o) => every(o, t)),
    ...incoming.map((o): Step => ({ kind: "wait", channel: o.channel, slot: slotAt(o.load, t) })),
    ...work(t),
  ];
  const drain = Array.from(
    { length: plan.output.slots },
    (_, slot): Step => ({ kind: "wait", channel: "y", slot }),
  );
  const first = incoming.filter(once).map((o) => startAt(o, 0));
  const tiles: Step[] =
    plan.tiles === 1 ? body(0) : [{ kind: "loop", index, count: plan.tiles, body: body(index) }];
  return [...first, ...tiles, ...drain];
}
