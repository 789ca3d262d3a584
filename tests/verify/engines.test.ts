/** Comparing engines: equal, diverging, refusing, and engines that hide values. */
import * as assert from "uvu/assert";
import { GraphBuilder } from "../../src/ir/build.js";
import type { Engine } from "../../src/ir/contracts.js";
import type { Graph } from "../../src/ir/graph.js";
import { intEngine } from "../../src/ir/interpreter.js";
import { conv } from "../../src/ir/ops/conv.js";
import { requant } from "../../src/ir/ops/requant.js";
import { type Tensor, tensor } from "../../src/ir/tensor.js";
import { tensorType } from "../../src/ir/type.js";
import { compareEngines, renderEngineReport } from "../../src/verify/index.js";
import { suite } from "../harness.js";

const test = suite("comparing engines");

function twoLayers(): Graph {
  const g = new GraphBuilder("net", "integer");
  const x = g.input("x", tensorType("u8", [1, 4, 1]));
  const w = g.param("w", tensorType("i8", [2, 1, 1]), Int8Array.of(3, -3));
  const acc = g.add(conv, [x, w], {}, { name: "acc" });
  const mul = g.param("mul", tensorType("i32", [1]), Int32Array.of(1));
  const add = g.param("add", tensorType("i64", [1]), BigInt64Array.of(0n));
  const y = g.add(requant, [acc, mul, add], { shift: [1] }, { name: "y", type: tensorType("u8", [1, 4, 2]) });
  return g.finish([y]);
}
const graph = twoLayers();
const vector = (name: string, values: readonly number[]) => ({
  name,
  inputs: [tensor(graph.inputs[0]!.type, values)],
});
const vectors = [vector("small", [1, 2, 3, 4]), vector("large", [255, 0, 9, 1])];

/** The reference with its results changed; counts what was opened and closed. */
function engine(name: string, change: (values: Map<string, Tensor>) => void, log: string[] = []): Engine {
  return {
    name,
    refuses: () => [],
    async prepare(g) {
      const session = await intEngine.prepare(g);
      return {
        async run(inputs) {
          log.push("run");
          const values = new Map(await session.run(inputs));
          change(values);
          return values;
        },
        async dispose() {
          log.push("dispose");
        },
      };
    },
  };
}
const bump = (values: Map<string, Tensor>, name: string, at: number, by: number) => {
  const { type, data } = values.get(name)!;
  const copy = (data as Int32Array).slice();
  copy[at]! += by;
  values.set(name, { type, data: copy });
};

test("equal engines give one line", async () => {
  const report = await compareEngines(
    graph,
    intEngine,
    [engine("wasm", () => {}), engine("c", () => {})],
    vectors,
  );
  assert.ok(report.ok);
  assert.equal(
    report.engines.map((e) => [e.engine, e.compared, e.differences.length]),
    [
      ["wasm", 2, 0],
      ["c", 2, 0],
    ],
  );
  assert.is(renderEngineReport(report), "int = wasm = c: 2 values, 2 test vectors, bit for bit");
});

test("the first diverging layer, element and distance are named; the engine is not run further", async () => {
  const log: string[] = [];
  const broken = engine(
    "wasm",
    (v) => {
      if (v.get("x")!.data[0] !== 255) return;
      bump(v, "acc", 2, -2);
      bump(v, "y", 2, 1);
      bump(v, "y", 7, 5);
    },
    log,
  );
  const report = await compareEngines(graph, intEngine, [broken], [...vectors, vectors[0]!]);
  assert.not.ok(report.ok);
  assert.equal(log, ["run", "run", "dispose"]);
  const [first, second] = report.engines[0]!.differences;
  assert.equal(
    [first!.value, first!.op, first!.layer, report.engines[0]!.vector],
    ["acc", "conv", 1, "large"],
  );
  assert.equal(first!.difference, {
    index: [0, 1, 0],
    expected: 0,
    got: -2,
    distance: -2,
    largest: 2,
    differing: 1,
    elements: 8,
  });
  assert.equal([second!.value, second!.difference!.differing, second!.difference!.largest], ["y", 2, 5]);
  assert.is(
    renderEngineReport(report),
    `first divergence of wasm from int: %acc (conv), layer 1 of 2, large
  element [0, 1, 0]: expected 0, got -2 (-2 LSB)
  1 of 8 elements differs
  1 later value differs as well`,
  );
});

test("hidden intermediates are said, missing outputs are failures", async () => {
  const hides = (name: string) => engine("c", (v) => v.delete(name));
  const report = await compareEngines(graph, intEngine, [hides("acc")], vectors);
  assert.ok(report.ok);
  assert.match(renderEngineReport(report), "; c: 1 of them");
  const silent = await compareEngines(graph, intEngine, [hides("y")], vectors);
  assert.equal(
    [silent.ok, silent.engines[0]!.differences],
    [false, [{ value: "y", op: "requant", layer: 2 }]],
  );
});

test("an engine that refuses fails the report with its reasons, and the others still run", async () => {
  const refusing: Engine = { ...engine("c", () => {}), refuses: () => ["%acc: no kernel"] };
  const report = await compareEngines(graph, intEngine, [refusing, engine("wasm", () => {})], vectors);
  assert.not.ok(report.ok);
  assert.equal(renderEngineReport(report).split("\n"), [
    "c cannot run this graph:",
    "  %acc: no kernel",
    "int = wasm: 2 values, 2 test vectors, bit for bit",
  ]);
});

test("sessions are closed when an engine fails", async () => {
  const log: string[] = [];
  const failing = engine(
    "wasm",
    () => {
      throw new Error("crash");
    },
    log,
  );
  try {
    await compareEngines(graph, intEngine, [failing], vectors);
    assert.unreachable();
  } catch (e) {
    assert.is((e as Error).message, "crash");
  }
  assert.equal(log, ["run", "dispose"]);
});

test.run();
