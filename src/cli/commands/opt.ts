import type { Pass } from "../../ir/contracts.js";
import { Refusal, renderDiagnostic, unwrap } from "../../ir/diagnostic.js";
import type { Graph } from "../../ir/graph.js";
import { ops } from "../../ir/ops/index.js";
import { printGraph, printModule } from "../../ir/print.js";
import { verifyModule } from "../../ir/verify.js";
import { allPasses, runPasses } from "../../passes/index.js";
import { type Command, exit, list, oneOf, UsageError } from "../command.js";
import { loadModel, modelOptions, saveModule } from "../model.js";

const known: readonly Pass[] = allPasses(ops);

export const command: Command = {
  name: "opt",
  summary: "run passes over a model",
  args: "MODEL",
  positionals: { min: 1, max: 1 },
  details: `The graph is verified before and after every pass. A warning says which passes changed what it computes.

passes:
${known.map((p) => `  ${p.name.padEnd(18)}${p.summary}`).join("\n")}`,
  options: {
    ...modelOptions,
    passes: { type: "string", value: "a,b", multiple: true, help: "passes in order" },
    "print-after-all": { type: "boolean", help: "the IR after every pass, on stderr" },
    "print-changed": { type: "boolean", help: "the IR after every pass that changed it, on stderr" },
    output: {
      type: "string",
      short: "o",
      value: "FILE",
      help: "write .pir or .pmod; default: text on stdout",
    },
  },
  examples: [["opt net.pir --passes canonicalise,dead-code", "simplify and print"]],
  async run(call) {
    const model = await loadModel(call.args[0]!, call);
    const names = known.map((p) => p.name);
    const wanted = list(call.texts("passes")).map(
      (name) => known.find((p) => p.name === oneOf("pass", name, names))!,
    );
    if (wanted.length === 0) throw new UsageError(`opt runs --passes; known: ${names.join(", ")}`);
    const show = (pass: Pass, before: Graph, after: Graph) => {
      if (!call.flag("print-after-all") && !(call.flag("print-changed") && before !== after)) return;
      call.note(`// after ${pass.name}\n${printGraph(after)}`);
    };
    const done = model.module.graphs.map((g) => runPasses(g, wanted, { onPass: show }));
    const module = { ...model.module, graphs: done.map(unwrap) };
    const diagnostics = done.flatMap((d) => d.diagnostics);
    for (const d of diagnostics) call.note(renderDiagnostic(d));
    // Each graph is valid by itself; params that passes made must not share a name across graphs.
    const wrong = verifyModule(module).filter((d) => d.severity === "error");
    if (wrong.length > 0) throw new Refusal(...wrong);
    const output = call.text("output");
    const written = output ? await saveModule(module, output, false) : [];
    if (!output) call.print(printModule(module).trimEnd());
    for (const file of written) call.note(`wrote ${file}`);
    call.emit({ ok: true, passes: wanted.map((p) => p.name), written, diagnostics });
    return exit.ok;
  },
};
