/** From float to integer on the command line: data, bits, budget, report, and what the deploy section says. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { exampleData } from "../../scripts/examples.js";
import {
  type RawArray,
  readTensorFile,
  writeNpy,
  writeNpz,
  writeText,
} from "../../src/data/tensor-files/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { root, suite } from "../harness.js";
import { callPulsec } from "./in-process.js";
import { inTemporaryFolder } from "./pulsec.js";

const test = suite("pulsec quantize");

const source = `model net {
  input x: [8, 2]
  a = x |> conv(out: 4, kernel: 3) |> relu
  output y = a |> conv(out: 2, kernel: 3)
}
`;
const count = 5;
/** Sample s, position l, channel c. */
const value = (s: number, l: number, c: number): number =>
  Math.fround(Math.sin(s * 7 + l * 1.3 + c * 2.1) * (s + 1));
function array(order: "last" | "first", name = "x"): RawArray {
  const data: number[] = [];
  for (let s = 0; s < count; s++)
    if (order === "last") for (let l = 0; l < 8; l++) for (let c = 0; c < 2; c++) data.push(value(s, l, c));
    else for (let c = 0; c < 2; c++) for (let l = 0; l < 8; l++) data.push(value(s, l, c));
  const shape = order === "last" ? [count, 8, 2] : [count, 2, 8];
  return { name, shape, dtype: "f4", data: Float32Array.from(data) };
}

/** A folder with the model and files; paths inside it by name. */
const inFolder = (
  files: Readonly<Record<string, string | Uint8Array>>,
  body: (at: (name: string) => string) => Promise<void>,
) =>
  inTemporaryFolder(async (dir) => {
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(dir, name), content);
    await body((name) => path.join(dir, name));
  });
async function json(...args: readonly string[]) {
  const said = await callPulsec(...args, "--json");
  return { ...said, result: JSON.parse(said.out) };
}
async function hashOf(...args: readonly string[]): Promise<string> {
  const { code, result } = await json("quantize", ...args);
  assert.is(code, 0, JSON.stringify(result));
  return result.hash;
}

test("the same samples as .npz, .npy, .csv give the same network; fewer give another", async () => {
  const flat = { ...array("last"), shape: [count, 16] };
  const files = {
    "net.pulse": source,
    "x.npz": writeNpz([array("last"), array("last", "unused")]),
    "x.npy": writeNpy(array("last")),
    "x.csv": writeText(flat),
  };
  await inFolder(files, async (at) => {
    const npz = await hashOf(at("net.pulse"), "--calibrate", at("x.npz"));
    assert.is(await hashOf(at("net.pulse"), "--calibrate", at("x.npy")), npz);
    assert.is(await hashOf(at("net.pulse"), "--calibrate", `x=${at("x.csv")}`), npz);
    const drawn = (seed: string) =>
      hashOf(at("net.pulse"), "--calibrate", at("x.npz"), "--limit", "1", "--seed", seed);
    assert.is(await drawn("1"), await drawn("1"));
    const hashes = [npz];
    for (const seed of ["1", "4", "6"]) hashes.push(await drawn(seed));
    assert.ok(new Set(hashes).size >= 3, "other seeds draw other samples");
    assert.is(await hashOf(at("net.pulse"), "--calibrate", at("x.npz"), "--limit", "99"), npz);
  });
});

/** What the ranges of a network say, without its name. */
const ranges = (text: string): readonly string[] =>
  [...text.matchAll(/^range @\w+ (%x = .*)$/gm)].map((m) => m[1]!);

test("ONNX: files channels first, and a fixed batch of 1, take many samples", async () => {
  const onnx = (batch: string) => `<ir_version: 10, opset_import: ["" : 20]>
net (float[${batch}, 2, 8] x) => (float[${batch}, 3, 8] y)
<float[3, 2, 1] w = {0.5, -0.25, 1.0, 0.75, -1.0, 0.125}>
{
  y = Conv (x, w)
}
`;
  const files = {
    "one.onnxtxt": onnx("1"),
    "any.onnxtxt": onnx("N"),
    "first.npy": writeNpy(array("first")),
    "last.npy": writeNpy(array("last")),
  };
  await inFolder(files, async (at) => {
    const found = new Set<string>();
    for (const model of ["one", "any"])
      for (const data of ["first", "last"]) {
        const { code, out, err } = await callPulsec(
          "quantize",
          at(`${model}.onnxtxt`),
          "--calibrate",
          at(`${data}.npy`),
        );
        assert.is(code, 0, err);
        assert.match(err, "on 5 calibration samples");
        found.add(ranges(out).join());
      }
    assert.is(found.size, 1, "all four have the same range of %x");
  });
});

const idsOf = (result: { diagnostics: { id: string }[] }): readonly string[] =>
  result.diagnostics.map((d) => d.id);

