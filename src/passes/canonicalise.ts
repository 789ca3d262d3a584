import type { PlainPass } from "../ir/contracts.js";
import type { OpDef } from "../ir/op.js";
import { rewrite } from "../ir/rewrite.js";

/** Applies the `canonical` equations of `ops` until none fires. Outputs keep their names. */
export function canonicalise(ops: readonly OpDef[]): PlainPass {
  const rules = ops.flatMap((op) => op.canonical ?? []);
  return {
    name: "canonicalise",
    summary: "Simplifies by the ops' own equations, such as relu(relu(x)) = relu(x).",
    run: (graph) => rewrite(graph, rules),
  };
}
