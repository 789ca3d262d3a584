/** The diagnostics `schedule/...`: graphs that cannot be laid out on a target. */
import type { Explanation, ScriptExample } from "./explanation.js";
import { scheduleTextExplanations } from "./schedule/text.js";
import { catching, reluGraph, reluNames } from "./scripts.js";
import { convs } from "./two-convs.js";

const emitting = (options: string): ScriptExample => ({
  files: {},
  script: catching(
    ["emitProject", ...reluNames],
    reluGraph("integer", '"u8", [1, 4]'),
    `emitProject(graph, ${options});`,
  ),
});

/** A program of two layers, changed, and the first thing that is wrong with it then. */
const verifying = (changed: string): ScriptExample => ({
  files: { "net.pir": convs(5) },
  script: `import { makeFirmware, ops, parseModule, renderDiagnostic, verifyProgram } from "pulsec";
const { readFileSync } = await import("node:fs");
const { value } = await parseModule(readFileSync("net.pir", "utf8"), { file: "net.pir", ops });
const { program } = makeFirmware(value.graphs[0]).emission;
const edit = (steps, by) => steps.flatMap((s) => by("body" in s ? { ...s, body: edit(s.body, by) } : s));
const steps = (by) => ({ layers: program.layers.map((l) => ({ ...l, steps: edit(l.steps, by) })) });
for (const d of verifyProgram({ ...program, ...${changed} }).slice(0, 1)) console.log(renderDiagnostic(d));
`,
});
const incoming = 's.kind === "start" && s.direction === "in"';
const about = (wrong: string) => ({ wrong: verifying(wrong), right: verifying("{}") });

/** Of programs with tiles and transfers; the planner makes none of these, a planner of one's own may. */
const programs: readonly Explanation[] = [
  {
    id: "schedule/budget",
    title: "A program takes more of a memory than it may",
    why: "Each memory of a program has a budget, and what its blocks take is more. Plan with smaller tiles, or move constants and values to the next memory.",
    ...about("{ levels: program.levels.map((l) => ({ ...l, budget: 1 })) }"),
  },
  {
    id: "schedule/out-of-block",
    title: "A step of a program touches bytes beyond a block",
    why: "Addresses are a block and an offset, and every byte that a step reads or writes must lie in that block, at every turn of the loops around. The message shows the offset's expression and where the loops stood.",
    ...about(`steps((s) => [${incoming} ? { ...s, near: { ...s.near, offset: 100000 } } : s])`),
  },
  {
    id: "schedule/overlap",
    title: "Two blocks that are needed at the same time share bytes",
    why: "Blocks of one memory may share bytes only where their lives, counted in layers, do not meet. Give one of them another offset.",
    ...about('{ blocks: program.blocks.flatMap((b) => (b.data ? [b, { ...b, name: "@twin" }] : [b])) }'),
  },
  {
    id: "schedule/race",
    title: "A step of a program touches bytes that a transfer is moving",
    why: "Between the start of a transfer and the wait for it, its bytes in the nearer memory belong to the transfer: nobody may write what arrives or leaves. Wait before, or use another slot.",
    ...about(`steps((s) => (${incoming} ? [s, s] : [s]))`),
  },
  {
    id: "schedule/shape",
    title: "A transfer of a program has a negative size, or is between memories that are no neighbours",
    why: "Planes, lines and bytes of a transfer are expressions over loop indices, and one of them is negative at some turn. Nothing at all (0) is allowed: it is how the last tile says that it needs no more. The nearer place is in L1 where the farther one is in L2, and in L2 where that is in L3.",
    ...about('steps((s) => [s.kind === "start" ? { ...s, shape: { ...s.shape, planes: -1 } } : s])'),
  },
  {
    id: "schedule/undefined",
    title: "A step of a program reads bytes that nothing has written",
    why: "A tile reads a box, or a transfer takes a result, before a transfer or a kernel has put anything there. A start is missing, or comes too late.",
    ...about(`steps((s) => (${incoming} ? [] : [s]))`),
  },
  {
    id: "schedule/unknown-block",
    title: "A step of a program names a block that does not exist",
    why: "Blocks are those of the program and those of the step's own layer. The name is wrong, or the block belongs to another layer.",
    ...about(`steps((s) => [${incoming} ? { ...s, near: { ...s.near, block: "nowhere" } } : s])`),
  },
  {
    id: "schedule/unwaited",
    title: "Nobody waits for a transfer before what needs it",
    why: "A tile reads a box while the transfer that fills it is still under way, or a layer ends with transfers that nobody waits for. Put the wait for that channel and slot in front.",
    ...about('steps((s) => (s.kind === "wait" ? [] : [s]))'),
  },
];

export const scheduleExplanations: readonly Explanation[] = [
  {
    id: "schedule/no-kernel",
    title: "No kernel of the target takes a node of the graph",
    why: "Every node becomes a call of a kernel: a C function made for its op, storages and attributes. The message names the node and, where kernels for the op exist, why each refuses it. Rewrite that part of the graph, or add a kernel to the list that is passed to `emitProject`.",
    wrong: emitting("{ kernels: [] }"),
    right: emitting("{}"),
  },
  ...programs,
  ...scheduleTextExplanations,
];
