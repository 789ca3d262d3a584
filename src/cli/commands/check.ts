import { type Diagnostic, Refusal } from "../../ir/diagnostic.js";
import { type Module, paramsOf } from "../../ir/graph.js";
import { packedBytes } from "../../ir/storage.js";
import { type Call, type Command, exit } from "../command.js";
import { inputOptions } from "../inputs.js";
import { loadModel, modelOptions } from "../model.js";

export const command: Command = {
  name: "check",
  summary: "diagnose models: syntax, types, scales, proof that nothing overflows",
  args: "MODEL...",
  positionals: { min: 1, max: Infinity },
  options: { input: inputOptions.input!, ...modelOptions },
  examples: [
    ["check net.pir", "verify hand-written IR"],
    ["check --json net.onnx", "diagnostics for an editor or a script"],
  ],
  async run(call) {
    const checked: Checked[] = [];
    for (const file of call.args) checked.push(await check(file, call));
    for (const c of checked) {
      call.report(c.diagnostics);
      if (c.summary) call.print(`${c.file}: ${c.summary}`);
    }
    const ok = checked.every((c) => c.ok);
    call.emit({ ok, files: checked });
    return ok ? exit.ok : exit.wrongInput;
  },
};

interface Checked {
  readonly file: string;
  readonly ok: boolean;
  readonly summary?: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** A file that is wrong does not keep the next from being looked at. */
async function check(file: string, call: Call): Promise<Checked> {
  try {
    const { module, diagnostics } = await loadModel(file, call);
    return { file, ok: true, summary: summarise(module), diagnostics };
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    return { file, ok: false, diagnostics: e.diagnostics };
  }
}

function summarise(module: Module): string {
  const params = paramsOf(module.graphs);
  const bytes = params.reduce((sum, p) => sum + packedBytes(p.type.storage, p.data.length), 0);
  const graphs = module.graphs.map((g) => `@${g.name} (${g.stage}, ${g.nodes.length} nodes)`);
  return `ok; ${graphs.join(", ")}; ${params.length} params, ${bytes} bytes`;
}
