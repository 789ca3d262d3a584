/** What a layer's kernel works on: where it lies in L1, and which bytes come for a tile. */
import { slotBytes } from "../../../ir/storage.js";
import { alignUp } from "../../memory.js";
import { type Expr, over, plus, rest, times } from "../../schedule/expr.js";
import type { Address, Block, Start, Step } from "../../schedule/program.js";
import type { Extent, LayerInput } from "../contract.js";
import { addendBytes, firstChannel } from "./addends.js";
import { contiguous, type Home, type InputBox, inputBoxAt, moveOf, positionsOf } from "./moves.js";
import { type Incoming, placeOf } from "./pipeline.js";
import { farAddress, type Stream, sectionOf } from "./stream.js";
import type { Load, Prepared, TilePlan, Tiling } from "./tile.js";

export interface Homes {
  readonly inputs: readonly Home[];
  readonly output: Home;
  /** Weights, then channels, then tables, each aligned to 16 bytes. */
  readonly constants: Address;
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

/** What the steps of one layer are made from. */
export interface Job {
  readonly p: Prepared;
  /** The extent that one run of the tiles covers. */
  readonly out: Extent;
  readonly plan: TilePlan;
  readonly tiling: Tiling;
  readonly homes: Homes;
  readonly at: Placement;
  readonly stream?: Stream;
}

/** Output positions and channels of tile `t`. */
export const positionsAt = ({ tiling, plan, out, stream }: Job, t: Expr) =>
  positionsOf(over(t, plan.addends), tiling, plan.counts, out, stream && sectionOf(stream));

/** The box of an input for tile `t`: of all channels that the kernel reads, or of those of an addend. */
export function inputAt(job: Job, input: LayerInput, t: Expr): InputBox {
  const box = inputBoxAt(input, positionsAt(job, t), job.p.layer.out);
  const { addends } = job.p;
  if (!addends) return box;
  return { ...box, c: { ...box.c, from: firstChannel(addends, rest(t, addends.count)) } };
}

/** Places in L1 from `from` on, one behind the other, for the layers `steps`. */
export class Places {
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

/** What comes in of an input. */
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

export type ConstantName = "w" | "q" | "shared";

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

/** Bytes of constants that L1 holds at once: all of the layer's; nothing where they come tile by tile. */
export function constantsInL1(plan: TilePlan): number {
  const loads = (["w", "q", "shared"] as const).map((name) => loadOf(plan, name));
  return loads.every((l) => l.bytes === 0 || l.loads === 1) ? loads.reduce((n, l) => n + l.bytes, 0) : 0;
}

/** What a tile's kernel is given, and where that lies. */
export interface Operands {
  readonly inputs: readonly Incoming[];
  readonly constants: readonly Incoming[];
  readonly result: string;
  readonly scratch: string | undefined;
}

/** `kept` is where constants lie. */
export function placeOperands(job: Job, places: Places, kept: Places): Operands {
  const { p, plan } = job;
  const place = (name: string, l: Load) => places.add(name, l.slots * l.bytes);
  return {
    inputs: p.layer.inputs.map((_, i) => incomingInput(job, i, place(`x${i}`, plan.inputs[i]!))),
    constants: (["w", "q", "shared"] as const).flatMap((name) => incomingConstants(job, name, kept)),
    result: place("y", plan.output),
    scratch: plan.scratch > 0 ? places.add("scratch", plan.scratch) : undefined,
  };
}
