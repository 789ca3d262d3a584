/** The help texts, made from the command records. */
import { type Command, commonOptions, type OptionSpec } from "./command.js";
import { version } from "./version.js";

const column = (rows: readonly (readonly [string, string])[], indent = "  "): string => {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `${indent}${left.padEnd(width)}${right}\n`).join("");
};

export function overview(commands: readonly Command[]): string {
  return `pulsec ${version}: integer neural networks for PULP microcontrollers, verified bit for bit

usage: pulsec COMMAND [options]

${column(commands.map((c) => [`${c.name} ${c.args}`, c.summary]))}
A MODEL is an .onnx file (or ONNX text, .onnxtxt), a model in text (.pulse), IR text (.pir), a container
(.pmod) or a folder that compile wrote.
Every command takes --json and --help.

exit codes: 0 ok, 1 wrong input, 2 wrong usage, 3 verification failed, 4 does not fit, 70 a bug of ours

first steps:
${column([
  ["pulsec doctor", "what is installed, and how to get the rest"],
  ["pulsec verify net.onnx", "do all engines agree on this network, layer by layer?"],
  ["pulsec compile net.onnx -o out", "C project and WebAssembly module, with golden vectors"],
])}`;
}

const optionRow = ([name, o]: [string, OptionSpec]): readonly [string, string] => [
  `${o.short ? `-${o.short}, ` : ""}--${name}${o.value ? ` ${o.value}` : ""}`,
  o.help,
];

export function commandHelp(command: Command): string {
  const rows = [...Object.entries(command.options), ...Object.entries(commonOptions)].map(optionRow);
  const details = command.details ? `\n${command.details}\n` : "";
  return `pulsec ${command.name}: ${command.summary}

usage: pulsec ${command.name} ${command.args}${command.args ? " " : ""}[options]
${details}
options:
${column(rows)}
examples:
${column(command.examples.map(([call, meaning]) => [`pulsec ${call}`, meaning]))}`;
}
