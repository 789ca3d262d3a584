import path from "node:path";
import type { FileStore } from "../../backends/gap8sim/devices/open-files.js";
import { disassembleFirmware } from "../../backends/gap8sim/disassemble.js";
import { type Firmware, loadElf } from "../../backends/gap8sim/elf.js";
import { filesInFolder } from "../../backends/gap8sim/folder.js";
import { serveGdb } from "../../backends/gap8sim/gdb/server.js";
import { createTrace } from "../../backends/gap8sim/insight/trace.js";
import { createSimulation, type RunEnd, type Simulation } from "../../backends/gap8sim/simulate.js";
import { symbolTable } from "../../backends/gap8sim/symbols.js";
import { unwrap } from "../../ir/diagnostic.js";
import { type Call, type Command, type ExitCode, exit, oneOf, UsageError, wholeNumber } from "../command.js";
import { isFolder, readBytes, writeFile } from "../files.js";
import { duration, energyOf, type Power, summary } from "../simulation/summary.js";
import { trapDiagnostic } from "../simulation/trap.js";
import { quantity } from "../simulation/units.js";

export const command: Command = {
  name: "sim",
  summary: "run GAP8 firmware on the simulator",
  args: "FIRMWARE.elf",
  standalone: true,
  positionals: { min: 1, max: 1 },
  details: `The program's console goes to stdout, the summary to stderr: cycles, where they went core by core, the most expensive
functions and regions. Exit codes: 0 the program exited with 0, 5 with another code, 6 trap, 7 deadlock, 8 budget used up.`,
  options: {
    profile: { type: "string", value: "gvsoc|rtl", help: "timing: as GVSOC (default), or as documented" },
    budget: { type: "string", value: "N", help: "stop after N instructions" },
    functions: { type: "string", value: "N", help: "functions in the summary; default 10" },
    trace: { type: "string", value: "FILE", help: "write a trace for Perfetto or chrome://tracing (.json)" },
    clock: { type: "string", value: "100MHz", help: "clock for time and energy, with --power" },
    power: { type: "string", value: "51mW", help: "power at that clock: energy = cycles / clock x power" },
    files: {
      type: "string",
      value: "DIR",
      help: "folder whose files the program may read by semihosting; default: that of the firmware",
    },
    "write-files": { type: "boolean", help: "it may also write files there" },
    gdb: { type: "string", value: "PORT", help: "wait for gdb-multiarch on 127.0.0.1:PORT (slower)" },
    "check-uninitialised": {
      type: "boolean",
      help: "trap on reads of memory that nothing has written (slow)",
    },
    disassemble: { type: "boolean", help: "print the program's instructions instead of running it" },
  },
  examples: [
    ["sim firmware.elf", "console, then cycles"],
    ["sim firmware.elf --profile rtl --trace t.json", "documented hardware; a trace to look at"],
    ["sim firmware.elf --clock 100MHz --power 51mW", "energy"],
    ["sim --disassemble firmware.elf", "Xpulpv2 by name"],
    ["sim firmware.elf --gdb 3333", "then: gdb-multiarch firmware.elf -ex 'target remote :3333'"],
  ],
  async run(call) {
    const file = call.args[0]!;
    const firmware = unwrap(loadElf(readBytes(file), file));
    return call.flag("disassemble") ? printListing(call, firmware) : simulate(call, firmware);
  },
};

function printListing(call: Call, firmware: Firmware): ExitCode {
  const symbols = symbolTable(firmware);
  const lines = [...disassembleFirmware(firmware, symbols)];
  if (call.json) {
    call.emit({ ok: true, instructions: lines, symbols: firmware.symbols });
    return exit.ok;
  }
  const starts = new Map(symbols.owners.map((s) => [s.address, s.name]));
  const printed = lines.flatMap(({ address, size, raw, text }) => {
    const name = starts.get(address);
    const head = name === undefined ? [] : ["", `${address.toString(16).padStart(8, "0")} <${name}>:`];
    const word = raw
      .toString(16)
      .padStart(2 * size, "0")
      .padEnd(8);
    return [...head, `${address.toString(16).padStart(8)}:  ${word}  ${text}`];
  });
  call.print(printed.join("\n"));
  return exit.ok;
}

