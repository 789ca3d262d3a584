/** pulsec export: files, folders, and what is refused. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { decodeModel } from "../../src/frontends/onnx/decode.js";
import { suite } from "../harness.js";
import { callPulsec } from "./in-process.js";
import { inTemporaryFolder } from "./pulsec.js";

const test = suite("pulsec export");

const halves = `param @w : f32[1x1x2] = [0.5, -1]

graph @halves(%x: f32[Nx2x2]) -> (%y: f32[Nx2x1]) stage float {
  %y = conv %x, @w : f32[Nx2x1]
}
`;
const scaled = `param @add : i64[1] = [32]
param @mul : i32[1] = [16]
param @w : i8[1x1x2] * 0.5 = [3, -2]

graph @main(%x: u8[1x4x2] * 0.5) -> (%y: u8[1x4x1] * 1) stage integer {
  %sum = conv %x, @w : i32[1x4x1] * 0.25
  %y = requant %sum, @mul, @add {shift = 6} : u8[1x4x1] * 1
}
`;
const bare = `graph @main(%x: i8[1x2]) -> (%y: i8[1x2]) stage integer {
  %y = relu %x : i8[1x2]
}
`;

/** A model file with this text. */
const written = (dir: string, name: string, text: string): string => {
  const file = path.join(dir, name);
  writeFileSync(file, text);
  return file;
};
const opsOf = async (file: string): Promise<readonly string[]> =>
  (await decodeModel(readFileSync(file), { file })).nodes.map((n) => n.op);

test("a float graph becomes a float file by default, and reads back", () =>
  inTemporaryFolder(async (dir) => {
    const [model, out] = [written(dir, "halves.pir", halves), path.join(dir, "halves.onnx")];
    const ended = await callPulsec("export", model, "-o", out);
    assert.is(ended.code, 0, ended.err);
    assert.is(ended.out, `wrote ${out}\n`);
    const { opset, inputs } = await decodeModel(readFileSync(out), { file: out });
    assert.is(opset, 17);
    assert.equal(inputs, [{ name: "x", type: "f32", shape: ["N", 2, 2] }]);
    assert.equal(await opsOf(out), ["Conv"]);
    const back = await callPulsec("import", out);
    assert.is(back.code, 0, back.err);
    assert.match(back.out, "%y = conv %x, @w : f32[Nx2x1]");
  }));

test("an integer graph with scales becomes QDQ by default; --opset and --json are heard", () =>
  inTemporaryFolder(async (dir) => {
    const [model, out] = [written(dir, "q.pir", scaled), path.join(dir, "q.onnx")];
    const ended = await callPulsec("export", model, "-o", out, "--opset", "21", "--json");
    assert.is(ended.code, 0, ended.err);
    const { dialect, graph, written: files } = JSON.parse(ended.out);
    assert.equal({ dialect, graph, files }, { dialect: "qdq", graph: "main", files: [out] });
    assert.is((await decodeModel(readFileSync(out), { file: out })).opset, 21);
    const names = await opsOf(out);
    assert.equal(names, ["DequantizeLinear", "DequantizeLinear", "Conv", "QuantizeLinear"]);
  }));

test("dory writes a folder that pulsec reads again", () =>
  inTemporaryFolder(async (dir) => {
    const [model, out] = [written(dir, "q.pir", scaled), path.join(dir, "dory")];
    const ended = await callPulsec("export", model, "--dialect", "dory", "-o", out);
    assert.is(ended.code, 0, ended.err);
    assert.ok(readdirSync(out).some((name) => name.endsWith(".onnx")));
  }));

test("nothing is written where something is refused", () =>
  inTemporaryFolder(async (dir) => {
    const [model, out] = [written(dir, "b.pir", bare), path.join(dir, "b.onnx")];
    const qdq = await callPulsec("export", model, "-o", out);
    assert.is(qdq.code, 1);
    assert.match(qdq.err, "export/no-scale");
    assert.match(qdq.err, "help: write the scales into the types");
    const float = await callPulsec("export", model, "-o", out, "--dialect", "onnx");
    assert.match(float.err, "export/integers");
    assert.match(
      (await callPulsec("export", model, "-o", out, "--graph", "mian")).err,
      "did you mean @main?",
    );
    for (const opset of ["9", "99", "abc"]) {
      const { code, err } = await callPulsec("export", model, "-o", out, "--opset", opset);
      assert.is(code, 2);
      assert.match(err, "--opset takes");
    }
    assert.is((await callPulsec("export", model)).code, 2);
    assert.is((await callPulsec("export", model, "-o", path.join(dir, "b.txt"))).code, 2);
    assert.is((await callPulsec("export", model, "-o", out, "--dialect", "qqd")).code, 2);
    assert.not.ok(existsSync(out));
  }));

test.run();
