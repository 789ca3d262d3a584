/** Kernels in C that users bring: their files, and what of them is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import * as assert from "uvu/assert";
import { cEngine, emitProject, findCompilers, portableKernels } from "../../src/backends/c/index.js";
import { testInputs } from "../../src/data/random-tensor.js";
import { GraphBuilder } from "../../src/ir/build.js";
import type { Kernel } from "../../src/ir/contracts.js";
import { type Diagnostic, Refusal } from "../../src/ir/diagnostic.js";
import type { Graph } from "../../src/ir/graph.js";
import { intEngine } from "../../src/ir/interpreter.js";
import { relu } from "../../src/ir/ops/relu.js";
import { tensorType } from "../../src/ir/type.js";
import { compareEngines } from "../../src/verify/index.js";
import { suite } from "../harness.js";
import { delta, deltaKernel } from "./ops.js";

const test = suite("kernels of users");
const withHost = (await findCompilers()).some((c) => c.kind === "cc") ? test : test.skip;

const deltas: Graph = (() => {
  const b = new GraphBuilder("net", "integer");
  const x = b.input("x", tensorType("i8", [1, 6, 2]));
  return b.finish([b.add(delta, [b.add(relu, [x], {}, { name: "r" })], {}, { name: "y" })]);
})();

/** Two files of one op: relu by a kernel of the user's own, from a header that includes one of ours. */
const ownRelu = (more: Partial<Kernel> = {}): Kernel => ({
  name: "own-relu",
  op: relu,
  header: "own_relu.h",
  files: [
    {
      name: "own_relu.h",
      from: `#include "pulsec_elementwise.h"
PULSEC_KERNEL void own_relu(const int8_t *x, int8_t *y, int count) {
  pulsec_clip(x, y, (pulsec_clip_shape){.type = PULSEC_I8, .count = count, .lo = 0, .hi = 127});
}
`,
    },
  ],
  emit: (_, { operands: [x], result }) => `  own_relu(${x}, ${result}, 12);`,
  ...more,
});

const refused = (kernels: readonly Kernel[]): Diagnostic => {
  try {
    emitProject(deltas, { kernels });
  } catch (e) {
    if (e instanceof Refusal) return e.diagnostics[0]!;
    throw e;
  }
  assert.unreachable("nothing was refused");
  return undefined as never;
};

test("a project holds the files of the kernels that it uses, and compiles their sources", () => {
  const files = emitProject(deltas, { kernels: [ownRelu(), deltaKernel, ...portableKernels] });
  assert.is(files.get("delta.c"), deltaKernel.files![1]!.from);
  assert.match(
    files.get("Makefile") as string,
    /^SOURCES = network\.c network_weights\.c delta\.c test\/main\.c/m,
  );
  assert.match(files.get("network.c") as string, /#include "delta\.h"\n#include "own_relu\.h"/);
  assert.ok(files.has("pulsec_elementwise.h"), "what a header of theirs includes of ours");
  assert.match(files.get("README.txt") as string, /^own_relu\.h, delta\.h, delta\.c\s+kernels of your own$/m);
  const without = emitProject(deltas, { kernels: [...portableKernels, deltaKernel, ownRelu()] });
  assert.not.ok(without.has("own_relu.h"), "the first kernel of the list wins");
});

withHost("what comes first in the list computes", async () => {
  const engine = cEngine({ kernels: [ownRelu(), deltaKernel, ...portableKernels] });
  const report = await compareEngines(
    deltas,
    intEngine,
    [engine],
    testInputs([deltas.inputs[0]!.type], 3, 1),
  );
  assert.ok(report.ok);
  const wrong = ownRelu({ emit: (_, { operands: [x], result }) => `  own_relu(${x}, ${result}, 11);` });
  const broken = cEngine({ kernels: [wrong, deltaKernel, ...portableKernels] });
  const second = await compareEngines(
    deltas,
    intEngine,
    [broken],
    testInputs([deltas.inputs[0]!.type], 3, 1),
  );
  assert.is(second.engines[0]!.differences[0]!.value, "r");
});

test("a file may be named by its URL", () => {
  const dir = mkdtempSync(path.join(tmpdir(), "pulsec-test-"));
  try {
    writeFileSync(path.join(dir, "own_relu.h"), "/* from a file */\n");
    const from = pathToFileURL(path.join(dir, "own_relu.h"));
    const kernels = [ownRelu({ files: [{ name: "own_relu.h", from }] }), deltaKernel];
    assert.is(emitProject(deltas, { kernels }).get("own_relu.h"), "/* from a file */\n");
    const gone = new URL("nothing.h", from);
    const { id, text, found } = refused([
      ownRelu({ files: [{ name: "own_relu.h", from: gone }] }),
      deltaKernel,
    ]);
    assert.equal([id, text], ["c/kernel-file", "kernel own-relu: own_relu.h cannot be read"]);
    assert.match(found!, /ENOENT/);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("names that the project has, that are none, or that two kernels give to two files are refused", () => {
  const named = (name: string) =>
    refused([ownRelu({ header: name, files: [{ name, from: "" }] }), deltaKernel]).found;
  assert.is(named("network.c"), "the project has a file of this name");
  assert.is(named("pulsec_conv.h"), "the runtime has a header of this name");
  assert.match(named("../escape.h")!, /no name of a C file/);
  const twin = ownRelu({ header: "delta.h", files: [{ name: "delta.h", from: "other" }] });
  assert.is(refused([twin, deltaKernel]).found, "kernel own-relu brings another file of this name");
});

test("a header that nobody brings is refused", () => {
  const { text, found, help } = refused([ownRelu({ header: "gone.h" }), deltaKernel]);
  assert.is(text, "kernel own-relu: there is no header gone.h");
  assert.is(found, "its files are own_relu.h");
  assert.match(help!, /new URL\("\.\/gone\.h", import\.meta\.url\)/);
});

test("what throws in emit is named with its file and line", () => {
  const emit = (): never => {
    throw new Error("no such type");
  };
  const { id, text, found } = refused([ownRelu({ emit }), deltaKernel]);
  assert.equal([id, text], ["extension/failed", "%r: emit of kernel own-relu failed"]);
  assert.match(found!, /^no such type, thrown at .*kernels\.test\.(js|ts):\d+:\d+$/);
});

withHost("a compiler's complaint of a user's file says whose it is", async () => {
  const kernels = [ownRelu({ files: [{ name: "own_relu.h", from: "int own_relu;" }] }), deltaKernel];
  try {
    await cEngine({ kernels }).prepare(deltas);
    assert.unreachable();
  } catch (e) {
    const [d] = (e as Refusal).diagnostics;
    assert.is(d!.id, "c/compiler");
    assert.is(d!.help, "it complains of own_relu.h, which a kernel of your own brings");
  }
});

test.run();
