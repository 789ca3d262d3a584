/** The demo network: its committed files are what its script writes, and small. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as assert from "uvu/assert";
import { toTensor } from "../../src/data/tensor-files/index.js";
import { importOnnx } from "../../src/frontends/onnx/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { mainGraph } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import {
  goldenSets,
  matchGoldens,
  namedValues,
  renderGoldenReport,
  takeInputs,
} from "../../src/verify/index.js";
import { root, suite } from "../harness.js";

const test = suite("demo network");

const folder = path.join(root, "examples", "biosignal");
const files = ["network.onnx", "input.npy", "goldens.npz"];
const content = (dir: string, file: string) => new Uint8Array(readFileSync(path.join(dir, file)));

test("the folder is one golden set with every layer", () => {
  const found = goldenSets(new Map([...files, "make_network.py"].map((f) => [f, content(folder, f)])));
  assert.ok(found.ok);
  const taken = takeInputs(found.value[0]!, [{ name: "input" }]);
  assert.ok(taken.ok);
  assert.equal(
    taken.value.inputs.map((a) => [a.name, a.dtype, a.shape]),
    [["input", "u1", [1, 1, 256]]],
  );
  const layers = taken.value.set.layers.map((a) => `${a.name} ${a.dtype}[${a.shape!.join("x")}]`);
  assert.is(layers.length, 15);
  assert.equal([layers[0], layers.at(-1)], ["stem i4[1x16x256]", "head i4[1x2]"]);
});

test("the specification gives every golden, matched by name", async () => {
  const imported = unwrap(await importOnnx(content(folder, "network.onnx"), { file: "network.onnx" }));
  const graph = mainGraph(imported.module);
  const sets = unwrap(goldenSets(new Map(files.map((f) => [f, content(folder, f)]))));
  const { inputs, set } = unwrap(takeInputs(sets[0]!, imported.inputs));
  const x = unwrap(toTensor(inputs[0]!, graph.inputs[0]!.type));
  const known = new Map(imported.values.map((m) => [m.name, m]));
  const values = namedValues(graph, await interpret(graph).run([x]), ({ name }) => {
    const mapped = known.get(name);
    const perm = mapped?.perm?.map((_, i) => mapped.perm!.indexOf(i));
    return mapped && { onnxName: mapped.onnxName, ...(perm ? { perm } : {}) };
  });
  const report = matchGoldens(values, [], set);
  assert.is(renderGoldenReport(report), "goldens: 15 layers, all equal, bit for bit, channels first");
  assert.equal(
    report.matches.filter((m) => m.by !== "name"),
    [],
  );
});

test("the committed files stay below 200 kB", () => {
  const total = files.reduce((sum, f) => sum + content(folder, f).length, 0);
  assert.ok(total < 200_000, `${total} bytes`);
});

const python = (() => {
  try {
    execFileSync("python3", ["-c", "import numpy"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

(python ? test : test.skip)("make_network.py writes the committed bytes (needs python3 and NumPy)", () => {
  const dir = mkdtempSync(path.join(tmpdir(), "pulsec-demo-"));
  try {
    execFileSync("python3", [path.join(folder, "make_network.py"), dir], { stdio: "ignore" });
    for (const file of files) assert.equal(content(dir, file), content(folder, file), file);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test.run();
