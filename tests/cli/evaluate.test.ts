/** Whole data sets on the command line: inputs and targets by name, metrics, engines. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { classification, metricText, regression } from "../../src/cli/metrics.js";
import { lineOn } from "../../src/cli/progress.js";
import { type RawArray, writeNpy, writeNpz } from "../../src/data/tensor-files/index.js";
import { suite } from "../harness.js";
import { callPulsec } from "./in-process.js";
import { inTemporaryFolder } from "./pulsec.js";

const test = suite("pulsec evaluate");

const array = (
  name: string,
  shape: readonly number[],
  data: readonly number[],
  dtype: "f4" | "i4" | "i1" = "f4",
): RawArray => ({
  name,
  shape,
  dtype,
  data: new { f4: Float32Array, i4: Int32Array, i1: Int8Array }[dtype](data),
});
/** y = 2 * relu(x). */
const float = `param @two : f32[1x1] = [2]

graph @net(%x: f32[Nx3]) -> (%y: f32[Nx3]) stage float {
  %r = relu %x : f32[Nx3]
  %y = mul %r, @two : f32[Nx3]
}
`;
const integer = `graph @net(%x: i8[1x3] * 0.5) -> (%y: i8[1x3] * 0.5) stage integer {
  %y = relu %x : i8[1x3] * 0.5
}
`;
const x = array("x", [2, 3], [1, -2, 3, 0.5, 4, -1]);

async function evaluated(model: string, ...args: readonly string[]) {
  const said = await callPulsec("evaluate", model, ...args, "--json");
  return { ...said, result: JSON.parse(said.out) };
}
const inFolder = (body: (at: (name: string) => string) => Promise<void>) =>
  inTemporaryFolder(async (dir) => {
    const at = (name: string) => path.join(dir, name);
    writeFileSync(at("float.pir"), float);
    writeFileSync(at("integer.pir"), integer);
    await body(at);
  });

test("regression: errors against targets by name, from .npz or a folder", async () => {
  await inFolder(async (at) => {
    const y = array("y", [2, 3], [2, 0, 6, 1, 8, 3]);
    writeFileSync(at("data.npz"), writeNpz([x, y]));
    mkdirSync(at("folder"));
    for (const a of [x, y]) writeFileSync(at(`folder/${a.name}.npy`), writeNpy(a));
    for (const place of ["data.npz", "folder"]) {
      const { code, result } = await evaluated(at("float.pir"), "--data", at(place));
      assert.is(code, 0);
      const [{ output, metrics }] = result.outputs;
      assert.equal([output, metrics.kind, metrics.elements], ["y", "regression", 6]);
      assert.equal([metrics.mse, metrics.mae, metrics.maxError], [1.5, 0.5, 3]);
      assert.is(result.engine, "float");
      assert.ok(result.perSecond > 0);
    }
    const said = await callPulsec("evaluate", at("float.pir"), "--data", at("data.npz"));
    assert.match(said.out, "%y: mse 1.5, mae 0.5, largest error 3, correlation 0.");
    assert.match(said.out, /2 samples in \d+\.\d\d s on float: \d+\.\d per second/);
  });
});

test("classes: accuracy and confusion; --target names the array", async () => {
  await inFolder(async (at) => {
    writeFileSync(at("data.npz"), writeNpz([x, array("labels", [2], [2, 0], "i4"), array("more", [1], [0])]));
    const { result } = await evaluated(at("float.pir"), "--data", at("data.npz"), "--target", "labels");
    assert.equal(result.outputs[0].metrics, {
      kind: "classes",
      samples: 2,
      accuracy: 0.5,
      confusion: [
        [0, 1, 0],
        [0, 0, 0],
        [0, 0, 1],
      ],
    });
  });
});

test("integer models: floats are stored at the input's scale, integers taken as they are, outputs are real values", async () => {
  await inFolder(async (at) => {
    const y = array("y", [2, 3], [1, 0, 3, 0.5, 4, 0]);
    writeFileSync(at("real.npz"), writeNpz([x, y]));
    writeFileSync(at("stored.npz"), writeNpz([array("x", [2, 3], [2, -4, 6, 1, 8, -2], "i1"), y]));
    for (const engine of ["int", "wasm"])
      for (const place of ["real.npz", "stored.npz"]) {
        const { result } = await evaluated(at("integer.pir"), "--data", at(place), "--engine", engine);
        assert.is(result.outputs[0].metrics.maxError, 0, `${engine} ${place}`);
        assert.is(result.engine, engine);
      }
    const threads = await evaluated(at("integer.pir"), "--data", at("real.npz"), "--workers", "2");
    assert.is(threads.result.outputs[0].metrics.maxError, 0);
    const wrong = ["--data", at("real.npz"), "--engine", "int", "--workers", "2"];
    assert.is((await callPulsec("evaluate", at("integer.pir"), ...wrong)).code, 2);
    const quantised = await evaluated(
      at("float.pir"),
      "--data",
      at("real.npz"),
      "--target",
      "y",
      "--engine",
      "wasm",
    );
    assert.is(quantised.code, 0);
    assert.ok(quantised.result.outputs[0].metrics.maxError > 0);
  });
});

test("slips: no data, no such target, other counts", async () => {
  await inFolder(async (at) => {
    assert.is((await callPulsec("evaluate", at("float.pir"))).code, 2);
    writeFileSync(at("data.npz"), writeNpz([x, array("y", [1, 3], [1, 2, 3])]));
    const ids = async (...args: readonly string[]) =>
      (await evaluated(at("float.pir"), "--data", at("data.npz"), ...args)).result.diagnostics.map(
        (d: { id: string }) => d.id,
      );
    assert.equal(await ids(), ["input/sample-counts"]);
    assert.equal(await ids("--target", "z"), ["input/target"]);
    assert.equal(await ids("--target", "q=y"), ["input/target"]);
    writeFileSync(at("data.npz"), writeNpz([x]));
    const said = await callPulsec("evaluate", at("float.pir"), "--data", at("data.npz"));
    assert.is(said.code, 0);
    assert.match(said.err, "no targets");
  });
});

test("metrics: correlation of shifted and scaled values is 1, of constants unknown", () => {
  const meter = regression();
  meter.add([1, 2], [1000003, 1000005]);
  meter.add([3, 7], [1000007, 1000015]);
  assert.ok(Math.abs(meter.result().correlation! - 1) < 1e-12);
  const constant = regression();
  constant.add([1, 1], [2, 3]);
  assert.is(constant.result().correlation, null);
  assert.not.match(metricText(constant.result()), "correlation");
  const classes = classification(2);
  classes.add([1], [0.5, 0.5]);
  assert.equal(classes.result().confusion, [
    [0, 0],
    [1, 0],
  ]);
});

test("progress is one line that is cut to the terminal and cleared at the end", () => {
  let written = "";
  const show = lineOn({ columns: 10, write: (t) => (written += t) });
  show("");
  assert.is(written, "");
  show("calibrating 1/16");
  show("calibrating 2/16");
  assert.is(written, "\r\x1b[Kcalibrati", "texts that follow at once are left out");
  show("");
  show("");
  assert.is(written, "\r\x1b[Kcalibrati\r\x1b[K");
});

test.run();
