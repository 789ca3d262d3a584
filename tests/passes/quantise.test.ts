/** Any float network that integers can say becomes one that every engine computes alike, each layer within 1 of its real value. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { floatEngine } from "../../src/backends/float/index.js";
import { wasmEngine } from "../../src/backends/wasm/index.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import type { Graph, Node } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { ops } from "../../src/ir/ops/index.js";
import { requant, requantClamp } from "../../src/ir/ops/requant.js";
import { printGraph } from "../../src/ir/print.js";
import type { Tensor } from "../../src/ir/tensor.js";
import { atBatch, type TensorType } from "../../src/ir/type.js";
import { allPasses, parsePipeline, pipelines, runPasses } from "../../src/passes/index.js";
import { compareValues } from "../../src/verify/index.js";
import { drawFrom } from "../backends/random-draw.js";
import { asFloats } from "../backends/random-floats.js";
import { scaledNetwork } from "../backends/random-scaled.js";
import { seed, suite } from "../harness.js";

const test = suite("quantise");

async function quantised(graph: Graph, options: string): Promise<Graph> {
  const text = `fold,calibrate{method=minmax},to-integer{${options}},canonicalise,dead-code`;
  const steps = unwrap(parsePipeline(text, allPasses(ops), pipelines));
  const samples = [1, 2, 3].map((s) =>
    graph.inputs.map((v, i) => randomTensor(atBatch(v.type, 1), 10 * s + i)),
  );
  const done = await runPasses({ graphs: [graph], meta: {} }, steps, {
    samples,
    engine: async () => floatEngine,
  });
  assert.ok(
    done.ok,
    `${done.diagnostics.map((d) => `${d.id}: ${d.text} ${d.found ?? ""}`).join("\n")}\n${printGraph(graph)}`,
  );
  return unwrap(done).graphs[0]!;
}

const scaleAt = ({ quant }: TensorType, i: number): number => {
  const channels = quant!.channels?.data;
  return quant!.scale * (channels ? Number(channels[i % channels.length]) : 1);
};

/** Largest distance of a requantised value from what its operand means, rounded half up at the result's scale. */
function farthest({ op, operands, attrs, result }: Node, values: ReadonlyMap<string, Tensor>): number {
  if (op !== requant) return 0;
  const [x, y] = [values.get(operands[0]!.name)!, values.get(result.name)!];
  const clamp = requantClamp(attrs as never, y.type);
  let worst = 0;
  for (let i = 0; i < y.data.length; i++) {
    const real = (Number(x.data[i]) - x.type.quant!.zero) * scaleAt(x.type, i);
    const rounded = Math.floor(real / y.type.quant!.scale + 0.5) + y.type.quant!.zero;
    const meant = Math.min(Math.max(rounded, clamp.lo), clamp.hi);
    worst = Math.max(worst, Math.abs(Number(y.data[i]) - meant));
  }
  return worst;
}

const bits = fc.constantFrom(8, 4, 2);
const choices = fc.record({
  weights: bits,
  activations: bits,
  per_channel: fc.boolean(),
  zero_points: fc.boolean(),
  method: fc.constantFrom("max", "mse"),
  exact_multipliers: fc.boolean(),
  bias_correction: fc.boolean(),
});

test("random networks: proven, equal on int and wasm, every layer within 1", () =>
  fc.assert(
    fc.asyncProperty(fc.gen(), choices, async (g, options) => {
      const float = asFloats(scaledNetwork(drawFrom(g)));
      const graph = await quantised(
        float,
        Object.entries(options)
          .map(([k, v]) => `${k}=${v}`)
          .join(" "),
      );
      assert.is(graph.stage, "integer");
      const inputs = graph.inputs.map((v, i) => randomTensor(v.type, 77 + i));
      const values = await interpret(graph).run(inputs);
      const session = await wasmEngine.prepare(graph);
      assert.equal(compareValues(graph, values, await session.run(inputs)), []);
      for (const node of graph.nodes)
        assert.ok(
          farthest(node, values) <= 1,
          `${node.result.name} is off by ${farthest(node, values)}:\n${printGraph(graph)}`,
        );
    }),
    { numRuns: 60, seed },
  ));

test.run();
