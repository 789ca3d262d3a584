/** Models as text: what calls, blocks and sections mean, where params come from. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { type PulseFile, type PulseOptions, parsePulse } from "../../src/frontends/dsl/index.js";
import { makeParam } from "../../src/ir/build.js";
import { isSpan, renderDiagnostic } from "../../src/ir/diagnostic.js";
import { type Graph, isParam, paramsOf } from "../../src/ir/graph.js";
import { ops } from "../../src/ir/ops/index.js";
import { printGraph } from "../../src/ir/print.js";
import { printType, tensorType } from "../../src/ir/type.js";
import { verifyModule } from "../../src/ir/verify.js";
import { root, suite } from "../harness.js";
import { runFloat } from "../ir/float.js";

const test = suite("dsl");

async function read(source: string, options: Partial<PulseOptions> = {}): Promise<PulseFile> {
  const result = await parsePulse(source, { file: "net.pulse", ops, ...options });
  const found = result.diagnostics.map((d) => renderDiagnostic(d, new Map([["net.pulse", source]])));
  assert.ok(result.ok, found.join("\n"));
  const value = (result as { value: PulseFile }).value;
  assert.equal(verifyModule(value.module), []);
  return value;
}

const body = (statements: string, input = "[64, 4]") =>
  `model net {\n  input x: ${input}\n${statements}\n}\n`;
const graphOf = async (source: string): Promise<Graph> => (await read(source)).module.graphs[0]!;

/** `op(params) attrs -> type` of the last node. */
async function last(call: string, input?: string): Promise<string> {
  const node = (await graphOf(body(`output y = ${call}`, input))).nodes.at(-1)!;
  const params = node.operands
    .filter(isParam)
    .map((p) => `${p.name.split(".").at(-1)}[${p.type.shape.join("x")}]`);
  return `${node.op.name}(${params.join(" ")}) ${printType(node.result.type)}`;
}
async function attr(call: string, name: string, input?: string) {
  return (await graphOf(body(`output y = ${call}`, input))).nodes.at(-1)!.attrs[name];
}

test("calls make the params that their op needs, sized by the arguments", async () => {
  assert.is(await last("x |> conv(out: 8, kernel: 5)"), "conv(w[8x5x4] b[8]) f32[Nx60x8]");
  assert.is(await last("x |> conv(8, 5)"), "conv(w[8x5x4] b[8]) f32[Nx60x8]");
  assert.is(await last("x |> conv(kernel: 3, groups: 4, bias: false)"), "conv(w[4x3x1]) f32[Nx62x4]");
  assert.is(await last("x |> conv(8, [3, 5])", "[9, 9, 2]"), "conv(w[8x3x5x2] b[8]) f32[Nx7x5x8]");
  assert.is(await last("x |> conv_transpose(8, 4, stride: 2)"), "conv_transpose(w[8x4x4] b[8]) f32[Nx130x8]");
  assert.is(await last("x |> linear(10)"), "linear(w[10x4] b[10]) f32[Nx64x10]");
  assert.is(await last("x |> linear", "[7]"), "linear(w[7x7] b[7]) f32[Nx7]");
  assert.is(await last("x |> batchnorm"), "batchnorm(gamma[4] beta[4] mean[4] var[4]) f32[Nx64x4]");
  assert.is(await last("x |> instancenorm"), "instancenorm(gamma[4] beta[4]) f32[Nx64x4]");
  assert.is(
    await last("x |> instancenorm(statistics: running)"),
    "instancenorm(gamma[4] beta[4] mean[4] var[4]) f32[Nx64x4]",
  );
  assert.is(await last("x |> prelu"), "prelu(alpha[4]) f32[Nx64x4]");
  assert.is(await last("x |> prelu(shared: true)"), "prelu(alpha[1]) f32[Nx64x4]");
});

test("a call without a row takes the op's record as it is", async () => {
  assert.is(await last("x |> softmax(log: true)"), "softmax() f32[Nx64x4]");
  assert.is(await attr("x |> clip(lo: -1.5, hi: 6)", "lo"), -1.5);
  assert.is(await last("x |> slice(2, 1, 3)"), "slice() f32[Nx64x2]");
  assert.is(await last("x |> reduce_mean(axes: [1])"), "reduce_mean() f32[Nx1x4]");
  assert.is(await last("x |> leaky_relu(0.1)"), "leaky_relu() f32[Nx64x4]");
  assert.is(await last("matmul(x |> transpose([0, 2, 1]), x)"), "matmul() f32[Nx4x4]");
  assert.is(await last("add(b: x, a: x |> relu)"), "add() f32[Nx64x4]");
});

test("pad: same keeps ceil(size / stride) positions, the odd one at the end; causal looks back only", async () => {
  assert.equal(await attr("x |> conv(8, 5, pad: same)", "pads"), [2, 2]);
  assert.equal(await attr("x |> conv(8, 4, pad: same)", "pads"), [1, 2]);
  assert.equal(await attr("x |> conv(8, 3, pad: same, dilation: 4)", "pads"), [4, 4]);
  assert.equal(await attr("x |> conv(8, 5, pad: same, stride: 2)", "pads"), [1, 2]);
  assert.is(await last("x |> conv(8, 5, pad: same, stride: 3)"), "conv(w[8x5x4] b[8]) f32[Nx22x8]");
  assert.equal(
    await attr("x |> conv(8, [3, 4], pad: same, stride: [2, 1])", "pads", "[8, 8, 1]"),
    [0, 1, 1, 2],
  );
  assert.equal(await attr("x |> conv(8, 3, pad: causal, dilation: 4)", "pads"), [8, 0]);
  assert.equal(await attr("x |> conv(8, 3, pad: 2)", "pads"), [2, 2]);
  assert.equal(await attr("x |> conv(8, 3, pad: [1, 2])", "pads", "[8, 8, 1]"), [1, 2, 1, 2]);
  assert.is(
    await last("x |> conv_transpose(8, 5, stride: 2, pad: same)"),
    "conv_transpose(w[8x5x4] b[8]) f32[Nx128x8]",
  );
  assert.is(
    await last("x |> conv_transpose(8, 2, stride: 3, pad: same)"),
    "conv_transpose(w[8x2x4] b[8]) f32[Nx192x8]",
  );
});

