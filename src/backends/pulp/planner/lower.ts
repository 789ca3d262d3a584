/** One layer as steps: where its operands lie in L1, how they come in, what the kernel is called with, how results go out. */

import { type IntStorage, slotBytes } from "../../../ir/storage.js";
import { type Expr, least, minus, rest } from "../../schedule/expr.js";
import type { Block, Channel, Start, Step, Tile } from "../../schedule/program.js";
import { isLast } from "./addends.js";
import type { Interval } from "./geometry.js";
import { borderOf, moveOf, type Position } from "./moves.js";
import {
  type ConstantName,
  type Homes,
  inputAt,
  type Job,
  type Operands,
  type Placement,
  Places,
  placeOperands,
  positionsAt,
} from "./operands.js";
import { type Incoming, pipeline, placeOf, slotAt } from "./pipeline.js";
import { farAddress, type Stream, streamChannels, streamed } from "./stream.js";
import { type Prepared, planTiles, type TilePlan, type Tiling } from "./tile.js";

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

export interface LayerNames {
  readonly layer: string;
  readonly cFunction: string;
  /** Its place among the layers. */
  readonly step: number;
  readonly cores: number;
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
