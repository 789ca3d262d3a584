import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { emitProject, findCompilers, type ProjectOptions } from "../../src/backends/c/index.js";
import { GraphBuilder } from "../../src/ir/build.js";
import { attempt } from "../../src/ir/diagnostic.js";
import type { Graph } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { conv } from "../../src/ir/ops/conv.js";
import { relu } from "../../src/ir/ops/relu.js";
import { requant } from "../../src/ir/ops/requant.js";
import { type Tensor, tensor } from "../../src/ir/tensor.js";
import { tensorType } from "../../src/ir/type.js";
import { suite } from "../harness.js";

const test = suite("c project");
const run = promisify(execFile);
const withHost = (await findCompilers()).some((c) => c.kind === "cc") ? test : test.skip;

/** conv and requant over `length` positions; `add` makes two networks differ. */
function small(name = "small", length = 6, add = 2n): Graph {
  const b = new GraphBuilder(name, "integer");
  const x = b.input("x", tensorType("u8", [1, length, 2], { scale: 0.5, zero: 3 }));
  const w = b.param(
    "w",
    tensorType("i8", [2, 3, 2]),
    new Int8Array([1, -2, 3, 4, 5, -6, 7, 8, -9, 10, 11, 12]),
  );
  const places = [{ file: "model.onnx", node: "Conv_0" }];
  const a = b.add(conv, [x, w], { pads: [1, 1] }, { name: "conv.out", places });
  const mul = b.param("mul", tensorType("i32", [1]), new Int32Array([3]));
  const shift = b.param("add", tensorType("i64", [1]), new BigInt64Array([add]));
  const y = b.add(
    requant,
    [a, mul, shift],
    { shift: [5] },
    { name: "y", type: tensorType("i8", [1, length, 2]) },
  );
  return b.finish([y]);
}

async function vectorOf(graph: Graph, seed = 0) {
  const inputs = graph.inputs.map(({ type }) => {
    const count = (type.shape as number[]).reduce((p, q) => p * q, 1);
    return tensor(
      type,
      Array.from({ length: count }, (_, i) => (i * 29 + seed) % 200),
    );
  });
  return { inputs, values: await interpret(graph).run(inputs) };
}

type Files = ReadonlyMap<string, string | Uint8Array>;

