/** The given networks of other tools, bit for bit against their goldens. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { readTensorFile } from "../../src/data/tensor-files/index.js";
import { type ImportedModel, importOnnx } from "../../src/frontends/onnx/index.js";
import { renderDiagnostic, unwrap } from "../../src/ir/diagnostic.js";
import { mainGraph } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { permute, type Tensor, tensor } from "../../src/ir/tensor.js";
import { verifyModule } from "../../src/ir/verify.js";
import { sharedPath, suite } from "../harness.js";
import { refusal } from "./onnx-check.js";

const test = suite("onnx: fixtures");

const arrays = (file: string) => unwrap(readTensorFile(file, readFileSync(file)));
const numbers = (file: string): number[] =>
  Array.from(arrays(file)[0]!.data as ArrayLike<number | bigint>, Number);

function findModels(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
    const full = path.join(dir, e.name);
    return e.isDirectory() ? findModels(full) : e.name.endsWith(".onnx") ? [full] : [];
  });
}

async function importFile(
  file: string,
  samples: readonly ArrayLike<number | bigint>[],
  config?: unknown,
): Promise<ImportedModel> {
  const hints = new Map(samples.map((data, i) => [String(i), { shape: [data.length], data }]));
  const found = unwrap(await importOnnx(readFileSync(file), { file, samples: hints, config }));
  assert.is(
    verifyModule(found.module)
      .map((d) => renderDiagnostic(d))
      .join("\n"),
    "",
  );
  return found;
}

/** Runs @main; `channelsLast` says that the data lies as the IR has it, not as ONNX has it. */
async function run(
  found: ImportedModel,
  data: readonly (readonly number[])[],
  channelsLast: boolean,
): Promise<ReadonlyMap<string, Tensor>> {
  const graph = mainGraph(found.module);
  const inputs = graph.inputs.map((value, i) => {
    const { onnxShape, perm } = found.inputs[i]!;
    const flat = Int32Array.from(data[i]!);
    return tensor(value.type, perm && !channelsLast ? permute(flat, onnxShape, perm) : flat);
  });
  return interpret(graph).run(inputs);
}

function onnxOrder(t: Tensor, perm: readonly number[] | undefined): number[] {
  const back = perm?.map((_, i) => perm.indexOf(i));
  return Array.from(back ? permute(t.data, t.type.shape as number[], back) : t.data, Number);
}

const dory = sharedPath("fixtures", "dory");
const deeploy = sharedPath("fixtures", "deeploy");

for (const name of [
  "DVS_CNN_9inputs",
  "Residual_connection_test_2",
  "TCN_T",
  "dscnn_test",
  "eegnetDW_1d_8b_1xW",
  "eegnet_1d_8b_1xW",
]) {
  (dory ? test : test.skip)(`dory/${name}: every golden layer is a value of the graph`, async () => {
    const dir = path.join(dory!, name);
    const files = readdirSync(dir);
    const configFile = files.find((f) => /^config.*\.json$/.test(f));
    const config = configFile && JSON.parse(readFileSync(path.join(dir, configFile), "utf8"));
    const [model] = findModels(dir) as [string];
    // Of the nine input sets, one here: the conformance run takes all.
    const [input, golden] = files.includes("input_0.txt")
      ? ["input_4.txt", /^out_4_layer/]
      : ["input.txt", /^out_layer/];
    const data = numbers(path.join(dir, input));
    const found = await importFile(model, [data], config);
    const channelsFirst = name === "dscnn_test";
    const values = await run(found, [data], !channelsFirst);
    const open = new Map(
      [...values].map(([n, t]) => [
        n,
        channelsFirst
          ? onnxOrder(t, found.values.find((v) => v.name === n)?.perm)
          : Array.from(t.data, Number),
      ]),
    );
    const goldens = files.filter((f) => golden.test(f));
    assert.ok(goldens.length > 5);
    for (const file of goldens) {
      const expected = numbers(path.join(dir, file));
      const hit = [...open].find(
        ([, v]) => v.length === expected.length && v.every((x, i) => x === expected[i]),
      );
      assert.ok(hit, `no value equals ${file}`);
      open.delete(hit![0]);
    }
  });
}

for (const file of deeploy ? findModels(deeploy).filter((f) => !f.includes("Autoencoder1D")) : []) {
  test(`deeploy/${path.relative(deeploy!, path.dirname(file))}: output and activations`, async () => {
    const dir = path.dirname(file);
    const inputs = arrays(path.join(dir, "inputs.npz")).map((a) =>
      Array.from(a.data as ArrayLike<number | bigint>, Number),
    );
    const found = await importFile(file, inputs);
    const values = await run(found, inputs, false);
    const outputs = arrays(path.join(dir, "outputs.npz"));
    for (const [i, { name, perm }] of found.outputs.entries())
      assert.equal(
        onnxOrder(values.get(name)!, perm),
        Array.from(outputs[i]!.data as ArrayLike<number | bigint>, Number),
      );
    const all = found.values.map((v) => onnxOrder(values.get(v.name)!, v.perm));
    if (!readdirSync(dir).includes("activations.npz")) return;
    for (const golden of arrays(path.join(dir, "activations.npz"))) {
      const expected = Array.from(golden.data as ArrayLike<number | bigint>, Number);
      assert.ok(
        all.some((v) => v.length === expected.length && v.every((x, i) => x === expected[i])),
        golden.name,
      );
    }
  });
}
if (!deeploy) test.skip("deeploy: all kernels and networks");

(deeploy ? test : test.skip)("a float network is one, unless integers are asked for", async () => {
  const bytes = readFileSync(path.join(deeploy!, "models", "Autoencoder1D", "network.onnx"));
  const found = unwrap(await importOnnx(bytes, { file: "network.onnx" }));
  assert.equal([found.dialect, mainGraph(found.module).stage], ["float", "float"]);
  assert.equal(
    (await refusal(bytes, { network: "integer" })).map((d) => d.id),
    ["onnx/float-network"],
  );
});

test.run();
