/** What a command of `pulsec` is, and the exit codes. */
import { parseArgs } from "node:util";
import { type Diagnostic, error, nearest, Refusal } from "../ir/diagnostic.js";
import type { Toolchain } from "./toolchain.js";

export const exit = {
  ok: 0,
  wrongInput: 1,
  usage: 2,
  verificationFailed: 3,
  doesNotFit: 4,
  // Of `sim`: how the firmware ended.
  programFailed: 5,
  trap: 6,
  deadlock: 7,
  budget: 8,
  ourBug: 70,
} as const;
export type ExitCode = (typeof exit)[keyof typeof exit];

export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: true;
  /** Placeholder of the value in the help: `DIR`, `a,b`. */
  readonly value?: string;
  readonly help: Words;
}

/** A part of the help; it may depend on what there is to name. */
export type Words = string | ((toolchain: Toolchain) => string | Promise<string>);

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Positional arguments as the help shows them: `MODEL`, `FILE...`. */
  readonly args: string;
  readonly positionals: { readonly min: number; readonly max: number };
  readonly details?: Words;
  /** Needs nothing that a project's configuration could add: its calls have no toolchain. */
  readonly standalone?: true;
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  run(call: Call): Promise<ExitCode>;
}

/** One invocation: parsed arguments and where output goes. */
export interface Call {
  /** What is built in, with what the project's configuration adds. */
  readonly toolchain: Toolchain;
  readonly args: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  readonly json: boolean;
  /** Results, on stdout. With `--json` only `emit` writes there. */
  print(text: string): void;
  /** Progress and remarks, on stderr. */
  note(text: string): void;
  /** What is being done right now, on one line that the next text replaces; only where stderr is a terminal. */
  progress(text: string): void;
  /** Diagnostics, on stderr, with the lines of the files read that they speak of. */
  report(diagnostics: readonly Diagnostic[]): void;
  /** The result as one JSON object, printed only with `--json`. */
  emit(result: Readonly<Record<string, unknown>>): void;
}

/** Of every command that is not `standalone`. */
export const configOptions: Readonly<Record<string, OptionSpec>> = {
  config: {
    type: "string",
    value: "FILE",
    help: "the project's passes, ops and kernels; default: pulsec.config.ts (.mts .js .mjs) here or in a folder above",
  },
  "no-config": { type: "boolean", help: "know only what is built in" },
};
const commonOptions: Readonly<Record<string, OptionSpec>> = {
  json: { type: "boolean", help: "print one JSON object instead of text" },
  help: { type: "boolean", short: "h", help: "show this help" },
};

/** All options of a command, those that every command has last. */
export const optionsOf = ({ options, standalone }: Command): Readonly<Record<string, OptionSpec>> => ({
  ...options,
  ...(standalone ? {} : configOptions),
  ...commonOptions,
});

/** A mistake in how the command was called: exit code 2. */
export class UsageError extends Error {}

export function parseCall(
  command: Command,
  argv: readonly string[],
): Omit<Call, "toolchain" | "print" | "note" | "progress" | "report" | "emit"> {
  const options = optionsOf(command);
  const parsed = parse(command, options, argv);
  const { min, max } = command.positionals;
  const given = parsed.positionals.length;
  if (!parsed.values.help && (given < min || given > max)) {
    throw new UsageError(
      `${command.name} takes ${command.args || "no arguments"}; ${given || "nothing"} given`,
    );
  }
  const get = (name: string) => parsed.values[name];
  return {
    args: parsed.positionals,
    flag: (name) => get(name) === true,
    text: (name) => [get(name)].flat().at(-1) as string | undefined,
    texts: (name) => [get(name) ?? []].flat() as string[],
    json: get("json") === true,
  };
}

function parse(command: Command, options: Readonly<Record<string, OptionSpec>>, argv: readonly string[]) {
  const specs = Object.fromEntries(
    Object.entries(options).map(([name, o]) => [
      name,
      { type: o.type, ...(o.short ? { short: o.short } : {}), ...(o.multiple ? { multiple: true } : {}) },
    ]),
  );
  try {
    return parseArgs({ args: [...argv], options: specs, allowPositionals: true });
  } catch (e) {
    const unknown = /Unknown option '--?([^']+)'/.exec((e as Error).message)?.[1];
    if (!unknown) throw new UsageError((e as Error).message.split(". ")[0]!);
    const guess = nearest(unknown, Object.keys(options));
    throw new UsageError(
      `${command.name} has no option --${unknown}${guess ? `; did you mean --${guess}?` : ""}`,
    );
  }
}

/** `--engine int,wasm` and `--engine int --engine wasm` alike. */
export const list = (texts: readonly string[]): readonly string[] =>
  texts
    .flatMap((t) => t.split(","))
    .map((t) => t.trim())
    .filter((t) => t !== "");

export function oneOf<T extends string>(what: string, value: string, known: readonly T[]): T {
  if ((known as readonly string[]).includes(value)) return value as T;
  const guess = nearest(value, known);
  throw new UsageError(
    `there is no ${what} ${value}; known: ${known.join(", ")}${guess ? ` (did you mean ${guess}?)` : ""}`,
  );
}

export function wholeNumber(what: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new UsageError(`${what} takes a whole number, not ${text}`);
}

export const refuse = (...args: Parameters<typeof error>): never => {
  throw new Refusal(error(...args));
};
