import { moduleHash } from "../../ir/module-hash.js";
import { printModule } from "../../ir/print.js";
import { type Command, exit } from "../command.js";
import { inputOptions } from "../inputs.js";
import { modelOptions, openModel, saveModule } from "../model.js";
import { integerModel, quantiseOptions } from "../quantise.js";

export const command: Command = {
  name: "quantize",
  summary: "float model to integer model, after training",
  args: "MODEL",
  positionals: { min: 1, max: 1 },
  details: `Norms are folded, ranges of all values are measured on --calibrate, weights and activations become integers.
What every step may be told is on the page of the passes: --passes 'fold,calibrate{method=percentile},to-integer{weights=4}'.`,
  options: {
    ...quantiseOptions,
    ...modelOptions,
    "input-layout": inputOptions["input-layout"]!,
    output: {
      type: "string",
      short: "o",
      value: "FILE",
      help: "write .pmod, or .pir (with a .pmod beside it for large params); default: text on stdout",
    },
    seed: { type: "string", value: "N", help: "seed of random calibration inputs; default 1" },
  },
  examples: [
    ["quantize net.pulse --calibrate windows.npy -o net.pmod", "8 bit weights and activations"],
    [
      "quantize net.onnx --calibrate windows.npy --passes 'fold,calibrate,to-integer{weights=4}'",
      "4 bit weights",
    ],
  ],
  async run(call) {
    const model = await integerModel(call, await openModel(call, call.args[0]!));
    const output = call.text("output");
    const written = output ? await saveModule(model.module, output, false) : [];
    if (!output) call.print(printModule(model.module).trimEnd());
    for (const file of written) call.note(`wrote ${file}`);
    call.emit({ ok: true, hash: moduleHash(model.module), written, diagnostics: model.diagnostics });
    return exit.ok;
  },
};
