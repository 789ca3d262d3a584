#!/usr/bin/env node
/** `pulsec`: finds the command, runs it, prints what it says and exits. The only place that does either. */
import { type Diagnostic, nearest, Refusal, renderDiagnostic } from "../ir/diagnostic.js";
import { type Call, type Command, type ExitCode, exit, parseCall, UsageError } from "./command.js";
import { sourcesRead } from "./files.js";
import { commandHelp, overview } from "./help.js";
import { version } from "./version.js";

/** Names in the order of the help; each loads only when it is called. */
const commands: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  check: () => import("./commands/check.js"),
  fmt: () => import("./commands/fmt.js"),
  opt: () => import("./commands/opt.js"),
  import: () => import("./commands/import.js"),
  run: () => import("./commands/run.js"),
  compile: () => import("./commands/compile.js"),
  verify: () => import("./commands/verify.js"),
  lsp: () => import("./commands/lsp.js"),
  doctor: () => import("./commands/doctor.js"),
};

const allCommands = async () =>
  Promise.all(Object.values(commands).map(async (load) => (await load()).command));

async function main(argv: readonly string[]): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${version}\n`);
    return exit.ok;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const topic = rest[0] === undefined ? undefined : commands[rest[0]];
    process.stdout.write(topic ? commandHelp((await topic()).command) : overview(await allCommands()));
    return name === undefined ? exit.usage : exit.ok;
  }
  if (!Object.hasOwn(commands, name)) {
    const guess = nearest(name, Object.keys(commands));
    throw new UsageError(`there is no command ${name}${guess ? `; did you mean ${guess}?` : ""}`);
  }
  const { command } = await commands[name]!();
  return invoke(command, rest);
}

async function invoke(command: Command, argv: readonly string[]): Promise<ExitCode> {
  const parsed = parseCall(command, argv);
  if (parsed.flag("help")) {
    process.stdout.write(commandHelp(command));
    return exit.ok;
  }
  const call: Call = {
    ...parsed,
    print: (text) => void (parsed.json || process.stdout.write(`${text}\n`)),
    note: (text) => void (parsed.json || process.stderr.write(`${text}\n`)),
    emit: (result) =>
      void (
        parsed.json &&
        process.stdout.write(`${JSON.stringify({ command: command.name, ...result }, undefined, 2)}\n`)
      ),
  };
  try {
    return await command.run(call);
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    reportDiagnostics(e.diagnostics);
    call.emit({ ok: false, diagnostics: e.diagnostics });
    return exit.wrongInput;
  }
}

function reportDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const d of diagnostics) process.stderr.write(`${renderDiagnostic(d, sourcesRead)}\n`);
}

function onFailure(e: unknown): ExitCode {
  const { message } = e as Error;
  const id = e instanceof UsageError ? "usage" : "bug";
  if (process.argv.includes("--json"))
    process.stdout.write(`${JSON.stringify({ ok: false, error: { id, message } })}\n`);
  if (e instanceof UsageError) {
    process.stderr.write(`pulsec: ${e.message}\nRun pulsec --help for the commands.\n`);
    return exit.usage;
  }
  const detail = e instanceof Error ? (e.stack ?? e.message) : String(e);
  process.stderr.write(
    `pulsec ${version}: this is a bug of ours, please report it with the command and the model.\n${detail}\n`,
  );
  return exit.ourBug;
}

// A reader that went away (head, a closed pipe) ends us quietly; a full disk does not.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (e: NodeJS.ErrnoException) =>
    process.exit(e.code === "EPIPE" ? exit.ok : exit.wrongInput),
  );
}

process.exitCode = await main(process.argv.slice(2)).catch(onFailure);
