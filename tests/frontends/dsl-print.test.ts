/** Float graphs print as models and come back; what no model can say is refused. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { parsePulse, printPulse } from "../../src/frontends/dsl/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import type { Graph } from "../../src/ir/graph.js";
import { ops } from "../../src/ir/ops/index.js";
import { root, suite } from "../harness.js";
import { structure } from "./dsl-read.js";

const test = suite("dsl-print");

async function graphOf(source: string): Promise<Graph> {
  const result = await parsePulse(source, { file: "net.pulse", ops });
  assert.ok(result.ok, result.diagnostics.map((d) => d.text).join("\n"));
  return (result as { value: { module: { graphs: readonly Graph[] } } }).value.module.graphs[0]!;
}

async function printed(graph: Graph): Promise<string> {
  const result = await printPulse(graph, ops);
  assert.ok(result.ok, result.diagnostics.map((d) => d.text).join("\n"));
  return (result as { value: string }).value;
}

const folder = path.join(root, "examples");
for (const file of readdirSync(folder).filter((f) => f.endsWith(".pulse")))
  test(`examples/${file} comes back, and prints the same the second time`, async () => {
    const graph = await graphOf(readFileSync(path.join(folder, file), "utf8"));
    const text = await printed(graph);
    const back = await graphOf(text);
    assert.equal(structure(back), structure(graph));
    assert.is(await printed(back), text);
  });

const everyArgument = `model m {
  input x: [64, 4]
  input z: [64, 4]
  a = x |> conv(out: 8, kernel: 5, bias: false, stride: 2, dilation: 2, groups: 4, pads: [3, 1], pad_mode: reflect)
  b = a
    |> conv_transpose(out: 8, kernel: 4, pad: same, stride: 2)
    |> prelu(shared: true)
    |> instancenorm(epsilon: 0.001, statistics: running)
    |> maxpool(kernel: 3, pad: same, stride: 1)
    |> avgpool(2)
    |> upsample(size: 33, mode: linear, align: align_corners)
    |> clip(lo: -0.5, hi: 1e-7)
    |> softmax(log: true)
    |> slice(axis: 1, end: 32)
  c = x + z
  d = c * x
  e = matmul(d |> transpose([0, 2, 1]), c)
  f = concat(c, d, z, axis: 1)
  output b
  output e
  output f
}
`;

test("every kind of argument comes back", async () => {
  const graph = await graphOf(everyArgument);
  const text = await printed(graph);
  assert.equal(structure(await graphOf(text)), structure(graph));
  assert.match(text, "groups: 4, pads: [3, 1], pad_mode: reflect");
  assert.match(text, "c = x + z");
});

test("names that somebody gave stay, names that a pipe made go into a pipe", async () => {
  const text = `model m {
  input x: [8, 3]
  a = x |> relu |> sigmoid
  b = a |> tanh
  output y = b |> relu
}
`;
  assert.is(await printed(await graphOf(text)), text);
});

const stages = [
  ...[
    "relu",
    "batchnorm",
    "prelu",
    "sigmoid",
    "softmax",
    "dropout(0.1)",
    "clip(lo: -1, hi: 2.5)",
    "instancenorm",
  ],
  ...[
    "conv(4, 3, pad: same)",
    "conv(6, 3, pad: causal, dilation: 2)",
    "conv(kernel: 2, stride: 2, bias: false)",
  ],
  ...["conv_transpose(3, 4, stride: 2, pad: same)", "conv_transpose(2, 2, output_padding: 0)", "linear(5)"],
  ...[
    "maxpool(2)",
    "maxpool(3, 1, pad: same)",
    "avgpool(2, 1, pads: [1, 0])",
    "upsample(2)",
    "global_avgpool",
  ],
  ...[
    "pad(pads: [2, -1], value: 0.5)",
    "crop(edges: 1)",
    "slice(axis: 1, end: 4)",
    "upsample(size: 9, mode: linear)",
  ],
];

/** Statements that read x or what is above them; some do not fit, which ends the model before them. */
const models = fc
  .array(fc.tuple(fc.nat(), fc.nat(), fc.array(fc.constantFrom(...stages), { maxLength: 4 }), fc.boolean()), {
    minLength: 1,
    maxLength: 6,
  })
  .map((rows) =>
    rows.map(([a, b, pipe, sum], i) => {
      const name = (k: number) => (k % (i + 1) === 0 ? "x" : `v${(k % (i + 1)) - 1}`);
      const start = sum ? `${name(a)} + ${name(b)} * ${name(b)}` : `concat(${name(a)}, ${name(b)})`;
      const number = a % 3 === 0 ? `${(b % 7) - 3.3} * ` : "";
      return `v${i} = ${[number + start, ...pipe].join(" |> ")}`;
    }),
  );

