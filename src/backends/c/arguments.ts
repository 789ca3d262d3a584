/** What callers see of a network in C, on hosts and in firmware: its arguments, as macros and as a signature. */
import type { Value } from "../../ir/graph.js";
import { elements, printType } from "../../ir/type.js";
import { commentText, cType, literal } from "./text.js";

export interface Argument {
  /** Its identifier, without prefix. */
  readonly id: string;
  readonly value: Value;
}

export interface Callable {
  /** `tcn` and `TCN`. */
  readonly prefix: string;
  readonly macro: string;
  readonly inputs: readonly Argument[];
  readonly outputs: readonly Argument[];
}

const macroOf = ({ macro }: Callable, { id }: Argument): string => `${macro}_${id.toUpperCase()}`;

function macrosOf(kind: string, macro: string, { name, type }: Value): string {
  const lines = [
    `/* ${kind} ${commentText(`%${name} : ${printType(type)}`)}, channels last */`,
    `#define ${macro}_TYPE ${cType(type.storage)}`,
    `#define ${macro}_ELEMENTS ${elements(type)}`,
  ];
  if (type.quant && !type.quant.channels) {
    const { scale, zero } = type.quant;
    const decimal = /[.e]/.test(String(scale)) ? String(scale) : `${scale}.0`;
    lines.push(`#define ${macro}_SCALE ${decimal}f`, `#define ${macro}_ZERO ${literal(zero)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Type, size, scale and zero point of every argument. */
export function argumentMacros(c: Callable): string {
  const all = (kind: string, list: readonly Argument[]) =>
    list.map((a) => macrosOf(kind, macroOf(c, a), a.value)).join("\n");
  return `${all("Input", c.inputs)}\n${all("Output", c.outputs)}`;
}

/** `void tcn_run(const uint8_t x[TCN_X_ELEMENTS], int8_t y[TCN_Y_ELEMENTS])` */
export function signature(c: Callable): string {
  const argument = (qualifier: string) => (a: Argument) =>
    `${qualifier}${cType(a.value.type.storage)} ${a.id}[${macroOf(c, a)}_ELEMENTS]`;
  const all = [...c.inputs.map(argument("const ")), ...c.outputs.map(argument(""))];
  const line = `void ${c.prefix}_run(${all.join(", ")})`;
  return line.length <= 100 ? line : `void ${c.prefix}_run(\n    ${all.join(",\n    ")})`;
}
