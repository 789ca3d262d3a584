import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as assert from "uvu/assert";
import { root, suite } from "../harness.js";
import { callPulsec } from "./in-process.js";

const test = suite("pulsec opt");
const folder = mkdtempSync(path.join(tmpdir(), "pulsec-opt-"));
const file = path.join(folder, "net.pir");
writeFileSync(
  file,
  `param @slope : f32[1] trainable = [0.25]

graph @net(%x: f32[Nx4x1]) -> (%y: f32[Nx4x1]) stage float {
  %a = relu %x : f32[Nx4x1]
  %b = relu %a : f32[Nx4x1]
  %y = prelu %b, @slope : f32[Nx4x1]
}
`,
);

test("passes run in order, timed and checked by running", async () => {
  const done = await callPulsec(
    "opt",
    file,
    "--passes",
    "simplify,prelu-to-relu",
    "--time-passes",
    "--check-values",
  );
  assert.is(done.code, 0, done.err);
  assert.match(done.out, /%y = relu %a/);
  assert.match(done.err, /canonicalise +[\d.]+ ms {2}@net\n.*\n.*\nprelu-to-relu +[\d.]+ ms {2}@net\ntotal /);
  assert.match(done.err, "warning[pass/changes-function]: after prelu-to-relu");
});

test("--print-changed shows the graph after passes that did something, and no others", async () => {
  const done = await callPulsec("opt", file, "--passes", "dead-code,canonicalise", "--print-changed");
  assert.match(done.err, "// after canonicalise\ngraph @net");
  assert.not.match(done.err, "after dead-code");
});

test("JSON tells every step with its options", async () => {
  const done = await callPulsec("opt", file, "--passes", "simplify", "--json");
  const { ok, passes, runs } = JSON.parse(done.out);
  assert.ok(ok);
  assert.equal(passes, ["canonicalise", "deduplicate", "dead-code"]);
  assert.equal(
    runs.map((r: { pass: string; changed: boolean }) => [r.pass, r.changed]),
    [
      ["canonicalise", true],
      ["deduplicate", false],
      ["dead-code", false],
    ],
  );
});

test("a slip in the pipeline is shown where it is", async () => {
  const done = await callPulsec("opt", file, "--passes", "simplify,to-integer{weigths=4}");
  assert.is(done.code, 1);
  assert.match(done.err, "error[pass/option]: to-integer has no option weigths\n  --> --passes:1:10");
  assert.match(done.err, "did you mean weights?");
});

test("passes that run the graph take the data that the model names, or --calibrate", async () => {
  const example = path.join(root, "examples", "dscnn.pulse");
  const pipeline = "fold,calibrate{method=minmax},to-integer{weights=4}";
  const named = await callPulsec("opt", example, "--passes", pipeline);
  assert.is(named.code, 0, named.err);
  assert.match(named.out, "stage integer");
  const none = await callPulsec("opt", file, "--passes", "calibrate");
  assert.is(none.code, 1);
  assert.match(none.err, "error[quant/no-samples]");
  const values = path.join(folder, "x.csv");
  writeFileSync(values, "0.5,1,-1,0\n0.25,2,0,0\n");
  const given = await callPulsec("opt", file, "--passes", "calibrate{method=minmax}", "--calibrate", values);
  assert.is(given.code, 0, given.err);
  assert.match(given.out, "range @net %x = [-1, 2]");
});

test.run();
