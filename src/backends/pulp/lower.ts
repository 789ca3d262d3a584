/** One layer as steps: where its operands lie in L1, how they come in, what the kernel is called with, how results go out. */

import { type IntStorage, slotBytes } from "../../ir/storage.js";
import { alignUp } from "../memory.js";
import { type Expr, least, minus, over, plus, rest, times } from "../schedule/expr.js";
import type { Address, Block, Channel, Start, Step, Tile } from "../schedule/program.js";
import { addendBytes, firstChannel, isLast } from "./addends.js";
import type { Extent, LayerInput } from "./contract.js";
import type { Interval } from "./geometry.js";
import {
  borderOf,
  contiguous,
  type Home,
  type InputBox,
  inputBoxAt,
  moveOf,
  type Position,
  positionsOf,
} from "./moves.js";
import { type Incoming, pipeline, placeOf, slotAt } from "./pipeline.js";
import { farAddress, type Stream, sectionOf, streamChannels, streamed } from "./stream.js";
import { type Load, type Prepared, planTiles, type TilePlan, type Tiling } from "./tile.js";

export interface Homes {
  readonly inputs: readonly Home[];
  readonly output: Home;
  /** Weights, then channels, then tables, each aligned to 16 bytes. */
  readonly constants: Address;
}

/** What the steps of one layer are made from. */
interface Job {
  readonly p: Prepared;
  /** The extent that one run of the tiles covers. */
  readonly out: Extent;
  readonly plan: TilePlan;
  readonly tiling: Tiling;
  readonly homes: Homes;
  readonly at: Placement;
  readonly stream?: Stream;
}

const positionsAt = ({ tiling, plan, out, stream }: Job, t: Expr) =>
  positionsOf(over(t, plan.addends), tiling, plan.counts, out, stream && sectionOf(stream));

/** The box of an input for tile `t`: of all channels that the kernel reads, or of those of an addend. */
function inputAt(job: Job, input: LayerInput, t: Expr): InputBox {
  const box = inputBoxAt(input, positionsAt(job, t), job.p.layer.out);
  const { addends } = job.p;
  if (!addends) return box;
  return { ...box, c: { ...box.c, from: firstChannel(addends, rest(t, addends.count)) } };
}

/** Places in L1 from `from` on, one behind the other, for the layers `steps`. */
class Places {
  readonly blocks: Block[] = [];
  readonly #layer: string;
  readonly #steps: { readonly from: number; readonly to: number };
  #top: number;
  constructor(layer: string, steps: { readonly from: number; readonly to: number }, from: number) {
    this.#layer = layer;
    this.#steps = steps;
    this.#top = from;
  }

