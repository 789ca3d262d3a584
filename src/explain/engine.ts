/** The diagnostics `engine/...`: graphs and inputs that an engine does not run. */
import type { Explanation, ScriptExample } from "./explanation.js";
import { catching, reluGraph, reluNames } from "./scripts.js";

const floats = `graph @main(%a: f32[Nx2], %b: f32[Nx2]) -> (%y: f32[Nx2]) stage float {
  %y = add %a, %b : f32[Nx2]
}
`;
const batches = (b: string) => ({
  files: { "net.pir": floats, "a.csv": "1,2\n3,4\n5,6\n", "b.csv": b },
  command: "run net.pir --input a=a.csv --input b=b.csv",
});

const running = (inputs: string): ScriptExample => ({
  files: {},
  script: catching(
    ["intEngine", "tensor", ...reluNames],
    reluGraph("integer", '"i8", [1, 4]'),
    `const session = await intEngine.prepare(graph);
  await session.run(${inputs});`,
  ),
});
const fitting = running('[tensor(tensorType("i8", [1, 4]), [1, -2, 3, -4])]');

export const engineExplanations: readonly Explanation[] = [
  {
    id: "engine/batch",
    title: "The inputs bring batches of different sizes",
    why: "All inputs whose type begins with N share one symbolic batch: a run takes as many samples of one as of the others. The message lists what each input brings. Give files with the same number of samples.",
    wrong: batches("1,1\n2,2\n"),
    right: batches("1,1\n2,2\n3,3\n"),
  },
  {
    id: "engine/input-count",
    title: "A session was run with more or fewer tensors than the graph has inputs",
    why: "`Session.run` takes one tensor per graph input, in the order of the inputs. The message lists them with their types.",
    wrong: running("[]"),
    right: fitting,
  },
  {
    id: "engine/input-type",
    title: "A tensor given to a session has another storage or shape than the graph's input",
    why: "Engines take stored values as they are: nothing is converted or transposed. `toTensor` makes a fitting tensor of an array from a file; the layout is channels last.",
    wrong: running('[tensor(tensorType("i8", [4]), [1, -2, 3, -4])]'),
    right: fitting,
  },
  {
    id: "engine/refuses",
    title: "The engine asked for cannot run this graph",
    why: "`int`, `wasm` and `c` run integer graphs, `float` the others; the message has every reason at once. Leave `--engine` out to get one that fits, or quantise the network.",
    wrong: { files: { "net.pir": floats }, command: "run net.pir --engine wasm" },
    right: { files: { "net.pir": floats }, command: "run net.pir --engine float" },
  },
];
