/** Canonical text from modules that no text made. */
import * as assert from "uvu/assert";
import { GraphBuilder, makeParam } from "../../src/ir/build.js";
import type { Module, Param } from "../../src/ir/graph.js";
import { contentHash } from "../../src/ir/hash.js";
import { moduleHash } from "../../src/ir/module-hash.js";
import { conv } from "../../src/ir/ops/conv.js";
import { inlineLimit, printModule, printParam } from "../../src/ir/print.js";
import { tensorType } from "../../src/ir/type.js";
import { suite } from "../harness.js";

const test = suite("print");

const floats = (...values: readonly number[]): string => {
  const p = makeParam("p", tensorType("f32", [values.length]), Float32Array.from(values));
  return printParam(p).replace(/^.*= /, "").trim();
};

test("floats are the shortest decimals that read back", () => {
  assert.is(
    floats(0.1, 1 / 3, 16777217, -0, 1e-45, 3.4028234663852886e38),
    "[0.1, 0.33333334, 16777216, -0, 1.4013e-45, 3.4028235e+38]",
  );
  assert.is(floats(Number.NaN, Infinity, -Infinity), "[NaN, Infinity, -Infinity]");
});

test("large params are named by the hash of their type and bytes", () => {
  const p = (count: number, scale = 1): Param =>
    makeParam("p", tensorType("i8", [count], { scale, zero: 0 }), new Int8Array(count));
  assert.match(printParam(p(inlineLimit)), /= \[0, 0, /);
  assert.is(printParam(p(inlineLimit + 1)), `param @p : i8[65] * 1 = #${contentHash(p(65))}\n`);
  assert.is.not(contentHash(p(65)), contentHash(p(65, 2)));
  assert.is.not(contentHash(p(65)), contentHash(p(66)));
});

function small(
  options: { comments?: readonly string[]; trainable?: boolean; weight?: number; meta?: Module["meta"] } = {},
): Module {
  const { comments, trainable = false, weight = 1, meta = {} } = options;
  const b = new GraphBuilder("g", "integer");
  const x = b.input("x", tensorType("u8", [1, 3, 1]));
  const w = b.param("w", tensorType("i8", [1, 3, 1]), Int8Array.of(weight, 2, 3), { trainable });
  const y = b.add(
    conv,
    [x, w],
    { stride: [1], pads: [1, 0] },
    { name: "y", ...(comments ? { comments } : {}) },
  );
  return { meta, graphs: [b.finish([y])], ...(comments ? { comments } : {}) };
}

test("defaults stay unwritten, facts are sorted, keys are quoted where they must be", () => {
  const meta = { z: "1", "a b": "two\nlines", a: '"' };
  assert.is(
    printModule(small({ meta })),
    `meta a = "\\""
meta "a b" = "two\\nlines"
meta z = "1"

param @w : i8[1x3x1] = [1, 2, 3]

graph @g(%x: u8[1x3x1]) -> (%y: i32[1x2x1]) stage integer {
  %y = conv %x, @w {pads = [1, 0]} : i32[1x2x1]
}
`,
  );
});

test("ranges of values that passes removed are not printed", () => {
  const ranges = ["x", "gone"].map((value) => ({ graph: "g", value, low: -1, high: 2.5 }));
  const text = printModule({
    ...small(),
    ranges: [...ranges, { graph: "lost", value: "x", low: 0, high: 1 }],
  });
  assert.equal(
    text.split("\n").filter((line) => line.startsWith("range")),
    ["range @g %x = [-1, 2.5]"],
  );
});

test("the hash is that of graphs and params, of nothing else", () => {
  const hash = moduleHash(small());
  assert.is(moduleHash(small({ comments: ["anything"], meta: { who: "me" } })), hash);
  assert.is.not(moduleHash(small({ weight: 2 })), hash);
  assert.is.not(moduleHash(small({ trainable: true })), hash);
  const [graph] = small().graphs;
  assert.is.not(moduleHash({ meta: {}, graphs: [{ ...graph!, name: "h" }] }), hash);
});

test.run();
