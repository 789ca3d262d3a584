/** Bytes that a program moves between memories, counted by walking through it as the machine does. */
import { type Expr, evaluate } from "../../schedule/expr.js";
import type { Block, Program, ProgramLayer, Start, Step } from "../../schedule/program.js";

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

interface Walk {
  readonly blocks: ReadonlyMap<string, Block>;
  readonly indices: Map<string, number>;
  readonly counts: Counts;
}

function directionOf({ direction, near }: Start, blocks: Walk["blocks"]): Direction {
  const isNear = blocks.get(near.block)?.level === "l1";
  if (direction === "in") return isNear ? "l2ToL1" : "l3ToL2";
  return isNear ? "l1ToL2" : "l2ToL3";
}

function step(s: Step, w: Walk): void {
  const at = (e: Expr) => evaluate(e, w.indices);
  switch (s.kind) {
    case "loop":
      for (let i = 0; i < s.count; i++) {
        w.indices.set(s.index, i);
        for (const inner of s.body) step(inner, w);
      }
      w.indices.delete(s.index);
      return;
    case "when": {
      const [a, b] = [at(s.left), at(s.right)];
      if (s.is === "<" ? a < b : a === b) for (const inner of s.body) step(inner, w);
      return;
    }
    case "start": {
      const bytes = at(s.shape.planes) * at(s.shape.lines) * at(s.shape.line);
      w.counts[directionOf(s, w.blocks)] += bytes;
      if (bytes > 0) w.counts.transfers++;
    }
  }
}

function trafficOfLayer(layer: ProgramLayer, shared: readonly Block[]): Traffic {
  const blocks = new Map([...shared, ...layer.blocks].map((b) => [b.name, b]));
  const counts: Counts = { ...noTraffic };
  for (const s of layer.steps) step(s, { blocks, indices: new Map(), counts });
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
