import { renderDiagnostic } from "../../ir/diagnostic.js";
import { paramsOf } from "../../ir/graph.js";
import { packedBytes } from "../../ir/storage.js";
import { type Command, exit } from "../command.js";
import { sourcesRead } from "../files.js";
import { loadModel } from "../model.js";

export const command: Command = {
  name: "check",
  summary: "diagnose models: syntax, types, scales, proof that nothing overflows",
  args: "MODEL...",
  positionals: { min: 1, max: Infinity },
  options: {},
  examples: [
    ["check net.pir", "verify hand-written IR"],
    ["check --json net.onnx", "diagnostics for an editor or a script"],
  ],
  async run(call) {
    for (const file of call.args) {
      const model = await loadModel(file);
      for (const d of model.diagnostics) call.note(renderDiagnostic(d, sourcesRead));
      const params = paramsOf(model.module.graphs);
      const bytes = params.reduce((sum, p) => sum + packedBytes(p.type.storage, p.data.length), 0);
      const graphs = model.module.graphs.map((g) => `@${g.name} (${g.stage}, ${g.nodes.length} nodes)`);
      call.print(`${file}: ok; ${graphs.join(", ")}; ${params.length} params, ${bytes} bytes`);
      call.emit({
        ok: true,
        file,
        graphs: model.module.graphs.map((g) => g.name),
        diagnostics: model.diagnostics,
      });
    }
    return exit.ok;
  },
};
