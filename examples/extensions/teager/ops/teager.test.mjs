import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allPasses,
  cEngine,
  compareEngines,
  emitProject,
  floatEngine,
  intEngine,
  mainGraph,
  ops,
  parseModule,
  portableKernels,
  printModule,
  randomTensor,
  runPasses,
  tensor,
  testInputs,
  unwrap,
  verifyModule,
  wasmEngine,
} from "pulsec";
import "pulsec/register";

const { teager } = await import("./teager.ts");
const { teagerKernel } = await import("../kernels/teager.ts");
const kernels = [teagerKernel];

async function parse(text) {
  const module = unwrap(await parseModule(text, { file: "test", ops: [...ops, teager] }));
  assert.deepEqual(verifyModule(module), []);
  return module;
}
const run = async (engine, graph, inputs) => (await engine.prepare(graph)).run(inputs);

test("the examples are canonical text and come true", async () => {
  for (const { text, inputs, output } of teager.examples) {
    const module = await parse(text);
    assert.equal(printModule(module), text);
    const graph = mainGraph(module);
    const given = inputs.map((values, i) => tensor(graph.inputs[i].type, values));
    const engine = graph.stage === "integer" ? intEngine : floatEngine;
    const values = await run(engine, graph, given);
    assert.deepEqual([...values.get("y").data], output);
  }
});

/** Integers between compiled layers; a batch, several channels, a zero point. */
const integers = `param @add : i64[1] = [512]
param @mul : i32[1] = [3]

graph @net(%x: (u8[2x9x3] - 128) * 0.5) -> (%y: u8[2x7x3]) stage integer {
  %r = relu %x : (u8[2x9x3] - 128) * 0.5
  %e = teager %r : i32[2x7x3] * 0.25
  %y = requant %e, @mul, @add {shift = 10} : u8[2x7x3]
}
`;

test("int, wasm and C agree to the bit", async () => {
  const graph = mainGraph(await parse(integers));
  const engines = [wasmEngine, cEngine({ kernels: [...kernels, ...portableKernels] })];
  const report = await compareEngines(graph, intEngine, engines, testInputs([graph.inputs[0].type], 5, 1));
  assert.deepEqual(
    report.engines.map((e) => [e.engine, e.refusals, e.differences]),
    [
      ["wasm", [], []],
      ["c", [], []],
    ],
  );
  assert.equal(wasmEngine.remarks(graph).length, 1);
});

test("without its kernel there is no C, and the reason is said", async () => {
  const graph = mainGraph(await parse(integers));
  assert.match(cEngine().refuses(graph)[0], /^%e: there is no kernel for teager; .*pulsec\.config\.ts/);
  assert.ok(emitProject(graph, { kernels: [...kernels, ...portableKernels] }).has("teager.h"));
});

test("no input leaves the bounds that the record states", async () => {
  const type = (await parse(integers)).graphs[0].inputs[0].type;
  const known = { type, bounds: { lo: [3, 0, 100], hi: [120, 255, 140] } };
  const { lo, hi } = teager.bounds({ x: known }, {}, undefined);
  const x = randomTensor(type, 1);
  for (let i = 0; i < x.data.length; i++) {
    const [least, most] = [known.bounds.lo[i % 3], known.bounds.hi[i % 3]];
    x.data[i] = least + (x.data[i] % (most - least + 1));
  }
  for (const [i, y] of teager.int({ x }, {}, undefined).entries())
    assert.ok(y >= lo[i % 3] && y <= hi[i % 3]);
});

test("a float network with it becomes integers: noise below 1 % of the signal", async () => {
  const module = await parse(`graph @net(%x: f32[Nx64x1]) -> (%y: f32[Nx62x1]) stage float {
  %y = teager %x : f32[Nx62x1]
}
`);
  const wave = (rate) => [
    tensor(
      type,
      Float32Array.from({ length: 64 }, (_, i) => Math.sin(i * rate)),
    ),
  ];
  const type = { storage: "f32", shape: [1, 64, 1] };
  const samples = [0.2, 0.4, 0.8].map(wave);
  const passes = allPasses([...ops, teager]);
  const steps = ["calibrate", "to-integer"].map((name) => passes.find((p) => p.name === name));
  const made = unwrap(await runPasses(module, steps, { samples, engine: async () => floatEngine }));
  const graph = mainGraph(made);
  assert.deepEqual(
    graph.nodes.map((n) => n.op.name),
    ["teager", "requant"],
  );
  let [signal, noise] = [0, 0];
  for (const inputs of samples) {
    const real = (await run(floatEngine, mainGraph(module), inputs)).get("y").data;
    const { scale } = graph.inputs[0].type.quant;
    const stored = tensor(
      graph.inputs[0].type,
      Array.from(inputs[0].data, (v) => Math.max(-128, Math.min(127, Math.floor(v / scale + 0.5)))),
    );
    const y = (await run(intEngine, graph, [stored])).get("y");
    for (const [i, v] of real.entries()) {
      signal += v * v;
      noise += (v - y.data[i] * y.type.quant.scale) ** 2;
    }
  }
  assert.ok(noise < 0.01 * signal, `${noise / signal}`);
});
