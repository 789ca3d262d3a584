/** How much element-wise nodes have to do for one element: estimated instructions, which calibration scales. */
import type { Node } from "../../../ir/graph.js";
import { storages } from "../../../ir/storage.js";
import { zeroPoint } from "../../../ir/type.js";
import type { Layer } from "../contract.js";
import { statementsOf } from "./elementwise-nodes.js";

const shifts = (node: Node): number => node.operands.filter((v) => zeroPoint(v.type) !== 0).length;
const factors = (node: Node): number => (node.attrs.mul as readonly number[]).filter((m) => m !== 1).length;

function instructionsOf(node: Node, line: string): number {
  switch (node.op.name) {
    case "add":
    case "sub":
      return 1 + shifts(node) + factors(node);
    case "mul":
      return 2 + shifts(node);
    case "prelu":
      return 4 + shifts(node);
    case "lut":
      return 3;
    case "requant":
      return line.includes("pulsec_scale64") ? 12 : 4;
    default:
      return 1;
  }
}

const counted = new WeakMap<Layer, number>();
/** Loads, nodes and constants of the channel. */
export function laneInstructions(layer: Layer): number {
  const had = counted.get(layer);
  if (had !== undefined) return had;
  const { lines, columns } = statementsOf(layer);
  const nodes = layer.nodes.reduce((n, node, i) => n + instructionsOf(node, lines[i]!), 0);
  const loads = layer.inputs.reduce((n, i) => n + (storages[i.value.type.storage].bits > 8 ? 1 : 2), 0);
  const all = nodes + loads + 2 * columns.length;
  counted.set(layer, all);
  return all;
}
