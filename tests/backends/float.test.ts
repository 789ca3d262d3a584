/** Engine `float`: examples of the records, a network computed by hand, batches, refusals, and that nothing leaks. */
import * as tf from "@tensorflow/tfjs-core";
import * as assert from "uvu/assert";
import { floatEngine } from "../../src/backends/float/index.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { GraphBuilder } from "../../src/ir/build.js";
import { Refusal, unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, mainGraph, type Value } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { batchnorm } from "../../src/ir/ops/batchnorm.js";
import { conv } from "../../src/ir/ops/conv.js";
import { dropout } from "../../src/ir/ops/dropout.js";
import { ops } from "../../src/ir/ops/index.js";
import { type Tensor, tensor } from "../../src/ir/tensor.js";
import { tensorType } from "../../src/ir/type.js";
import { suite } from "../harness.js";
import { batched } from "../ir/float.js";

const test = suite("float engine");

const parse = async (text: string): Promise<Graph> =>
  mainGraph(unwrap(await parseModule(text, { file: "test.pir", ops })));

async function run(graph: Graph, inputs: readonly Tensor[], expose: "all" | "outputs" = "all") {
  assert.equal(floatEngine.refuses(graph), []);
  const session = await floatEngine.prepare(graph, { expose });
  return session.run(inputs).finally(() => session.dispose());
}

async function refused(body: Promise<unknown>): Promise<string> {
  try {
    await body;
  } catch (e) {
    if (e instanceof Refusal) return e.message;
    throw e;
  }
  return "accepted";
}

function near(found: ArrayLike<number | bigint>, meant: ArrayLike<number>, tolerance: number): void {
  assert.is(found.length, meant.length);
  for (let i = 0; i < meant.length; i++)
    assert.ok(
      Math.abs(Number(found[i]) - meant[i]!) <= tolerance,
      `element ${i}: ${found[i]}, not ${meant[i]}`,
    );
}

test("the examples of all ops that are not integer graphs come true", async () => {
  const shown = new Set<string>();
  for (const op of ops)
    for (const { text, inputs, output } of op.examples) {
      const graph = await parse(text);
      if (graph.stage === "integer") continue;
      const values = await run(
        graph,
        graph.inputs.map((v, i) => tensor(v.type, inputs[i]!)),
      );
      near(values.get(graph.outputs[0]!.name)!.data, output, 1e-6);
      shown.add(op.name);
    }
  for (const name of ["conv", "linear", "batchnorm", "softmax", "prelu", "quantize", "dequantize"])
    assert.ok(shown.has(name), name);
});

const channels = 3;
const layers = 5;
/** Five convolutions of width 3 with a batchnorm each: ten layers. */
function network(): Graph {
  const b = new GraphBuilder("net", "float");
  const param = (name: string, shape: readonly number[], seed: number, shift = 0) => {
    const type = tensorType("f32", shape);
    const { data } = randomTensor(type, seed);
    return b.param(
      name,
      type,
      (data as Float32Array).map((v) => v + shift),
    );
  };
  let x: Value = b.input("x", tensorType("f32", ["N", 8, channels]));
  for (let i = 0; i < layers; i++) {
    const seed = 10 * i;
    const kernel = [param(`w${i}`, [channels, 3, channels], seed), param(`b${i}`, [channels], seed + 1)];
    const y = b.add(conv, [x, ...kernel], { pads: [1, 1] }, { name: `conv${i}` });
    const vectors = [0, 0, 0, 1.5].map((shift, k) => param(`n${i}.${k}`, [channels], seed + 2 + k, shift));
    x = b.add(batchnorm, [y, ...vectors], { epsilon: 0.001 }, { name: `norm${i}` });
  }
  return b.finish([x]);
}

