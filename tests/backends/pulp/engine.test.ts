/** Engine gap8sim: equal to the specification, one inference after the other; what it says where it cannot run. */
import * as assert from "uvu/assert";
import { gap8simEngine } from "../../../src/backends/pulp/firmware/engine.js";
import { Refusal } from "../../../src/ir/diagnostic.js";
import { intEngine } from "../../../src/ir/interpreter.js";
import { compareEngines } from "../../../src/verify/index.js";
import { suite } from "../../harness.js";
import { hasCrossCompiler, inputsOf, smallNetwork } from "./tools.js";

const test = suite("pulp engine");
const cross = hasCrossCompiler ? test : test.skip;
const graph = smallNetwork();
const vectors = [1, 2, 3].map((seed) => ({ name: `seed ${seed}`, inputs: inputsOf(graph, seed) }));

cross("firmware and a build that keeps every value agree with int, inference after inference", async () => {
  const engines = [
    gap8simEngine(),
    { ...gap8simEngine({ spill: true }), name: "every layer" },
    { ...gap8simEngine({ tileKernels: [], cores: 1 }), name: "whole" },
  ];
  const report = await compareEngines(graph, intEngine, engines, vectors);
  assert.equal(
    report.engines.map((e) => e.differences),
    [[], [], []],
  );
  const [shipped, all, whole] = report.engines.map((e) => e.compared);
  assert.is(all, graph.nodes.length);
  assert.is(whole, graph.nodes.length);
  assert.ok(shipped! < all!, "a sum that is requantised in registers has no memory");
});

cross("without `expose: all` only inputs and outputs are given", async () => {
  const session = await gap8simEngine().prepare(graph, { expose: "outputs" });
  const values = await session.run(vectors[0]!.inputs);
  await session.dispose();
  assert.equal([...values.keys()], ["x", "y"]);
});

const idOf = async (body: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await body();
    return undefined;
  } catch (e) {
    assert.instance(e, Refusal);
    return (e as Refusal).diagnostics[0]!.id;
  }
};

test("without a cross compiler the refusal says how to get one", async () => {
  const { PATH, RISCV_CC } = process.env;
  process.env.PATH = "/nowhere";
  delete process.env.RISCV_CC;
  try {
    assert.is(await idOf(() => gap8simEngine().prepare(graph)), "pulp/no-cross-compiler");
  } finally {
    process.env.PATH = PATH;
    if (RISCV_CC !== undefined) process.env.RISCV_CC = RISCV_CC;
  }
});

cross("a compiler's complaint is shown", async () => {
  process.env.RISCV_CC = "riscv64-unknown-elf-gcc -include no-such-file.h";
  try {
    assert.is(await idOf(() => gap8simEngine().prepare(graph)), "pulp/compiler");
  } finally {
    delete process.env.RISCV_CC;
  }
});

test("float graphs are refused in words", () => {
  const refusals = gap8simEngine().refuses({ ...graph, stage: "float" });
  assert.match(refusals[0]!, "firmware takes integer graphs");
  assert.equal(gap8simEngine().refuses(graph), []);
});

cross("inputs that do not fit are refused before anything is written", async () => {
  const session = await gap8simEngine().prepare(graph);
  assert.is(await idOf(() => session.run([])), "engine/input-count");
  await session.dispose();
});

test.run();
