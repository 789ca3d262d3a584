/** What a user should know of how a network was compiled. */
import { type Diagnostic, warning } from "../../../ir/diagnostic.js";
import type { Node } from "../../../ir/graph.js";
import { macsOf } from "../../c/work.js";
import type { Program, Step, Whole } from "../../schedule/program.js";

/** Calls of kernels that one core runs on whole tensors. */
const wholes = (steps: readonly Step[]): readonly Whole[] =>
  steps.flatMap((s) =>
    s.kind === "loop" || s.kind === "when" ? wholes(s.body) : s.kind === "whole" && !s.kernel.team ? [s] : [],
  );

/** A warning for every layer that no tile kernel takes. */
export const remarksOn = ({ layers }: Program): readonly Diagnostic[] =>
  layers.flatMap(({ steps }) => wholes(steps).slice(0, 1)).map(({ node }) => onOneCore(node));

function onOneCore(node: Node): Diagnostic {
  const { op, result } = node;
  const place = result.places[0];
  const macs = macsOf(node);
  return warning(
    "pulp/portable-kernel",
    `%${result.name}: core 0 computes this ${op.name} alone, on whole tensors`,
    {
      ...(place ? { place } : {}),
      ...(macs > 0 ? { found: `${macs} multiply-accumulates, portable C` } : {}),
      expected: "a layer that one of the kernels on tiles takes",
      help: `the integers are right, it is only slow: rewrite the layer, or give a kernel of your own with --kernel ${result.name}=FILE.c`,
    },
  );
}
