import { moduleHash } from "../../ir/module-hash.js";
import { printModule } from "../../ir/print.js";
import { type Command, exit } from "../command.js";
import { inputOptions } from "../inputs.js";
import { modelOptions, openModel, saveModule } from "../model.js";

export const command: Command = {
  name: "import",
  summary: "convert an ONNX model to IR; list everything unsupported at once",
  args: "MODEL.onnx",
  positionals: { min: 1, max: 1 },
  details: `Reads the integer dialects of NEMO and Quantlab (DORY), PLiNIO/MATCH and Deeploy, float networks, and quantised
ones (QDQ, QLinear, QONNX), which become integers where they can be. Where the file holds
integers in floats, input types come from --input-type, a DORY config.json beside the model, --input, or are u8.`,
  options: {
    input: inputOptions.input!,
    ...modelOptions,
    output: {
      type: "string",
      short: "o",
      value: "FILE",
      help: "write .pir or .pulse (with a .pmod beside it for params), or .pmod; default: text on stdout",
    },
    locs: { type: "boolean", help: "show where each value came from" },
  },
  examples: [
    ["import net.onnx", "the IR as text"],
    ["import net.onnx -o net.pmod", "a container with all params"],
  ],
  async run(call) {
    const model = await openModel(call, call.args[0]!);
    const output = call.text("output");
    const written = output
      ? await saveModule(model.module, output, { ...call.toolchain, locations: call.flag("locs") })
      : [];
    if (!output) call.print(printModule(model.module, { locations: call.flag("locs") }).trimEnd());
    for (const file of written) call.note(`wrote ${file}`);
    const hash = moduleHash(model.module);
    call.emit({ ok: true, dialect: model.imported?.dialect, hash, written, diagnostics: model.diagnostics });
    return exit.ok;
  },
};