function statedPower(call: Call): Power | undefined {
  const [clock, power] = [call.text("clock"), call.text("power")];
  if (clock === undefined && power === undefined) return undefined;
  if (clock === undefined || power === undefined) throw new UsageError("--clock and --power go together");
  return { hertz: quantity("--clock", clock, "Hz"), watts: quantity("--power", power, "W") };
}

/** Instructions between two looks at the terminal. */
const slice = 50_000_000;

function runWithin(call: Call, simulation: Simulation, budget: number): RunEnd {
  for (let left = budget; ; left -= slice) {
    const end = simulation.run(Math.min(left, slice));
    if (end.kind !== "budget") return end;
    if (left <= slice) return { ...end, trap: { ...end.trap, text: budgetText(budget) } };
    call.progress(`${(simulation.time() / 1e9).toFixed(1)} ms simulated`);
  }
}
const budgetText = (budget: number): string => `the program did not exit within ${budget} instructions`;

/** The folder that semihosting opens files in. */
function filesOf(call: Call, firmware: string): FileStore {
  const folder = call.text("files") ?? path.dirname(firmware);
  if (!isFolder(folder)) throw new UsageError(`--files: there is no folder ${folder}`);
  return filesInFolder(folder, call.flag("write-files"));
}

/** How the program ended under a debugger; nothing where that killed it. */
async function debug(call: Call, simulation: Simulation, port: number): Promise<RunEnd | undefined> {
  const onListening = (at: number) =>
    call.note(
      `waiting for a debugger: target remote 127.0.0.1:${at} (threads 1 to 8 are the cluster, 9 the FC)`,
    );
  try {
    return await serveGdb(simulation, { port, onListening });
  } catch (e) {
    throw new UsageError(`--gdb: port ${port} cannot be used (${(e as NodeJS.ErrnoException).code})`);
  }
}

async function simulate(call: Call, firmware: Firmware): Promise<ExitCode> {
  const profile = oneOf("profile", call.text("profile") ?? "gvsoc", ["gvsoc", "rtl"]);
  const functions = wholeNumber("--functions", call.text("functions") ?? "10");
  const given = call.text("budget");
  const budget = given === undefined ? Number.POSITIVE_INFINITY : wholeNumber("--budget", given);
  const power = statedPower(call);
  const gdb = call.text("gdb");
  const port = gdb === undefined ? undefined : wholeNumber("--gdb", gdb);
  const trace = call.text("trace");
  const recorder = trace === undefined ? undefined : createTrace();
  const simulation = unwrap(
    createSimulation(firmware, {
      profile,
      checks: { uninitialised: call.flag("check-uninitialised") },
      files: filesOf(call, firmware.file),
      debugging: gdb !== undefined,
      onConsole: (text) => call.print(text.replace(/\n$/, "")),
      ...(recorder ? { recorder } : {}),
    }),
  );
  const end = port === undefined ? runWithin(call, simulation, budget) : await debug(call, simulation, port);
  if (end === undefined) {
    call.note("ended by the debugger");
    call.emit({ ok: true, end: "killed", profile, console: simulation.console() });
    return exit.ok;
  }
  const report = simulation.report();
  if (trace !== undefined) {
    simulation.finish();
    writeFile(trace, recorder!.toJson(simulation.spans()));
  }
  const trouble = end.kind === "exit" ? [] : [trapDiagnostic(simulation, end.trap, firmware.file)];
  call.report(trouble);
  if (end.kind === "exit" && end.code !== 0) call.note(`the program exited with ${end.code}`);
  for (const note of simulation.notes()) call.note(`note: ${note}`);
  if (end.kind === "exit" || end.kind === "budget")
    call.note(`\n${summary(report, { profile, functions, power })}`);
  if (trace !== undefined) call.note(`wrote ${trace}`);
  call.emit({
    ok: end.kind === "exit" && end.code === 0,
    end: end.kind,
    ...(end.kind === "exit" ? { exitCode: end.code } : {}),
    profile,
    console: simulation.console(),
    ...report,
    ...(power ? { energy: energyOf(duration(report), power) } : {}),
    notes: simulation.notes(),
    diagnostics: trouble,
  });
  return exitCode(end);
}

function exitCode(end: RunEnd): ExitCode {
  if (end.kind === "exit") return end.code === 0 ? exit.ok : exit.programFailed;
  if (end.kind === "deadlock") return exit.deadlock;
  return end.kind === "budget" ? exit.budget : exit.trap;
}
