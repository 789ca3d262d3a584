/** The layers of a program as C functions. Nothing is decided here: where things lie and in which order they happen is in the program. */
import { guarded } from "../../../ir/fault.js";
import { isParam } from "../../../ir/graph.js";
import { operandNames } from "../../../ir/op.js";
import type { Storage } from "../../../ir/storage.js";
import { cType } from "../../c/text.js";
import { type Expr, plus, printExpr } from "../../schedule/expr.js";
import {
  type Address,
  type Block,
  type Border,
  type Channel,
  type Program,
  type ProgramLayer,
  type Start,
  type Step,
  type Tile,
  tileExtents,
  type Wait,
  type Whole,
} from "../../schedule/program.js";
import type { Memories } from "./memories.js";
import type { Names } from "./names.js";

/** What the functions of layers are printed with. */
export interface Emission {
  readonly program: Program;
  readonly names: Names;
  readonly memories: Memories;
}

const print = (e: Expr): string => printExpr(e, 0, "pulsec_least", "pulsec_most");

/** Steps that core 0 takes alone. */
const isMasters = (step: Step): boolean =>
  step.kind === "start" ||
  step.kind === "wait" ||
  (step.kind === "whole" && !step.kernel.team) ||
  ((step.kind === "loop" || step.kind === "when") && step.body.every(isMasters));

/** Blocks of a layer and of the program, by name. */
type Blocks = ReadonlyMap<string, Block>;

interface Printing extends Emission {
  readonly layer: ProgramLayer;
  readonly blocks: Blocks;
  /** Functions that call portable kernels. */
  readonly portable: PortableFunction[];
}

/** A function in a translation unit of its own: portable kernels and tile kernels share names. */
export interface PortableFunction {
  readonly prototype: string;
  readonly body: string;
}
export interface LayerText {
  readonly name: string;
  readonly text: string;
  readonly portable: readonly PortableFunction[];
}

/** The C of layer number `i`: `static void layer_x(int core)`. */
export function layerText(emission: Emission, i: number): LayerText {
  const { program, names } = emission;
  const layer = program.layers[i]!;
  const blocks = new Map([...program.blocks, ...layer.blocks].map((b) => [b.name, b]));
  const printing: Printing = { ...emission, layer, blocks, portable: [] };
  const name = names.layer(i);
  const body = printSteps(layer.steps, 1, printing, { synced: true });
  const slots = layer.channels.map((c) => `  ${handles(c, printing)}`);
  const lines = ["  (void)core;", ...slots, ...body.lines, ...(body.synced ? [] : ["  pulsec_barrier();"])];
  const text = `PULSEC_LAYER ${name}(int core) {\n${lines.join("\n")}\n}`;
  return { name, text, portable: printing.portable };
}

/** Does the channel move between L3 and L2? Its transfers have tickets then. */
const isFar = (channel: string, { program, blocks }: Pick<Printing, "program" | "blocks">): boolean =>
  program.layers.some((l) => startsFar(l.steps, channel, blocks));

const startsFar = (steps: readonly Step[], channel: string, blocks: Blocks): boolean =>
  steps.some((s) =>
    s.kind === "loop" || s.kind === "when"
      ? startsFar(s.body, channel, blocks)
      : s.kind === "start" && s.channel === channel && blocks.get(s.far.block)?.level === "l3",
  );

/** `int moves_x[2] = {...};` */
function handles({ name, slots }: Channel, p: Pick<Printing, "program" | "blocks" | "names">): string {
  const none = isFar(name, p) ? "PULSEC_NO_TICKET" : "PULSEC_NO_TRANSFER";
  return `int ${p.names.channel(name)}[${slots}] = {${Array(slots).fill(none).join(", ")}};`;
}

/** Of channels on which one layer starts and another waits. */
export function sharedHandles({ program, names }: Emission): readonly string[] {
  const blocks = new Map(program.blocks.map((b) => [b.name, b]));
  return program.channels.map((c) => `static ${handles(c, { program, names, blocks })}`);
}

interface Printed {
  readonly lines: readonly string[];
  /** Has every core passed a barrier since the last thing that one of them did? */
  readonly synced: boolean;
}

