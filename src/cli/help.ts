/** The help texts, made from the command records. */
import { type Command, type OptionSpec, optionsOf, type Words } from "./command.js";
import type { Toolchain } from "./toolchain.js";
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
  ["pulsec init waves", "a project with a model, its data and a configuration, in a new folder"],
  ["pulsec doctor", "what is installed, and how to get the rest"],
  ["pulsec verify net.onnx", "do all engines agree on this network, layer by layer?"],
  ["pulsec compile net.onnx -o out", "C project and WebAssembly module, with golden vectors"],
])}`;
}

const said = async (words: Words, toolchain: Toolchain): Promise<string> =>
  typeof words === "string" ? words : words(toolchain);

const optionRow = async (
  [name, o]: [string, OptionSpec],
  toolchain: Toolchain,
): Promise<readonly [string, string]> => [
  `${o.short ? `-${o.short}, ` : ""}--${name}${o.value ? ` ${o.value}` : ""}`,
  await said(o.help, toolchain),
];

export async function commandHelp(command: Command, toolchain: Toolchain): Promise<string> {
  const options = Object.entries(optionsOf(command));
  const rows = await Promise.all(options.map((o) => optionRow(o, toolchain)));
  const details = command.details ? `\n${await said(command.details, toolchain)}\n` : "";
  return `pulsec ${command.name}: ${command.summary}

usage: pulsec ${command.name} ${command.args}${command.args ? " " : ""}[options]
${details}
options:
${column(rows)}
examples:
${column(command.examples.map(([call, meaning]) => [`pulsec ${call}`, meaning]))}`;
}
