/** How much element-wise nodes have to do for one element, by kind: calibration says what each kind costs. */
import type { Node } from "../../../ir/graph.js";
import { slotBytes } from "../../../ir/storage.js";
import { zeroPoint } from "../../../ir/type.js";
import type { Layer } from "../contract.js";
import { statementsOf } from "./elementwise-nodes.js";

/** Operands, those wider than a byte, simple operations, clamped results, rescalings in 32 and in 64 bits, slopes, table look-ups, constants of the channel. */
export type LaneWork = readonly number[];

const shifts = (node: Node): number => node.operands.filter((v) => zeroPoint(v.type) !== 0).length;
const factors = (node: Node): number => (node.attrs.mul as readonly number[]).filter((m) => m !== 1).length;

type Kinds = Record<"simple" | "clamped" | "narrow" | "wide" | "slopes" | "tables", number>;

function count(kinds: Kinds, node: Node, line: string): void {
  kinds.simple += shifts(node);
  switch (node.op.name) {
    case "add":
    case "sub":
      kinds.simple += 1 + factors(node);
      break;
    case "prelu":
      kinds.slopes += 1;
      break;
    case "lut":
      kinds.tables += 1;
      break;
    case "requant":
      if (line.includes("pulsec_scale64")) kinds.wide += 1;
      else kinds.narrow += 1;
      if (line.includes("pulsec_clip(") || line.includes("pulsec_max(")) kinds.clamped += 1;
      break;
    default:
      kinds.simple += 1;
  }
}

const counted = new WeakMap<Layer, LaneWork>();
export function laneWork(layer: Layer): LaneWork {
  const had = counted.get(layer);
  if (had !== undefined) return had;
  const { lines, columns } = statementsOf(layer);
  const kinds: Kinds = { simple: 0, clamped: 0, narrow: 0, wide: 0, slopes: 0, tables: 0 };
  for (const [i, node] of layer.nodes.entries()) count(kinds, node, lines[i]!);
  const words = layer.inputs.filter((i) => slotBytes(i.value.type.storage) > 1).length;
  const { simple, clamped, narrow, wide, slopes, tables } = kinds;
  const loads = layer.inputs.length;
  const work = [loads, words, simple, clamped, narrow, wide, slopes, tables, columns.length];
  counted.set(layer, work);
  return work;
}
