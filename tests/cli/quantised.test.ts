/** Quantised ONNX models on the command line. */
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { onnxFile } from "../frontends/onnx-model.js";
import { qdqNetwork } from "../frontends/qdq-network.js";
import { suite } from "../harness.js";
import { callPulsec } from "./in-process.js";
import { inTemporaryFolder } from "./pulsec.js";

const test = suite("cli: quantised ONNX");

test("a QDQ network is verified with a count of ties, compiled to C, or read as floats", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "qdq.onnx");
    const { quantised: _, ...model } = qdqNetwork(1);
    writeFileSync(file, onnxFile(model));
    const verified = await callPulsec("verify", file, "--engine", "wasm");
    assert.is(verified.code, 0, verified.err);
    assert.match(
      verified.out,
      /conversion: (\d+) of \1 rounded elements keep the rule; \d+ within 1e-6 of a tie/,
    );
    const out = path.join(dir, "out");
    assert.is((await callPulsec("compile", file, "--target", "c", "-o", out)).code, 0);
    assert.ok(existsSync(path.join(out, "network.c")));
    const floats = await callPulsec("import", file, "--network", "float");
    assert.match(floats.out, "stage quantised");
    assert.is((await callPulsec("import", file, "--network", "half")).code, 2);
  });
});

test.run();