async function within<T>(files: Files, body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "pulsec-test-"));
  try {
    await write(folder, files);
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(folder: string, files: Files): Promise<void> {
  for (const [name, content] of files) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
}

const strict = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"];
const sources = ["network.c", "network_weights.c", "test/main.c", "test/vectors.c"];

/** Builds and checks; gives what the program prints and its exit code. */
async function check(files: Files, ...flags: string[]): Promise<{ code: number; stdout: string }> {
  return within(files, async (cwd) => {
    await run("cc", [...strict, ...flags, "-o", "network", ...sources], { cwd });
    try {
      return { code: 0, stdout: (await run("./network", ["check"], { cwd })).stdout };
    } catch (e) {
      return e as { code: number; stdout: string };
    }
  });
}

const project = async (graph: Graph, options: ProjectOptions = {}) =>
  emitProject(graph, { vectors: [await vectorOf(graph)], ...options });

withHost(
  "builds without a warning and reproduces its golden vectors, layer by layer and as it ships",
  async () => {
    const graph = small();
    const files = await project(graph, { vectors: [await vectorOf(graph), await vectorOf(graph, 7)] });
    assert.equal(await check(files, "-DSMALL_TRACE"), { code: 0, stdout: "all 4 values equal\n" });
    assert.equal(await check(files), { code: 0, stdout: "all 2 outputs equal\n" });
  },
);

withHost("the Makefile checks, sanitizes and cleans", async () => {
  await within(await project(small()), async (cwd) => {
    const { stdout } = await run("make", ["check"], { cwd });
    assert.match(stdout, /all 1 outputs equal\nall 2 values equal\n$/);
    assert.match((await run("make", ["sanitize"], { cwd })).stdout, /all 2 values equal\n$/);
    await run("make", ["clean"], { cwd });
    await run("make", ["CFLAGS=-O0 -Werror", "all"], { cwd });
  });
});

withHost("a golden value that differs is named with its element, exit code 3", async () => {
  const graph = small();
  const { inputs, values } = await vectorOf(graph);
  const off = values.get("conv.out")!.data.slice() as Int32Array;
  const was = off[4]!;
  off[4] = was + 1;
  const wrong = new Map([...values, ["conv.out", { ...values.get("conv.out")!, data: off }]]);
  const { code, stdout } = await check(
    emitProject(graph, { vectors: [{ inputs, values: wrong }] }),
    "-DSMALL_TRACE",
  );
  assert.is(code, 3);
  const first = `first divergence: value conv.out, element 4: expected ${was + 1}, got ${was}`;
  assert.is(stdout, `${first}\n1 of 2 values differ\n`);
});

withHost("long vectors keep outputs whole and layers as a CRC that is checked", async () => {
  const graph = small("small", 9000);
  const { inputs, values } = await vectorOf(graph);
  const files = emitProject(graph, { vectors: [{ inputs, values }] });
  assert.match(String(files.get("test/vectors.c")), /TEST_CRC, NULL, 0x[0-9a-f]+u/);
  assert.is((await check(files, "-DSMALL_TRACE")).stdout, "all 2 values equal\n");
  const spoilt = new Map([...values, ["conv.out", inputs[0] as Tensor]]);
  const { code, stdout } = await check(
    emitProject(graph, { vectors: [{ inputs, values: spoilt }] }),
    "-DSMALL_TRACE",
  );
  assert.is(code, 3);
  assert.match(stdout, /first divergence: value conv\.out: expected CRC [0-9a-f]{8}, got [0-9a-f]{8}\n/);
});

withHost(
  "values that nobody computed are not checked; without vectors there is nothing to check",
  async () => {
    const graph = small();
    const { inputs, values } = await vectorOf(graph);
    const outputs = new Map([["y", values.get("y")!]]);
    const partial = emitProject(graph, { vectors: [{ inputs, values: outputs }] });
    assert.is((await check(partial, "-DSMALL_TRACE")).stdout, "all 1 values equal\n");
    const { code, stdout } = await check(emitProject(graph), "-DSMALL_TRACE");
    assert.is(code, 2);
    assert.match(stdout, /without golden vectors/);
  },
);

withHost("two networks with prefixes of their own link into one program", async () => {
  const [one, two] = [small("one"), small("two", 6, 64n)];
  const input = [7, 1, 2, 200, 5, 90, 40, 41, 42, 43, 255, 0];
  const expected = await Promise.all(
    [one, two].map(async (g) => [
      ...(await interpret(g).run([tensor(g.inputs[0]!.type, input)])).get("y")!.data,
    ]),
  );
  assert.not.equal(expected[0], expected[1]);
  const main = `#include <stdio.h>
#include "one/network.h"
#include "two/network.h"
int main(void) {
  const uint8_t x[ONE_X_ELEMENTS] = {${input.join(", ")}};
  int8_t a[ONE_Y_ELEMENTS], b[TWO_Y_ELEMENTS];
  one_run(x, a);
  two_run(x, b);
  for (int i = 0; i < ONE_Y_ELEMENTS; i++) printf("%d ", a[i]);
  for (int i = 0; i < TWO_Y_ELEMENTS; i++) printf("%d ", b[i]);
  return 0;
}
`;
  const files = new Map<string, string | Uint8Array>([["main.c", main]]);
  for (const g of [one, two]) for (const [name, text] of emitProject(g)) files.set(`${g.name}/${name}`, text);
  await within(files, async (cwd) => {
    const both = ["one", "two"].flatMap((n) => [`${n}/network.c`, `${n}/network_weights.c`]);
    await run("cc", [...strict, "-o", "both", "main.c", ...both], { cwd });
    assert.is((await run("./both", [], { cwd })).stdout.trim(), expected.flat().join(" "));
  });
});

withHost("inputs that are outputs, outputs given twice and names that C has taken", async () => {
  const b = new GraphBuilder("int", "integer");
  const type = tensorType("i8", [1, 3, 1]);
  const names = ["while", "INT8_MAX", "x", "X", "a.b", "a_b", "NULL", "arena", "memcpy", "_Bool", "run"];
  const inputs = names.map((name) => b.input(name, type));
  const y = b.add(relu, [inputs[0]!], {}, { name: "unix" });
  const same = b.add(relu, [inputs[2]!], {}, { name: "TRACE" });
  const graph = b.finish([y, inputs[1]!, y, same]);
  const files = await project(graph);
  assert.is((await check(files, "-DINT__TRACE")).stdout, "all 2 values equal\n");
  assert.is((await check(files)).stdout, "all 4 outputs equal\n");
});

test("the sources say where each layer comes from and what it costs", () => {
  const files = emitProject(small(), { version: "1.2.3", moduleHash: "0123456789abcdef0123" });
  const network = String(files.get("network.c"));
  assert.match(
    network,
    /\/\* %conv\.out = conv %x, @w \{pads = 1, 1\}| = conv %x, @w \{pads = \[1, 1\]\} : i32\[1x6x2\]\n/,
  );
  assert.match(network, / \* from model\.onnx: Conv_0\n \* 72 multiply-accumulates \*\//);
  assert.match(network, /^\/\* small: made by pulsec 1\.2\.3 from model 0123456789abcdef\./);
  assert.match(
    String(files.get("network.h")),
    /#define SMALL_X_ELEMENTS 12\n#define SMALL_X_SCALE 0\.5f\n#define SMALL_X_ZERO 3\n/,
  );
  const report = JSON.parse(String(files.get("report.json")));
  assert.is(report.macs, 72);
  assert.equal(
    report.layers.map((l: { kernel: string }) => l.kernel),
    ["pulsec_conv", "pulsec_requant32"],
  );
  assert.equal(report.layers[0].from, ["model.onnx: Conv_0"]);
});

test("only the runtime headers that the network includes are in the project", () => {
  const names = [...emitProject(small()).keys()].filter((n) => n.startsWith("pulsec_"));
  assert.equal(names, ["pulsec_base.h", "pulsec_conv.h", "pulsec_requant.h"]);
});

test("a requant takes 64 bits only where 32 are not proven to do", () => {
  const wide = small("wide", 6, 1n << 40n);
  assert.match(String(emitProject(wide).get("schedule.txt")), /pulsec_requant64/);
  assert.match(String(emitProject(small()).get("schedule.txt")), /pulsec_requant32/);
});

test("prefixes that C or the runtime cannot have are refused; names are mended", () => {
  const refused = (prefix: string) => {
    const result = attempt(() => emitProject(small(), { prefix }));
    return result.ok ? "" : result.diagnostics[0]!.id;
  };
  assert.is(refused("2x"), "c/prefix");
  assert.is(refused("test"), "c/prefix");
  assert.match(String(emitProject(small("test")).get("network.h")), /void test_network_run\(/);
});

test("a float graph is refused", () => {
  const b = new GraphBuilder("f", "float");
  const graph = b.finish([b.add(relu, [b.input("x", tensorType("f32", [1, 2]))])]);
  const result = attempt(() => emitProject(graph));
  assert.equal(result.ok ? [] : result.diagnostics.map((d) => d.id), ["c/stage"]);
});

test.run();
