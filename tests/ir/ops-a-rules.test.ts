/** Pads merge into the op behind them exactly where that is the same function. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { GraphBuilder } from "../../src/ir/build.js";
import { Refusal } from "../../src/ir/diagnostic.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { avgpool } from "../../src/ir/ops/avgpool.js";
import { conv } from "../../src/ir/ops/conv.js";
import { crop } from "../../src/ir/ops/crop.js";
import { maxpool } from "../../src/ir/ops/maxpool.js";
import { pad } from "../../src/ir/ops/pad.js";
import { rewrite } from "../../src/ir/rewrite.js";
import { tensor } from "../../src/ir/tensor.js";
import { tensorType } from "../../src/ir/type.js";
import { verifyModule } from "../../src/ir/verify.js";
import { suite } from "../harness.js";

const test = suite("ops-a-rules");

const rules = [conv, pad, maxpool, avgpool, crop].flatMap((op) => op.canonical ?? []);

interface Scene {
  readonly inner: readonly number[];
  readonly outer: readonly number[];
  /** What the pad in front writes; the zero point is 3. */
  readonly value: number;
  /** Constant pads, or pads that count, in the op behind. */
  readonly flag: boolean;
  /** Somebody else reads the padded value too. */
  readonly shared: boolean;
  readonly data: readonly number[];
}

const behind: Readonly<Record<string, (b: GraphBuilder, x: Value, s: Scene) => Value>> = {
  conv: (b, x, { outer, flag }) => {
    const w = b.param("w", tensorType("i8", [1, 2, 2, 1]), Int8Array.of(1, -20, 127, -128));
    return b.add(conv, [x, w], { pads: outer, pad_mode: flag ? "constant" : "edge" });
  },
  maxpool: (b, x, { outer }) => b.add(maxpool, [x], { kernel: [2, 1], pads: outer }),
  avgpool: (b, x, { outer, flag }) =>
    b.add(avgpool, [x], { kernel: [2, 2], pads: outer, count_include_pad: flag }),
  pad: (b, x, { outer, flag }) => b.add(pad, [x], { pads: outer, pad_mode: flag ? "constant" : "edge" }),
  crop: (b, x, { outer }) => b.add(crop, [x], { edges: outer.map((p) => Math.max(p, 0)) }),
};

const pads = fc.oneof(
  fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 4, maxLength: 4 }),
  fc.constant([0, 0, 0, 0]),
);
const scene: fc.Arbitrary<Scene> = fc.record({
  inner: pads,
  outer: pads,
  value: fc.constantFrom(-128, 3, 7),
  flag: fc.boolean(),
  shared: fc.boolean(),
  data: fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 12, maxLength: 12 }),
});

/** A pad with an op behind it; nothing where the sizes do not allow that. */
function graphOf(name: string, s: Scene): Graph | undefined {
  const b = new GraphBuilder("g", "integer");
  const x = b.input("x", tensorType("i8", [1, 3, 4, 1], { scale: 0.5, zero: 3 }));
  try {
    const padded = b.add(pad, [x], { pads: s.inner, value: s.value }, { name: "padded" });
    const y = behind[name]!(b, padded, s);
    return b.finish(s.shared ? [y, padded] : [y]);
  } catch (e) {
    if (e instanceof Refusal) return undefined;
    throw e;
  }
}

async function outputs(graph: Graph, data: readonly number[]): Promise<number[][]> {
  const values = await interpret(graph).run([tensor(graph.inputs[0]!.type, data)]);
  return graph.outputs.map((o) => Array.from(values.get(o.name)!.data, Number));
}

for (const name of Object.keys(behind))
  test(`${name} behind a pad gives the same after the rules, whether they fire or not`, async () => {
    let [fired, kept] = [0, 0];
    const property = fc.asyncProperty(scene, async (s) => {
      const graph = graphOf(name, s);
      if (!graph) return;
      const done = rewrite(graph, rules);
      if (done.nodes.length < graph.nodes.length) fired++;
      else kept++;
      assert.equal(verifyModule({ graphs: [done], meta: {} }), []);
      assert.equal(await outputs(done, s.data), await outputs(graph, s.data));
      if (s.shared) assert.is(done, graph, "what others read stays as it is");
    });
    await fc.assert(property, { numRuns: 800, interruptAfterTimeLimit: 3000 });
    assert.ok(fired > 20 && kept > 20, `fired ${fired} times, kept ${kept} graphs`);
  });

test("crops add up", async () => {
  const b = new GraphBuilder("g", "integer");
  const x = b.input("x", tensorType("i8", [1, 6, 1]));
  const y = b.add(crop, [b.add(crop, [x], { edges: [1, 0] })], { edges: [1, 2] });
  const done = rewrite(b.finish([y]), rules);
  assert.is(done.nodes.length, 1);
  assert.equal(done.nodes[0]!.attrs.edges, [2, 2]);
  assert.equal(await outputs(done, [1, 2, 3, 4, 5, 6]), [[3, 4]]);
});

test("a pad in front of a convolution leaves its pads, its name and the origin of both", () => {
  const b = new GraphBuilder("g", "integer");
  const here = { file: "m.onnx", node: "Pad_1" };
  const there = { file: "m.onnx", node: "Conv_2" };
  const x = b.input("x", tensorType("u8", [1, 5, 1]));
  const w = b.param("w", tensorType("i8", [1, 3, 1]), Int8Array.of(1, 2, 3));
  const padded = b.add(pad, [x], { pads: [2, 0] }, { places: [here] });
  const y = b.add(conv, [padded, w], { pads: [0, 1] }, { name: "y", places: [there] });
  const [node, ...rest] = rewrite(b.finish([y]), rules).nodes;
  assert.is(rest.length, 0);
  assert.equal(node!.attrs.pads, [2, 1]);
  assert.is(node!.result.name, "y");
  assert.is(node!.result.places.length, 2);
});

test.run();
