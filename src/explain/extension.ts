/** The diagnostics `extension/...`: what a project adds, and what breaks in it. */
import { type Explanation, fixedIn } from "./explanation.js";

const net = (op: string): string => `graph @main(%x: i8[1x4]) -> (%y: i8[1x4]) stage integer {
  %y = ${op} %x : i8[1x4]
}
`;
const mirror = (int: string): string => `import { defineConfig, defineOp } from "pulsec";

const mirror = defineOp({
  name: "mirror",
  summary: "All elements in reverse order.",
  operands: { x: { storage: ["i8"] } },
  attrs: {},
  traits: ["reads"],
  infer: ({ x }) => x,
  int: ({ x }) => ${int},
  examples: [],
});
export default defineConfig({ version: 1, ops: [mirror] });
`;
const engine = (prepare: string): string => `import { defineConfig, intEngine } from "pulsec";

const board = { ...intEngine, name: "board"${prepare} };
export default defineConfig({ version: 1, engines: [board] });
`;
const file = "pulsec.config.mjs";
const inOp = (wrong: string) =>
  fixedIn(file, "run net.pir", mirror(wrong), mirror("x.data.toReversed()"), { "net.pir": net("mirror") });

export const extensionExplanations: readonly Explanation[] = [
  {
    id: "extension/failed",
    title: "A function of an op or kernel of the project threw an error",
    why: "Ops and kernels of a configuration are called by the verifier, the engines and the C backend. This one threw; the message says which function, at which node of the model, and where in which file. A function that cannot take its operands refuses in words: `infer` and `prove` return a text, `refuses` of a kernel too.",
    ...inOp("x.values.toReversed()"),
  },
  {
    id: "extension/result",
    title: "The integer meaning of an op gives something else than its type says",
    why: "`int` gives one element per slot in the array of the result's storage: `Int8Array` for i8 and the narrower signed types, `Uint8Array` for unsigned ones, `Int32Array` for i32, as many as the result has elements, each within the storage. `allocate(out.storage, count)` makes that array.",
    ...inOp("[...x.data].reverse()"),
  },
  {
    id: "extension/threw",
    title: "Code of the project threw an error",
    why: "An engine, a cost model or another function that the configuration brings threw, outside of a pass and of the meaning of an op, which have diagnostics of their own. The message has the error and the line. `--no-config` runs a command with what is built in.",
    ...fixedIn(
      file,
      "run net.pir --engine board",
      engine(', prepare: () => { throw new Error("no board is connected"); }'),
      engine(""),
      { "net.pir": net("relu") },
    ),
  },
];
