/** Folders of cases as they come: nested, incomplete, damaged. Each is counted once, with a reason. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import onnxProto from "onnx-proto";
import * as assert from "uvu/assert";
import { onnxFile, type TestModel, type TestTensor, tensorFile } from "../frontends/onnx-model.js";
import { suite } from "../harness.js";
import { caseFolders } from "./cases.js";
import { isolated } from "./isolated.js";
import { outcomeLine, summarise } from "./run.js";
import { suites } from "./suites.js";

const { onnx } = onnxProto;
const test = suite("layouts of conformance folders");

type Files = Readonly<Record<string, Uint8Array | string>>;

const relu: TestModel = {
  opset: 13,
  inputs: { x: [3] },
  outputs: ["y"],
  types: {},
  initialisers: {},
  nodes: [{ op: "Relu", inputs: ["x"], outputs: ["y"] }],
};
const row = (...data: number[]): TestTensor => ({ shape: [data.length], data });
const [fed, wanted, wrong] = [row(-1, 0, 2), row(0, 0, 2), row(0, 0, 3)];
const data = (set: number, output = wanted): Files => ({
  [`test_data_set_${set}/input_0.pb`]: tensorFile("x", fed),
  [`test_data_set_${set}/output_0.pb`]: tensorFile("y", output),
});
const model = onnxFile(relu);

/** What the tests change of onnx-proto's ModelProto. */
interface Proto {
  readonly graph: {
    readonly input: { type: { sequenceType?: object; tensorType?: { elemType: number } } }[];
    readonly node: { domain: string; opType: string }[];
  };
  opsetImport: { domain: string; version: number }[];
}

/** The model with something that onnx-proto alone writes. */
function altered(change: (proto: Proto) => void): Uint8Array {
  const proto = onnx.ModelProto.decode(model);
  change(proto as never);
  return onnx.ModelProto.encode(proto).finish();
}

const names = Array.from({ length: 12 }, (_, i) => `x${i}`);
const many: TestModel = {
  ...relu,
  inputs: Object.fromEntries(names.map((n) => [n, [3]])),
  nodes: [{ op: "Sum", inputs: names, outputs: ["y"] }],
};
const sub: TestModel = {
  ...relu,
  inputs: { a: [3], b: [3] },
  nodes: [{ op: "Sub", inputs: ["a", "b"], outputs: ["y"] }],
};
const outside = onnx.TensorProto.encode({
  name: "x",
  dims: [3],
  dataType: 1,
  dataLocation: 1,
  externalData: [{ key: "location", value: "x.bin" }],
} as never).finish();

const folders: Readonly<Record<string, Files>> = {
  "a/b/nested": { "model.onnx": model, ...data(0) },
  "two-sets": { "model.onnx": model, ...data(0), ...data(1) },
  "second-set-wrong": { "model.onnx": model, ...data(0), ...data(1, wrong) },
  "two-models": { "one.onnx": model, "two.onnx": model, ...data(0) },
  "no-data": { "model.onnx": model },
  "no-input": { "model.onnx": model, "test_data_set_0/output_0.pb": tensorFile("y", wanted) },
  "damaged-data": {
    "model.onnx": model,
    ...data(0),
    "test_data_set_0/input_0.pb": new Uint8Array([10, 200, 1]),
  },
  "outside-data": {
    "model.onnx": model,
    ...data(0),
    "test_data_set_0/input_0.pb": outside,
    "test_data_set_0/x.bin": new Uint8Array(Float32Array.of(-1, 0, 2).buffer),
  },
  "twelve-inputs": {
    "model.onnx": onnxFile(many),
    ...Object.fromEntries(
      names.map((_, i) => [`test_data_set_0/input_${i}.pb`, tensorFile("", row(i, 0, 1))]),
    ),
    "test_data_set_0/output_0.pb": tensorFile("", row(66, 0, 12)),
  },
  "inputs-by-name": {
    "model.onnx": onnxFile(sub),
    "test_data_set_0/input_0.pb": tensorFile("b", row(1, 2, 3)),
    "test_data_set_0/input_1.pb": tensorFile("a", row(2, 2, 2)),
    "test_data_set_0/output_0.pb": tensorFile("y", row(1, 0, -1)),
  },
  sequence: {
    "model.onnx": altered(({ graph }) => (graph.input[0]!.type = { sequenceType: {} })),
    ...data(0),
  },
  strings: {
    "model.onnx": altered(({ graph }) => (graph.input[0]!.type.tensorType!.elemType = 8)),
    ...data(0),
  },
  "old-opset": { "model.onnx": onnxFile({ ...relu, opset: 3 }), ...data(0) },
  "foreign-domain": {
    "model.onnx": altered((p) => {
      p.opsetImport = [{ domain: "ai.onnx.ml", version: 3 }];
      p.graph.node[0]!.domain = "ai.onnx.ml";
      p.graph.node[0]!.opType = "Scaler";
    }),
    ...data(0),
  },
  "empty-model": { "model.onnx": new Uint8Array(), ...data(0) },
  "damaged-model": { "model.onnx": model.subarray(0, model.length - 9), ...data(0) },
  "no-model": data(0),
};

const expected = `FAIL damaged-data onnx/malformed
FAIL damaged-model onnx/malformed
FAIL empty-model onnx/malformed
FAIL no-data conformance/data
FAIL no-input conformance/data
FAIL second-set-wrong test_data_set_1
PASS a/b/nested float
PASS inputs-by-name float
PASS link float
PASS outside-data float
PASS twelve-inputs float
PASS two-models/one.onnx float
PASS two-models/two.onnx float
PASS two-sets float
UNSUPPORTED foreign-domain onnx/opset
UNSUPPORTED old-opset onnx/opset
UNSUPPORTED sequence onnx/unsupported
UNSUPPORTED strings onnx/unsupported`;

function written(): string {
  const root = mkdtempSync(path.join(os.tmpdir(), "pulsec-cases-"));
  for (const [folder, files] of Object.entries(folders))
    for (const [name, bytes] of Object.entries(files)) {
      const file = path.join(root, folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
  symlinkSync(path.join(root, "two-sets"), path.join(root, "link"));
  symlinkSync(root, path.join(root, "a", "around"));
  symlinkSync(path.join(root, "nowhere"), path.join(root, "broken"));
  mkdirSync(path.join(root, "folder.onnx"));
  return root;
}

test("every folder with a model is one case, whatever is wrong with it", async () => {
  const root = written();
  try {
    const outcomes = [];
    for (const c of caseFolders(root)) outcomes.push(...(await suites.onnx(c)));
    const told = outcomes.map((o) => outcomeLine(o).split(/[ :]/).slice(0, 3).join(" "));
    assert.is(told.toSorted().join("\n"), expected);
    const { cases, passed, failed, unsupported } = summarise("onnx", outcomes);
    assert.is(passed + failed + unsupported, cases);
    assert.ok(outcomes.every((o) => o.reason !== "" && !o.reason.includes("\n")));
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("a case without an answer in time is a failed one, and the next one runs", async () => {
  const root = written();
  const [first, second] = caseFolders(root).filter((c) => /two-sets|nested/.test(c.name));
  const [hasty, patient] = [isolated(0), isolated()];
  try {
    const [late] = await hasty.run(first!);
    assert.equal([late!.verdict, late!.kind], ["FAIL", "no result"]);
    assert.is((await patient.run(first!))[0]!.verdict, "PASS");
    assert.is((await patient.run(second!))[0]!.verdict, "PASS");
  } finally {
    hasty.end();
    patient.end();
    rmSync(root, { recursive: true });
  }
});

test.run();
