/** Quantities with a unit on the command line: `100MHz`, `51mW`. */
import { UsageError } from "../command.js";

const prefixes: Readonly<Record<string, number>> = { u: 1e-6, m: 1e-3, "": 1, k: 1e3, M: 1e6, G: 1e9 };

/** The value of `text` in `unit`. */
export function quantity(option: string, text: string, unit: "Hz" | "W"): number {
  const found = new RegExp(`^(\\d+(?:\\.\\d+)?)\\s*([umkMG]?)${unit}$`).exec(text.trim());
  const value = found ? Number(found[1]) * prefixes[found[2]!]! : 0;
  if (value > 0) return value;
  const example = unit === "Hz" ? "100MHz" : "51mW";
  throw new UsageError(`${option} takes a number with its unit, as ${example}, not ${text}`);
}

const steps: readonly (readonly [number, string])[] = [
  [1, ""],
  [1e-3, "m"],
  [1e-6, "u"],
  [1e-9, "n"],
];

/** Three digits with a prefix: `15.1 us`. */
export function withUnit(value: number, unit: string): string {
  const [scale, prefix] = steps.find(([s]) => value >= s) ?? steps.at(-1)!;
  return `${Number((value / scale).toPrecision(3))} ${prefix}${unit}`;
}
