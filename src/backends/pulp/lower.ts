/** One layer as steps: tiles come in, the kernel runs, tiles go out, one ahead of the other where there are two places. */

import { type IntStorage, slotBytes } from "../../ir/storage.js";
import { alignUp } from "../memory.js";
import { type Expr, over, plus, rest, times } from "../schedule/expr.js";
import type { Address, Block, Channel, Start, Step, Tile } from "../schedule/program.js";
import type { Extent } from "./contract.js";
import type { Interval } from "./geometry.js";
import { borderOf, contiguous, type Home, inputBoxAt, moveOf, type Position, positionsOf } from "./moves.js";
import { farAddress, type Stream, sectionOf, streamChannels, streamed } from "./stream.js";
import { type Load, type Prepared, planTiles, type TilePlan, type Tiling } from "./tile.js";

export interface Homes {
  readonly inputs: readonly Home[];
  readonly output: Home;
  /** Weights, then channels, then tables, each aligned to 16 bytes. */
  readonly constants: Address;
}

const index = "t";

/** What the steps of one layer are made from. */
interface Job {
  readonly p: Prepared;
  /** The extent that one run of the tiles covers. */
  readonly out: Extent;
  readonly plan: TilePlan;
  readonly tiling: Tiling;
  readonly homes: Homes;
  readonly stream?: Stream;
}

const positionsAt = ({ tiling, plan, out, stream }: Job, t: Expr) =>
  positionsOf(t, tiling, plan.counts, out, stream && sectionOf(stream));

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

function incomingInput(job: Job, i: number, block: string): Incoming {
  const { p, plan, homes, stream } = job;
  const input = p.layer.inputs[i]!;
  const [home, load, channel] = [homes.inputs[i]!, plan.inputs[i]!, `x${i}`];
  const bytes = slotBytes(input.value.type.storage);
  return {
    channel,
    load,
    block,
    start(t, slot) {
      const box = inputBoxAt(input, positionsAt(job, t), p.layer.out);
      const move = moveOf(home, box, input.extent, bytes);
      const place = placeOf(load, block, slot);
      return {
        kind: "start",
        channel,
        slot,
        direction: "in",
        near: { ...place, offset: plus(place.offset, move.near) },
        far: farAddress(home, move.far, stream?.inputs[i]),
        shape: move.shape,
      };
    },
  };
}

/** Constants of the tile's channels: groups of `block` channels, `each` bytes per group. */
function incomingConstants(
  job: Job,
  {
    channel,
    load,
    data,
    at,
    block,
  }: { channel: "w" | "q"; load: Load; data: Uint8Array; at: number; block: string },
): Incoming {
  const { layer, constants } = job.p;
  const each = data.length / Math.max(1, Math.ceil(layer.out.c / constants.block));
  const { block: far, offset } = job.homes.constants;
  return {
    channel,
    load,
    block,
    start(t, slot) {
      const { c } = positionsAt(job, t);
      const groups = over(plus(c.length, constants.block - 1), constants.block);
      return {
        kind: "start",
        channel,
        slot,
        direction: "in",
        near: placeOf(load, block, slot),
        far: { block: far, offset: plus(offset, at, times(over(c.from, constants.block), each)) },
        shape: contiguous(times(groups, each)),
      };
    },
  };
}

export const aligned16 = (n: number): number => alignUp(n, 16);
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

export interface LayerNames {
  readonly layer: string;
  readonly cFunction: string;
  /** Its place among the layers. */
  readonly step: number;
  readonly cores: number;
}

