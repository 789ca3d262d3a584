/** The passes that make the paper's seed networks deployable: what they do to small graphs, to the letter. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { runFloat } from "../../src/backends/float/index.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { GraphBuilder } from "../../src/ir/build.js";
import type { Pass } from "../../src/ir/contracts.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, isParam, mainGraph, paramsOf, type Value } from "../../src/ir/graph.js";
import { add } from "../../src/ir/ops/add.js";
import { batchnorm } from "../../src/ir/ops/batchnorm.js";
import { conv } from "../../src/ir/ops/conv.js";
import { ops } from "../../src/ir/ops/index.js";
import { relu } from "../../src/ir/ops/relu.js";
import { printModule } from "../../src/ir/print.js";
import { atBatch, printType, type TensorType, tensorType } from "../../src/ir/type.js";
import { normAfterConv } from "../../src/passes/norm-after-conv.js";
import { preluToRelu } from "../../src/passes/prelu-to-relu.js";
import { shortcutToConv } from "../../src/passes/shortcut-to-conv.js";
import { matchesGolden } from "../golden.js";
import { suite } from "../harness.js";
import { runOn } from "./run-on.js";
import {
  activated,
  concatenated,
  names,
  norm,
  padded,
  residual,
  unet,
  weight,
  zeros,
} from "./seed-graphs.js";

const test = suite("seed edits");
const edits = [normAfterConv, preluToRelu, shortcutToConv];

const parse = async (text: string): Promise<Graph> =>
  mainGraph(unwrap(await parseModule(text, { file: "seed.pir", ops })));
const print = (graph: Graph): string => printModule({ graphs: [graph], meta: {} });

/** After the passes: still valid, the same signature, settled, and it runs. */
async function edited(graph: Graph, ...passes: readonly Pass[]): Promise<Graph> {
  const done = await runOn(graph, passes);
  assert.ok(done.ok, done.diagnostics.map((d) => d.text).join("\n"));
  const after = unwrap(done);
  const signature = (g: Graph) => [...g.inputs, ...g.outputs].map((v) => `%${v.name}: ${printType(v.type)}`);
  assert.equal(signature(after), signature(graph));
  const again = unwrap(await runOn(after, passes));
  assert.is(again, after, "a second time there is nothing to do");
  await outputs(after);
  return after;
}

async function outputs(graph: Graph): Promise<readonly number[]> {
  const inputs = graph.inputs.map((v, i) => randomTensor(atBatch(v.type, 2), i));
  const { values } = await runFloat(graph, inputs);
  return graph.outputs.flatMap((v) => Array.from(values.get(v.name)!.data, Number));
}

test("norm-after-conv: in a pre-activation block, norms go on to the next conv", async () => {
  const after = await edited(await parse(residual), normAfterConv);
  matchesGolden("passes/norm-after-conv-residual.pir", print(after));
});

test("norm-after-conv: in a U-Net, past prelu and upsampling, not to what a skip reads", async () => {
  const after = await edited(await parse(unet), normAfterConv);
  matchesGolden("passes/norm-after-conv-unet.pir", print(after));
});

test("norm-after-conv: behind activations it moves back with its params; outputs keep their names", async () => {
  const after = await edited(await parse(activated), normAfterConv);
  matchesGolden("passes/norm-after-conv-activated.pir", print(after));
});

test("norm-after-conv: every norm that it moved reads a conv alone; new params say where they come from", async () => {
  for (const text of [residual, unet, activated]) {
    const after = await edited(await parse(text), normAfterConv);
    for (const { op, operands } of after.nodes) {
      if (!op.name.endsWith("norm")) continue;
      const x = operands[0]!;
      const producer = after.nodes.find((n) => n.result === x)?.op.name;
      assert.is(producer, "conv", `%${x.name}`);
      assert.is(after.nodes.filter((n) => n.operands.includes(x)).length, 1, `%${x.name} is read once`);
    }
    for (const p of paramsOf([after]).filter((q) => q.name.endsWith(".moved"))) {
      assert.is(`${p.origin?.param}.moved`, p.name);
      assert.is(p.trainable, /gamma|beta/.test(p.name));
    }
  }
});

