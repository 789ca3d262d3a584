/** Models (`.pulse`) on the command line: checked, formatted, converted, with weights from a file beside them. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.js";
import { inTemporaryFolder, pulsec } from "./pulsec.js";

const test = suite("command line, .pulse");
const source = `model tiny {
  input x: [8, 1]
  output y = x |> conv(out: 2, kernel: 3)
}
`;

test("check says that weights are random, and points at mistakes", async () => {
  await inTemporaryFolder((dir) => {
    const file = path.join(dir, "tiny.pulse");
    writeFileSync(file, source);
    const sound = pulsec("check", file);
    assert.is(sound.code, 0, sound.err);
    assert.match(sound.out, "@tiny (float, 1 nodes)");
    assert.match(sound.err, "tiny names no weights: they are random");
    writeFileSync(file, source.replace("kernel", "kernal"));
    const wrong = pulsec("check", file);
    assert.is(wrong.code, 1);
    assert.match(wrong.err, "did you mean kernel?");
    assert.match(wrong.err, /tiny\.pulse:3:32/);
  });
});

test("fmt prints the canonical form and rewrites in place", async () => {
  await inTemporaryFolder((dir) => {
    const file = path.join(dir, "tiny.pulse");
    writeFileSync(file, source.replace(/ {2,}/g, "").replace("x |>", "x|>"));
    assert.is(pulsec("fmt", "--check", file).code, 1);
    assert.is(pulsec("fmt", file).out, source);
    assert.is(pulsec("fmt", "-w", file).code, 0);
    assert.is(readFileSync(file, "utf8"), source);
  });
});

test("weights that were saved come back, and those that do not fit are refused", async () => {
  await inTemporaryFolder((dir) => {
    const file = path.join(dir, "tiny.pulse");
    writeFileSync(file, source);
    assert.is(pulsec("import", file, "-o", path.join(dir, "tiny.pmod")).code, 0);
    const named = source.replace("{\n", '{\n  weights "tiny.pmod"\n');
    writeFileSync(file, named);
    const loaded = pulsec("check", file);
    assert.is(loaded.code, 0, loaded.err);
    assert.is(loaded.err, "");
    writeFileSync(file, named.replace("out: 2", "out: 4"));
    const wrong = pulsec("check", file);
    assert.is(wrong.code, 1);
    assert.match(wrong.err, "@y.w: f32[4x3x1] is f32[2x3x1]");
    writeFileSync(file, named.replace("tiny.pmod", "none.pmod"));
    assert.match(pulsec("check", file).err, "the weights cannot be read: there is no file");
  });
});

test.run();
