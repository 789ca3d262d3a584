/** Errors in a user's own code: where they were thrown, at which op of the model, and how to see them again. */
import { existsSync, readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { callPulsec } from "../cli/in-process.js";
import { matchesGolden } from "../golden.js";
import { suite } from "../harness.js";
import { inProject, net } from "./project.js";

const test = suite("faults of extensions");

const config = `import { defineConfig } from "pulsec";
import { passes } from "./passes.ts";

export default defineConfig({ version: 1, passes });
`;
const passes = `import { definePass, type Graph, type Node, opNamed, rewrite } from "pulsec";

/** Reads an operand that no tanh has. */
function slope(node: Node): string {
  const second = node.operands[1]!;
  return second.name;
}

export const passes = [
  definePass({
    name: "throws",
    summary: "Throws at tanh.",
    run(graph: Graph) {
      for (const node of graph.nodes) if (node.op === opNamed("tanh")) slope(node);
      return graph;
    },
  }),
  definePass({
    name: "waits",
    summary: "Throws at tanh, later.",
    async run(graph: Graph) {
      await new Promise((done) => setTimeout(done, 1));
      for (const node of graph.nodes) if (node.op === opNamed("tanh")) slope(node);
      return graph;
    },
  }),
  definePass({
    name: "rule",
    summary: "A rule that throws.",
    run: (graph: Graph) =>
      rewrite(graph, [
        { name: "sloped", equation: "x = x", root: "tanh", rewrite: (root) => void slope(root) },
      ]),
  }),
  definePass({ name: "always", summary: "Throws.", run: () => { throw new Error("no way"); } }),
  definePass({ name: "text", summary: "Throws no error.", run: () => { throw "a text"; } }),
  definePass({ name: "nothing", summary: "Returns nothing.", run: (() => {}) as never }),
  definePass({ name: "renames", summary: "Renames.", run: (graph) => ({ ...graph, name: "other" }) }),
  definePass({ name: "breaks", summary: "No nodes.", run: (graph) => ({ ...graph, nodes: [{} as never] }) }),
  definePass({ name: "invalid", summary: "Drops.", run: (graph) => ({ ...graph, nodes: graph.nodes.slice(1) }) }),
];
`;
const files = { "pulsec.config.ts": config, "passes.ts": passes, "net.pir": net };
const names = ["throws", "waits", "rule", "always", "text", "nothing", "renames", "breaks", "invalid"];

test("each way in which a pass can break says where, at which op, and how to repeat it", async () => {
  await inProject(files, async (p) => {
    let text = "";
    for (const name of names) {
      const { code, err } = await p.call("opt", "net.pir", "--passes", name);
      assert.is(code, 1, err);
      assert.not.match(err, /^ {4}at /m, "a bare stack trace");
      text += `$ pulsec opt net.pir --passes ${name}\n${err}\n`;
    }
    matchesGolden("extension/faults.txt", text);
  });
});

test("the reproducer repeats the failure, from anywhere", async () => {
  await inProject({ ...files, "net.pir": net.replace("relu %x", "clip %x") }, async () => {
    const { err } = await callPulsec("opt", "net.pir", "--passes", "dead-code,throws,canonicalise");
    const [, before = "", line = ""] = /reproduce it: (pulsec opt (\S+) .*)$/m.exec(err)?.slice(0) ?? [];
    const file = line;
    assert.ok(existsSync(file), err);
    assert.match(readFileSync(file, "utf8"), "%b = tanh %a");
    process.chdir("/");
    const again = await callPulsec(...before.split(" ").slice(1));
    assert.is(again.code, 1);
    assert.match(again.err, "throws failed on @net at %b (tanh)");
  });
});

test("a pass that breaks inside another command says the same", async () => {
  await inProject(files, async (p) => {
    const { code, err } = await p.call("quantize", "net.pir", "--passes", "throws,quantise");
    assert.is(code, 1);
    assert.match(err, "throws failed on @net at %b (tanh)");
    assert.match(
      err,
      "to reproduce it: pulsec opt REPRODUCER/before.pir --passes throws --config DIR/pulsec.config.ts",
    );
  });
});

test("an op of the project that breaks inside a pass is named, and the pass can be repeated", async () => {
  const op = `import { defineConfig, defineOp } from "pulsec";
const odd = defineOp({
  name: "odd", summary: "Breaks.", operands: { x: { storage: ["i8"] } }, attrs: {}, traits: [],
  infer: ({ x }) => x,
  int: ({ x }) => x.missing.data,
  examples: [],
});
export default defineConfig({ version: 1, ops: [odd] });
`;
  const folded = `param @c : i8[1x2] = [1, 2]

graph @g(%x: i8[1x2]) -> (%y: i32[1x2]) stage integer {
  %a = odd @c : i8[1x2]
  %y = add %x, %a : i32[1x2]
}
`;
  // A path that a URL writes otherwise.
  await inProject({ "my (own) ops/pulsec.config.mjs": op, "my (own) ops/g.pir": folded }, async (p) => {
    process.chdir("my (own) ops");
    const { code, err } = await p.call("opt", "g.pir", "--passes", "fold-constants");
    assert.is(code, 1);
    assert.match(err, "error[extension/failed]: %a: the integer meaning of odd failed\n  --> g.pir:4:3");
    assert.match(err, "  --> pulsec.config.mjs:5:29\n  5 |   int: ({ x }) => x.missing.data,");
    assert.match(err, "--config 'DIR/my (own) ops/pulsec.config.mjs'");
  });
});

test("what an engine of the project throws is the project's, without a stack", async () => {
  const engine = `import { defineConfig, intEngine } from "pulsec";
const prepare = async () => {
  throw new Error("no device");
};
export default defineConfig({ version: 1, engines: [{ ...intEngine, name: "board", prepare }] });
`;
  const integer = "graph @g(%x: u8[1x4]) -> (%y: u8[1x4]) stage integer {\n  %y = relu %x : u8[1x4]\n}\n";
  await inProject({ "pulsec.config.ts": engine, "g.pir": integer }, async (p) => {
    const { code, err } = await p.call("run", "g.pir", "--engine", "board");
    assert.is(code, 1, err);
    assert.match(err, "error[extension/threw]: pulsec.config.ts threw an error");
    assert.match(err, 'pulsec.config.ts:3:9\n  3 |   throw new Error("no device");');
    assert.not.match(err, /^ {4}at /m);
  });
});

test.run();
