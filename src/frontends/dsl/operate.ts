/** Operators: arithmetic on sizes, and ops on tensors, or on a tensor and a number. */
import type { Extent, Lexeme } from "../../../grammar/ir-syntax.js";
import { arithmetic } from "./arithmetic.js";
import { type Build, callOp, type Naming, nameFor, spend, tensorOf } from "./call.js";
import { operators } from "./calls.js";
import { describe, isTensor, type Meaning } from "./meaning.js";

/** What an operator gives; nothing when a complaint was made. */
export function operate(
  build: Build,
  [left, right]: Pair<Meaning>,
  operator: Lexeme,
  places: Pair<Extent>,
  at: Extent,
  naming: Naming,
): Meaning | undefined {
  const { cx } = build;
  if (!isTensor(left) && !isTensor(right)) return arithmetic(cx, left, right, operator, at);
  const over = operator.image === "/" && isTensor(left) && right.kind === "number" ? right : undefined;
  if (over && over.value === 0) {
    cx.error("dsl/arithmetic", at, `${describe(left)} cannot be divided by 0`, {
      expected: "a number other than 0",
    });
    return undefined;
  }
  const name = over ? operators["*"] : operators[operator.image];
  const factor: Meaning = over ? { kind: "number", value: 1 / over.value } : right;
  if (name !== undefined && [left, factor].every((m) => isTensor(m) || m.kind === "number"))
    return combine(build, name, [left, factor], places, at, naming);
  const between = Object.keys(operators).join(" ");
  const text = `\`${operator.image}\` does not join ${describe(left)} and ${describe(right)}`;
  const help = `${between} join tensors and numbers; / divides a tensor by a number, nothing divides by a tensor`;
  cx.error("dsl/arithmetic", at, text, { help });
  return undefined;
}

type Pair<T> = readonly [T, T];

/** The op that an operator stands for, on tensors or a tensor and a number. */
export function combine(
  build: Build,
  opName: string,
  [left, right]: Pair<Meaning>,
  [leftAt, rightAt]: Pair<Extent>,
  at: Extent,
  naming: Naming,
): Meaning | undefined {
  const op = build.cx.ops.get(opName);
  if (!op) {
    build.cx.error("dsl/unknown-call", at, `there is no op ${opName} for this operator to stand for`, {
      expected: `${opName} in the list of ops that the text is read with`,
    });
    return undefined;
  }
  spend(build, at);
  const operands = [
    { name: undefined, at: leftAt, meaning: left },
    { name: undefined, at: rightAt, meaning: right },
  ];
  return tensorOf(callOp(build, op, operands, at, nameFor(naming, opName)));
}
