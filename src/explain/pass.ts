/** The diagnostics `pass/...`: pipelines that cannot be read, passes that refuse or break. */
import { calledBetter, type Explanation, type ScriptExample } from "./explanation.js";
import { reluGraph, reluNames } from "./scripts.js";

const net = {
  "net.pir": `graph @main(%x: u8[1x4]) -> (%y: u8[1x4]) stage integer {
  %y = relu %x : u8[1x4]
}
`,
};
const withPrelu = {
  "net.pir": `param @alpha : f32[1] = [0.25]

graph @main(%x: f32[1x4]) -> (%y: f32[1x4]) stage float {
  %y = prelu %x, @alpha : f32[1x4]
}
`,
};

/** Runs a pass of one's own over `y = relu(x)`. */
const running = (pass: string, names: readonly string[] = [], options = "{}"): ScriptExample => ({
  files: {},
  script: `import {
  ${["renderDiagnostic", "runPasses", ...reluNames, ...names].toSorted((a, b) => a.localeCompare(b)).join(", ")},
} from "pulsec";

${reluGraph("integer", '"i8", [1, 4]')}
const pass = {
  name: "mine",
  summary: "a pass of one's own",
  ${pass},
};
const module = { graphs: [graph], meta: {} };
const done = await runPasses(module, [pass], ${options});
for (const d of done.diagnostics) console.log(renderDiagnostic(d));
`,
});

const unchanged = "run: (graph) => graph";
const checking = `{
  check: valueCheck({
    engine: async () => intEngine,
    inputs: () => [[tensor(x.type, [1, -2, 3, -4])]],
  }),
}`;
const checkNames = ["intEngine", "tensor", "valueCheck"];
const withoutRelu = `run(graph) {
    const z = new GraphBuilder("main", "integer");
    return z.finish([z.add(opNamed("slice"), [z.input("x", x.type)], { axis: 1, end: 4 }, { name: "y" })]);
  }`;

export const passExplanations: readonly Explanation[] = [
  {
    id: "pass/changed-function",
    title: "A pass changed what the graph computes, and does not say that it does",
    why: "With `--check-values` the graph runs before and after every pass on the same inputs. Integers must be equal, floats nearly so. The fault lies in the pass; one that is meant to change the function says so in `changesFunction`, and then gives a warning.",
    wrong: running(withoutRelu, checkNames, checking),
    right: running(unchanged, checkNames, checking),
  },
  {
    id: "pass/changes-function",
    title: "A pass made the graph compute something else, as it says it does",
    why: "Some passes make a network cheaper at the price of its function: `prelu-to-relu` drops the slope of negative values. The weights were learnt for the old function, so the network needs fine-tuning afterwards. This is a warning; leave the pass out to keep the function.",
    ...calledBetter(withPrelu, "opt net.pir --passes prelu-to-relu", "opt net.pir --passes canonicalise"),
  },
  {
    id: "pass/failed",
    title: "A pass threw an error",
    why: "The message has the error and the line it was thrown at; where a rewrite rule was at work, its name and the node. A pass that cannot do its work throws a `Refusal` with a diagnostic instead. `opt` writes the module as it was before the pass, and the command that reproduces the failure.",
    wrong: running("run: (graph) => graph.nodes[1].op"),
    right: running(unchanged),
  },
  {
    id: "pass/invalid-result",
    title: "A pass left a graph that breaks a rule of the IR",
    why: "Graphs are verified before and after every pass. This one was valid before, so the fault lies in the pass; what it broke follows as diagnostics of its own.",
    wrong: running("run: (graph) => ({ ...graph, nodes: [] })"),
    right: running(unchanged),
  },
  {
    id: "pass/no-engine",
    title: "A pass wants to run the graph, and has no engine for it",
    why: "Passes that measure (calibration, say) run the graph on data. `runPasses` takes the engine as the option `engine`, since passes know no engine themselves; the command line gives them one.",
    wrong: running("run: async (graph, cx) => (await cx.engine(graph), graph)"),
    right: running(
      "run: async (graph, cx) => (await cx.engine(graph), graph)",
      ["intEngine"],
      "{ engine: async () => intEngine }",
    ),
  },
  {
    id: "pass/option",
    title: "A pass does not know an option, or not that value of it",
    why: "Options stand in braces behind the pass they belong to: `pass{option=value}`. `pulsec opt --help` and `docs/passes.md` say which pass takes which.",
    ...calledBetter(net, "opt net.pir --passes dead-code{depth=2}", "opt net.pir --passes dead-code"),
  },
  {
    id: "pass/refused",
    title: "A pass cannot be applied to this graph",
    why: "What stands in its way follows as diagnostics of their own, with their places. Other passes may have to run first, or the pass is not made for such graphs.",
    wrong: running(
      `run(graph) {
    const text = "no range was observed";
    throw new Refusal({ id: "mine/no-range", severity: "error", text });
  }`,
      ["Refusal"],
    ),
    right: running(unchanged),
  },
  {
    id: "pass/syntax",
    title: "What stands behind --passes is no list of passes",
    why: "Passes are separated by commas and run in that order; options stand in braces: `canonicalise,dead-code`. Put quotes around lists with spaces.",
    ...calledBetter(
      net,
      "opt net.pir --passes canonicalise;dead-code",
      "opt net.pir --passes canonicalise,dead-code",
    ),
  },
  {
    id: "pass/unknown",
    title: "There is no pass of this name",
    why: "`pulsec opt --help` lists the passes, and the pipelines that stand for several. Names are spelt as in British English.",
    ...calledBetter(net, "opt net.pir --passes canonicalize", "opt net.pir --passes canonicalise"),
  },
];