test("data that does not fit is refused with what was found", async () => {
  const cases: readonly [RawArray, string][] = [
    [{ ...array("last"), shape: [8, count, 2] }, "input/samples"],
    [{ ...array("last"), shape: [79], data: new Float32Array(79) }, "input/samples"],
    [{ ...array("last"), shape: [count, 4, 4] }, "file/tensor-shape"],
    [
      {
        ...array("last"),
        data: Float32Array.from(array("last").data as Float32Array, (v, i) => (i === 40 ? Number.NaN : v)),
      },
      "quant/not-finite",
    ],
  ];
  await inFolder({ "net.pulse": source }, async (at) => {
    for (const [raw, id] of cases) {
      writeFileSync(at("bad.npy"), writeNpy(raw));
      const { code, result } = await json("quantize", at("net.pulse"), "--calibrate", at("bad.npy"));
      assert.is(code, 1);
      assert.ok(idsOf(result).includes(id), `${idsOf(result)} has ${id}`);
    }
    const { err } = await callPulsec("quantize", at("net.pulse"), "--calibrate", at("bad.npy"));
    assert.match(err, "%x is not finite on calibration sample 2");
    assert.match(err, "leave the damaged sample out");
    for (const limit of ["0", "x"])
      assert.is(
        (await callPulsec("quantize", at("net.pulse"), "--calibrate", at("bad.npy"), "--limit", limit)).code,
        2,
      );
  });
});

const deploy = (settings: string): string => `${source}deploy net to c { ${settings} }\n`;

test("the deploy section gives data and bits; the command line comes before it", async () => {
  const files = {
    "plain.pulse": source,
    "net.pulse": deploy('weights 4; activations 8; calibrate "x.npy"; test "x.npy"'),
    "list.pulse": deploy('weights [2, 4, 8] by layer; calibrate "x.npy"'),
    "missing.pulse": deploy('calibrate "none.npy"'),
    "x.npy": writeNpy(array("last")),
  };
  await inFolder(files, async (at) => {
    const given = ["--calibrate", at("x.npy")];
    assert.is(await hashOf(at("net.pulse")), await hashOf(at("plain.pulse"), ...given, "--bits", "4"));
    assert.is(await hashOf(at("net.pulse"), "--bits", "8"), await hashOf(at("plain.pulse"), ...given));
    assert.is(await hashOf(at("list.pulse")), await hashOf(at("plain.pulse"), ...given));
    const passes = ["--passes", "fold,calibrate,to-integer{weights=2}"];
    assert.is(await hashOf(at("net.pulse"), ...passes), await hashOf(at("plain.pulse"), ...given, ...passes));
    const tested = await json("quantize", at("net.pulse"));
    assert.equal(tested.result.quantisation.samples, { count, of: "test samples" });
    const vectors = async (model: string, seed: string) => {
      const args = [
        "compile",
        at(model),
        ...given,
        "--bits",
        "4",
        "-t",
        "c",
        "-o",
        at(`out-${model}`),
        "--seed",
        seed,
      ];
      assert.is((await callPulsec(...args)).code, 0);
      return readFileSync(path.join(at(`out-${model}`), "test", "vectors.c"), "utf8");
    };
    assert.is(
      await vectors("net.pulse", "1"),
      await vectors("net.pulse", "2"),
      "golden vectors are test data",
    );
    assert.not.equal(await vectors("plain.pulse", "1"), await vectors("plain.pulse", "2"));
    const missing = await callPulsec("quantize", at("missing.pulse"));
    assert.is(missing.code, 1);
    assert.match(missing.err, /missing\.pulse:6:/);
    assert.match(missing.err, "give the inputs with --calibrate FILE");
  });
});

test("--bits: one number, two, or a file by layer; slips are refused", async () => {
  const files = {
    "net.pulse": source,
    "x.npy": writeNpy(array("last")),
    "bits.json": '{"a": 2, "y": {"weights": 4, "activations": 8}}',
  };
  await inFolder(files, async (at) => {
    const printed = async (bits: string) =>
      callPulsec("quantize", at("net.pulse"), "--calibrate", at("x.npy"), "--bits", bits);
    assert.match((await printed("4")).out, /: i4\[4x3x2\][\s\S]*: i4\[2x3x4\]/);
    assert.match((await printed("8/4")).out, /%x: i4\[1x8x2\]/);
    assert.match((await printed(at("bits.json"))).out, /: i2\[4x3x2\][\s\S]*: i4\[2x3x4\]/);
    assert.match((await printed("5")).err, "quant/bits");
    for (const [text, id] of [
      ["{", "file/json"],
      ["[4]", "quant/bits-file"],
      ['{"a": {"weight": 4}}', "quant/bits-file"],
      ['{"b": 4}', "quant/unknown-layer"],
      ['{"a": 3}', "quant/bits"],
    ]) {
      writeFileSync(at("bits.json"), text!);
      const said = await printed(at("bits.json"));
      assert.is(said.code, 1);
      assert.match(said.err, `[${id}]`);
    }
    const without = await callPulsec("quantize", at("net.pulse"), "--bits", "4", "--passes", "fold");
    assert.is(without.code, 2);
  });
});

