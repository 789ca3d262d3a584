/** init, pass new, op new: what they write, works; what is there, stays. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { newConfig, withEntry } from "../../src/cli/scaffold/register.js";
import { install } from "../docs/installed.js";
import { matchesGolden } from "../golden.js";
import { root, suite } from "../harness.js";
import { inProject } from "./project.js";

const test = suite("scaffolds");
const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
const main = path.join("node_modules", "pulsec", "dist", "src", "cli", "main.js");
const node = (dir: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: dir, encoding: "utf8" });
  return { status, said: stdout + stderr };
};
const filesIn = (dir: string): readonly string[] =>
  readdirSync(dir, { recursive: true, encoding: "utf8", withFileTypes: true })
    .filter((e) => e.isFile() && !e.parentPath.includes("node_modules"))
    .map((e) => path.relative(dir, path.join(e.parentPath, e.name)))
    .sort();

test("init, pass new and op new write these files", async () => {
  await inProject({}, async (p) => {
    for (const call of ["init", "pass new pool-first", "op new envelope"]) {
      const done = await p.call(...call.split(" "));
      assert.is(done.code, 0, done.err);
    }
    const texts = filesIn(p.dir).filter((name) => !name.endsWith(".npz"));
    // The folder's name, and the version.
    const shown = (text: string) =>
      text.replaceAll(path.basename(p.dir).toLowerCase(), "NAME").replace(/"\^\d[\d.]*"/, '"^VERSION"');
    matchesGolden(
      "extension/scaffold.txt",
      texts.map((name) => `== ${name}\n${shown(readFileSync(path.join(p.dir, name), "utf8"))}`).join("\n"),
    );
    assert.ok(filesIn(p.dir).includes("waves.npz"));
  });
});

test("what they write passes a strict tsc, and runs on the model", async () => {
  await inProject({}, async (p) => {
    for (const call of ["init", "pass new pool-first", "op new envelope"]) await p.call(...call.split(" "));
    install(p.dir, "pulsec");
    const typed = node(p.dir, tsc, "-p", ".");
    assert.is(typed.status, 0, typed.said);
    p.write({
      "wrong.ts":
        'import { envelope } from "./ops/envelope.ts";\nexport const name: number = envelope.name;\n',
    });
    assert.match(node(p.dir, tsc, "-p", ".").said, "Type 'string' is not assignable to type 'number'");
    // In a process of its own: this one has loaded the configuration as it was.
    const options = ["--passes", "pool-first", "--print-after-all", "--check-values"];
    const changed = node(p.dir, main, "opt", "model.pulse", ...options);
    assert.is(changed.status, 0, changed.said);
    assert.match(changed.said, /after pool-first\n.*%a.1 = maxpool %a.conv [^\n]*\n {2}%a = relu %a.1/s);
    const quantised = await p.call("evaluate", "model.pulse", "--data", "waves.npz", "--engine", "wasm");
    assert.is(quantised.code, 0, quantised.err);
    p.write({
      "own.pulse": "model own {\n  input x: [64, 1]\n  output y = x |> envelope |> conv(2, 3)\n}\n",
    });
    const own = node(p.dir, main, "quantize", "own.pulse");
    assert.is(own.status, 0, own.said);
    assert.match(own.said, /envelope %x : i32\[1x64x1\]/);
  });
});

test("projects of JavaScript get JavaScript", async () => {
  await inProject({ "pulsec.config.mjs": newConfig() }, async (p) => {
    for (const call of ["pass new pool-first", "op new envelope"]) {
      const done = await p.call(...call.split(" "));
      assert.is(done.code, 0, done.err);
    }
    install(p.dir, "pulsec");
    assert.equal(
      filesIn(p.dir).filter((name) => name.endsWith(".ts")),
      [],
    );
    const tested = node(p.dir, "--test");
    assert.is(tested.status, 0, tested.said);
  });
});

test("a pass without a configuration makes one", async () => {
  await inProject({}, async (p) => {
    assert.is((await p.call("pass", "new", "tidy")).code, 0);
    assert.match(readFileSync("pulsec.config.ts", "utf8"), "defineConfig({ version: 1, passes: [tidy] })");
  });
});

test("nothing is overwritten, and names must be new and fit", async () => {
  await inProject({ "model.pulse": "mine" }, async (p) => {
    assert.match((await p.call("init")).err, "error[file/exists]: model.pulse exists already");
    assert.equal(readdirSync("."), ["model.pulse"]);
    assert.is((await p.call("init", "sub")).code, 0);
    await p.call("pass", "new", "tidy");
    for (const [call, said] of [
      ["pass new tidy", "there is a pass or pipeline tidy already"],
      ["pass new dead-code", "already"],
      ["pass new simplify", "already"],
      ["pass new Tidy", "write it as my-pass"],
      ["pass old tidier", "pass knows new, not old"],
      ["op new relu", "there is an op relu already"],
      ["op new my-op", "write it as my_op"],
      ["op new", "takes new NAME"],
    ] as const) {
      const { code, err } = await p.call(...call.split(" "));
      assert.is(code, 2, call);
      assert.match(err, said);
    }
  });
});

test("names that are words of JavaScript, or of the files themselves, become others in the code", async () => {
  await inProject({ "pulsec.config.mjs": newConfig() }, async (p) => {
    for (const call of ["pass new delete", "pass new rule", "op new tensor"])
      assert.is((await p.call(...call.split(" "))).code, 0);
    assert.match(
      readFileSync("pulsec.config.mjs", "utf8"),
      "ops: [tensorOp], passes: [deletePass, rulePass]",
    );
    assert.is((await p.call("check", "--help")).code, 0);
    for (const file of filesIn(p.dir)) {
      const checked = node(p.dir, "--check", file);
      assert.is(checked.status, 0, checked.said);
    }
  });
});

const entry = { list: "passes", identifier: "mine", from: "./mine.ts" } as const;
const head = 'import { defineConfig } from "pulsec";\nimport { mine } from "./mine.ts";\n';

test("an entry joins a configuration as it is written", () => {
  const start = 'import { defineConfig } from "pulsec";\n';
  const cases: readonly (readonly [before: string, after: string])[] = [
    [
      "\nexport default defineConfig({ version: 1 });\n",
      "\nexport default defineConfig({ version: 1, passes: [mine] });\n",
    ],
    [
      "\nexport default defineConfig({\n  version: 1,\n  ops: [a],\n});\n",
      "\nexport default defineConfig({\n  version: 1,\n  passes: [mine],\n  ops: [a],\n});\n",
    ],
    [
      "\nexport default defineConfig({\n  version: 1\n});\n",
      "\nexport default defineConfig({\n  version: 1,\n  passes: [mine],\n});\n",
    ],
    [
      "\nexport default { version: 1, passes: [a, b] };\n",
      "\nexport default { version: 1, passes: [a, b, mine] };\n",
    ],
    [
      "\nexport default {\n  version: 1,\n  passes: [\n    a,\n    b,\n  ],\n};\n",
      "\nexport default {\n  version: 1,\n  passes: [\n    a,\n    b,\n    mine,\n  ],\n};\n",
    ],
  ];
  for (const [before, after] of cases) assert.is(withEntry(start + before, entry), head + after);
  assert.is(
    withEntry("export default { version: 1 };\n", entry),
    'import { mine } from "./mine.ts";\nexport default { version: 1, passes: [mine] };\n',
  );
});

test("a configuration that is no plain text to change stays, and the lines to add are said", async () => {
  const computed = [
    "const config = { version: 1 };\nexport default config;\n",
    "export default { version: 1, passes: make() };\n",
    "export default { version: 1, passes: [...more] };\n",
    "const mine = 1;\nexport default { version: 1, passes: [] };\n",
    "export default { ...base, version: 1, passes: [], passes: [] };\n",
  ];
  for (const text of computed) assert.is(withEntry(text, entry), undefined, text);
  const config =
    'import { defineConfig } from "pulsec";\nconst config = defineConfig({ version: 1 });\nexport default config;\n';
  await inProject({ "pulsec.config.ts": config }, async (p) => {
    const { out } = await p.call("pass", "new", "tidy");
    assert.match(
      out,
      'add to pulsec.config.ts:\n  import { tidy } from "./passes/tidy.ts";\n  passes: [tidy]',
    );
    assert.is(readFileSync("pulsec.config.ts", "utf8"), config);
  });
});

test.run();
