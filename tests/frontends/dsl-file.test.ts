/** Whole `.pulse` files: several models, weights, search spaces, sections, the examples. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { parsePulse } from "../../src/frontends/dsl/index.js";
import { makeParam } from "../../src/ir/build.js";
import { paramsOf } from "../../src/ir/graph.js";
import { ops } from "../../src/ir/ops/index.js";
import { printGraph } from "../../src/ir/print.js";
import { tensorType } from "../../src/ir/type.js";
import { root, suite } from "../harness.js";
import { runFloat } from "../ir/float.js";
import { body, graphOf, read } from "./dsl-read.js";

const test = suite("dsl files");

test("several models in one file keep their params apart and share the file's blocks", async () => {
  const source = `block enc(v) = v |> conv(2, 1)
model a { input x: [4, 1]; output y = x |> enc }
model b { input x: [4, 1]; input z: [4, 2]; output y = (x |> enc) + z }`;
  const { module } = await read(source);
  assert.equal(
    module.graphs.map((g) => g.name),
    ["a", "b"],
  );
  assert.equal(
    paramsOf(module.graphs).map((p) => p.name),
    ["a.y.w", "a.y.b", "b.y.conv.w", "b.y.conv.b"],
  );
});

test("random weights are He-uniform, depend on seed and name only, and are declared", async () => {
  const source = body("a = x |> conv(64, 9)\noutput y = a |> batchnorm");
  const weights = async (seed: number, text = source) => {
    const { module } = await read(text, { seed });
    const params = new Map(paramsOf(module.graphs).map((p) => [p.name, p]));
    return { module, params, w: params.get("a.w")!.data as Float32Array };
  };
  const { module, params, w } = await weights(1);
  const bound = Math.sqrt(6 / (9 * 4));
  assert.ok(w.every((v) => Math.abs(v) <= bound));
  assert.ok(Math.max(...w) > 0.99 * bound && Math.min(...w) < -0.99 * bound);
  const variance = w.reduce((sum, v) => sum + v * v, 0) / w.length;
  assert.ok(Math.abs(variance / (2 / 36) - 1) < 0.1, `variance ${variance}`);
  assert.equal((await weights(1)).w, w);
  assert.not.equal((await weights(2)).w, w);
  assert.equal(
    (
      await weights(
        1,
        source.replace("a = ", "b = x |> conv(3, 3)\na = ").replace("batchnorm", "batchnorm\noutput b"),
      )
    ).w,
    w,
  );
  assert.equal(module.meta, { "weights.net": "random: He-uniform, seed 1" });
  assert.equal(
    [...params.values()].filter((p) => !p.trainable).map((p) => p.name),
    ["y.mean", "y.var"],
  );
});

test("weights come from the file that the model names, or are refused", async () => {
  const source = body('weights "best.pmod"\noutput y = x |> conv(2, 1, bias: false)');
  const file = (...shape: number[]) => {
    const type = tensorType("f32", shape);
    const param = makeParam("y.w", type, new Float32Array(shape.reduce((a, b) => a * b)).fill(0.5));
    return async (name: string) => {
      assert.is(name, "best.pmod");
      return { ok: true as const, value: new Map([["y.w", param]]), diagnostics: [] };
    };
  };
  const { module, models } = await read(source, { weights: file(2, 1, 4) });
  assert.equal([...paramsOf(module.graphs)[0]!.data], new Array(8).fill(0.5));
  assert.equal(module.meta, { "weights.net": "best.pmod" });
  assert.is(models[0]!.weights, "best.pmod");
  const wrong = await parsePulse(source, { file: "net.pulse", ops, weights: file(2, 3, 4) });
  assert.not(wrong.ok);
  assert.match(wrong.diagnostics[0]!.text, "@y.w: f32[2x1x4] is f32[2x3x4]");
  const failing = async () => ({
    ok: false as const,
    diagnostics: [{ id: "file/x" as const, severity: "error" as const, text: "no such file" }],
  });
  const missing = await parsePulse(source, { file: "net.pulse", ops, weights: failing });
  assert.match(missing.diagnostics[0]!.text, "the weights cannot be read: no such file");
});

test("the example of the design", async () => {
  const { module, searches, trains, deploys } = await read(`model denoise {
  input x: [64, 4]                                   // length, channels (batch is implicit)
  search width = choice(4, 8, 12, 16)
  block enc(v, c) = v |> conv(out: c, kernel: 5, pad: same) |> batchnorm |> relu
  a = x |> enc(width)
  u = a |> maxpool(2) |> enc(2 * width) |> upsample(2)
  output concat(a, u) |> conv(out: 2, kernel: 1)
}
train denoise on "cohort.json" {
  seed 7;  loss mse;  batch 32
  phase warmup { epochs 20; lr 1e-3 }
  phase search { epochs 200; lr 1e-3; arch_lr 1e-2; use nas.choice; cost params; lambda 1e-9; patience 40 }
  phase tune   { epochs 200; patience 40 }
}
deploy denoise to gap8 { l1 44KiB;  l2 400KiB;  clock 100MHz;  weights [8, 4, 2] by layer;  calibrate "cohort.json" }
`);
  const graph = module.graphs[0]!;
  assert.is(
    graph.nodes.map((n) => n.op.name).join(" "),
    "conv batchnorm relu maxpool conv batchnorm relu upsample concat conv",
  );
  assert.equal(graph.outputs[0]!.type.shape, ["N", 64, 2]);
  assert.equal([searches.length, trains.length, deploys.length], [1, 1, 1]);
});

test("search spaces are data, and the float graph takes the widest", async () => {
  const { searches, module } = await read(
    body("search c = choice(4, 16, 8)\noutput y = x |> conv(c / 2, 1)"),
  );
  assert.equal(
    searches.map(({ place: _, ...s }) => s),
    [{ model: "net", name: "c", choices: [4, 16, 8], chosen: 16 }],
  );
  assert.equal(module.graphs[0]!.outputs[0]!.type.shape, ["N", 64, 8]);
});

test("train and deploy are kept as typed data", async () => {
  const { trains, deploys } = await read(readFileSync(path.join(root, "examples", "unet.pulse"), "utf8"));
  const values = (settings: ReadonlyMap<string, { value: unknown; by?: string }>) =>
    Object.fromEntries([...settings].map(([key, { value, by }]) => [key, by ? [value, by] : value]));
  assert.is(trains[0]!.data, "unet.npz");
  assert.equal(values(trains[0]!.settings), { seed: 7, loss: "mse", batch: 32 });
  assert.equal(
    trains[0]!.phases.map((p) => p.name),
    ["warmup", "search", "tune"],
  );
  assert.equal(values(trains[0]!.phases[1]!.settings), {
    epochs: 200,
    lr: 1e-3,
    arch_lr: 1e-2,
    use: "nas.choice",
    cost: "params",
    lambda: 1e-9,
  });
  assert.equal(values(deploys[0]!.settings), {
    l1: 44 * 1024,
    l2: 400 * 1024,
    clock: 100e6,
    weights: [[8, 4, 2], "layer"],
    calibrate: "unet.npz",
  });
});

const examples = readdirSync(path.join(root, "examples")).filter((f) => f.endsWith(".pulse"));
const outputs: Readonly<Record<string, string>> = {
  "dscnn.pulse": "%keyword: f32[Nx12]",
  "resnet_se.pulse": "%classes: f32[Nx5]",
  "unet.pulse": "%pressure: f32[Nx256x1]",
};
for (const file of examples) {
  test(`examples/${file}: under 40 lines, verifies, has the shape that it says and runs in float`, async () => {
    const source = readFileSync(path.join(root, "examples", file), "utf8");
    assert.ok(source.split("\n").length <= 40);
    const graph = await graphOf(source);
    assert.match(printGraph(graph), `-> (${outputs[file]})`);
    const size = graph.inputs[0]!.type.shape.slice(1).reduce<number>((n, d) => n * Number(d), 1);
    const { outputs: found } = await runFloat(graph, [
      Float32Array.from({ length: size }, (_, i) => Math.sin(i / 7)),
    ]);
    const finite = found[0]!.every(Number.isFinite);
    assert.ok(finite && new Set(found[0]).size > 1, "the output is finite and no constant");
  });
}

test.run();
