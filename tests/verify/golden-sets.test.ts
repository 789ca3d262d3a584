/** Folders of goldens: which files are recognised as what, and what the shared fixtures hold. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { type RawArray, writeNpy, writeNpz, writeText } from "../../src/data/tensor-files/index.js";
import { type GoldenSet, goldenSets, takeInputs } from "../../src/verify/index.js";
import { sharedPath, suite } from "../harness.js";

const test = suite("golden sets");

const array = (name: string, value = 0): RawArray => ({
  name,
  shape: [1, 2],
  dtype: "i4",
  data: Int32Array.of(value, 1),
});
const npy = (value = 0) => writeNpy(array("x", value));
const npz = (...names: string[]) => writeNpz(names.map((n) => array(n)));
const text = (value = 0) => new TextEncoder().encode(writeText(array("x", value)));
const other = new TextEncoder().encode("nothing to see");

function sets(files: Record<string, Uint8Array>, inputs?: number): readonly GoldenSet[] {
  const found = goldenSets(new Map(Object.entries(files)), inputs === undefined ? {} : { inputs });
  assert.ok(found.ok, found.ok ? "" : JSON.stringify(found.diagnostics));
  return found.value;
}
const names = (list: readonly RawArray[]) => list.map((a) => a.name);
const shapeOf = (s: GoldenSet) => [s.name, names(s.inputs), names(s.layers), names(s.outputs)];

test("DORY: one input, layers in numeric order, licences and networks aside", () => {
  const layers = Object.fromEntries([10, 0, 9, 2].map((n) => [`out_layer${n}.txt`, text(n)]));
  const [set, ...more] = sets({
    ...layers,
    "input.txt": text(),
    "LICENSE.txt": other,
    "net.onnx": other,
    "config.json": other,
  });
  assert.equal(more, []);
  assert.equal(shapeOf(set!), [
    "input",
    ["input"],
    ["out_layer0", "out_layer2", "out_layer9", "out_layer10"],
    [],
  ]);
  assert.equal(
    set!.layers.map((l) => l.data[0]),
    [0, 2, 9, 10],
  );
});

test("DORY with several inputs: one set per input, the joined input.txt aside", () => {
  const files: Record<string, Uint8Array> = { "input.txt": text() };
  for (const n of [10, 1])
    for (const f of [`input_${n}`, `out_${n}_layer0`, `out_${n}_layer1`, `output_${n}`])
      files[`${f}.txt`] = text(n);
  assert.equal(sets(files).map(shapeOf), [
    ["input_1", ["input_1"], ["out_1_layer0", "out_1_layer1"], ["output_1"]],
    ["input_10", ["input_10"], ["out_10_layer0", "out_10_layer1"], ["output_10"]],
  ]);
});

test("test sets come in numeric order, whatever layers they hold", () => {
  const files = { "out_2_layer1.txt": text(), "out_10_layer0.txt": text() };
  assert.equal(
    sets(files).map((s) => s.name),
    ["input_2", "input_10"],
  );
});

test("numbered inputs without numbered layers are inputs of one graph, unless it has fewer", () => {
  const files = { "input_0.npy": npy(), "input_1.npy": npy(), "output_0.npy": npy(), "output_1.npy": npy() };
  assert.equal(sets(files, 2).map(shapeOf), [
    ["input", ["input_0", "input_1"], [], ["output_0", "output_1"]],
  ]);
  assert.equal(
    sets(files, 1).map((s) => s.name),
    ["input_0", "input_1"],
  );
});

test("PLiNIO text and Deeploy archives", () => {
  const plinio = sets({ "input_quantizer.txt": text(), "out_layer0.txt": text(), "output.txt": text() });
  assert.equal(plinio.map(shapeOf), [["input", ["input_quantizer"], ["out_layer0"], ["output"]]]);
  const deeploy = sets({
    "inputs.npz": npz("arr_0", "arr_1"),
    "outputs.npz": npz("output"),
    "activations.npz": npz("b", "a"),
  });
  assert.equal(deeploy.map(shapeOf), [["input", ["arr_0", "arr_1"], ["b", "a"], ["output"]]]);
});

test("a single archive sorts itself by its keys; a folder of .npy goes by name", () => {
  assert.equal(sets({ "all.npz": npz("input", "conv", "input.4", "output") }).map(shapeOf), [
    ["input", ["input"], ["conv", "input.4"], ["output"]],
  ]);
  const folder = sets({ "conv10.npy": npy(), "conv9.npy": npy(), "input.npy": npy(), "output.npy": npy() });
  assert.equal(folder.map(shapeOf), [["input", ["input"], ["conv9", "conv10"], ["output"]]]);
});

test("nothing recognised, and damage in what is recognised, are refused", () => {
  for (const files of [{}, { "LICENSE.txt": other }, { "input.txt": text() }]) {
    const found = goldenSets(new Map(Object.entries(files)));
    assert.equal([found.ok, found.diagnostics[0]?.id], [false, "file/no-goldens"]);
  }
  const damaged = goldenSets(new Map([["out_layer0.txt", other]]));
  assert.equal([damaged.ok, damaged.diagnostics[0]?.id], [false, "file/text-number"]);
});

test("inputs of the graph: by name, else the first ones; the weights behind them stay out", () => {
  const taken = (set: Partial<GoldenSet>, inputs: { name: string; onnxName?: string }[]) => {
    const r = takeInputs({ name: "s", inputs: [], layers: [], outputs: [], ...set }, inputs);
    return r.ok ? [names(r.value.inputs), names(r.value.set.layers)] : r.diagnostics[0]!.id;
  };
  assert.equal(taken({ inputs: [array("arr_0"), array("arr_1")] }, [{ name: "x" }]), [["arr_0"], []]);
  assert.equal(taken({ inputs: [array("b"), array("a")] }, [{ name: "a" }, { name: "v1", onnxName: "b" }]), [
    ["a", "b"],
    [],
  ]);
  assert.equal(
    taken({ layers: [array("input.1"), array("conv")] }, [{ name: "input_1", onnxName: "input.1" }]),
    [["input.1"], ["conv"]],
  );
  assert.is(taken({ layers: [array("conv")] }, [{ name: "x" }]), "file/no-inputs");
});

const dory = sharedPath("fixtures", "dory");
const deeploy = sharedPath("fixtures", "deeploy");
const folderOf = (dir: string) =>
  new Map(readdirSync(dir).map((f) => [f, new Uint8Array(readFileSync(path.join(dir, f)))] as const));
const count = (dir: string) => {
  const found = goldenSets(folderOf(dir));
  assert.ok(found.ok, found.ok ? "" : JSON.stringify(found.diagnostics));
  return found.value.map((s) => [s.inputs.length, s.layers.length, s.outputs.length].join("/"));
};

(dory ? test : test.skip)("all dory networks: inputs/layers/outputs of every set", () => {
  const folders = readdirSync(dory!, { withFileTypes: true }).filter((e) => e.isDirectory());
  const found = Object.fromEntries(
    folders.map(({ name }) => [name, count(path.join(dory!, name)).join(" ")]).sort(),
  );
  assert.equal(found, {
    DVS_CNN_9inputs: new Array(9).fill("1/10/1").join(" "),
    Residual_connection_test_2: "1/9/0",
    TCN_T: "1/12/0",
    dscnn_test: "1/11/0",
    eegnetDW_1d_8b_1xW: "1/7/0",
    eegnet_1d_8b_1xW: "1/7/0",
  });
});

(deeploy ? test : test.skip)("all deeploy kernels and models: inputs/layers/outputs", () => {
  const files = readdirSync(deeploy!, { recursive: true, encoding: "utf8" });
  const folders = files.filter((f) => f.endsWith("network.onnx")).map((f) => path.dirname(f));
  const found = Object.fromEntries(folders.sort().map((f) => [f, count(path.join(deeploy!, f)).join(" ")]));
  assert.equal(found, {
    "kernels/Add/Regular_RQ": "2/3/1",
    "kernels/Concat": "2/0/1",
    "kernels/Conv/DW_2D_RQ": "1/2/1",
    "kernels/Conv/PW_2D_RQ/Regular_RQ": "1/2/1",
    "kernels/Conv/PW_2D_RQ/Unsigned_RQ": "1/2/1",
    "kernels/Conv/Regular_1D": "2/0/1",
    "kernels/Conv/Regular_1D_RQ": "1/0/1",
    "kernels/Conv/Regular_2D_RQ": "2/0/1",
    "kernels/GEMM/Regular": "2/0/1",
    "kernels/GEMM/TransB_RQ": "2/0/1",
    "kernels/MaxPool/Regular_1D": "1/0/1",
    "kernels/Pad/Regular_1D": "1/0/1",
    "models/Autoencoder1D": "39/0/1",
    "models/KeywordSpotting": "1/21/1",
  });
});

test.run();