test("--budget fits what fits, the same every time; what cannot ends with exit code 4", async () => {
  const files = { "net.pulse": source, "x.npy": writeNpy(array("last")) };
  await inFolder(files, async (at) => {
    const call = (budget: string) =>
      json("quantize", at("net.pulse"), "--calibrate", at("x.npy"), "--budget", budget);
    const free = (await call("1MiB")).result;
    const [tight, again] = [
      await call(`${free.quantisation.bytes - 8}B`),
      await call(`${free.quantisation.bytes - 8}`),
    ];
    assert.is(tight.code, 0);
    assert.ok(tight.result.quantisation.bytes <= free.quantisation.bytes - 8);
    assert.is(tight.result.hash, again.result.hash);
    const none = await callPulsec("quantize", at("net.pulse"), "--calibrate", at("x.npy"), "--budget", "20B");
    assert.is(none.code, 4);
    assert.match(
      none.err,
      /\d+ bytes with every layer at 2 bits, \d+ too many; the largest layer is %\w+ with \d+/,
    );
    assert.is((await callPulsec("quantize", at("net.pulse"), "--budget", "3 stones")).code, 2);
  });
});

test("the report: JSON, a page that needs nothing from elsewhere, a summary", async () => {
  const files = { "net.pulse": source, "x.npy": writeNpy(array("last")) };
  await inFolder(files, async (at) => {
    const args = [
      "quantize",
      at("net.pulse"),
      "--calibrate",
      at("x.npy"),
      "--report",
      at("q.html"),
      "-o",
      at("q.pmod"),
    ];
    const said = await callPulsec(...args);
    assert.match(
      said.err,
      /%y: \d+\.\d dB signal to noise against the float network on 5 calibration samples/,
    );
    assert.match(said.err, /costs most accuracy: %\w+ \(conv, 8 bit weights\), \d+/);
    const page = readFileSync(at("q.html"), "utf8");
    assert.not.match(page, /<script|src=|href=|@import|url\(/);
    assert.match(page, "<svg");
    const { result } = await json(...args);
    assert.equal(
      result.quantisation.layers.map((l: { name: string }) => l.name),
      ["x", "a", "y"],
    );
    assert.equal(
      result.quantisation.whatIf.map((w: { layer: string; bits: number }) => `${w.layer} ${w.bits}`),
      ["a 4", "a 2", "y 4", "y 2"],
    );
  });
});

test("the examples' data is what the script writes", () => {
  for (const [name, bytes] of exampleData()) {
    assert.ok(bytes.length < 30_000, `${name} has ${bytes.length} bytes`);
    assert.equal(Buffer.from(readFileSync(path.join(root, "examples", name))), Buffer.from(bytes));
    for (const { data } of unwrap(readTensorFile(name, bytes)))
      assert.ok([...data].every((v) => Number.isFinite(Number(v))));
  }
});

/** Signal to noise of the outputs in decibels: 8 bit, then the mixed bits of a budget. Random weights are no easy case. */
const expected: Readonly<Record<string, readonly [eight: number, budget: string, mixed: number]>> = {
  unet: [20, "48KiB", 6],
  resnet_se: [30, "48KiB", 15],
  dscnn: [30, "24KiB", 10],
};
for (const [name, [eight, budget, mixed]] of Object.entries(expected)) {
  test(`examples/${name}.pulse: 8 bit, then mixed bits; int, wasm and c agree, the error is reported`, async () => {
    await inTemporaryFolder(async (dir) => {
      for (const ending of ["pulse", "npz"])
        copyFileSync(path.join(root, "examples", `${name}.${ending}`), path.join(dir, `${name}.${ending}`));
      const model = path.join(dir, `${name}.pulse`);
      const out = path.join(dir, "out");
      const compiled = await json("compile", model, "--target", "c", "-o", out, "--limit", "4");
      assert.is(compiled.code, 0, compiled.err);
      const { snr } = JSON.parse(readFileSync(path.join(out, "quantisation.json"), "utf8"));
      assert.ok(snr > eight, `${snr} dB with 8 bits`);
      assert.match(readFileSync(path.join(out, "quantisation.html"), "utf8"), "<svg");
      assert.match((await callPulsec("verify", out)).out, /int = wasm = c: \d+ values/);
      const container = path.join(dir, "mixed.pmod");
      const fitted = await json("quantize", model, "--budget", budget, "--limit", "3", "-o", container);
      assert.is(fitted.code, 0, fitted.err);
      const { quantisation } = fitted.result;
      assert.ok(quantisation.bytes <= Number.parseInt(budget, 10) * 1024);
      const widths = new Set(quantisation.layers.map((l: { weightBits?: number }) => l.weightBits));
      assert.ok(widths.has(8) && (widths.has(4) || widths.has(2)));
      assert.ok(quantisation.snr > mixed && quantisation.snr < snr, `${quantisation.snr} dB with mixed bits`);
      assert.match(
        (await callPulsec("verify", container, "--vectors", "1")).out,
        /int = wasm = c: \d+ values/,
      );
    });
  });
}

test.run();
