import * as assert from "uvu/assert";
import { evaluateBatch } from "../../src/backends/wasm/index.js";
import { GraphBuilder } from "../../src/ir/build.js";
import { Refusal } from "../../src/ir/diagnostic.js";
import type { Graph } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { defineOp } from "../../src/ir/op.js";
import { randomFrom } from "../../src/ir/random.js";
import { integerStorages } from "../../src/ir/storage.js";
import { type Tensor, tensor } from "../../src/ir/tensor.js";
import { tensorType } from "../../src/ir/type.js";
import { suite } from "../harness.js";
import { op } from "./random-sums.js";

const test = suite("wasm batches");

const types = [tensorType("u8", [1, 40, 8]), tensorType("i16", [1, 3])] as const;
const inputs = (b: GraphBuilder) => [b.input("x", types[0]), b.input("s", types[1])] as const;

/** Two inputs; two outputs, one of which is an input. */
function network(): Graph {
  const b = new GraphBuilder("net", "integer");
  const [x, s] = inputs(b);
  const w = b.param(
    "w",
    tensorType("i8", [5, 3, 8]),
    Int8Array.from({ length: 120 }, (_, i) => (i % 17) - 8),
  );
  return b.finish([b.add(op("conv"), [x, w]), b.add(op("relu"), [s]), s]);
}

/** Larger together than what is sent to a worker at once. */
function samples(count: number): Tensor[][] {
  const next = randomFrom(3);
  const draw = (type: (typeof types)[number], size: number) =>
    tensor(
      type,
      Array.from({ length: size }, () => Math.floor(next() * 200)),
    );
  return Array.from({ length: count }, () => [draw(types[0], 320), draw(types[1], 3)]);
}
const plain = (all: readonly ReadonlyMap<string, Tensor>[]) =>
  all.map((values) => [...values].map(([name, { data }]) => `${name} = ${data.join(" ")}`));

async function expected(graph: Graph, given: readonly Tensor[][]): Promise<string[][]> {
  const session = interpret(graph);
  const all: ReadonlyMap<string, Tensor>[] = [];
  for (const sample of given) {
    const values = await session.run(sample);
    all.push(new Map(graph.outputs.map(({ name }) => [name, values.get(name)!])));
  }
  return plain(all);
}

test("outputs come in the order of the samples, whatever the number of workers", async () => {
  const [graph, given] = [network(), samples(1700)];
  const wanted = await expected(graph, given);
  for (const workers of [1, 2, 3])
    assert.equal(plain(await evaluateBatch(graph, given, { workers })), wanted);
});

test("samples may come one by one, or not at all", async () => {
  const [graph, given] = [network(), samples(5)];
  async function* slowly() {
    for (const sample of given) yield await Promise.resolve(sample);
  }
  assert.equal(plain(await evaluateBatch(graph, slowly(), { workers: 2 })), await expected(graph, given));
  assert.equal(await evaluateBatch(graph, [], { workers: 2 }), []);
});

test("a sample that does not fit is refused", async () => {
  for (const workers of [1, 2]) {
    const thrown = await evaluateBatch(network(), [...samples(2), [samples(1)[0]![0]!]], { workers }).catch(
      (e) => e,
    );
    assert.ok(thrown instanceof Refusal);
    assert.is(thrown.diagnostics[0]!.id, "engine/input-count");
  }
});

test("nodes that the host evaluates are evaluated in this thread", async () => {
  const doubled = defineOp({
    name: "doubled",
    summary: "Twice x.",
    operands: { x: { storage: integerStorages } },
    attrs: {},
    traits: [],
    infer: ({ x }) => tensorType("i32", x.shape),
    int: ({ x }) => Int32Array.from(x.data as Int8Array, (v) => 2 * v),
    examples: [],
  });
  const b = new GraphBuilder("net", "integer");
  const [x, s] = inputs(b);
  const graph = b.finish([b.add(doubled, [x]), s]);
  const given = samples(3);
  assert.equal(plain(await evaluateBatch(graph, given, { workers: 2 })), await expected(graph, given));
});

test.run();