/** The steps of one layer, section by section where it streams from L3. `cFunction` computes a tile. */
export function lowerLayer(
  p: Prepared,
  tiling: Tiling,
  homes: Homes,
  names: LayerNames,
  stream?: Stream,
): LoweredLayer {
  const out = stream ? { ...p.layer.out, [stream.axis]: stream.size } : p.layer.out;
  const section = { ...p, layer: { ...p.layer, out } };
  const plan = planTiles(section, tiling, names.cores);
  const job: Job = { p, out, plan, tiling, homes, ...(stream ? { stream } : {}) };
  const places = new Places(names.layer, names.step);
  const operands = placeOperands(job, places);
  const { inputs, constants, result, shared } = operands;
  const incoming = [...inputs, ...constants];
  const tiles = pipeline(incoming, plan, (t) => [
    ...bordersOf(job, inputs, t),
    { kind: "wait", channel: "y", slot: slotAt(plan.output, t) },
    tileStep(job, names.cFunction, operands, t),
    storeStep(job, result, t),
  ]);
  const at = constantOffsets(p.constants).shared;
  return {
    channels: [
      ...incoming.map((o) => ({ name: o.channel, slots: o.load.slots })),
      { name: "y", slots: plan.output.slots },
      ...(shared ? [{ name: "shared", slots: 1 }] : []),
      ...(stream ? streamChannels(stream) : []),
    ],
    blocks: places.blocks,
    steps: [
      ...(shared ? tables(shared, homes, at, p.constants.shared.length) : []),
      ...(stream ? streamed(stream, homes, tiles) : tiles),
    ],
    tiles: plan.tiles * (stream?.count ?? 1),
  };
}

interface Operands {
  readonly inputs: readonly Incoming[];
  readonly constants: readonly Incoming[];
  readonly result: string;
  readonly shared: string | undefined;
  readonly scratch: string | undefined;
}

function placeOperands(job: Job, places: Places): Operands {
  const { p, plan } = job;
  const place = (name: string, l: Load) => places.add(name, l.slots * l.bytes);
  const at = constantOffsets(p.constants);
  return {
    inputs: p.layer.inputs.map((_, i) => incomingInput(job, i, place(`x${i}`, plan.inputs[i]!))),
    constants: (["w", "q"] as const).flatMap((channel) => {
      const [load, data] =
        channel === "w" ? [plan.weights, p.constants.weights] : [plan.channels, p.constants.channels];
      if (data.length === 0) return [];
      return [incomingConstants(job, { channel, load, data, at: at[channel], block: place(channel, load) })];
    }),
    result: place("y", plan.output),
    shared: plan.shared > 0 ? places.add("shared", plan.shared) : undefined,
    scratch: plan.scratch > 0 ? places.add("scratch", plan.scratch) : undefined,
  };
}

const tables = (block: string, homes: Homes, offset: number, bytes: number): Step[] => [
  {
    kind: "start",
    channel: "shared",
    slot: 0,
    direction: "in",
    near: { block, offset: 0 },
    far: { block: homes.constants.block, offset: plus(homes.constants.offset, offset) },
    shape: contiguous(bytes),
  },
  { kind: "wait", channel: "shared", slot: 0 },
];

function bordersOf(job: Job, inputs: readonly Incoming[], t: Expr): Step[] {
  const { p, homes } = job;
  const at = positionsAt(job, t);
  return p.layer.inputs.flatMap((input, i) => {
    const { load, block } = inputs[i]!;
    const box = inputBoxAt(input, at, p.layer.out);
    const bytes = slotBytes(input.value.type.storage as IntStorage);
    const border = borderOf(placeOf(load, block, slotAt(load, t)), homes.inputs[i]!, box, bytes, input.fill);
    return border ? [border] : [];
  });
}

function tileStep(job: Job, kernel: string, o: Operands, t: Expr): Tile {
  const { p, plan } = job;
  const at = positionsAt(job, t);
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

function storeStep(job: Job, block: string, t: Expr): Start {
  const { p, plan, homes, stream } = job;
  const { h, w, c } = positionsAt(job, t);
  const whole = ({ from, length }: Position): Interval => ({ begin: from, length, before: 0, behind: 0 });
  const bytes = slotBytes(p.layer.output.type.storage);
  const move = moveOf(homes.output, { y: whole(h), x: whole(w), c }, p.layer.out, bytes);
  return {
    kind: "start",
    channel: "y",
    slot: slotAt(plan.output, t),
    direction: "out",
    near: placeOf(plan.output, block, slotAt(plan.output, t)),
    far: farAddress(homes.output, move.far, stream?.output),
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
