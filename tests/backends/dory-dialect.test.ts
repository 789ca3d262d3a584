/** How DORY's dialect says what it can say, and how the export refuses the rest. */
import path from "node:path";
import * as assert from "uvu/assert";
import { exportDory } from "../../src/backends/onnx/dory/index.js";
import { readGoldenFiles, sampleArrays } from "../../src/cli/goldens.js";
import { loadModel } from "../../src/cli/model.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { decodeModel } from "../../src/frontends/onnx/decode.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { type Diagnostic, renderDiagnostic, unwrap } from "../../src/ir/diagnostic.js";
import { mainGraph } from "../../src/ir/graph.js";
import { ops } from "../../src/ir/ops/index.js";
import { matchesGolden } from "../golden.js";
import { seed, sharedPath, suite } from "../harness.js";
import { graphHash, readBack, sameValues, text } from "./dory-files.js";

const test = suite("export: dory dialect");

const ones = (n: number) => new Array(n).fill(1).join(", ");

/** A model's nodes, one a line. */
async function nodesOf(bytes: Uint8Array): Promise<string> {
  const { nodes, opset } = await decodeModel(bytes, { file: "net.onnx" });
  const lines = nodes.map(({ op, name, inputs, outputs, attributes }) => {
    const words = [...attributes].map(([key, a]) => ` ${key}=${"value" in a ? String(a.value) : ""}`);
    return `${op} ${name} (${inputs.join(", ")}) -> ${outputs.join(", ")}${words.join("")}`;
  });
  return `opset ${opset}\n${lines.join("\n")}\n`;
}

test("the nodes and attributes are those that DORY looks for", async () => {
  const source = `param @a : i64[1] = [0]
param @a4 : i64[4] = [5000000000, 0, 0, 0]
param @b : i32[3] = [1, 2, 3]
param @m : i32[1] = [1]
param @m4 : i32[4] = [100, 200, 300, 400]
param @w : i4[4x3x1x2] = [${ones(24)}]
param @v : i8[4x3x3x1] = [${ones(36)}]
param @l : i8[3x4] = [${ones(12)}]

graph @main(%x: i8[1x8x8x2]) -> (%y: i32[1x3]) stage integer {
  %p = pad %x {pads = [1, 0, 0, 0]} : i8[1x9x8x2]
  %v1 = conv %p, @w {stride = [1, 2], pads = [1, 0, 1, 0]} : i32[1x9x4x4]
  %v2 = requant %v1, @m4, @a4 {shift = [8, 8, 8, 9], hi = 99} : i8[1x9x4x4]
  %v3 = conv %v2, @v {groups = 4, pads = [1, 1, 1, 1]} : i32[1x9x4x4]
  %v4 = requant %v3, @m, @a {shift = 3} : u4[1x9x4x4]
  %v5 = requant %v2, @m, @a {shift = 1} : i8[1x9x4x4]
  %v6 = add %v4, %v5 : i32[1x9x4x4]
  %v7 = requant %v6, @m, @a {shift = 0} : i8[1x9x4x4]
  %v8 = global_avgpool %v7 : i32[1x1x1x4]
  %v9 = requant %v8, @m, @a {shift = 5} : i8[1x1x1x4]
  %f = flatten %v9 : i8[1x4]
  %y = linear %f, @l, @b : i32[1x3]
}
`;
  const module = unwrap(await parseModule(source, { file: "net.pir", ops }));
  const input = randomTensor(mainGraph(module).inputs[0]!.type, seed);
  const files = unwrap(await exportDory(module, { name: "net", inputs: [input], codeReservedSpace: 90_000 }));
  matchesGolden("export/dory-nodes.txt", await nodesOf(files.get("net.onnx") as Uint8Array));
  assert.equal(JSON.parse(text(files, "config_net.json")), {
    BNRelu_bits: 64,
    onnx_file: "net.onnx",
    "code reserved space": 90_000,
    n_inputs: 1,
    input_bits: 8,
    input_signed: true,
  });
  const layers = [...files]
    .filter(([name]) => /layer/.test(name))
    .map(([, content]) => String(content).split("\n")[0]);
  const names = [
    "v2 (shape [9, 4, 4])",
    "v4 (shape [9, 4, 4])",
    "v7 (shape [9, 4, 4])",
    "v9 (shape [1, 1, 4])",
    "y (shape [3])",
  ];
  assert.equal(
    layers,
    names.map((n) => `# ${n},`),
  );
});