/** The same by loops over plain numbers, one sample of 8 positions. */
function byHand(graph: Graph, sample: readonly number[]): number[] {
  let x = [...sample];
  for (let layer = 0; layer < layers; layer++) {
    const [w, bias] = graph.nodes[2 * layer]!.operands.slice(1).map(numbers);
    const [gamma, beta, mean, variance] = graph.nodes[2 * layer + 1]!.operands.slice(1).map(numbers);
    const y: number[] = [];
    for (let p = 0; p < 8; p++)
      for (let o = 0; o < channels; o++) {
        let sum = bias![o]!;
        for (let t = -1; t <= 1; t++)
          for (let c = 0; c < channels && p + t >= 0 && p + t < 8; c++)
            sum += x[(p + t) * channels + c]! * w![(o * 3 + t + 1) * channels + c]!;
        y.push((gamma![o]! * (sum - mean![o]!)) / Math.sqrt(variance![o]! + 0.001) + beta![o]!);
      }
    x = y;
  }
  return x;
}
const numbers = (v: Value): readonly number[] =>
  Array.from((v as Value & { data: Float32Array }).data, Number);

test("ten layers are what loops over plain numbers give", async () => {
  const graph = network();
  assert.is(graph.nodes.length, 10);
  for (let seed = 0; seed < 5; seed++) {
    const sample = Array.from(randomTensor(tensorType("f32", [1, 8, channels]), seed).data, Number);
    const values = await run(graph, [batched(graph.inputs[0]!.type, sample)]);
    const meant = byHand(graph, sample);
    near(values.get("norm4")!.data, meant, 1e-5 * Math.max(...meant.map(Math.abs)));
  }
});

test("a batch of 3 is three batches of 1", async () => {
  const graph = network();
  const x = randomTensor(tensorType("f32", [3, 8, channels]), 1);
  const all = (await run(graph, [x])).get("norm4")!;
  assert.equal(all.type, tensorType("f32", [3, 8, channels]));
  const size = 8 * channels;
  for (let i = 0; i < 3; i++) {
    const type = tensorType("f32", [1, 8, channels]);
    const one = await run(graph, [{ type, data: x.data.slice(i * size, (i + 1) * size) }]);
    assert.equal(one.get("norm4")!.data, all.data.slice(i * size, (i + 1) * size));
  }
});

test("sessions run repeatedly, give the same bits, leak nothing and hand out copies", async () => {
  const graph = network();
  const x = randomTensor(tensorType("f32", [2, 8, channels]), 1);
  const session = await floatEngine.prepare(graph);
  const first = await session.run([x]);
  const kept = first.get("norm4")!.data.slice();
  const before = tf.memory().numTensors;
  for (let i = 0; i < 5; i++) {
    const again = await session.run([x]);
    for (const [name, t] of again) assert.equal(t.data, name === "norm4" ? kept : first.get(name)!.data);
    for (const t of again.values()) (t.data as Float32Array).fill(0);
  }
  assert.is(tf.memory().numTensors, before);
  assert.ok(
    x.data.some((v) => v !== 0),
    "the input is not among what was handed out",
  );
  await session.dispose();
});

test("a run that breaks off leaks nothing either", async () => {
  const graph = network();
  const broken = { ...conv, float: () => assert.unreachable("broken") as never };
  const nodes = graph.nodes.map((n) => (n.result.name === "conv3" ? { ...n, op: broken } : n));
  const x = randomTensor(tensorType("f32", [1, 8, channels]), 1);
  await run(graph, [x]);
  const before = tf.memory().numTensors;
  let message = "";
  await run({ ...graph, nodes }, [x]).catch((e: Error) => (message = e.message));
  assert.match(message, /the float meaning of conv failed/);
  assert.is(tf.memory().numTensors, before);
});

test("dropout is the identity, and its result no view of the input", async () => {
  const b = new GraphBuilder("calm", "float");
  const graph = b.finish([b.add(dropout, [b.input("x", tensorType("f32", ["N", 2]))], {}, { name: "y" })]);
  const x = tensor(tensorType("f32", [1, 2]), [1, -2]);
  const y = (await run(graph, [x])).get("y")!;
  assert.equal([...y.data], [1, -2]);
  (y.data as Float32Array).fill(7);
  assert.equal([...x.data], [1, -2]);
});

