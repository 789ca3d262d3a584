/** Schedules as text: memories, blocks, and layer by layer the steps. */
import { scheduleOf } from "./bare.js";
import { type Expr, printExpr } from "./expr.js";
import type { Program } from "./program.js";
import {
  type Address,
  type Border,
  type Channel,
  type Schedule,
  type ScheduleBlock,
  type ScheduleLayer,
  type Shape,
  type Start,
  type Step,
  type Tile,
  tileExtents,
} from "./schedule.js";
import { isWord } from "./words.js";

const width = 110;

const text = (e: Expr): string => printExpr(e);
/** Names of other people's kernels may be anything. */
const word = (name: string): string => (isWord(name) ? name : JSON.stringify(name));

function printAddress({ block, offset }: Address): string {
  return offset === 0 ? word(block) : `${word(block)} + ${text(offset)}`;
}

/** `line`, `line x lines every lineStride`, and the same for planes, with their distance in near memory. */
function printShape(s: Shape): string[] {
  const line =
    s.lines === 1 ? text(s.line) : `${text(s.line)} x ${text(s.lines)} every ${text(s.lineStride)}`;
  if (s.planes === 1) return [`: ${line}`];
  return [`: ${line},`, `x ${text(s.planes)} every ${text(s.planeStride)} to ${text(s.nearStride)}`];
}

function printStart(s: Start): string[] {
  const [near, far] = [printAddress(s.near), printAddress(s.far)];
  const way = s.direction === "in" ? [`${near} <-`, far] : [`${far} <-`, near];
  return [`start ${printSlot(s)} ${s.direction}`, ...way, ...printShape(s.shape)];
}

const printSlot = ({ channel, slot }: { channel: string; slot: Expr }): string =>
  `${word(channel)}[${text(slot)}]`;

function printBorder(b: Border): string[] {
  const size = b.bytes === undefined ? "" : ` in ${b.bytes} bytes`;
  return [
    `border ${printAddress(b.at)}`,
    `: ${text(b.planes)} x ${text(b.rows)} x ${text(b.columns)} of ${text(b.cell)},`,
    `rows ${text(b.pitch)},`,
    ...(["top", "bottom", "left"] as const).map((side) => `${side} ${text(b[side])},`),
    `right ${text(b.right)} = ${b.value}${size}`,
  ];
}

/** Phrases between brackets, with commas behind all but the last. */
const listed = (open: string, phrases: readonly string[], close: string): string[] =>
  phrases.map((p, i) => `${i === 0 ? open : ""}${p}${i === phrases.length - 1 ? close : ","}`);

function printTile(t: Tile): string[] {
  const places = [
    ...t.x.map((x, i) => ["x", i, x] as const),
    ...(["w", "q", "shared", "y", "scratch"] as const).map((k) => [k, "", t[k]] as const),
  ];
  const at = places.flatMap(([k, i, a]) => (a ? [`${k}${i} = ${printAddress(a)}`] : []));
  const extents = tileExtents.map((k) => `${k} = ${text(t.extents[k])}`);
  return [...listed(`tile ${word(t.kernel)}(`, at, ")"), ...listed("{", extents, "}")];
}

/** A long sum, ready to be broken before its signs. */
const terms = (phrase: string): string[] => phrase.split(/ (?=[-+] )/);

/** The phrases on as few lines as hold them. */
function filled(phrases: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  let begun = false;
  for (const phrase of phrases.flatMap((p) => (p.length > width - indent.length - 4 ? terms(p) : [p]))) {
    if (begun && line.length + 1 + phrase.length > width) {
      lines.push(line);
      line = `${indent}    `;
      begun = false;
    }
    line += begun ? ` ${phrase}` : phrase;
    begun = true;
  }
  return [...lines, line];
}

function printStep(step: Step, indent: string): string[] {
  if (step.kind === "loop" || step.kind === "when") {
    const body = step.body.flatMap((s) => printStep(s, `${indent}  `));
    const head =
      step.kind === "loop"
        ? [`loop ${step.index} < ${step.count}`]
        : [`when ${text(step.left)}`, `${step.is} ${text(step.right)}`];
    return [...filled([...head, "{"], indent), ...body, `${indent}}`];
  }
  return filled(phrasesOf(step), indent);
}

function phrasesOf(step: Exclude<Step, { readonly body: unknown }>): string[] {
  switch (step.kind) {
    case "start":
      return printStart(step);
    case "wait":
      return [`wait ${printSlot(step)}`];
    case "border":
      return printBorder(step);
    case "tile":
      return printTile(step);
    case "whole":
      return [
        `whole ${word(step.kernel)}`,
        ...listed("", step.operands.map(printAddress), ""),
        `-> ${printAddress(step.result)}`,
      ];
  }
}

function printBlock(b: ScheduleBlock): string {
  const where = b.level === "caller" ? "caller" : `${b.level} + ${b.offset}`;
  const constant = b.constant ? ", constant" : "";
  const holds = b.holds === undefined ? "" : ` holds ${b.holds}`;
  return `block ${word(b.name)} at ${where}, ${b.bytes} bytes, layers ${b.from} to ${b.to}${constant}${holds}`;
}

const printChannels = (channels: readonly Channel[], indent: string): string[] =>
  channels.length === 0
    ? []
    : filled(
        listed(
          "channels ",
          channels.map((c) => `${word(c.name)}[${c.slots}]`),
          "",
        ),
        indent,
      );

function printLayer(l: ScheduleLayer, i: number): string[] {
  const tiles = `${l.tiles} ${l.tiles === 1 ? "tile" : "tiles"}`;
  return [
    "",
    `  layer ${i} %${l.name} = ${word(l.kernel)}, ${tiles}, about ${l.estimate} cycles {`,
    ...printChannels(l.channels, "    "),
    ...l.blocks.map((b) => `    ${printBlock(b)}`),
    ...l.steps.flatMap((s) => printStep(s, "    ")),
    "  }",
  ];
}

/** The whole schedule; equal schedules give equal text. */
export function printSchedule(s: Schedule): string {
  return [
    `schedule @${s.name} for ${s.target}, ${s.cores} ${s.cores === 1 ? "core" : "cores"} {`,
    ...s.levels.map(
      (l) => `  memory ${l.level} : ${l.bytes} of ${l.budget} bytes, lower bound ${l.lowerBound}`,
    ),
    ...printChannels(s.channels, "  "),
    ...s.blocks.map((b) => `  ${printBlock(b)}`),
    ...s.layers.flatMap(printLayer),
    "}",
    "",
  ].join("\n");
}

/** The schedule of a program as text. */
export const printProgram = (p: Program): string => printSchedule(scheduleOf(p));