/** Barriers stand between what core 0 does alone and what all do. */
function printSteps(
  steps: readonly Step[],
  depth: number,
  p: Printing,
  state: { readonly synced: boolean },
): Printed {
  const indent = "  ".repeat(depth);
  const lines: string[] = [];
  let { synced } = state;
  const barrier = () => {
    if (!synced) lines.push(`${indent}pulsec_barrier();`);
    synced = true;
  };
  for (let i = 0; i < steps.length; ) {
    const group = mastersFrom(steps, i);
    if (group.length > 0) {
      const starts = group.slice(group.findLastIndex((s) => !onlyStarts(s)) + 1);
      const others = group.slice(0, group.length - starts.length);
      i += group.length;
      lines.push(...alone(others, depth, p));
      synced &&= others.length === 0;
      // The others need not wait for these.
      if (starts.length > 0 && i < steps.length) barrier();
      lines.push(...alone(starts, depth, p));
      continue;
    }
    const step = steps[i++]!;
    if (step.kind === "loop" || step.kind === "when") {
      const after = printSteps(step.body, depth + 1, p, { synced: synced && endsSynced(step.body) });
      lines.push(...around(step, after.lines, indent));
      synced = synced && after.synced;
      continue;
    }
    barrier();
    lines.push(...teamStep(step as Border | Tile | Whole, depth, p));
    synced = false;
    // What follows may overwrite what some core still reads.
    barrier();
  }
  return { lines, synced };
}

/** Steps of core 0, while the others go on to the next barrier. */
function alone(steps: readonly Step[], depth: number, p: Printing): readonly string[] {
  if (steps.length === 0) return [];
  const indent = "  ".repeat(depth);
  const inner = steps.flatMap((s) => masterStep(s, depth + 1, p));
  return [`${indent}if (PULSEC_MASTER(core)) {`, ...inner, `${indent}}`];
}

/** Nobody can tell that a transfer has begun: what it moves may be touched after a wait for it only. */
const onlyStarts = (step: Step): boolean =>
  step.kind === "start" || ((step.kind === "loop" || step.kind === "when") && step.body.every(onlyStarts));

function mastersFrom(steps: readonly Step[], from: number): readonly Step[] {
  const end = steps.findIndex((s, i) => i >= from && !isMasters(s));
  return steps.slice(from, end < 0 ? steps.length : end);
}

/** Does the last thing in these steps leave all cores behind a barrier? */
function endsSynced(steps: readonly Step[]): boolean {
  const last = steps.at(-1);
  if (!last) return true;
  if (onlyStarts(last)) return endsSynced(steps.slice(0, -1));
  if (isMasters(last) || last.kind === "when") return false;
  return last.kind === "loop" ? endsSynced(last.body) : true;
}

function around(step: Step, body: readonly string[], indent: string): readonly string[] {
  if (step.kind === "loop") {
    const { index, count } = step;
    return [`${indent}for (int ${index} = 0; ${index} < ${count}; ${index}++) {`, ...body, `${indent}}`];
  }
  if (step.kind !== "when") throw new Error(`a ${step.kind} has no body`);
  const is = step.is === "=" ? "==" : "<";
  return [`${indent}if (${print(step.left)} ${is} ${print(step.right)}) {`, ...body, `${indent}}`];
}

function masterStep(step: Step, depth: number, p: Printing): readonly string[] {
  const indent = "  ".repeat(depth);
  switch (step.kind) {
    case "loop":
    case "when":
      return around(
        step,
        step.body.flatMap((s) => masterStep(s, depth + 1, p)),
        indent,
      );
    case "start":
      return [`${indent}${printStart(step, p)}`];
    case "wait":
      return [`${indent}${printWait(step, p)}`];
    case "whole":
      return [`${indent}${printWhole(step, p)}`];
    default:
      throw new Error(`a ${step.kind} is a step of all cores`);
  }
}

/** A pointer to bytes, or an address in L3. */
function place({ block, offset }: Address, p: Printing): string {
  const found = p.blocks.get(block)!;
  const { base, from } = p.memories.of(found);
  const all = plus(from, offset);
  return all === 0 ? base : `${base} + ${printExpr(all, 1, "pulsec_least", "pulsec_most")}`;
}

