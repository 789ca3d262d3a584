import path from "node:path";
import { type Diagnostic, Refusal, unwrap } from "../../ir/diagnostic.js";
import { type Module, paramsOf } from "../../ir/graph.js";
import { packedBytes } from "../../ir/storage.js";
import { type Call, type Command, exit } from "../command.js";
import { readText } from "../files.js";
import { inputOptions } from "../inputs.js";
import { loadModel, modelOptions } from "../model.js";

export const command: Command = {
  name: "check",
  summary: "diagnose models: syntax, types, scales, proof that nothing overflows; schedules of firmware",
  args: "MODEL...",
  positionals: { min: 1, max: Infinity },
  options: { input: inputOptions.input!, ...modelOptions },
  examples: [
    ["check net.pir", "verify hand-written IR"],
    ["check out/network.schedule", "verify the schedule of firmware"],
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
    if (path.extname(file) === ".schedule") return await checkSchedule(file);
    const { module, diagnostics } = await loadModel(file, call);
    return { file, ok: true, summary: summarise(module), diagnostics };
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    return { file, ok: false, diagnostics: e.diagnostics };
  }
}

/** What `compile --target gap8` writes beside the C, or somebody by hand. */
async function checkSchedule(file: string): Promise<Checked> {
  const { parseSchedule, verifySchedule } = await import("../../backends/schedule/index.js");
  const { schedule, places } = unwrap(parseSchedule(readText(file), { file }));
  const diagnostics = verifySchedule(schedule, (item) => places.get(item));
  const { name, target, layers } = schedule;
  const summary = `ok; schedule @${name} for ${target}, ${layers.length} layers`;
  return diagnostics.length > 0 ? { file, ok: false, diagnostics } : { file, ok: true, summary, diagnostics };
}

function summarise(module: Module): string {
  const params = paramsOf(module.graphs);
  const bytes = params.reduce((sum, p) => sum + packedBytes(p.type.storage, p.data.length), 0);
  const graphs = module.graphs.map((g) => `@${g.name} (${g.stage}, ${g.nodes.length} nodes)`);
  return `ok; ${graphs.join(", ")}; ${params.length} params, ${bytes} bytes`;
}
