/** Cycles of layers that core 0 computes with portable kernels on whole tensors in L2: the order of magnitude. */
import type { Node } from "../../../ir/graph.js";
import { elements } from "../../../ir/type.js";
import { macsOf } from "../../c/work.js";
import { execute } from "../../schedule/executed.js";
import type { ProgramLayer } from "../../schedule/program.js";

/** As simulated: convolutions and matrix products take 26 to 28 per multiply-accumulate, other ops 23 to 46 per element. */
const [perMac, perElement] = [27, 35];

const cyclesOf = (node: Node): number =>
  macsOf(node) > 0 ? perMac * macsOf(node) : perElement * elements(node.result.type);

/** 0 where there are none, and for kernels of the user's own. */
export function portableCycles({ steps }: ProgramLayer): number {
  let cycles = 0;
  execute(steps, (s) => {
    if (s.kind === "whole" && !s.kernel.team) cycles += cyclesOf(s.node);
  });
  return cycles;
}
