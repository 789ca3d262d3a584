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

test("tiles have 52 KiB of L1 at most", async () => {
  const said = await callPulsec("compile", net, "-t", "gap8", "-o", folder("wide"), "--l1", "53KiB");
  assert.is(said.code, 2);
  assert.match(said.err, "--l1 takes at most 52KiB");
});

test("what does not fit ends with exit code 4 and names the layer", async () => {
  const said = await callPulsec("compile", net, "-t", "gap8", "-o", folder("tight"), "--l1", "60");
  assert.is(said.code, 4);
  assert.match(said.err, /error\[pulp\/l1-budget\]: %\w+: the smallest tile needs \d+ bytes of L1/);
});

test("too little L2 names the layer, the bytes that are missing, and a setting that is enough", async () => {
  const tight = (l2: string) => callPulsec("compile", net, "-t", "gap8", "-o", folder("narrow"), "--l2", l2);
  const said = await tight("60");
  assert.is(said.code, 4);
  assert.match(said.err, /found: %\S+ works on \d+ bytes at least/);
  const enough = Number(/--l2 (\d+), or l2 in the deploy section, is enough/.exec(said.err)![1]);
  assert.match(said.err, `expected: ${enough - 60} bytes more`);
  assert.is((await tight(String(enough))).code, 0);
});

test("--weights-only replaces data files, and refuses what needs other code", async () => {
  const out = folder("weights");
  const compile = (file: string, ...more: string[]) =>
    callPulsec("compile", file, "-t", "gap8", "-o", out, ...more);
  const nowhere = await compile(net, "--weights-only");
  assert.is(nowhere.code, 1);
  assert.match(nowhere.err, "report.json");
  assert.is((await compile(net, "--cores", "3", "--l1", "20KiB")).code, 0);
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

const batch = `graph @main(%x: u8[2x4x8]) -> (%y: u8[2x4x8]) stage integer {
  %y = relu %x : u8[2x4x8]
}
`;

test("a layer that one core computes on whole tensors is a warning with its place", async () => {
  const file = path.join(dir, "batch.pir");
  writeFileSync(file, batch);
  const said = await callPulsec("compile", file, "-t", "gap8", "-o", folder("batch"));
  assert.is(said.code, 0, said.err);
  assert.is(said.err.match(/warning\[pulp\/portable-kernel\]: %y/g)?.length, 1);
  assert.match(said.err, /batch\.pir:2:3/);
  assert.not.match(
    (await callPulsec("compile", net, "-t", "gap8", "-o", folder("plain"))).err,
    "portable-kernel",
  );
});

/** Gives every element of the first layer of the network plus `error`. */
const kernel = (error: number) => `#include <stdint.h>
void my_conv(const uint8_t *x, const int8_t *w, const int32_t *b, const int32_t *mul, const int64_t *add, uint8_t *y,
             int length, int taps, int ci, int co, int stride, int dilation, int begin, int end, int shift) {
  const int positions = (length + begin + end - (taps - 1) * dilation - 1) / stride + 1;
  for (int p = 0; p < positions; p++)
    for (int o = 0; o < co; o++) {
      int32_t sum = b[o];
      for (int k = 0; k < taps; k++) {
        const int at = p * stride + k * dilation - begin;
        if (at < 0 || at >= length) continue;
        for (int c = 0; c < ci; c++) sum += x[at * ci + c] * w[(o * taps + k) * ci + c];
      }
      const int64_t v = ((int64_t)sum * mul[o] + add[o]) >> shift;
      y[p * co + o] = (v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v) + ${error};
    }
}
`;

cross("verify of a folder takes the kernels that it was compiled with", async () => {
  const source = path.join(dir, "my_conv.c");
  const out = folder("linked");
  const made = await callPulsec(...["golden", "new", "conv1d+requant", "--kernel", "my_conv", "-o", dir]);
  assert.is(made.code, 0, made.err);
  writeFileSync(source, kernel(1));
  assert.is(
    (await callPulsec("compile", net, "-t", "gap8", "-o", out, "--kernel", `conv=${source}`)).code,
    0,
  );
  const report = JSON.parse(readFileSync(path.join(out, "report.json"), "utf8"));
  assert.equal(report.kernels, ["conv=../my_conv.c"]);
  const wrong = await callPulsec("verify", out, "--target", "gap8", "--vectors", "1");
  assert.is(wrong.code, 3, wrong.err);
  assert.match(wrong.err, "my_conv.c computes %a");
  assert.match(wrong.out, "first divergence of gap8sim from int: %a");
  writeFileSync(source, kernel(0));
  assert.is((await callPulsec("verify", out, "--target", "gap8", "--vectors", "1")).code, 0);
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
