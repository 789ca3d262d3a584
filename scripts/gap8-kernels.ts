/** `docs/reference/gap8-kernels.md`: which kernel of the gap8 target takes which op, by storage, attributes and operands. */
import { portableKernels } from "../src/backends/c/index.js";
import { tileKernels } from "../src/backends/pulp/index.js";
import { rewritten } from "../src/backends/pulp/planner/rewrites.js";
import { type Unit, unitsOf } from "../src/backends/pulp/planner/units.js";
import { ops } from "../src/ir/ops/index.js";
import { type Row, rows } from "./gap8-cases.js";

/** What the target does with the nodes of an op: the kernels, in order. */
function kernelsOf({ op, graph }: Row): string {
  const given = new Set(graph.nodes.map((n) => n.result));
  const results = new Set(graph.nodes.filter((n) => n.op.name === op).map((n) => n.result));
  const own = (u: Unit) => u.nodes.some((n) => results.has(n.result) || !given.has(n.result));
  const names = unitsOf(rewritten(graph), { tile: tileKernels, portable: portableKernels }, 8)
    .filter(own)
    .map((u) => {
      if (u.kind === "view" || u.kind === "alias") return "";
      return u.kind === "whole" ? `whole tensors: \`${u.kernel.name}\`` : `\`${u.kernel.name}\``;
    });
  const computing = [...new Set(names.filter((n) => n !== ""))];
  return computing.length > 0 ? computing.join(", then ") : "none: the bytes lie where they belong";
}

const intro = `# Kernels of the gap8 target

<!-- Written by \`npm run docs\`: do not edit. -->

Which kernel takes an op, by its operands and attributes. Kernels named alone compute tiles in L1 on all cores; what
follows an op as its epilogue (a \`requant\`, then \`relu\` or \`clip\`) is computed with it. Where several are named, the first
prepares the operand of the next. What no tile kernel takes is computed by the portable kernel of the C target, on one
core and on whole tensors in L2: exact, and slow ([decision 17](../decisions/0017-portable-kernels-in-firmware.md)).

\`npm run bench -- pulp\` measures the kernels; [tiling](../tiling.md) says how tiles are chosen.
`;

/** The page. */
export function kernelsPage(): string {
  const sections = ops.flatMap(({ name }) => {
    const own = rows.filter((r) => r.op === name);
    if (own.length === 0) return [];
    const lines = own.map((r) => `| ${r.what} | ${kernelsOf(r)} |`);
    return [`## ${name}\n\n| case | kernels |\n|---|---|\n${lines.join("\n")}\n`];
  });
  return [intro, ...sections].join("\n");
}
