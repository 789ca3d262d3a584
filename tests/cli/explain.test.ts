/** `pulsec explain`, and what the command line says of diagnostics: positions in JSON, where to read more. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { explanations } from "../../src/explain/index.js";
import { suite } from "../harness.js";
import { callPulsec } from "./in-process.js";
import { inTemporaryFolder } from "./pulsec.js";

const test = suite("explain command");

test("an id gives the meaning, the wrong input, its message and the way out", async () => {
  const { code, out } = await callPulsec("explain", "ir/accumulator");
  assert.is(code, 0);
  assert.match(out, "ir/accumulator: A sum may leave the range of its storage\n");
  assert.match(out, "pulsec check net.pir\n  | error[ir/accumulator]: %y: linear may overflow i32");
  assert.match(out, "Put right:");
  assert.match(out, "  | - param @bias");
  assert.match(out, "  | + param @bias");
});

test("the brackets of a message may stand around the id", async () => {
  assert.is((await callPulsec("explain", "error[text/syntax]:")).code, 0);
});

test("without an id all are listed, with an area its own", async () => {
  const all = await callPulsec("explain");
  assert.is(all.code, 0);
  for (const { id } of explanations) assert.match(all.out, `  ${id} `);
  const some = await callPulsec("explain", "text");
  assert.match(some.out, "text/unknown-op");
  assert.not.match(some.out, "ir/type");
});

test("an unknown id is wrong usage, with a guess", async () => {
  const { code, err } = await callPulsec("explain", "text/unknwn-op");
  assert.is(code, 2);
  assert.match(err, "did you mean text/unknown-op?");
});

test("--json gives the explanation as data", async () => {
  const { out } = await callPulsec("explain", "ir/type", "--json");
  const said = JSON.parse(out);
  assert.is(said.id, "ir/type");
  assert.ok(said.wrong.files["net.pir"] !== said.right.files["net.pir"]);
  assert.match(said.printed, "error[ir/type]");
  assert.is(said.calls.wrong, "pulsec check net.pir");
});

const wrong = `graph @main(%x: u8[1x4]) -> (%y: u8[1x4]) stage integer {
  %y = rellu %x : u8[1x4]
  %z = relu %b : u8[1x4]
}
`;

test("diagnostics in JSON have offsets, and lines and columns from 1", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "net.pir");
    writeFileSync(file, wrong);
    const { code, out, err } = await callPulsec("check", "--json", file);
    assert.is(code, 1);
    assert.is(err, "");
    const [first, second] = JSON.parse(out).files[0].diagnostics;
    const start = wrong.indexOf("rellu");
    const place = { file, start, end: start + 5, from: { line: 2, column: 8 }, to: { line: 2, column: 13 } };
    assert.equal(first.place, place);
    assert.equal(second.place.from, { line: 3, column: 13 });
    assert.equal(second.place.to, { line: 3, column: 15 });
  });
});

test("notes have positions, too", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "net.pir");
    writeFileSync(file, wrong.replace("rellu %x", "relu %z"));
    const [first] = JSON.parse((await callPulsec("check", "--json", file)).out).files[0].diagnostics;
    assert.is(first.id, "ir/undefined-value");
    assert.is(first.notes[0].place.from.line, 3);
  });
});

test("errors end with one line that says where to read more, warnings do not", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "net.pir");
    writeFileSync(file, wrong);
    const { err } = await callPulsec("check", file);
    assert.match(err, /\npulsec explain text\/unknown-op says more, with an example\n$/);
    assert.is(err.match(/pulsec explain/g)?.length, 1);
    writeFileSync(file, `param @a : i8[1] = [1]\n${wrong.replace("rellu", "relu").replace("%b", "%x")}`);
    const fine = await callPulsec("check", file);
    assert.is(fine.code, 0);
    assert.match(fine.err, "warning[text/unused-param]");
    assert.not.match(fine.err, "pulsec explain");
  });
});

test.run();
