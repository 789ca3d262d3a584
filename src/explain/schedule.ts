/** The diagnostics `schedule/...`: graphs that cannot be laid out on a target. */
import type { Explanation, ScriptExample } from "./explanation.js";
import { catching, reluGraph, reluNames } from "./scripts.js";

const emitting = (options: string): ScriptExample => ({
  files: {},
  script: catching(
    ["emitProject", ...reluNames],
    reluGraph("integer", '"u8", [1, 4]'),
    `emitProject(graph, ${options});`,
  ),
});

export const scheduleExplanations: readonly Explanation[] = [
  {
    id: "schedule/no-kernel",
    title: "No kernel of the target takes a node of the graph",
    why: "Every node becomes a call of a kernel: a C function made for its op, storages and attributes. The message names the node and, where kernels for the op exist, why each refuses it. Rewrite that part of the graph, or add a kernel to the list that is passed to `emitProject`.",
    wrong: emitting("{ kernels: [] }"),
    right: emitting("{}"),
  },
];