/** Any mixture of convs, norms, activations and sums of two channels; one or two outputs. */
function anyGraph(g: fc.GeneratorValue): Graph {
  const b = new GraphBuilder("any", "float");
  const vector = tensorType("f32", [2]);
  const param = (name: string, type: TensorType) => b.param(name, type, randomTensor(type, 1).data);
  const values: Value[] = [b.input("x", tensorType("f32", ["N", 4, 2]))];
  const pick = () => values[Math.max(0, values.length - 1 - g(fc.nat, { max: 2 }))]!;
  for (let i = g(fc.integer, { min: 1, max: 14 }); i > 0; i--) {
    const x = pick();
    switch (g(fc.constantFrom, ...(["conv", "norm", "norm", "relu", "add"] as const))) {
      case "conv":
        values.push(b.add(conv, [x, param("w", tensorType("f32", [2, 1, 2]))]));
        break;
      case "norm": {
        const ones = param("one", vector) as { data: Float32Array } & Value;
        ones.data.fill(1);
        values.push(b.add(batchnorm, [x, ones, ones, ones, ones]));
        break;
      }
      case "relu":
        values.push(b.add(relu, [x]));
        break;
      case "add":
        values.push(b.add(add, [x, pick()]));
    }
  }
  return b.finish([...new Set([values.at(-1)!, pick()])].filter((v) => v !== values[0]));
}

test("norm-after-conv ends on any graph, keeps its norms and convs, and settles", () =>
  fc.assert(
    fc.asyncProperty(fc.gen(), async (g) => {
      const graph = anyGraph(g);
      if (graph.outputs.length === 0) return;
      const after = await edited(graph, normAfterConv);
      const kinds = (of: Graph) => of.nodes.map((n) => n.op.name).sort();
      assert.equal(kinds(after), kinds(graph));
    }),
    { numRuns: 200, interruptAfterTimeLimit: 4000 },
  ));

const untouched: Readonly<Record<string, string>> = {
  "a norm that two read": `${norm("n", 1)}${weight("w", 1, 1, 1)}
graph @g(%x: f32[Nx8x1]) -> (%y: f32[Nx8x1]) stage float {
  %norm = batchnorm %x, ${names("n")} : f32[Nx8x1]
  %conv = conv %norm, @w : f32[Nx8x1]
  %y = add %conv, %norm : f32[Nx8x1]
}
`,
  "a norm before a mean": `${norm("n", 1)}
graph @g(%x: f32[Nx8x1]) -> (%y: f32[Nx1x1]) stage float {
  %norm = batchnorm %x, ${names("n")} : f32[Nx8x1]
  %y = global_avgpool %norm : f32[Nx1x1]
}
`,
  "a norm before the conv that gives the output": `${norm("n", 1)}${weight("w", 1, 1, 1)}
graph @g(%x: f32[Nx8x1]) -> (%y: f32[Nx8x1]) stage float {
  %norm = batchnorm %x, ${names("n")} : f32[Nx8x1]
  %y = conv %norm, @w : f32[Nx8x1]
}
`,
  "a norm behind a conv": `${norm("n", 1)}${weight("w", 1, 1, 1)}${weight("v", 1, 1, 1)}
graph @g(%x: f32[Nx8x1]) -> (%y: f32[Nx8x1]) stage float {
  %conv = conv %x, @w : f32[Nx8x1]
  %norm = batchnorm %conv, ${names("n")} : f32[Nx8x1]
  %relu = relu %norm : f32[Nx8x1]
  %y = conv %relu, @v : f32[Nx8x1]
}
`,
  "zeros that are no shortcut": `param @zeros : f32[1x8x1] = [${zeros(8)}]

graph @g(%x: f32[1x8x1]) -> (%y: f32[1x8x2]) stage float {
  %wide = concat %x, @zeros {axis = 2} : f32[1x8x2]
  %y = relu %wide : f32[1x8x2]
}
`,
  "channels that are not all zero": `param @most : f32[1x8x1] = [${zeros(7)}, 1]

graph @g(%x: f32[1x8x1], %b: f32[1x8x2]) -> (%y: f32[1x8x2]) stage float {
  %wide = concat %x, @most {axis = 2} : f32[1x8x2]
  %y = add %b, %wide : f32[1x8x2]
}
`,
};

