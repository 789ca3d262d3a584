import { moduleHash } from "../../ir/module-hash.js";
import { printModule } from "../../ir/print.js";
import { type Command, exit } from "../command.js";
import { writeFile } from "../files.js";
import { inputOptions } from "../inputs.js";
import { modelOptions, openModel, saveModule } from "../model.js";
import { reportPage, reportSummary } from "../quantisation-page.js";
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
    report: {
      type: "string",
      value: "FILE.html",
      help: "write a page: every layer's noise, clipping, bits and bytes, what it costs, what fewer bits would give",
    },
    seed: { type: "string", value: "N", help: "seed of --limit and of random calibration inputs; default 1" },
  },
  examples: [
    ["quantize net.pulse --calibrate windows.npy -o net.pmod", "8 bit weights and activations"],
    [
      "quantize net.onnx --calibrate windows.npy --bits 4 --report q.html",
      "4 bit weights, and what they cost",
    ],
    ["quantize net.pulse --budget 60KiB -o net.pmod", "8, 4 or 2 bits, as each layer can bear it"],
  ],
  async run(call) {
    const { model, report } = await integerModel(call, await openModel(call, call.args[0]!));
    const output = call.text("output");
    const page = call.text("report");
    const measured = output || page || call.json ? await report?.(page ? "all" : "summary") : undefined;
    const written = output ? [...(await saveModule(model.module, output, call.toolchain))] : [];
    if (page && measured) {
      writeFile(page, reportPage(measured));
      written.push(page);
    }
    if (!output) call.print(printModule(model.module).trimEnd());
    for (const file of written) call.note(`wrote ${file}`);
    if (measured) call.note(reportSummary(measured));
    if (measured && !page)
      call.note("--report FILE.html says which layer costs most, and what fewer bits would give");
    call.emit({
      ok: true,
      hash: moduleHash(model.module),
      written,
      quantisation: measured,
      diagnostics: model.diagnostics,
    });
    return exit.ok;
  },
};
