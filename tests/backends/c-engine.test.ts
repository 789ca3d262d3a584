import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { cEngine, findCompilers } from "../../src/backends/c/index.js";
import { GraphBuilder } from "../../src/ir/build.js";
import { type Diagnostic, Refusal } from "../../src/ir/diagnostic.js";
import { interpret } from "../../src/ir/interpreter.js";
import { relu } from "../../src/ir/ops/relu.js";
import { type Tensor, tensor } from "../../src/ir/tensor.js";
import { tensorType } from "../../src/ir/type.js";
import { seed, suite } from "../harness.js";
import { merge } from "./merge.js";
import { networkArbitrary } from "./random-layers.js";

const test = suite("c engine");
const kinds = (await findCompilers()).map((c) => c.kind);
const withHost = kinds.includes("cc") ? test : test.skip;
const withYowasp = kinds.includes("yowasp") ? test : test.skip;

const type = tensorType("i16", [1, 3, 1]);
const tiny = () => {
  const b = new GraphBuilder("tiny", "integer");
  const [x, z] = [b.input("x", type), b.input("z", type)];
  return b.finish([b.add(relu, [b.add(relu, [x], {}, { name: "a" })], {}, { name: "y" }), z]);
};
const inputs = [tensor(type, [-5, 0, 300]), tensor(type, [1, -2, 32767])];
const plain = (values: ReadonlyMap<string, Tensor>) =>
  [...values].map(([name, { data }]) => `${name} ${data.join(" ")}`);

async function refusal(body: Promise<unknown>): Promise<Diagnostic> {
  try {
    await body;
  } catch (e) {
    if (e instanceof Refusal) return e.diagnostics[0]!;
    throw e;
  }
  throw new Error("nothing was refused");
}

for (const [kind, when] of [
  ["cc", withHost],
  ["yowasp", withYowasp],
] as const) {
  when(`${kind} gives every value, as often as asked`, async () => {
    const all = await cEngine({ compiler: kind }).prepare(tiny());
    assert.equal(plain(await all.run(inputs)), ["x -5 0 300", "z 1 -2 32767", "a 0 0 300", "y 0 0 300"]);
    const second = [tensor(type, [7, 8, -9]), inputs[1]!];
    assert.equal(plain(await all.run(second)), ["x 7 8 -9", "z 1 -2 32767", "a 7 8 0", "y 7 8 0"]);
    assert.is((await refusal(all.run([inputs[0]!]))).id, "engine/input-count");
    assert.is(
      (await refusal(all.run([inputs[0]!, tensor(tensorType("i8", [1, 3, 1]), [1, 2, 3])]))).id,
      "engine/input-type",
    );
    await all.dispose();
  });
}

withHost("inputs and outputs only, if no more is asked for", async () => {
  const few = await cEngine({ compiler: "cc" }).prepare(tiny(), { expose: "outputs" });
  assert.equal(plain(await few.run(inputs)), ["x -5 0 300", "z 1 -2 32767", "y 0 0 300"]);
  await few.dispose();
});

withYowasp("a random network gives the same values through clang in WebAssembly", async () => {
  const { graph, inputs: given } = merge(fc.sample(networkArbitrary, { seed, numRuns: 1 }));
  const session = await cEngine({ compiler: "yowasp", flags: ["-O1"] }).prepare(graph);
  assert.equal(plain(await session.run(given)), plain(await interpret(graph).run(given)), `seed ${seed}`);
});

withHost("the working folder goes with the session, unless somebody asked for it", async () => {
  // A temporary folder of its own: other tests make working folders at the same time.
  const { TMPDIR } = process.env;
  const home = await mkdtemp(path.join(tmpdir(), "pulsec-home-"));
  process.env.TMPDIR = home;
  try {
    const session = await cEngine({ compiler: "cc" }).prepare(tiny());
    assert.is(readdirSync(home).length, 1);
    await session.run(inputs);
    await session.dispose();
    assert.equal(readdirSync(home), []);
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    await rm(home, { recursive: true });
  }
  const workDir = await mkdtemp(path.join(tmpdir(), "pulsec-kept-"));
  const kept = await cEngine({ compiler: "cc", workDir }).prepare(tiny());
  await kept.run(inputs);
  await kept.dispose();
  assert.equal(
    readdirSync(workDir).filter((f) => /^(run|network\.c$)/.test(f)),
    ["network.c"],
  );
  await rm(workDir, { recursive: true });
});

for (const [kind, when] of [
  ["cc", withHost],
  ["yowasp", withYowasp],
] as const) {
  when(`when ${kind} fails, its command and complaint are shown`, async () => {
    const d = await refusal(cEngine({ compiler: kind, flags: ["-Dlayer_a=nonsense("] }).prepare(tiny()));
    assert.is(d.id, "c/compiler");
    assert.match(d.text, /-Dlayer_a=nonsense\( .*network\.c/);
    assert.match(d.found ?? "", /error/);
  });
}

test("what it cannot run is said before it is asked to", () => {
  const b = new GraphBuilder("f", "float");
  const graph = b.finish([b.add(relu, [b.input("x", tensorType("f32", [1, 2]))])]);
  assert.equal(cEngine().refuses(graph), ["@f is a float graph; C takes integer graphs"]);
  assert.equal(cEngine().refuses(tiny()), []);
  const help = "rewrite the graph without it, or give it one: `kernels` in pulsec.config.ts";
  const [a, y] = cEngine({ kernels: [] }).refuses(tiny());
  assert.ok(a!.startsWith(`%a: there is no kernel for relu; ${help}`));
  assert.ok(y!.startsWith("%y: there is no kernel for relu"));
});

test("compilers that do not answer are not listed", async () => {
  const was = process.env.CC;
  process.env.CC = "no-such-compiler -m32";
  try {
    assert.equal(
      (await findCompilers()).map((c) => c.kind),
      kinds,
    );
  } finally {
    if (was === undefined) delete process.env.CC;
    else process.env.CC = was;
  }
});

test.run();
