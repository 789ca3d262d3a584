/** The diagnostics `config/...`: pulsec.config.ts, by which a project adds passes, ops and kernels. */
import { calledBetter, type Explanation, fixedIn } from "./explanation.js";

const net = `graph @main(%x: i8[1x4]) -> (%y: i8[1x4]) stage integer {
  %y = relu %x : i8[1x4]
}
`;
const mine = (name = "mine"): string => `import { definePass } from "pulsec";

export const mine = definePass({
  name: "${name}",
  summary: "Leaves the graph as it is.",
  run: (graph) => graph,
});
`;
const others = { "net.pir": net, "mine.ts": mine() };
const file = "pulsec.config.ts";
const head = 'import { defineConfig } from "pulsec";\nimport { mine } from "./mine.ts";\n\n';
const config = (entries: string): string => `${head}export default defineConfig({ ${entries} });\n`;
const good = config("version: 1, passes: [mine]");
const check = "check net.pir";
const inConfig = (wrong: string, right = good) => fixedIn(file, check, wrong, right, others);

export const configExplanations: readonly Explanation[] = [
  {
    id: "config/clash",
    title: "A name that the configuration gives is taken",
    why: "Models and command lines find ops, passes, engines and pipelines by their names, so each name may stand for one of a kind; what is built in cannot be replaced. A kernel replaces a built-in one for the nodes that it takes: kernels of a configuration are asked first.",
    wrong: { files: { "net.pir": net, "mine.ts": mine("dead-code"), [file]: good }, command: check },
    right: { files: { ...others, [file]: good }, command: check },
  },
  {
    id: "config/format",
    title: "The file after --config is no module",
    why: "The configuration of a project is a module of TypeScript or JavaScript that exports an object as default. The configuration of DORY or PLiNIO that describes an ONNX model is a JSON file; its option is --dory-config.",
    ...calledBetter(
      { "net.pir": net, "config.json": '{ "BNRelu_bits": 32 }\n' },
      "check net.pir --config config.json",
      "check net.pir --dory-config config.json",
    ),
  },
  {
    id: "config/import",
    title: "The configuration imports what is not there",
    why: "Files are named with their ending and from the file that imports them; packages must be installed where the project is. The message says which import does not lead anywhere, or which name a module does not export. `pulsec` itself is always the version that is running.",
    ...inConfig(good.replace("./mine.ts", "./passes/mine.ts")),
  },
  {
    id: "config/kernel-op",
    title: "A kernel is for an op that no model can hold",
    why: "A kernel names its op by the record itself, not by a name. It is either a built-in op, as `opNamed` gives it, or one in `ops` of the same configuration; a copy of a record is another op.",
    ...inConfig(
      `import { defineConfig, opNamed } from "pulsec";

const relu = { ...opNamed("relu")! };
const kernel = { name: "mine", op: relu, header: "mine.h", emit: () => "" };
export default defineConfig({ version: 1, kernels: [kernel] });
`,
      `import { defineConfig, opNamed } from "pulsec";

const relu = opNamed("relu")!;
const kernel = { name: "mine", op: relu, header: "mine.h", emit: () => "" };
export default defineConfig({ version: 1, kernels: [kernel] });
`,
    ),
  },
  {
    id: "config/no-export",
    title: "The configuration exports nothing as default",
    why: "What a project adds is the default export of its configuration: an object, best made with `defineConfig`, which gives editors its type.",
    ...inConfig(good.replace("export default ", "export const config = ")),
  },
  {
    id: "config/pipeline",
    title: "A pipeline of the configuration cannot be run",
    why: "A pipeline is a text as --passes takes it, made of passes that are built in or in `passes` of the same configuration, with options that these have. It cannot name other pipelines.",
    ...inConfig(
      config('version: 1, passes: [mine], pipelines: { tidy: "mine,canonicalize" }'),
      config('version: 1, passes: [mine], pipelines: { tidy: "mine,canonicalise" }'),
    ),
  },
  {
    id: "config/shape",
    title: "An entry of the configuration is not what it must be",
    why: "Lists hold ops, passes, kernels, cost models and engines, each an object with a name and the functions of its kind. The message says which field of which entry is missing or of another kind. In TypeScript the editor says so earlier: `defineConfig` has the types.",
    ...inConfig(config("version: 1, passes: mine")),
  },
  {
    id: "config/syntax",
    title: "The configuration, or a file that it imports, cannot be read",
    why: 'pulsec takes the types out of TypeScript and runs what remains, so only syntax that is nothing but types may stand in it: no `enum`, no `namespace`, no parameter properties. `"erasableSyntaxOnly": true` in tsconfig.json makes the editor say so. Otherwise it is a mistake in the syntax.',
    ...inConfig(
      `enum Kind {
  none,
}
${good}`,
      `const kind = { none: 0 };
${good}`,
    ),
  },
  {
    id: "config/threw",
    title: "The configuration, or a file that it imports, threw an error",
    why: "The configuration is a program that runs before every command. The message has the error and the line it was thrown at. `--no-config` runs a command without it.",
    ...inConfig(config("version: 1, passes: [mine, undefined.other]")),
  },
  {
    id: "config/two",
    title: "There are two configurations in one folder",
    why: "A folder has one of pulsec.config.ts, .mts, .js and .mjs. Two are often a source and what `tsc` made of it; the source is enough, pulsec reads TypeScript itself. --config says which, where both are meant to stay.",
    ...calledBetter(
      { "net.pir": net, "mine.ts": mine(), [file]: good, "pulsec.config.js": good },
      check,
      `${check} --config ${file}`,
    ),
  },
  {
    id: "config/unknown-key",
    title: "The configuration has an entry that pulsec does not know",
    why: "A configuration has `version`, `ops`, `passes`, `pipelines`, `kernels`, `costModels` and `engines`. Anything else is a slip of the pen, or of a newer version of pulsec.",
    ...inConfig(config("version: 1, pases: [mine]")),
  },
  {
    id: "config/version",
    title: "The configuration is of a format that this pulsec does not read",
    why: "Every configuration says the version of its format, which is 1, so that an old file is never taken for a new one. A configuration of a later version needs a later pulsec.",
    ...inConfig(config("passes: [mine]")),
  },
];
