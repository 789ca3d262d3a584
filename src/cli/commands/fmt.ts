import path from "node:path";
import { unwrap } from "../../ir/diagnostic.js";
import { printModule } from "../../ir/print.js";
import { type Call, type Command, exit, UsageError } from "../command.js";
import { readText, writeFile } from "../files.js";
import { parseText } from "../model.js";

/** Endings of models that are binary, or of another syntax. */
const others = [".onnx", ".onnxtxt", ".pmod"];

async function canonicalText(call: Call, file: string, text: string): Promise<string> {
  if (path.extname(file).toLowerCase() === ".pulse") {
    const { formatPulse } = await import("../../frontends/dsl/index.js");
    return unwrap(await formatPulse(text, file));
  }
  const parsed = await parseText(file, text, call.toolchain.ops);
  const module = unwrap(parsed);
  call.report(parsed.diagnostics);
  return printModule(module);
}

export const command: Command = {
  name: "fmt",
  summary: "print models (.pulse) and IR text (.pir) in canonical form",
  args: "FILE...",
  positionals: { min: 1, max: Infinity },
  options: {
    write: { type: "boolean", short: "w", help: "rewrite the files in place" },
    check: { type: "boolean", help: "exit 1 when a file is not canonical; print its name" },
  },
  examples: [
    ["fmt net.pir", "canonical text on stdout"],
    ["fmt -w *.pir *.pulse", "rewrite in place"],
  ],
  async run(call) {
    const other = call.args.find((file) => others.includes(path.extname(file).toLowerCase()));
    if (other !== undefined) throw new UsageError(`fmt takes .pulse and .pir files, not ${other}`);
    const changed: string[] = [];
    for (const file of call.args) {
      const text = readText(file);
      const canonical = await canonicalText(call, file, text);
      if (canonical !== text) changed.push(file);
      if (call.flag("write")) {
        if (canonical !== text) writeFile(file, canonical);
      } else if (!call.flag("check")) {
        call.print(canonical.trimEnd());
      }
    }
    if (call.flag("check") || call.flag("write")) for (const file of changed) call.print(file);
    call.emit({ ok: true, changed });
    return call.flag("check") && changed.length > 0 ? exit.wrongInput : exit.ok;
  },
};