for (const [name, text] of Object.entries(untouched))
  test(`left as it is: ${name}`, async () => {
    const graph = await parse(text);
    const done = await runOn(graph, edits);
    assert.is(unwrap(done), graph);
    assert.equal(done.diagnostics, []);
  });

test("passes of the seed leave integer graphs alone", async () => {
  const graph = await parse(`param @a : i8[1] = [1]

graph @i(%x: i8[1x2]) -> (%y: i32[1x2]) stage integer {
  %y = prelu %x, @a : i32[1x2]
}
`);
  assert.is(unwrap(await runOn(graph, edits)), graph);
});

test("prelu-to-relu: what is positive stays", async () => {
  const graph = await parse(unet);
  const after = await edited(graph, preluToRelu);
  matchesGolden("passes/prelu-to-relu.pir", print(after));
  assert.is(
    paramsOf([after]).some((p) => /^p\d$/.test(p.name)),
    false,
  );
});

for (const [name, text] of Object.entries({ concatenated, padded }))
  test(`shortcut-to-conv: ${name} zeros become a convolution that begins as they were`, async () => {
    const graph = await parse(text);
    const after = await edited(graph, shortcutToConv);
    matchesGolden(`passes/shortcut-to-conv-${name}.pir`, print(after));
    const [before, now] = [await outputs(graph), await outputs(after)];
    // 1 / sqrt(1 + epsilon) is 5e-6 below 1.
    for (const [i, v] of now.entries()) assert.ok(Math.abs(v - before[i]!) < 2e-5, `${i}: ${v} ${before[i]}`);
  });

test("shortcut-to-conv: a pad that writes something else is no shortcut of zeros", async () => {
  const graph = await parse(padded.replace("[1, 0, 1, 0]", "[1, 0, 1, 0], value = 0.5"));
  assert.is(unwrap(await runOn(graph, edits)), graph);
});

test("shortcut-to-conv: a pad of channels and positions is no shortcut", async () => {
  const graph =
    await parse(`graph @both(%x: f32[1x2x3x2], %b: f32[1x3x3x4]) -> (%y: f32[1x3x3x4]) stage float {
  %first = transpose %x {perm = [0, 3, 1, 2]} : f32[1x2x2x3]
  %wide = pad %first {pads = [1, 1, 1, 0]} : f32[1x4x3x3]
  %last = transpose %wide {perm = [0, 2, 3, 1]} : f32[1x3x3x4]
  %y = add %last, %b : f32[1x3x3x4]
}
`);
  assert.is(shortcutToConv.run(graph), graph);
});

test("two shortcuts in a row are both replaced", async () => {
  const twice = `param @z2 : f32[1x4x1] = [${zeros(4)}]

graph @twice(%x: f32[1x4x1], %a: f32[1x4x2], %b: f32[1x4x3]) -> (%y: f32[1x4x3]) stage float {
  %wide = concat %x, @z2 {axis = 2} : f32[1x4x2]
  %sum = add %wide, %a : f32[1x4x2]
  %wider = concat %sum, @z2 {axis = -1} : f32[1x4x3]
  %y = add %wider, %b : f32[1x4x3]
}
`;
  const after = await edited(await parse(twice), shortcutToConv);
  assert.equal(
    after.nodes.map((n) => `${n.result.name} ${n.op.name}`),
    ["wide.conv conv", "wide batchnorm", "sum add", "wider.conv conv", "wider batchnorm", "y add"],
  );
  assert.ok(after.nodes.every((n) => n.operands.every((v) => !isParam(v) || v.name !== "z2")));
});

test("a pass that changes the function says so, once for each graph that it changed", async () => {
  const done = await runOn(await parse(unet), edits);
  assert.ok(done.ok);
  assert.equal(
    done.diagnostics.map((d) => [d.id, d.severity, d.text.split(",")[0]]),
    ["norm-after-conv", "prelu-to-relu"].map((name) => ["pass/changes-function", "warning", `after ${name}`]),
  );
  for (const d of done.diagnostics) assert.match(d.help!, "fine-tuning");
});

test.run();
