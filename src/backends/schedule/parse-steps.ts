/** Reads the steps of a layer. */
import type { Span } from "../../ir/diagnostic.js";
import type { Expr } from "./expr.js";
import { parseExpr } from "./parse-expr.js";
import type { Scanner } from "./scan.js";
import {
  type Address,
  type Border,
  type Call,
  type Shape,
  type Start,
  type Step,
  type Tile,
  tileExtents,
} from "./schedule.js";

const deepest = 20;

export interface Parser extends Scanner {
  readonly places: Map<object, Span>;
  /** Of the loops around. */
  readonly indices: Set<string>;
}

/** What is read, and where it stands. */
export function placed<T extends object>(p: Parser, read: () => T): T {
  const { start } = p.peek();
  const found = read();
  p.places.set(found, p.span(start));
  return found;
}

/** With commas between them. */
export function separated<T>(p: Parser, read: () => T): T[] {
  const found = [read()];
  while (p.take(",")) found.push(read());
  return found;
}

export function oneOf<T extends string>(p: Parser, words: readonly T[]): T {
  const found = words.find((w) => w === p.peek().text) ?? p.refuse(words.join(", "));
  p.next();
  return found;
}

/** Up to the bracket that closes them. */
export function readSteps(p: Parser, depth: number): Step[] {
  if (depth > deepest) p.refuse(`at most ${deepest} loops and conditions inside each other`);
  const steps: Step[] = [];
  while (!p.take("}")) steps.push(placed(p, () => readStep(p, depth)));
  return steps;
}

const expr = (p: Parser): Expr => parseExpr(p, p.indices);

function readStep(p: Parser, depth: number): Step {
  const kind = oneOf(p, ["loop", "when", "start", "wait", "border", "tile", "whole"]);
  switch (kind) {
    case "loop":
      return readLoop(p, depth);
    case "when": {
      const left = expr(p);
      const is = oneOf(p, ["<", "="]);
      const right = expr(p);
      p.expect("{");
      return { kind, left, is, right, body: readSteps(p, depth + 1) };
    }
    case "start":
      return readStart(p);
    case "wait":
      return { kind, ...readSlot(p) };
    case "border":
      return readBorder(p);
    case "tile":
      return readTile(p);
    case "whole":
      return readCall(p);
  }
}

function readLoop(p: Parser, depth: number): Step {
  const { text } = p.peek();
  const index = p.word("an index");
  if (p.indices.has(index) || index === "min" || index === "max") p.refuse(`another index than ${text}`);
  p.expect("<");
  const count = p.number("how often");
  p.expect("{");
  p.indices.add(index);
  const body = readSteps(p, depth + 1);
  p.indices.delete(index);
  return { kind: "loop", index, count, body };
}

function readSlot(p: Parser): { readonly channel: string; readonly slot: Expr } {
  const channel = p.word("a channel");
  p.expect("[");
  const slot = expr(p);
  p.expect("]");
  return { channel, slot };
}

function readAddress(p: Parser): Address {
  const block = p.word("a block");
  return { block, offset: p.take("+") ? expr(p) : 0 };
}

function readStart(p: Parser): Start {
  const slot = readSlot(p);
  const direction = oneOf(p, ["in", "out"]);
  const to = readAddress(p);
  p.expect("<-");
  const from = readAddress(p);
  const [near, far] = direction === "in" ? [to, from] : [from, to];
  return { kind: "start", ...slot, direction, near, far, shape: readShape(p) };
}

function readShape(p: Parser): Shape {
  p.expect(":");
  const line = expr(p);
  const [lines, lineStride] = p.take("x") ? [expr(p), every(p)] : [1, 0];
  if (!p.take(",")) return { line, lines, lineStride, planes: 1, planeStride: 0, nearStride: 0 };
  p.expect("x");
  const [planes, planeStride] = [expr(p), every(p)];
  p.expect("to");
  return { line, lines, lineStride, planes, planeStride, nearStride: expr(p) };
}

function every(p: Parser): Expr {
  p.expect("every");
  return expr(p);
}

function readBorder(p: Parser): Border {
  const after = (...words: readonly string[]): Expr => {
    p.expect(...words);
    return expr(p);
  };
  const at = readAddress(p);
  const box = { planes: after(":"), rows: after("x"), columns: after("x"), cell: after("of") };
  const pitch = after(",", "rows");
  const [top, bottom] = [after(",", "top"), after(",", "bottom")];
  const [left, right] = [after(",", "left"), after(",", "right")];
  p.expect("=");
  const negative = p.take("-");
  const value = p.number("a value");
  const border = { kind: "border" as const, at, ...box, pitch, top, bottom, left, right };
  const valued = { ...border, value: negative ? -value : value };
  if (!p.take("in")) return valued;
  const bytes = Number(oneOf(p, ["1", "2", "4"])) as 1 | 2 | 4;
  p.expect("bytes");
  return { ...valued, bytes };
}

function readTile(p: Parser): Tile {
  const kernel = p.word("a kernel");
  p.expect("(");
  const x: Address[] = [];
  const others: { w?: Address; q?: Address; shared?: Address; y?: Address; scratch?: Address } = {};
  separated(p, () => {
    const open = (["w", "q", "shared", "y", "scratch"] as const).filter((k) => !others[k]);
    const found = oneOf(p, [`x${x.length}`, ...open]);
    p.expect("=");
    const field = open.find((k) => k === found);
    if (field) others[field] = readAddress(p);
    else x.push(readAddress(p));
  });
  const { y, ...optional } = others;
  if (!y) p.refuse("y = where the result goes");
  p.expect(")", "{");
  const extents = tileExtents.map((name, i) => {
    if (i > 0) p.expect(",");
    p.expect(name, "=");
    return [name, expr(p)] as const;
  });
  p.expect("}");
  return {
    kind: "tile",
    kernel,
    x,
    ...optional,
    y: y!,
    extents: Object.fromEntries(extents) as Tile["extents"],
  };
}

function readCall(p: Parser): Call {
  const kernel = p.word("a kernel");
  const operands = p.peek().text === "->" ? [] : separated(p, () => readAddress(p));
  p.expect("->");
  return { kind: "whole", kernel, operands, result: readAddress(p) };
}
