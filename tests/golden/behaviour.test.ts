/** What a binding says is right: the same code fails under one binding and passes under another. And what is no number. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { callPulsec } from "../cli/in-process.js";
import { inTemporaryFolder } from "../cli/pulsec.js";
import { suite } from "../harness.js";
import { copyKernels, hasGcc, testWith } from "./kernels.js";

const test = suite("behaviour of kernels");

/** Replaces texts in a binding. */
function edit(dir: string, binding: string, ...changes: readonly (readonly [string, string])[]): void {
  const file = path.join(dir, binding);
  let text = readFileSync(file, "utf8");
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), from);
    text = text.replace(from, to);
  }
  writeFileSync(file, text);
}

/** A fault of conv.c, and the change of the binding under which it is none. */
const conventions: readonly (readonly [fault: string, from: string, to: string])[] = [
  ["ROUNDING", '"rounding": "floor"', '"rounding": "half-up"'],
  ["CHANNEL_ORDER", '"axes": "NHWC", "layout": "HWC" }', '"axes": "NHWC", "layout": "CHW" }'],
  ["NIBBLE_ORDER", '"low-first"', '"high-first"'],
  ["WRAP", '"product": 64', '"product": 32'],
  ["PAD_VALUE", '"zero": [0, 7]', '"zero": [0]'],
];

const odd: Readonly<Record<string, readonly [says: string, code: number]>> = {
  NOTHING: ["all equal to int", 0],
  INPUT_WRITTEN: ["input changed: the kernel changes its input x", 3],
  ACCUMULATES: ["result not initialised: the kernel adds to what y held before", 3],
  CRASHES: ["out of bounds: the kernel uses memory that belongs to no argument", 3],
  READS_ON: ["out of bounds: the kernel reads 1 byte, right behind the end of x", 3],
  WRITES_ON: ["out of bounds: the kernel writes 4 bytes, right behind the end of y", 3],
  OVERFLOWS: ["32-bit wrap: odd.c:15: signed integer overflow", 3],
  GIVES_NOTHING: ["elements not written: the kernel never writes y (", 3],
  // One wait, not one for every vector and every smaller shape.
  STAYS: ["no return: the kernel did not come back within 10 seconds (1 of 1 failing vectors)", 3],
};

const ownOp = `import { defineConfig, defineOp, tensorType } from "pulsec";
const clamp = (v) => Math.max(-128, Math.min(127, v));
const op = defineOp({
  name: "saturating_add",
  summary: "Adds twice the first to the second and clamps.",
  operands: { a: { storage: ["i8"] }, b: { storage: ["i8"] } },
  attrs: {},
  traits: [],
  infer: ({ a, b }) => (String(a.shape) === String(b.shape) ? tensorType("i8", a.shape) : "a and b differ in shape"),
  int: ({ a, b }) => Int8Array.from(a.data, (v, i) => clamp(2 * v + b.data[i])),
  examples: [{
    text: \`graph @g(%a: i8[1x2x1], %b: i8[1x2x1]) -> (%y: i8[1x2x1]) stage integer {
  %y = saturating_add %a, %b : i8[1x2x1]
}
\`,
    inputs: [[1, 100], [1, 1]],
    output: [3, 127],
  }],
});
export default defineConfig({ version: 1, ops: [op] });
`;
const ownKernel = (stored: string): string => `#include <stdint.h>
void sat(const int8_t *a, const int8_t *b, int8_t *y, int length, int channels) {
  for (int i = 0; i < length * channels; i++) {
    const int v = 2 * a[i] + b[i];
    y[i] = ${stored};
  }
}
`;

if (hasGcc) {
  for (const [fault, from, to] of conventions)
    test(`${fault} is right where the binding says ${to}, and the plain kernel is not always`, async () => {
      await inTemporaryFolder(async (dir) => {
        copyKernels(dir);
        edit(dir, "conv.golden.json", [from, to]);
        const faulty = await testWith(dir, "conv.c", "conv.golden.json", [`-DFAULT=${fault}`]);
        assert.is(faulty.code, 0, faulty.out);
        if (fault === "WRAP" || fault === "PAD_VALUE") return;
        const plain = await testWith(dir, "conv.c", "conv.golden.json", []);
        assert.is(plain.code, 3, plain.out);
      });
    });

  for (const [name, [says, code]] of Object.entries(odd))
    test(`${name}: ${says}`, async () => {
      await inTemporaryFolder(async (dir) => {
        copyKernels(dir);
        const ended = await testWith(dir, "odd.c", "odd.golden.json", [`-DODD=${name}`]);
        assert.is(ended.code, code, ended.out + ended.err);
        assert.ok(ended.out.includes(says), ended.out);
      });
    });

  test("an op of the project's own: its kernel is bound and tested like any other", async () => {
    await inTemporaryFolder(async (dir) => {
      const [config, source] = [path.join(dir, "pulsec.config.mjs"), path.join(dir, "sat.c")];
      writeFileSync(config, ownOp);
      const own = ["--config", config];
      const written = await callPulsec(
        "golden",
        "new",
        "saturating_add",
        "--kernel",
        "sat",
        "-o",
        dir,
        ...own,
      );
      assert.is(written.code, 0, written.err);
      writeFileSync(source, ownKernel("v < -128 ? -128 : v > 127 ? 127 : v"));
      const right = await callPulsec("golden", "test", source, ...own);
      assert.is(right.code, 0, right.out + right.err);
      writeFileSync(source, ownKernel("v"));
      const wrong = await callPulsec("golden", "test", source, ...own);
      assert.is(wrong.code, 3);
      assert.match(
        wrong.out,
        "likely cause: missing clamp: all wrong elements should be the smallest or largest",
      );
    });
  });

  test("slack: bytes behind a tensor that may be read", async () => {
    await inTemporaryFolder(async (dir) => {
      copyKernels(dir);
      edit(dir, "odd.golden.json", [
        '"axes": "NC", "layout": "C" }',
        '"axes": "NC", "layout": "C", "slack": 3 }',
      ]);
      const { code, out } = await testWith(dir, "odd.c", "odd.golden.json", ["-DODD=READS_ON"]);
      assert.is(code, 0, out);
    });
  });

  test("--json: the diagnosis as data", async () => {
    await inTemporaryFolder(async (dir) => {
      copyKernels(dir);
      edit(dir, "odd.golden.json", ['"arguments"', '"flags": ["-DODD=ACCUMULATES"], "arguments"']);
      const { code, out } = await callPulsec("golden", "test", path.join(dir, "odd.c"), "--json");
      assert.is(code, 3);
      const { ok, diagnosis, smallest } = JSON.parse(out);
      assert.is(ok, false);
      assert.is(diagnosis.cause, "result not initialised");
      assert.equal(smallest.sizes, { Ci: 1, Co: 1 });
    });
  });
} else test.skip("kernels under several bindings: needs gcc");

test.run();
