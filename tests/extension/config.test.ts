/** Configurations: found, loaded, and everything that can be wrong with one. */
import * as assert from "uvu/assert";
import { matchesGolden } from "../golden.js";
import { suite } from "../harness.js";
import { inProject, net } from "./project.js";

const test = suite("configuration");

const pass = (
  name: string,
  body = "return graph;",
): string => `import { definePass, type Graph } from "pulsec";
export const mine = definePass({ name: "${name}", summary: "Mine.", run(graph: Graph): Graph { ${body} } });
`;
const plain = `import { defineConfig } from "pulsec";
import { mine } from "./mine.ts";

export default defineConfig({ version: 1, passes: [mine], pipelines: { tidy: "mine,dead-code" } });
`;

test("a configuration in a folder above is found; its passes and pipelines have names everywhere", async () => {
  await inProject(
    { "pulsec.config.ts": plain, "mine.ts": pass("mine"), "deep/er/net.pir": net },
    async (p) => {
      process.chdir("deep/er");
      const done = await p.call("opt", "net.pir", "--passes", "tidy", "--print-after-all");
      assert.is(done.code, 0, done.err);
      assert.match(done.err, "// after mine");
      assert.match((await p.call("opt", "--help")).out, /^ {2}mine +Mine\.$/m);
      const without = await p.call("opt", "net.pir", "--passes", "mine", "--no-config");
      assert.is(without.code, 1);
      assert.match(without.err, "error[pass/unknown]");
    },
  );
});

test("--config names another file; .js and .mjs are read as they are", async () => {
  for (const ending of ["mts", "js", "mjs"]) {
    const named = { [`other.${ending}`]: plain.replace("mine.ts", "own.mjs") };
    const js = pass("mine").replace("type Graph", "opNamed").replaceAll(": Graph", "");
    await inProject({ ...named, "own.mjs": js, "net.pir": net }, async (p) => {
      const done = await p.call("opt", "net.pir", "--passes", "mine", "--config", `other.${ending}`);
      assert.is(done.code, 0, ending + done.err);
    });
  }
});

test("a slip of the pen in JavaScript is shown at its line, and no file of Node's is named", async () => {
  const files = {
    "other.mjs": "export const a = 1;\nexport default { version: 1, passes: [ };\n",
    "net.pir": net,
  };
  await inProject(files, async (p) => {
    const { code, err } = await p.call("opt", "net.pir", "--passes", "dead-code", "--config", "other.mjs");
    assert.is(code, 1);
    assert.match(err, "error[config/syntax]: other.mjs cannot be read\n  --> other.mjs:2:");
  });
});

test("an import that ends in .js leads to the .ts that tsc means; without a folder's package.json too", async () => {
  const files = {
    "pulsec.config.ts": plain.replace("mine.ts", "mine.js"),
    "mine.ts": pass("mine"),
    "net.pir": net,
  };
  await inProject(files, async (p) => {
    assert.is((await p.call("opt", "net.pir", "--passes", "mine")).code, 0);
  });
});

test("ops of a configuration are the same records for models, passes and engines", async () => {
  const twice = `import { defineConfig, defineOp, definePass, opNamed, rewrite } from "pulsec";
const twice = defineOp({
  name: "twice", summary: "2x", operands: { x: { storage: ["f32"] } }, attrs: {}, traits: ["elementwise"],
  infer: ({ x }) => x, float: (f, { x }) => ({ y: f.mul(x, 2) }), examples: [],
});
const undo = definePass({
  name: "undo", summary: "relu(twice(x)) = relu(x), for the test.", changesFunction: "values are halved",
  run: (graph) => rewrite(graph, [{
    name: "undo", equation: "relu(twice(x)) = relu(x)", root: "relu",
    rewrite: ({ operands: [x] }, cx) => {
      const inner = cx.producer(x, twice);
      return inner && cx.emit(opNamed("relu")!, [inner.operands[0]!], {});
    },
  }]),
});
export default defineConfig({ version: 1, ops: [twice], passes: [undo] });
`;
  const model = "model m {\n  input x: [4]\n  output y = x |> twice |> relu\n}\n";
  await inProject({ "pulsec.config.ts": twice, "m.pulse": model, "x.csv": "1,-2,3,4\n" }, async (p) => {
    const run = await p.call("run", "m.pulse", "--input", "x.csv");
    assert.match(run.out, "[2, 0, 6, 8]", run.err);
    const undone = await p.call("opt", "m.pulse", "--passes", "undo");
    assert.match(undone.out, "%y = relu %x", undone.err);
    assert.match((await p.call("check", "m.pulse", "--no-config")).err, "error[dsl/unknown-call]");
  });
});

