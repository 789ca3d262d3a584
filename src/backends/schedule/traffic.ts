/** Bytes that a program moves between memories, counted by walking through it as the machine does. */

import { execute } from "./executed.js";
import type { Block, Program, ProgramLayer, Start } from "./program.js";

/** Bytes by direction, and how many transfers moved any. */
export interface Traffic {
  readonly l2ToL1: number;
  readonly l1ToL2: number;
  readonly l3ToL2: number;
  readonly l2ToL3: number;
  readonly transfers: number;
}
type Direction = Exclude<keyof Traffic, "transfers">;
type Counts = { -readonly [K in keyof Traffic]: number };

export const noTraffic: Traffic = { l2ToL1: 0, l1ToL2: 0, l3ToL2: 0, l2ToL3: 0, transfers: 0 };

function directionOf({ direction, near }: Start, blocks: ReadonlyMap<string, Block>): Direction {
  const isNear = blocks.get(near.block)?.level === "l1";
  if (direction === "in") return isNear ? "l2ToL1" : "l3ToL2";
  return isNear ? "l1ToL2" : "l2ToL3";
}

function trafficOfLayer(layer: ProgramLayer, shared: readonly Block[]): Traffic {
  const blocks = new Map([...shared, ...layer.blocks].map((b) => [b.name, b]));
  const counts: Counts = { ...noTraffic };
  execute(layer.steps, (s, at) => {
    if (s.kind !== "start") return;
    const bytes = at(s.shape.planes) * at(s.shape.lines) * at(s.shape.line);
    counts[directionOf(s, blocks)] += bytes;
    if (bytes > 0) counts.transfers++;
  });
  return counts;
}

/** Of each layer; a transfer belongs to the layer that starts it, which may be the one before that which waits for it. */
export const trafficOf = ({ blocks, layers }: Program): readonly Traffic[] =>
  layers.map((l) => trafficOfLayer(l, blocks));

export const addTraffic = (a: Traffic, b: Traffic): Traffic => ({
  l2ToL1: a.l2ToL1 + b.l2ToL1,
  l1ToL2: a.l1ToL2 + b.l1ToL2,
  l3ToL2: a.l3ToL2 + b.l3ToL2,
  l2ToL3: a.l2ToL3 + b.l2ToL3,
  transfers: a.transfers + b.transfers,
});