test("expose = outputs gives inputs and outputs only", async () => {
  const values = await run(network(), [randomTensor(tensorType("f32", [1, 8, channels]), 1)], "outputs");
  assert.equal([...values.keys()], ["x", "norm4"]);
});

const quantised = `param @w : i8[2x3x1] * 0.5 = [1, -2, 3, 4, 0, -1]

graph @q(%x: f32[Nx4x1]) -> (%y: f32[Nx4x2]) stage quantised {
  %stored = quantize %x : (u8[Nx4x1] - 8) * 0.25
  %sum = conv %stored, @w {pads = [1, 1]} : i32[Nx4x2] * 0.125
  %real = dequantize %sum : f32[Nx4x2]
  %y = relu %real : f32[Nx4x2]
}
`;

test("quantised graphs run: integers by the specification, to the bit, with any batch", async () => {
  const x = [0.25, -0.5, 100, 0.4, 0, 1, -3, 0.13];
  const graph = await parse(quantised);
  const one = await parse(quantised.replaceAll("Nx", "1x"));
  const values = await run(graph, [tensor(tensorType("f32", [2, 4, 1]), x)]);
  assert.equal([...values.get("stored")!.data], [9, 6, 255, 10, 8, 12, 0, 9]);
  for (const i of [0, 1]) {
    const sample = tensor(one.inputs[0]!.type, x.slice(4 * i, 4 * i + 4));
    const integer = (await interpret({ ...one, nodes: one.nodes.slice(0, 3) }).run([sample])).get("sum")!;
    assert.equal(values.get("sum")!.data.slice(8 * i, 8 * i + 8), integer.data);
    const real = Array.from(integer.data as Int32Array, (v) => Math.max(0, Number(v) * 0.125));
    assert.equal([...values.get("y")!.data.slice(8 * i, 8 * i + 8)], real);
  }
  assert.equal(values.get("sum")!.type, tensorType("i32", [2, 4, 2], { scale: 0.125, zero: 0 }));
});

test("what does not fit is refused in words", async () => {
  const graph = await parse(`graph @sum(%a: f32[Nx2], %b: f32[Nx2]) -> (%y: f32[Nx2]) stage float {
  %y = add %a, %b : f32[Nx2]
}
`);
  const of = (storage: "f32" | "i8", ...shape: number[]) => randomTensor(tensorType(storage, shape), 1);
  assert.match(await refused(run(graph, [of("f32", 3, 2)])), "takes 2 inputs, not 1");
  assert.match(await refused(run(graph, [of("f32", 3, 2), of("f32", 2, 2)])), "engine/batch");
  assert.match(await refused(run(graph, [of("f32", 3, 2), of("f32", 3, 3)])), "engine/input-type: %b");
  assert.match(await refused(run(graph, [of("f32", 3, 2), of("i8", 3, 2)])), "engine/input-type: %b");
  assert.is(await refused(run(graph, [of("f32", 3, 2), of("f32", 3, 2)])), "accepted");
});

test("integer graphs are for other engines; ops without a meaning are named", async () => {
  const integer = await parse(`graph @i(%x: i8[1x2]) -> (%y: i8[1x2]) stage integer {
  %y = relu %x : i8[1x2]
}
`);
  assert.match(floatEngine.refuses(integer)[0]!, "engines int, wasm and c run it");
  const graph = network();
  const { float: _, ...mute } = conv;
  const nodes = graph.nodes.map((n) =>
    n.result.name === "conv1" ? { ...n, op: { ...mute, int: undefined } } : n,
  );
  assert.equal(floatEngine.refuses({ ...graph, nodes: nodes as never }), [
    "%conv1: conv has no meaning on f32",
  ]);
});

test.run();