/** A graph of IR text, and what keeps it out of DORY. */
async function refused(source: string): Promise<readonly Diagnostic[]> {
  const module = unwrap(await parseModule(source, { file: "net.pir", ops }));
  const result = await exportDory(module, { inputs: [] });
  assert.not.ok(result.ok, "the graph was not refused");
  return result.diagnostics;
}

/** Of Deeploy's networks: what DORY says, or why it does not. Rounding half up is written in the offsets. */
const deeploy: Readonly<Record<string, RegExp | undefined>> = {
  "models/KeywordSpotting": undefined,
  "kernels/Conv/Regular_2D_RQ": undefined,
  "kernels/Conv/DW_2D_RQ": undefined,
  "kernels/Conv/Regular_1D_RQ": undefined,
  "kernels/Conv/PW_2D_RQ/Regular_RQ": undefined,
  "kernels/Conv/PW_2D_RQ/Unsigned_RQ": undefined,
  "kernels/Conv/Regular_1D": undefined,
  "kernels/MaxPool/Regular_1D": undefined,
  "kernels/Add/Regular_RQ": /has 2 inputs/,
  "kernels/Concat": /DORY has no concat/,
  "kernels/GEMM/Regular": /adds a constant/,
  "kernels/GEMM/TransB_RQ": /adds a constant/,
  "kernels/Pad/Regular_1D": /merges padding/,
};

const shared = sharedPath("fixtures", "deeploy");
for (const [name, reason] of Object.entries(deeploy))
  (shared ? test : test.skip)(`deeploy/${name}: ${reason ? "refused" : "there and back"}`, async () => {
    const dir = path.join(shared!, name);
    const files = readGoldenFiles(dir);
    const model = await loadModel(path.join(dir, "network.onnx"), undefined, sampleArrays(files));
    const input = randomTensor(model.graph.inputs[0]!.type, seed);
    const result = await exportDory(model.module, { name: "net", inputs: [input] });
    if (reason) {
      assert.match(result.diagnostics.map((d) => d.text).join("; "), reason);
      return;
    }
    const back = await readBack(unwrap(result), "net");
    assert.equal(await sameValues(model.graph, back, input), []);
    assert.is(graphHash(back), graphHash(model.graph));
  });

test("everything that DORY cannot say is told at once, with names and a way out", async () => {
  const found = await refused(`param @a : i64[1] = [0]
param @b : i32[4] = [20000001, 0, 0, 0]
param @m : i32[1] = [1]
param @t : u8[4] = [0, 1, 2, 3]
param @w : i16[4x3x2] = [${ones(24)}]
param @v : i8[4x1x2] = [${ones(8)}]

graph @main(%x: u8[2x8x2], %z: (u8[2x2x4] - 3) * 1) -> (%y: i32[2x2x4]) stage integer {
  %c = conv %x, @w, @b {pads = [1, 1], pad_mode = edge} : i32[2x8x4]
  %r = relu %c : i32[2x8x4]
  %d = requant %r, @m, @a {shift = 4} : u2[2x8x4]
  %k = lut %d, @t : u8[2x8x4]
  %g = conv %k, @v {groups = 2, stride = 4} : i32[2x2x4]
  %h = requant %g, @m, @a {shift = 9} : u8[2x2x4]
  %e = upsample %h {size = 4, mode = linear} : u8[2x4x4]
  %f = maxpool %e {kernel = 2, stride = 1, dilation = 3, pads = [0, 1]} : u8[2x2x4]
  %y = add %f, %z : i32[2x2x4]
}
`);
  matchesGolden("export/dory-refusals.txt", `${found.map((d) => renderDiagnostic(d)).join("\n")}\n`);
});

test.run();