test("a causal convolution does not see the future", async () => {
  const graph = await graphOf(body("output y = x |> conv(2, 3, pad: causal, dilation: 2)", "[8, 1]"));
  const early = await runFloat(graph, [[1, 2, 3, 4, 5, 6, 7, 8]]);
  const changed = await runFloat(graph, [[1, 2, 3, 4, 5, -9, 9, -9]]);
  const [a, b] = [early.outputs[0]!, changed.outputs[0]!];
  assert.equal(a.slice(0, 10), b.slice(0, 10));
  assert.not.equal(a.slice(10), b.slice(10));
});

test("pools move by their kernel, upsample takes a factor, concat joins channels", async () => {
  assert.equal(await attr("x |> maxpool(2)", "stride"), [2]);
  assert.equal(await attr("x |> maxpool(3, stride: 1, pad: same)", "pads"), [1, 1]);
  assert.is(await last("x |> avgpool(4, 2)"), "avgpool() f32[Nx31x4]");
  assert.is(await last("x |> maxpool(2)", "[8, 6, 3]"), "maxpool() f32[Nx4x3x3]");
  assert.equal(await attr("x |> upsample(2)", "size"), [128]);
  assert.equal(await attr("x |> upsample([2, 3], mode: linear)", "size", "[8, 6, 3]"), [16, 18]);
  assert.equal(await attr("x |> upsample(size: 100)", "size"), [100]);
  assert.is(await last("concat(x, x, x)"), "concat() f32[Nx64x12]");
  assert.is(await last("concat(x, x, axis: 1)"), "concat() f32[Nx128x4]");
});

test("sizes are computed: exact division, % with the sign of its divisor, functions of shapes", async () => {
  const out = async (size: string) => (await last(`x |> conv(${size}, 1)`)).split("x").at(-1);
  assert.is(await out("2 * 3 + 4"), "10]");
  assert.is(await out("2 * (3 + 4)"), "14]");
  assert.is(await out("20 - 4 - 3"), "13]");
  assert.is(await out("24 / 4 / 2"), "3]");
  assert.is(await out("-7 % 4"), "1]");
  assert.is(await out("--5"), "5]");
  assert.is(await out("channels(x) * 2"), "8]");
  assert.is(await out("length(x) / 16"), "4]");
  assert.is(await out("size(x, 1) - size(x, -1)"), "60]");
});

test("blocks: defaults, words, names of the model, statements in braces", async () => {
  const graph = await graphOf(
    body(`
  width = 6
  block up(v, m = nearest) = v |> upsample(2, mode: m)
  block enc(v, c = width, k = c - 1) { a = v |> conv(c, k, pad: same); output a + (a |> relu) }
  output y = x |> enc |> up(m: linear) |> up |> enc(k: 3)`),
  );
  assert.equal(
    graph.nodes.map((n) => `${n.result.name} ${n.attrs.mode ?? n.result.type.shape.join("x")}`),
    [
      "y.a Nx64x6",
      "y.relu Nx64x6",
      "y.add Nx64x6",
      "y.upsample linear",
      "y.upsample_1 nearest",
      "y.a_1 Nx256x6",
      "y.relu_1 Nx256x6",
      "y Nx256x6",
    ],
  );
  assert.equal(
    paramsOf([graph]).map((p) => `${p.name}[${p.type.shape.join("x")}]`),
    ["y.a.w[6x5x4]", "y.a.b[6]", "y.a_1.w[6x3x6]", "y.a_1.b[6]"],
  );
});

test("values are called as in the text, those on the way after their op", async () => {
  const graph = await graphOf(
    body("a = x |> relu |> relu |> sigmoid\nrelu = a |> relu\noutput relu\noutput a * relu"),
  );
  assert.equal(
    graph.nodes.map((n) => n.result.name),
    ["a.relu", "a.relu_1", "a", "relu", "y"],
  );
  assert.equal(
    graph.outputs.map((v) => v.name),
    ["relu", "y"],
  );
  assert.ok(graph.nodes.every((n) => n.result.places.every((p) => isSpan(p) && p.end > p.start)));
});

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
  const { trains, deploys } = await read(readFileSync(path.join(root, "examples", "unet1d.pulse"), "utf8"));
  const values = (settings: ReadonlyMap<string, { value: unknown; by?: string }>) =>
    Object.fromEntries([...settings].map(([key, { value, by }]) => [key, by ? [value, by] : value]));
  assert.is(trains[0]!.data, "cohort.json");
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
    calibrate: "cohort.json",
  });
});

const examples = readdirSync(path.join(root, "examples")).filter((f) => f.endsWith(".pulse"));
const outputs: Readonly<Record<string, string>> = {
  "dscnn.pulse": "%keyword: f32[Nx12]",
  "resnet_se.pulse": "%classes: f32[Nx5]",
  "unet1d.pulse": "%pressure: f32[Nx256x1]",
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
