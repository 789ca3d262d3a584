/** Models (`.pulse`) on the command line: checked, formatted, converted, with weights from a file beside them. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.js";
import { callPulsec } from "./in-process.js";
import { inTemporaryFolder } from "./pulsec.js";

const test = suite("command line, .pulse");
const source = `model tiny {
  input x: [8, 1]
  output y = x |> conv(out: 2, kernel: 3)
}
`;

test("check says that weights are random, and points at mistakes", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "tiny.pulse");
    writeFileSync(file, source);
    const sound = await callPulsec("check", file);
    assert.is(sound.code, 0, sound.err);
    assert.match(sound.out, "@tiny (float, 1 nodes)");
    assert.match(sound.err, "tiny names no weights: they are random");
    writeFileSync(file, source.replace("kernel", "kernal"));
    const wrong = await callPulsec("check", file);
    assert.is(wrong.code, 1);
    assert.match(wrong.err, "did you mean kernel?");
    assert.match(wrong.err, /tiny\.pulse:3:32/);
  });
});

test("fmt prints the canonical form and rewrites in place", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "tiny.pulse");
    writeFileSync(file, source.replace(/ {2,}/g, "").replace("x |>", "x|>"));
    assert.is((await callPulsec("fmt", "--check", file)).code, 1);
    assert.is((await callPulsec("fmt", file)).out, source);
    assert.is((await callPulsec("fmt", "-w", file)).code, 0);
    assert.is(readFileSync(file, "utf8"), source);
  });
});

test("a float graph is written as a model with its weights beside it, and gives the same numbers", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = (name: string) => path.join(dir, name);
    writeFileSync(
      file("tiny.pulse"),
      `${source}\nmodel gated {\n  input x: [8, 2]\n  a = x |> conv(2, 3, pad: same) |> batchnorm\n  output 1 - a * 0.5\n}\n`,
    );
    assert.is((await callPulsec("import", file("tiny.pulse"), "-o", file("tiny.pir"))).code, 0);
    const other = readFileSync(file("tiny.pir"), "utf8")
      .replaceAll("@tiny.y.w", "@kernel")
      .replace(/(?<=f32\[2x3x1\].* = \[)[^,]+/, "0.25");
    assert.match(other, "@kernel : f32[2x3x1] trainable = [0.25,");
    writeFileSync(file("tiny.pir"), other);
    const written = await callPulsec("import", file("tiny.pir"), "-o", file("back.pulse"));
    assert.is(written.code, 0, written.err);
    const text = readFileSync(file("back.pulse"), "utf8");
    assert.is(text.split('  weights "back.pmod"\n').length, 3);
    assert.match(text, "output y = 1 - y.mul");
    assert.is((await callPulsec("fmt", "--check", file("back.pulse"))).code, 0);
    assert.equal(
      (await callPulsec("run", file("back.pulse"))).out,
      (await callPulsec("run", file("tiny.pir"))).out,
    );
    assert.is((await callPulsec("import", file("back.pulse"), "-o", file("again.pulse"))).code, 0);
    assert.is(readFileSync(file("again.pulse"), "utf8"), text.replaceAll("back", "again"));
  });
});

test("weights that were saved come back, and those that do not fit are refused", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "tiny.pulse");
    writeFileSync(file, source);
    assert.is((await callPulsec("import", file, "-o", path.join(dir, "tiny.pmod"))).code, 0);
    const named = source.replace("{\n", '{\n  weights "tiny.pmod"\n');
    writeFileSync(file, named);
    const loaded = await callPulsec("check", file);
    assert.is(loaded.code, 0, loaded.err);
    assert.is(loaded.err, "");
    writeFileSync(file, named.replace("out: 2", "out: 4"));
    const wrong = await callPulsec("check", file);
    assert.is(wrong.code, 1);
    assert.match(wrong.err, "@y.w: f32[4x3x1] is f32[2x3x1]");
    writeFileSync(file, named.replace("tiny.pmod", "none.pmod"));
    assert.match((await callPulsec("check", file)).err, "the weights cannot be read: there is no file");
  });
});

test.run();
