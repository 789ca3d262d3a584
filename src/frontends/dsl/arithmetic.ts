/** Arithmetic on sizes: whole numbers, and a division that comes out even. */
import type { Extent, Lexeme } from "../../../grammar/ir-syntax.js";
import type { Context } from "./context.js";
import { describe, type Meaning } from "./meaning.js";

type Operation = (a: number, b: number) => number | string;

/** `%` has the sign of its divisor, as floor division has it. */
const operations: Readonly<Record<string, Operation>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => {
    if (b === 0) return `${a} / 0 is no size`;
    return a % b === 0 ? a / b : `${a} / ${b} is no whole number`;
  },
  "%": (a, b) => (b === 0 ? `${a} % 0 is no size` : ((a % b) + b) % b),
};

/** Nothing when a complaint was made. */
export function arithmetic(
  cx: Context,
  left: Meaning,
  right: Meaning,
  operator: Lexeme,
  at: Extent,
): Meaning | undefined {
  const refuse = (text: string, help?: string) => {
    cx.error("dsl/arithmetic", at, text, help ? { help } : {});
    return undefined;
  };
  for (const m of [left, right])
    if (m.kind !== "number" || !Number.isSafeInteger(m.value))
      return refuse(
        `\`${operator.image}\` joins whole numbers, or a tensor and any number; found ${describe(m)}`,
        m.kind === "number" ? "between numbers it computes sizes; work fractions out by hand" : undefined,
      );
  const [a, b] = [left, right].map((m) => (m as { value: number }).value) as [number, number];
  const value = operations[operator.image]!(a, b);
  if (typeof value === "string")
    return refuse(value, operator.image === "/" ? "to round down, write (a - a % b) / b" : undefined);
  if (!Number.isSafeInteger(value)) return refuse(`${a} ${operator.image} ${b} is too large for a size`);
  return { kind: "number", value: value + 0 };
}