test("engines and cost models of a configuration join ours", async () => {
  const config = `import { defineConfig, intEngine } from "pulsec";
export default defineConfig({ version: 1, engines: [{ ...intEngine, name: "again" }] });
`;
  const integer = "graph @g(%x: u8[1x4]) -> (%y: u8[1x4]) stage integer {\n  %y = relu %x : u8[1x4]\n}\n";
  await inProject({ "pulsec.config.ts": config, "g.pir": integer }, async (p) => {
    const done = await p.call("verify", "g.pir", "--engine", "again");
    assert.is(done.code, 0, done.err);
    assert.match(done.out, "int = again: ");
    assert.match((await p.call("run", "g.pir", "--engine", "agian")).err, "did you mean again?");
  });
});

test("cost models of a configuration stand beside ours", async () => {
  const config = `import { defineConfig } from "pulsec";
export default defineConfig({
  version: 1,
  costModels: [{ name: "board", unit: "cycles", cost: (k, node, dim) => k.mul(k.lit(2), dim("y", 1)) }],
});
`;
  await inProject({ "pulsec.config.ts": config, "net.pir": net }, async (p) => {
    const done = await p.call("cost", "net.pir");
    assert.is(done.code, 0, done.err);
    assert.match(done.out, /macs {2}weight-bytes \(bytes\) {2}board \(cycles\)\n%a +relu +0 +0 +8\n/);
    const { total } = JSON.parse((await p.call("cost", "net.pir", "--by", "board", "--json")).out);
    assert.equal(total, { board: 24 });
    assert.match((await p.call("cost", "net.pir", "--by", "bord")).err, "did you mean board?");
  });
});

/** One per diagnostic, and what is often got wrong. */
const wrong: Readonly<Record<string, string>> = {
  "more than types": "enum Width {\n  half,\n}\nexport default { version: 1 };\n",
  "no TypeScript": "export default { version: 1\n",
  "a missing file":
    'import { mine } from "./passes/mine.ts";\nexport default { version: 1, passes: [mine] };\n',
  "a missing package":
    'import { mine } from "passes-of-others";\nexport default { version: 1, passes: [mine] };\n',
  "a missing export": 'import { definePas } from "pulsec";\nexport default { version: 1 };\n',
  "a throw": "const list: string[] = [];\nexport default { version: list[0]!.length };\n",
  "no default": "export const config = { version: 1 };\n",
  "no version": "export default { passes: [] };\n",
  "a later version": "export default { version: 2, passes: [] };\n",
  "unknown keys": "export default { version: 1, pases: [], rules: [] };\n",
  "no list": "export default { version: 1, passes: { mine: 1 } };\n",
  "no pass":
    'export default { version: 1, passes: [{ name: "two words", summary: "x", run() {} }, () => 1] };\n',
  "no op":
    'export default { version: 1, ops: [{ name: "Mine", summary: "x", operands: {}, attrs: {}, traits: [], examples: [] }] };\n',
  "no options":
    'export default { version: 1, passes: [{ name: "mine", summary: "x", options: { rate: { kind: "number" } }, run() {} }] };\n',
  clashes:
    'const p = (name: string) => ({ name, summary: "x", run: (g: unknown) => g });\nexport default { version: 1, passes: [p("dead-code"), p("a"), p("a"), p("fold")], pipelines: { a: "dead-code" } };\n',
  "a kernel of another op":
    'import { opNamed } from "pulsec";\nconst relu = { ...opNamed("relu")! };\nexport default {\n  version: 1,\n  kernels: [{ name: "mine", op: relu, header: "mine.h", emit: () => "" }],\n};\n',
  "a pipeline of nothing": 'export default { version: 1, pipelines: { mine: "dead-code,canonicalize" } };\n',
};

test("what is wrong with a configuration is said at its place, all at once", async () => {
  let text = "";
  for (const [title, config] of Object.entries(wrong))
    await inProject({ "pulsec.config.ts": config, "net.pir": net }, async (p) => {
      const { code, err } = await p.call("check", "net.pir");
      assert.is(code, 1, title + err);
      text += `// ${title}\n${config}\n${err.replace(/^pulsec explain.*\n/m, "")}\n`;
    });
  matchesGolden("extension/config.txt", text);
});

test("two configurations in a folder, one that is no module, and one that is not there are refused", async () => {
  await inProject(
    { "pulsec.config.ts": plain, "pulsec.config.js": plain, "net.pir": net, "a.json": "{}" },
    async (p) => {
      assert.match((await p.call("check", "net.pir")).err, "error[config/two]");
      assert.match((await p.call("check", "net.pir", "--config", "a.json")).err, "--dory-config");
      assert.match((await p.call("check", "net.pir", "--config", "nothing.ts")).err, "error[file/not-found]");
      assert.is((await p.call("check", "net.pir", "--no-config")).code, 0);
    },
  );
});

test("help and commands that need no configuration work beside a broken one", async () => {
  await inProject({ "pulsec.config.ts": "export default 4;\n" }, async (p) => {
    assert.is((await p.call("explain", "config/version")).code, 0);
    assert.is((await p.call("help", "opt")).code, 0);
    const help = await p.call("opt", "--help");
    assert.match(help.err, "error[config/no-export]");
    assert.match(help.out, "usage: pulsec opt");
  });
});

test.run();
