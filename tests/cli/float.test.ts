/** Float graphs on the command line: run, --tail, and what is refused. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { readTensorFile, writeNpy } from "../../src/data/tensor-files/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { sharedPath, suite } from "../harness.js";
import { callPulsec } from "./in-process.js";
import { inTemporaryFolder } from "./pulsec.js";

const test = suite("float graphs on the command line");

const halves = `param @w : f32[1x1x2] = [0.5, -1]

graph @halves(%x: f32[Nx2x2]) -> (%y: f32[Nx2x1]) stage float {
  %y = conv %x, @w : f32[Nx2x1]
}
`;
/** What an importer makes of integers that end in a sigmoid, named as it names them. */
const withTail = `graph @main(%x: i8[1x2]) -> (%sum: i32[1x2]) stage integer {
  %sum = add %x, %x : i32[1x2]
}

graph @tail(%sum: f32[1x2]) -> (%y: f32[1x2]) stage float {
  %y = sigmoid %sum : f32[1x2]
}
`;

const outputsOf = (out: string): readonly { name: string; shape: number[]; data: number[] }[] =>
  JSON.parse(out).outputs;

test("run takes engine float for a float graph, and the batch from the file", () =>
  inTemporaryFolder(async (dir) => {
    const [model, input] = [path.join(dir, "halves.pir"), path.join(dir, "x.npy")];
    writeFileSync(model, halves);
    const data = Float32Array.of(1, 2, 3, 4, 0.5, 0, 0, 0.5, -1, -2, -3, -4);
    writeFileSync(input, writeNpy({ dtype: "f4", data, shape: [3, 2, 2] }));
    const ended = await callPulsec(
      "run",
      model,
      "--input",
      input,
      "--input-layout",
      "channels-last",
      "--json",
    );
    assert.is(ended.code, 0, ended.err);
    assert.is(JSON.parse(ended.out).engine, "float");
    assert.equal(outputsOf(ended.out), [
      { name: "y", shape: [3, 2, 1], data: [-1.5, -2.5, 0.25, -0.5, 1.5, 2.5] },
    ]);
    assert.is(ended.err, "", "tfjs says nothing of its own");
    const random = await callPulsec("run", model, "--engine", "float");
    assert.is(random.code, 0, random.err);
    assert.match(random.out, /^%y: f32\[1x2x1\] = \[-?\d/);
  }));

test("an input that does not fill its batch is refused", () =>
  inTemporaryFolder(async (dir) => {
    const [model, input] = [path.join(dir, "halves.pir"), path.join(dir, "x.npy")];
    writeFileSync(model, halves);
    writeFileSync(input, writeNpy({ dtype: "f4", data: new Float32Array(7), shape: [7] }));
    const { code, err } = await callPulsec("run", model, "--input", input);
    assert.is(code, 1);
    assert.match(err, "file/tensor-count");
  }));

test("engines refuse the other kind of graph; verify refuses floats and says what to do", () =>
  inTemporaryFolder(async (dir) => {
    const [floats, integers] = [path.join(dir, "f.pir"), path.join(dir, "i.pir")];
    writeFileSync(floats, halves);
    writeFileSync(integers, withTail);
    assert.match((await callPulsec("run", floats, "--engine", "wasm")).err, "engine/refuses");
    assert.match(
      (await callPulsec("run", integers, "--engine", "float")).err,
      "engines int, wasm and c run it",
    );
    const verified = await callPulsec("verify", floats);
    assert.is(verified.code, 1);
    assert.match(verified.err, "verify/not-integer");
    assert.match(verified.err, "help: pulsec run --engine float");
    assert.is((await callPulsec("verify", integers, "--engine", "float")).code, 2);
  }));

test("--tail runs the float graph behind the integer one on its outputs", () =>
  inTemporaryFolder(async (dir) => {
    const [model, input, layers] = [
      path.join(dir, "m.pir"),
      path.join(dir, "x.txt"),
      path.join(dir, "layers"),
    ];
    writeFileSync(model, withTail);
    writeFileSync(input, "0, -1");
    const both = await callPulsec(
      "run",
      model,
      "--input",
      input,
      "--tail",
      "--json",
      "--dump-layers",
      layers,
    );
    assert.is(both.code, 0, both.err);
    const [sum, y] = outputsOf(both.out);
    assert.equal([sum!.name, sum!.data, y!.name, y!.shape], ["sum", [0, -2], "tail.y", [1, 2]]);
    const sigmoid = Math.fround(1 / (1 + Math.exp(2)));
    assert.ok(y!.data[0] === 0.5 && Math.abs(y!.data[1]! - sigmoid) < 1e-7, y!.data.join());
    const file = path.join(layers, "tail.y.npy");
    const [dumped] = unwrap(readTensorFile(file, readFileSync(file)));
    assert.equal([...dumped!.data], y!.data);
    const alone = await callPulsec("run", model, "--input", input);
    assert.is(alone.out, "%sum: i32[1x2] = [0, -2]\n");
    assert.match(alone.err, "--tail runs it too");
  }));

test("--tail without a tail is refused", () =>
  inTemporaryFolder(async (dir) => {
    const model = path.join(dir, "f.pir");
    writeFileSync(model, halves);
    const { code, err } = await callPulsec("run", model, "--tail");
    assert.is(code, 1);
    assert.match(err, "run/no-tail");
  }));

const tcn = sharedPath("fixtures", "dory", "TCN_T");
if (!tcn) test.skip("LogSoftmax of DORY's TCN");
else
  test("LogSoftmax of DORY's TCN follows from its integer outputs", async () => {
    const input = path.join(tcn, "input.txt");
    const { code, out, err } = await callPulsec(
      "run",
      path.join(tcn, "TCN.onnx"),
      "--input",
      input,
      "--tail",
      "--json",
    );
    assert.is(code, 0, err);
    const [sums, logs] = outputsOf(out);
    const top = Math.max(...sums!.data);
    const meant = sums!.data.map(
      (v) => v - top - Math.log(sums!.data.reduce((s, w) => s + Math.exp(w - top), 0)),
    );
    assert.equal(logs!.data, meant.map(Math.fround));
  });

test("opt warns of passes that change what the graph computes", () =>
  inTemporaryFolder(async (dir) => {
    const model = path.join(dir, "p.pir");
    writeFileSync(
      model,
      `param @a : f32[1] = [0.5]

graph @p(%x: f32[Nx2]) -> (%y: f32[Nx2]) stage float {
  %y = prelu %x, @a : f32[Nx2]
}
`,
    );
    const { code, out, err } = await callPulsec("opt", model, "--passes", "prelu-to-relu,norm-after-conv");
    assert.is(code, 0, err);
    assert.match(out, "%y = relu %x : f32[Nx2]");
    assert.match(err, "warning[pass/changes-function]: after prelu-to-relu, @p computes something else");
    assert.not.match(err, "norm-after-conv");
  }));

test.run();
