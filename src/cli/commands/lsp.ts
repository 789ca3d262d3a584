import { ops } from "../../ir/ops/index.js";
import { type Command, exit } from "../command.js";
import { paramsBeside, weightsBeside } from "../model.js";
import { version } from "../version.js";

export const command: Command = {
  name: "lsp",
  summary: "language server for .pulse and .pir texts, on stdin and stdout",
  args: "",
  positionals: { min: 0, max: 0 },
  details: "Started by editors; docs/editor.md says how.",
  options: {
    stdio: { type: "boolean", help: "what editors add to say how they talk; it changes nothing" },
  },
  examples: [["lsp", "speak the Language Server Protocol until the editor ends it"]],
  async run() {
    const { serve } = await import("../../lsp/server.js");
    const host = { ops, weights: weightsBeside, params: paramsBeside };
    await serve(host, { input: process.stdin, output: process.stdout }, version);
    return exit.ok;
  },
};
