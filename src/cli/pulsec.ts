/** One call of `pulsec`: finds the command, runs it, gives its exit code. Writes only to the streams it is handed. */
import { type Diagnostic, nearest, Refusal, renderDiagnostic } from "../ir/diagnostic.js";
import { type Call, type Command, type ExitCode, exit, parseCall, UsageError } from "./command.js";
import { faultOfUser, withSource } from "./faults.js";
import { sourcesRead } from "./files.js";
import { commandHelp, overview } from "./help.js";
import { printedJson } from "./json.js";
import type { Toolchain } from "./toolchain.js";
import { version } from "./version.js";

export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Shows one line in place of the one before; "" clears it. Absent where nobody watches. */
  readonly progress?: (text: string) => void;
}

/** Names in the order of the help; each loads only when it is called. */
const commands: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  init: () => import("./commands/init.js"),
  check: () => import("./commands/check.js"),
  explain: () => import("./commands/explain.js"),
  fmt: () => import("./commands/fmt.js"),
  cost: () => import("./commands/cost.js"),
  opt: () => import("./commands/opt.js"),
  quantize: () => import("./commands/quantize.js"),
  import: () => import("./commands/import.js"),
  export: () => import("./commands/export.js"),
  run: () => import("./commands/run.js"),
  evaluate: () => import("./commands/evaluate.js"),
  compile: () => import("./commands/compile.js"),
  verify: () => import("./commands/verify.js"),
  golden: () => import("./commands/golden.js"),
  pass: () => import("./commands/pass.js"),
  op: () => import("./commands/op.js"),
  sim: () => import("./commands/sim.js"),
  lsp: () => import("./commands/lsp.js"),
  doctor: () => import("./commands/doctor.js"),
};

/** Loaded when it is needed: commands that stand alone start sooner without it. */
const builtIn = async () => (await import("./toolchain.js")).builtIn;

const allCommands = async () =>
  Promise.all(Object.values(commands).map(async (load) => (await load()).command));

/** Runs `argv`, the arguments behind the program's name. Never throws. */
export async function pulsec(argv: readonly string[], streams: Streams): Promise<ExitCode> {
  sourcesRead.clear();
  try {
    return await dispatch(argv, streams);
  } catch (e) {
    return failed(e, argv.includes("--json"), streams);
  }
}

async function dispatch(argv: readonly string[], streams: Streams): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === "--version" || name === "-v") {
    streams.out(`${version}\n`);
    return exit.ok;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const topic = rest[0] === undefined ? undefined : commands[rest[0]];
    const text = topic
      ? await commandHelp((await topic()).command, await builtIn())
      : overview(await allCommands());
    streams.out(text);
    return name === undefined ? exit.usage : exit.ok;
  }
  if (!Object.hasOwn(commands, name)) {
    const guess = nearest(name, Object.keys(commands));
    throw new UsageError(`there is no command ${name}${guess ? `; did you mean ${guess}?` : ""}`);
  }
  const { command } = await commands[name]!();
  return invoke(command, rest, streams);
}

async function invoke(command: Command, argv: readonly string[], streams: Streams): Promise<ExitCode> {
  const { out, err } = streams;
  const parsed = parseCall(command, argv);
  const errors: Diagnostic[] = [];
  const progress = (text: string) => void (parsed.json || streams.progress?.(text));
  const note = (text: string) => {
    progress("");
    if (!parsed.json) err(`${text}\n`);
  };
  const call: Omit<Call, "toolchain"> = {
    ...parsed,
    print(text) {
      progress("");
      if (!parsed.json) out(`${text}\n`);
    },
    note,
    progress,
    report(diagnostics) {
      for (const d of diagnostics) note(renderDiagnostic(withSource(d), sourcesRead));
      errors.push(...diagnostics.filter((d) => d.severity === "error"));
    },
    emit: (result) =>
      void (parsed.json && out(`${printedJson({ command: command.name, ...result }, sourcesRead)}\n`)),
  };
  const code = await run(command, call, out).finally(() => progress(""));
  // That a pass refuses says less than why it does.
  const telling = errors.find((d) => d.id !== "pass/refused") ?? errors[0];
  if (telling) note(`pulsec explain ${telling.id} says more, with an example`);
  return code;
}

/** What says that something does not fit, not that it is wrong. */
const tooLarge: ReadonlySet<string> = new Set([
  "quant/budget",
  "pulp/l1-budget",
  "pulp/l2-budget",
  "pulp/l3-budget",
  "pulp/program-too-large",
]);

async function run(command: Command, call: Omit<Call, "toolchain">, out: Streams["out"]): Promise<ExitCode> {
  let toolchain: Toolchain | undefined;
  try {
    if (call.flag("help")) return await help(command, call, out);
    if (!command.standalone) toolchain = await toolchainFor(call);
    return await command.run({ ...call, toolchain: toolchain as Toolchain });
  } catch (e) {
    const diagnostics = e instanceof Refusal ? e.diagnostics : ofProject(e, toolchain);
    call.report(diagnostics);
    call.emit({ ok: false, diagnostics });
    return diagnostics.some((d) => tooLarge.has(d.id)) ? exit.doesNotFit : exit.wrongInput;
  }
}

const toolchainFor = async (call: Omit<Call, "toolchain">): Promise<Toolchain> =>
  (await import("./config.js")).toolchainFor(call);

/** Beside a configuration that cannot be used there is help for what is built in, and what is wrong. */
async function help(command: Command, call: Omit<Call, "toolchain">, out: Streams["out"]): Promise<ExitCode> {
  const known = await builtIn();
  try {
    out(await commandHelp(command, command.standalone ? known : await toolchainFor(call)));
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    call.report(e.diagnostics);
    out(await commandHelp(command, known));
    return exit.wrongInput;
  }
  return exit.ok;
}

/** That what the project adds threw; anything else is thrown on. */
function ofProject(e: unknown, toolchain: Toolchain | undefined): readonly Diagnostic[] {
  const fault = toolchain?.config === undefined || e instanceof UsageError ? undefined : faultOfUser(e);
  if (!fault) throw e;
  return [fault];
}

function failed(e: unknown, json: boolean, { out, err }: Streams): ExitCode {
  const { message } = e as Error;
  const id = e instanceof UsageError ? "usage" : "bug";
  if (json) out(`${JSON.stringify({ ok: false, error: { id, message } })}\n`);
  if (e instanceof UsageError) {
    err(`pulsec: ${e.message}\nRun pulsec --help for the commands.\n`);
    return exit.usage;
  }
  const detail = e instanceof Error ? (e.stack ?? e.message) : String(e);
  err(
    `pulsec ${version}: this is a bug of ours, please report it with the command and the model.\n${detail}\n`,
  );
  return exit.ourBug;
}
