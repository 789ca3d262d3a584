/** Programs as text: memories, blocks, and layer by layer the steps. */
import { printType } from "../../ir/type.js";
import { type Expr, printExpr } from "./expr.js";
import {
  type Address,
  type Block,
  type Border,
  type Program,
  type ProgramLayer,
  type Shape,
  type Start,
  type Step,
  type Tile,
  tileExtents,
} from "./program.js";

const text = (e: Expr): string => printExpr(e);

function printAddress({ block, offset }: Address): string {
  return offset === 0 ? block : `${block} + ${text(offset)}`;
}

/** `line`, `line x lines every lineStride`, and the same for planes, with their distance in near memory. */
function printShape(s: Shape): string {
  const line =
    s.lines === 1 ? text(s.line) : `${text(s.line)} x ${text(s.lines)} every ${text(s.lineStride)}`;
  if (s.planes === 1) return line;
  return `${line}, x ${text(s.planes)} every ${text(s.planeStride)} to ${text(s.nearStride)}`;
}

function printStart(s: Start): string {
  const [near, far] = [printAddress(s.near), printAddress(s.far)];
  const way = s.direction === "in" ? `${near} <- ${far}` : `${far} <- ${near}`;
  return `start ${s.channel}[${text(s.slot)}] ${s.direction} ${way} : ${printShape(s.shape)}`;
}

function printBorder(b: Border): string {
  const box = `${text(b.planes)} x ${text(b.rows)} x ${text(b.columns)} of ${text(b.cell)}, rows ${text(b.pitch)}`;
  const sides = (["top", "bottom", "left", "right"] as const).map((side) => `${side} ${text(b[side])}`);
  return `border ${printAddress(b.at)} : ${box}, ${sides.join(", ")} = ${b.value}`;
}

function printTile(t: Tile): string {
  const places = [
    ...t.x.map((x, i) => ["x", i, x] as const),
    ...(["w", "q", "shared", "y", "scratch"] as const).map((k) => [k, "", t[k]] as const),
  ];
  const at = places.flatMap(([k, i, a]) => (a ? [`${k}${i} = ${printAddress(a)}`] : []));
  const extents = tileExtents.map((k) => `${k} = ${text(t.extents[k])}`);
  return `tile ${t.kernel}(${at.join(", ")}) {${extents.join(", ")}}`;
}

function printStep(step: Step, indent: string): string[] {
  const body = (steps: readonly Step[]) => steps.flatMap((s) => printStep(s, `${indent}  `));
  switch (step.kind) {
    case "loop":
      return [`${indent}loop ${step.index} < ${step.count} {`, ...body(step.body), `${indent}}`];
    case "when":
      return [
        `${indent}when ${text(step.left)} ${step.is} ${text(step.right)} {`,
        ...body(step.body),
        `${indent}}`,
      ];
    case "start":
      return [indent + printStart(step)];
    case "wait":
      return [`${indent}wait ${step.channel}[${text(step.slot)}]`];
    case "border":
      return [indent + printBorder(step)];
    case "tile":
      return [indent + printTile(step)];
    case "whole": {
      const operands = step.operands.map(printAddress).join(", ");
      return [`${indent}whole ${step.kernel.name} ${operands} -> ${printAddress(step.result)}`];
    }
  }
}

function printBlock(b: Block): string {
  const where = b.level === "caller" ? "caller" : `${b.level} + ${b.offset}`;
  const type = b.value ? ` holds ${printType(b.value.type)}` : "";
  return `block ${b.name} at ${where}, ${b.bytes} bytes, layers ${b.from} to ${b.to}${b.data ? ", constant" : ""}${type}`;
}

function printLayer(l: ProgramLayer, i: number): string[] {
  const channels = l.channels.map((c) => `${c.name}[${c.slots}]`).join(", ");
  return [
    `  layer ${i} %${l.name} = ${l.kernel}, ${l.tiles} ${l.tiles === 1 ? "tile" : "tiles"}, about ${l.estimate} cycles {`,
    ...(channels ? [`    channels ${channels}`] : []),
    ...l.blocks.map((b) => `    ${printBlock(b)}`),
    ...l.steps.flatMap((s) => printStep(s, "    ")),
    "  }",
  ];
}

/** The whole program; equal programs give equal text. */
export function printProgram(p: Program): string {
  return [
    `program @${p.name} for ${p.target}, ${p.cores} ${p.cores === 1 ? "core" : "cores"} {`,
    ...p.levels.map(
      (l) => `  memory ${l.level} : ${l.bytes} of ${l.budget} bytes, lower bound ${l.lowerBound}`,
    ),
    ...p.blocks.map((b) => `  ${printBlock(b)}`),
    ...p.layers.flatMap(printLayer),
    "}",
    "",
  ].join("\n");
}
