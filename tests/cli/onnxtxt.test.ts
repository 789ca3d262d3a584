/** Models in ONNX's textual syntax on the command line. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { root, suite } from "../harness.js";
import { callPulsec } from "./in-process.js";
import { inTemporaryFolder } from "./pulsec.js";

const test = suite("cli: .onnxtxt");

/** The text of the example in docs/onnx-import.md. */
const documented = (): string => {
  const page = readFileSync(path.join(root, "docs", "onnx-import.md"), "utf8");
  return /## Models as text[\s\S]*?```\n([\s\S]*?)```/.exec(page)![1]!;
};

test("the documented model is read, with weights from the file beside it", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "net.onnxtxt");
    writeFileSync(file, documented());
    assert.match((await callPulsec("import", file)).err, "put the file beside");
    writeFileSync(
      path.join(dir, "weights.bin"),
      Buffer.from(Float32Array.from({ length: 24 }, () => 0.5).buffer),
    );
    const { code, out } = await callPulsec("import", file);
    assert.is(code, 0);
    assert.match(out, "%c = conv %x, @conv1.weight, @bias : f32[Nx62x4]");
  });
});

test("a refusal is shown on its line; JSON has the node, the operator and its operands", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "net.onnxtxt");
    writeFileSync(file, documented().replace("Relu (c)", "Relu6 (c)"));
    writeFileSync(
      path.join(dir, "weights.bin"),
      Buffer.from(Float32Array.from({ length: 24 }, () => 0.5).buffer),
    );
    const { code, err } = await callPulsec("check", file);
    assert.is(code, 1);
    assert.match(err, `${file}:7:3: Relu6#1 (c: f32[1x4x62])\n  7 |   y = Relu6 (c)\n    |   ^^^^^^^^^^^^^`);
    assert.match(err, "ONNX has no operator Relu6; did you mean Relu?");
    const [diagnostic] = JSON.parse((await callPulsec("check", "--json", file)).out).files[0].diagnostics;
    const { node, op, inputs, span } = diagnostic.place;
    assert.equal([node, op, inputs], ["Relu6#1", "Relu6", [{ name: "c", type: "f32[1x4x62]" }]]);
    assert.equal(
      [span.from, span.to],
      [
        { line: 7, column: 3 },
        { line: 7, column: 16 },
      ],
    );
  });
});

test.run();