test("random models come back, and print the same the second time", async () => {
  let printedOnes = 0;
  await fc.assert(
    fc.asyncProperty(models, async (statements) => {
      for (let count = statements.length; count > 0; count--) {
        const text = `model m {\ninput x: [8, 3]\n${statements.slice(0, count).join("\n")}\noutput v${count - 1}\n}`;
        const parsed = await parsePulse(text, { file: "net.pulse", ops });
        if (!parsed.ok) continue;
        const graph = parsed.value.module.graphs[0]!;
        const first = await printed(graph);
        const back = await graphOf(first);
        assert.equal(structure(back), structure(graph));
        assert.is(await printed(back), first);
        printedOnes++;
        return;
      }
    }),
    { numRuns: 200 },
  );
  assert.ok(printedOnes > 100, `${printedOnes} of 200 models were sound`);
});

test("a param of one element is printed as a number, however often it is read", async () => {
  const graph = await irGraph(`param @c : f32[1x1x1] = [0.1]

param @d : f32[1x1x1] = [-1e30]

graph @g(%x: f32[Nx4x1]) -> (%y: f32[Nx4x1]) stage float {
  %a = sub @c, %x : f32[Nx4x1]
  %b = mul %a, @c : f32[Nx4x1]
  %y = add %b, @d : f32[Nx4x1]
}
`);
  const text = await printed(graph);
  assert.match(text, "a = 0.1 - x\n  b = a * 0.1\n  output y = b + -1e+30");
  assert.equal(structure(await graphOf(text)), structure(graph));
});

async function irGraph(text: string): Promise<Graph> {
  const module = await parseModule(text, { file: "net.pir", ops });
  assert.ok(module.ok, module.diagnostics.map((d) => d.text).join("\n"));
  return (module as { value: { graphs: readonly Graph[] } }).value.graphs[0]!;
}

const refuses = (name: string, text: string, why: string): void =>
  test(`refused: ${name}`, async () => {
    const result = await printPulse(await irGraph(text), ops);
    assert.not(result.ok);
    assert.is(result.diagnostics[0]!.id, "dsl/print");
    assert.match(result.diagnostics[0]!.text, why);
  });

refuses(
  "an integer graph",
  "graph @g(%x: u8[1x4x1]) -> (%y: u8[1x4x1]) stage integer {\n  %y = relu %x : u8[1x4x1]\n}\n",
  "its stage is integer",
);
refuses(
  "a batch that is fixed",
  "graph @g(%x: f32[1x4x1]) -> (%y: f32[1x4x1]) stage float {\n  %y = relu %x : f32[1x4x1]\n}\n",
  "inputs of models are f32 with a batch N",
);
refuses(
  "weights that are shared",
  `param @w : f32[1x1x1] = [2]

graph @g(%x: f32[Nx4x1]) -> (%y: f32[Nx4x1]) stage float {
  %a = conv %x, @w : f32[Nx4x1]
  %y = conv %a, @w : f32[Nx4x1]
}
`,
  "@w is read twice",
);
refuses(
  "a param where models have values",
  "param @c : f32[1x4x1] = [1, 2, 3, 4]\n\ngraph @g(%x: f32[Nx4x1]) -> (%y: f32[Nx4x1]) stage float {\n  %y = mul %x, @c : f32[Nx4x1]\n}\n",
  "mul reads the param @c where models have values",
);

test.run();