const slotOf = ({ channel, slot }: Start | Wait, p: Printing): string =>
  `${p.names.channel(channel)}[${print(slot)}]`;

function printWait(step: Wait, p: Printing): string {
  const slot = slotOf(step, p);
  return isFar(step.channel, p) ? `pulsec_l3_wait(${slot});` : `pulsec_wait(&${slot});`;
}

function printStart(step: Start, p: Printing): string {
  const { direction, near, far, shape } = step;
  const { planes, lines, line, lineStride, planeStride, nearStride } = shape;
  const box = [planes, lines, line, lineStride, planeStride, nearStride].map(print).join(", ");
  const move = isFar(step.channel, p) ? "pulsec_l3_box" : "pulsec_box";
  return `${slotOf(step, p)} = ${move}_${direction}(${place(near, p)}, ${place(far, p)}, ${box});`;
}

function teamStep(step: Border | Tile | Whole, depth: number, p: Printing): readonly string[] {
  const indent = "  ".repeat(depth);
  // On a host the only thread calls it once.
  if (step.kind === "whole") return [`${indent}${printWhole(step, p)}`];
  if (step.kind === "border") return printBorder(step, indent, p);
  const fields = [
    ["x", `{${step.x.map((a) => place(a, p)).join(", ")}}`],
    ...(["w", "q", "shared", "y", "scratch"] as const).flatMap((f) => {
      const at = step[f];
      return at ? [[f, place(at, p)] as const] : [];
    }),
    ...tileExtents.map((e) => [e, print(step.extents[e])] as const),
  ];
  const words = fields.map(([name, value]) => `.${name} = ${value}`);
  return [
    `${indent}PULSEC_EACH_CORE(core) ${step.kernel}(&(const pulsec_tile){`,
    `${filled(words, `${indent}    `)}}, core);`,
  ];
}

const borderFields = [
  "planes",
  "rows",
  "columns",
  "cell",
  "pitch",
  "top",
  "bottom",
  "left",
  "right",
] as const;

function printBorder(step: Border, indent: string, p: Printing): readonly string[] {
  const words = borderFields.map((f) => `.${f} = ${print(step[f])}`);
  const bits = 8 * (step.bytes ?? 1);
  let pattern = 0n;
  for (let at = 0; at < 32; at += bits) pattern |= BigInt.asUintN(bits, BigInt(step.value)) << BigInt(at);
  return [
    `${indent}PULSEC_EACH_CORE(core) pulsec_fill_border(${place(step.at, p)}, &(const pulsec_border_box){`,
    `${filled([...words, `.pattern = 0x${pattern.toString(16)}u`], `${indent}    `)}}, core);`,
  ];
}

/** Phrases with commas between them, on lines of at most 110 columns. */
function filled(words: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = indent;
  for (const [i, word] of words.entries()) {
    const piece = i < words.length - 1 ? `${word}, ` : word;
    if (line.length > indent.length && line.length + piece.length > 108) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += piece;
  }
  return [...lines, line].join("\n");
}

/** A call of a function of its own, which calls a portable kernel with literal constants. */
function printWhole({ node, kernel, operands, result }: Whole, p: Printing): string {
  const name = `${p.names.prefix}_${p.names.layer(p.program.layers.indexOf(p.layer))}_${p.portable.length}`;
  const formal = operandNames(node.op, operands.length)
    .slice(0, operands.length)
    .map((n) => n.replace(/\[(\d+)\]$/, "$1"));
  const types = node.operands.map(
    (v, i): Storage => (isParam(v) ? (kernel.pack?.(node, i)?.storage ?? v.type.storage) : v.type.storage),
  );
  const params = formal.map((f, i) => `const ${cType(types[i]!)} *${f}`);
  const body = guarded(`emit of kernel ${kernel.name}`, node, () =>
    kernel.emit(node, { operands: formal, result: "y" }),
  );
  const own = cType(node.result.type.storage);
  p.portable.push({ prototype: `void ${name}(${[...params, `${own} *y`].join(", ")})`, body });
  const args = operands.map((a, i) => `(const ${cType(types[i]!)} *)(${place(a, p)})`);
  return `${name}(${[...args, `(${own} *)(${place(result, p)})`].join(", ")});`;
}
