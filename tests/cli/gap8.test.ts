/** The target gap8 on the command line: compile, verify, run, budgets, weights alone. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as assert from "uvu/assert";
import { writeContainer } from "../../src/frontends/container/index.js";
import { hasCrossCompiler, type NetworkOptions, smallNetwork } from "../backends/pulp/tools.js";
import { suite } from "../harness.js";
import { callPulsec } from "./in-process.js";

const test = suite("pulsec gap8");
const cross = hasCrossCompiler ? test : test.skip;
const dir = mkdtempSync(path.join(os.tmpdir(), "pulsec-gap8-test-"));
test.after(() => rmSync(dir, { recursive: true }));

async function model(name: string, options: NetworkOptions = {}): Promise<string> {
  const file = path.join(dir, `${name}.pmod`);
  const graph = smallNetwork({ name: "main", ...options });
  writeFileSync(file, await writeContainer({ meta: {}, graphs: [graph] }));
  return file;
}
const net = await model("net");
const folder = (name: string) => path.join(dir, name);

test("compile writes the project, with what it was made for in report.json", async () => {
  const out = folder("project");
  const said = await callPulsec("compile", net, "-t", "gap8", "-o", out, "--l1", "8KiB", "--cores", "4");
  assert.is(said.code, 0, said.err);
  for (const name of [
    "network.c",
    "network.h",
    "network_weights.bin",
    "Makefile",
    "gapsdk.mk",
    "gap8",
    "model.pmod",
  ])
    assert.ok(readdirSync(out).includes(name), name);
  const report = JSON.parse(readFileSync(path.join(out, "report.json"), "utf8"));
  assert.is(report.cores, 4);
  assert.is(report.memories.find((m: { level: string }) => m.level === "l1").budget, 8192);
  assert.match(report.model, /^[0-9a-f]{64}$/);
  assert.is(
    report.layers.reduce((n: number, l: { macs: number }) => n + l.macs, 0),
    report.macs,
  );
});

test("c and gap8 go into folders of their own", async () => {
  const said = await callPulsec("compile", net, "-t", "c,gap8", "-o", folder("both"));
  assert.is(said.code, 2);
  assert.match(said.err, "folders of their own");
});

test("what does not fit ends with exit code 4 and names the layer", async () => {
  const said = await callPulsec("compile", net, "-t", "gap8", "-o", folder("tight"), "--l1", "60");
  assert.is(said.code, 4);
  assert.match(said.err, /error\[pulp\/l1-budget\]: %\w+: the smallest tile needs \d+ bytes of L1/);
});

test("--weights-only replaces data files, and refuses what needs other code", async () => {
  const out = folder("weights");
  const compile = (file: string, ...more: string[]) =>
    callPulsec("compile", file, "-t", "gap8", "--name", "net", "-o", out, ...more);
  assert.is((await compile(net)).code, 0);
  const read = () =>
    new Map(
      readdirSync(out, { recursive: true, withFileTypes: true })
        .filter((e) => e.isFile())
        .map((e) => path.join(e.parentPath, e.name))
        .map((f) => [path.relative(out, f), readFileSync(f, "latin1")]),
    );
  const before = read();
  const said = await compile(await model("salted", { salt: 5 }), "--weights-only");
  assert.is(said.code, 0, said.err);
  const changed = [...read()].filter(([name, text]) => before.get(name) !== text).map(([name]) => name);
  assert.equal(changed.sort(), [
    "model.pir",
    "model.pmod",
    "network_weights.bin",
    "network_weights.c",
    "report.json",
    "test/vectors.c",
  ]);
  const refused = await compile(await model("wide", { mul: 2_000_000_000 }), "--weights-only");
  assert.is(refused.code, 1);
  assert.match(refused.err, "pulp/weights-change-code");
  assert.equal([...read()].filter(([name, text]) => before.get(name) !== text).length, changed.length);
});

cross("verify --target gap8 of a compiled folder runs firmware of three kinds", async () => {
  const out = folder("verified");
  assert.is((await callPulsec("compile", net, "-t", "gap8", "-o", out)).code, 0);
  const said = await callPulsec("verify", out, "--target", "gap8", "--vectors", "1");
  assert.is(said.code, 0, said.err + said.out);
  assert.match(
    said.out,
    /int = gap8sim, every layer: 5 values, \d test vectors, bit for bit; gap8sim: 3 of them/,
  );
  assert.match(said.out, /firmware as it ships: all \d+ CRCs equal, 2 inferences/);
});

cross("run --engine gap8sim gives what int gives", async () => {
  const outputs = [];
  for (const engine of ["int", "gap8sim"]) {
    const said = await callPulsec("run", net, "--engine", engine, "--json");
    assert.is(said.code, 0, said.err);
    outputs.push(JSON.parse(said.out).outputs);
  }
  assert.equal(outputs[1], outputs[0]);
});

test("an unknown target of verify is a mistake in the call", async () => {
  const said = await callPulsec("verify", net, "--target", "gap9");
  assert.is(said.code, 2);
  assert.match(said.err, "did you mean gap8?");
});

test.run();