  add(name: string, bytes: number): string {
    const block = { name: `${this.#layer}.${name}`, level: "l1" as const, offset: this.#top, bytes };
    this.blocks.push({ ...block, ...this.#steps });
    this.#top += bytes;
    return block.name;
  }
}

function incomingInput(job: Job, i: number, block: string): Incoming {
  const { p, plan, homes, stream } = job;
  const input = p.layer.inputs[i]!;
  const [home, load, channel] = [homes.inputs[i]!, plan.inputs[i]!, `x${i}`];
  const bytes = slotBytes(input.value.type.storage);
  return {
    name: channel,
    channel,
    load,
    block,
    start(t, slot) {
      const box = inputAt(job, input, t);
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

type ConstantName = "w" | "q" | "shared";

/** A layer's constants: of the tile's channels in groups of `block`, tables whole. */
function incomingConstants(job: Job, name: ConstantName, places: Places): Incoming[] {
  const { layer, constants, addends } = job.p;
  const load = loadOf(job.plan, name);
  if (load.bytes === 0) return [];
  const at = constantOffsets(constants);
  const data = name === "w" ? constants.weights : constants.channels;
  const groups = Math.max(1, Math.ceil(layer.out.c / constants.block));
  const { block: far, offset } = job.homes.constants;
  const block = places.add(name, load.slots * load.bytes);
  const early = job.at.constants !== undefined;
  const channel = early ? block : name;
  const move = (near: Address, from: Expr, bytes: Expr): Pick<Start, "near" | "far" | "shape"> => ({
    near,
    far: { block: far, offset: plus(offset, at[name], from) },
    shape: contiguous(bytes),
  });
  const bytesAt = (t: Expr): [Expr, Expr] => {
    if (name === "shared") return [0, constants.shared.length];
    const { c } = positionsAt(job, t);
    const each = data.length / groups;
    const count = over(plus(c.length, constants.block - 1), constants.block);
    if (addends && name === "w") {
      const mine = addendBytes(addends, t);
      return [plus(mine.before, times(over(c.from, constants.block), mine.each)), times(count, mine.each)];
    }
    return [times(over(c.from, constants.block), each), times(count, each)];
  };
  return [
    {
      name,
      channel,
      load,
      block,
      early,
      start: (t, slot) => ({
        kind: "start",
        channel,
        slot,
        direction: "in",
        ...move(placeOf(load, block, slot), ...bytesAt(t)),
      }),
    },
  ];
}

function loadOf(plan: TilePlan, name: ConstantName): Load {
  if (name === "w") return plan.weights;
  if (name === "q") return plan.channels;
  return { every: plan.tiles, loads: 1, slots: 1, bytes: plan.shared };
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
  /** What the layer before starts. */
  readonly early?: Early;
}

/** Constants that are on their way to L1 before their layer begins. */
export interface Early {
  readonly channels: readonly Channel[];
  readonly blocks: readonly Block[];
  readonly starts: readonly Step[];
}

/** Where a layer lies in L1. */
export interface Placement {
  /** Where it may begin. */
  readonly from: number;
  /** Where its constants are, if the layer before brings them. */
  readonly constants?: number;
  /** What it starts for the layer behind. */
  readonly upcoming: readonly Step[];
}

export interface LayerNames {
  readonly layer: string;
  readonly cFunction: string;
  /** Its place among the layers. */
  readonly step: number;
  readonly cores: number;
}

/** Bytes of constants that L1 holds at once: all of the layer's; nothing where they come tile by tile. */
export function constantsInL1(plan: TilePlan): number {
  const loads = (["w", "q", "shared"] as const).map((name) => loadOf(plan, name));
  return loads.every((l) => l.bytes === 0 || l.loads === 1) ? loads.reduce((n, l) => n + l.bytes, 0) : 0;
}

/** The layer as one run of its tiles covers it: all of it, or a section. */
export function sectionPlan(p: Prepared, tiling: Tiling, cores: number, stream?: Stream): TilePlan {
  const out = stream ? { ...p.layer.out, [stream.axis]: stream.size } : p.layer.out;
  return planTiles({ ...p, layer: { ...p.layer, out } }, tiling, cores);
}

/** The steps of one layer, section by section where it streams from L3. `cFunction` computes a tile. */
export function lowerLayer(
  p: Prepared,
  tiling: Tiling,
  homes: Homes,
  names: LayerNames,
  at: Placement,
  stream?: Stream,
): LoweredLayer {
  const out = stream ? { ...p.layer.out, [stream.axis]: stream.size } : p.layer.out;
  const plan = sectionPlan(p, tiling, names.cores, stream);
  const job: Job = { p, out, plan, tiling, homes, at, ...(stream ? { stream } : {}) };
  const { step } = names;
  const places = new Places(names.layer, { from: step, to: step }, at.from);
  const kept =
    at.constants === undefined ? places : new Places(names.layer, { from: step - 1, to: step }, at.constants);
  const operands = placeOperands(job, places, kept);
  const { inputs, constants, result } = operands;
  const incoming = [...inputs, ...constants];
  const work = {
    prepare: (t: Expr) => bordersOf(job, inputs, t),
    compute: (t: Expr) => [
      tileStep(job, names.cFunction, operands, t),
      ...onceSummed(job, t, storeStep(job, result, t)),
    ],
  };
  const tiles = pipeline(incoming, plan, work, stream ? [] : at.upcoming);
  const channels = (list: readonly Incoming[]) => list.map((o) => ({ name: o.channel, slots: o.load.slots }));
  return {
    channels: [
      ...channels(incoming.filter((o) => !o.early)),
      { name: "y", slots: plan.output.slots },
      ...(stream ? streamChannels(stream) : []),
    ],
    blocks: places.blocks,
    steps: stream ? [...at.upcoming, ...streamed(stream, homes, tiles)] : tiles,
    tiles: plan.tiles * (stream?.count ?? 1),
    ...(kept === places
      ? {}
      : {
          early: {
            channels: channels(constants),
            blocks: kept.blocks,
            starts: constants.map((o) => o.start(0, 0)),
          },
        }),
  };
}

interface Operands {
  readonly inputs: readonly Incoming[];
  readonly constants: readonly Incoming[];
  readonly result: string;
  readonly scratch: string | undefined;
}

function placeOperands(job: Job, places: Places, kept: Places): Operands {
  const { p, plan } = job;
  const place = (name: string, l: Load) => places.add(name, l.slots * l.bytes);
  return {
    inputs: p.layer.inputs.map((_, i) => incomingInput(job, i, place(`x${i}`, plan.inputs[i]!))),
    constants: (["w", "q", "shared"] as const).flatMap((name) => incomingConstants(job, name, kept)),
    result: place("y", plan.output),
    scratch: plan.scratch > 0 ? places.add("scratch", plan.scratch) : undefined,
  };
}

function bordersOf(job: Job, inputs: readonly Incoming[], t: Expr): Step[] {
  const { p, homes } = job;
  return p.layer.inputs.flatMap((input, i) => {
    const { load, block } = inputs[i]!;
    const box = inputAt(job, input, t);
    const bytes = slotBytes(input.value.type.storage as IntStorage);
    const border = borderOf(placeOf(load, block, slotAt(load, t)), homes.inputs[i]!, box, bytes, input.fill);
    return border ? [border] : [];
  });
}

function tileStep(job: Job, kernel: string, o: Operands, t: Expr): Tile {
  const { p, plan } = job;
  const at = positionsAt(job, t);
  const box = inputAt(job, p.layer.inputs[0]!, t);
  const here = (i: Incoming) => placeOf(i.load, i.block, slotAt(i.load, t));
  const constant = (name: ConstantName) => {
    const found = o.constants.find((c) => c.name === name);
    return found ? { [name]: here(found) } : {};
  };
  return {
    kind: "tile",
    kernel,
    x: o.inputs.map(here),
    ...constant("w"),
    ...constant("q"),
    ...constant("shared"),
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
      first: p.addends ? minus(1, least(rest(t, p.addends.count), 1)) : 1,
      last: p.addends ? isLast(p.addends, t) : 1,
    },
  };
}

/** The step where the sums of the tile's output are complete. */
function onceSummed({ p: { addends } }: Job, t: Expr, step: Step): readonly Step[] {
  if (!addends) return [step];
  return [{ kind: "when", left: rest(t, addends.count), is: "=", right: addends.count - 1, body: [step] }];
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
