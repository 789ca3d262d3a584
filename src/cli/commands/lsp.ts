import { Refusal } from "../../ir/diagnostic.js";
import { type Call, type Command, configOptions, exit } from "../command.js";
import { toolchainFor } from "../config.js";
import { paramsBeside, weightsBeside } from "../model.js";
import { builtIn, type Toolchain } from "../toolchain.js";
import { version } from "../version.js";

/** An editor wants an answer while the configuration is being written too: then only what is built in is known. */
async function toolchainOf(call: Call): Promise<Toolchain> {
  try {
    return await toolchainFor(call);
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    call.report(e.diagnostics);
    return builtIn;
  }
}

export const command: Command = {
  name: "lsp",
  summary: "language server for .pulse and .pir texts, on stdin and stdout",
  args: "",
  positionals: { min: 0, max: 0 },
  details: "Started by editors; docs/editor.md says how.",
  standalone: true,
  options: {
    ...configOptions,
    stdio: { type: "boolean", help: "what editors add to say how they talk; it changes nothing" },
  },
  examples: [["lsp", "speak the Language Server Protocol until the editor ends it"]],
  async run(call) {
    const { ops } = await toolchainOf(call);
    const { serve } = await import("../../lsp/server.js");
    const host = { ops, weights: (file: string) => weightsBeside(file, ops), params: paramsBeside };
    await serve(host, { input: process.stdin, output: process.stdout }, version);
    return exit.ok;
  },
};
