/** Multiply-accumulates of nodes, from the formulas of their ops. */
import { costOf, macs } from "../../ir/cost.js";
import type { Node } from "../../ir/graph.js";

/** 0 for ops that multiply nothing. */
export const macsOf = (node: Node): number => costOf(macs, node);
