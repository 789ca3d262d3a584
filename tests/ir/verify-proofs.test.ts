/** What the verifier proves about numbers: sums, products and shifts of integer graphs, elements of params. */
import * as assert from "uvu/assert";
import type { Graph, Param } from "../../src/ir/graph.js";
import { requant } from "../../src/ir/ops/requant.js";
import { type TensorType, tensorType } from "../../src/ir/type.js";
import { suite } from "../harness.js";
import { param, provoked, refuses, sound, value, verify, w, withNode, x, y } from "./sound-graph.js";

const test = suite("verify-proofs");

const rescaled = (
  mul: number,
  add: bigint,
  type: TensorType,
  from: TensorType = tensorType("i32", [1, 4, 1]),
): Graph => {
  const input = value("x", from);
  const operands = [
    input,
    param("mul", tensorType("i32", [1]), [mul]),
    param("add", tensorType("i64", [1]), [add]),
  ];
  const result = value("y", type);
  return {
    ...sound,
    inputs: [input],
    outputs: [result],
    nodes: [{ op: requant, operands, attrs: { shift: [1], axis: -1 }, result }],
  };
};

test("no sum leaves its storage, in whatever order", () => {
  const wide = param("w", tensorType("i16", [1, 3, 1]), [32767, 32767, 32767]);
  const input = value("x", tensorType("i16", [1, 3, 1]));
  const result = value("y", tensorType("i32", [1, 1, 1]));
  const found = refuses("ir/accumulator", /%y: conv may overflow i32/, {
    ...sound,
    inputs: [input],
    outputs: [result],
    nodes: [{ ...y, operands: [input, wide], result }],
  });
  assert.is(found.found, `a bound of ${3 * 32767 * 32768}`);
  assert.is(found.expected, "[-2147483648, 2147483647]");
  const two = param("w", tensorType("i16", [2, 1, 1]), [1, 32767]);
  const bias = param("b", tensorType("i32", [2]), [0, -2147483648]);
  const both = value("y", tensorType("i32", [1, 3, 2]));
  refuses("ir/accumulator", /in channel 1$/, {
    ...sound,
    inputs: [input],
    outputs: [both],
    nodes: [{ ...y, operands: [input, two, bias], result: both }],
  });
});

test("a partial sum counts, even where the whole would fit", () => {
  const input = value("x", tensorType("i16", [1, 4, 1]));
  const opposite = param("w", tensorType("i16", [1, 4, 1]), [32767, 32767, -32767, -32767]);
  const result = value("y", tensorType("i32", [1, 1, 1]));
  refuses("ir/accumulator", /may overflow/, {
    ...sound,
    inputs: [input],
    outputs: [result],
    nodes: [{ ...y, operands: [input, opposite], result }],
  });
});

test("arithmetic inside an op is proven too", () => {
  const type = tensorType("i8", [1, 4, 1]);
  assert.equal(verify(rescaled(2, 0n, type)), []);
  refuses(
    "ir/arithmetic",
    /x \* mul \+ add may leave 64 bits/,
    rescaled(2147483647, 9223372036854775807n, type),
  );
  const quantised = tensorType("i8", [1, 4, 1], { scale: 4, zero: 0 });
  refuses(
    "ir/arithmetic",
    /the scales of x and the result ask for/,
    rescaled(2, 0n, quantised, tensorType("i32", [1, 4, 1], { scale: 1, zero: 0 })),
  );
});

test("elements of params are in the range of their storage", () => {
  const bad = (type: TensorType, data: Param["data"]) => {
    const changed: Param = { ...w, type, data };
    return withNode({ operands: [x, changed] });
  };
  const found = refuses(
    "ir/param-range",
    /@w: element 5 is 8/,
    bad(tensorType("i4", [2, 3, 1]), Int8Array.of(1, 2, 3, 4, 5, 8)),
  );
  assert.is(found.expected, "[-8, 7]");
  const f = value("x", tensorType("f32", [1, 4, 1]));
  const nan = { ...w, type: tensorType("f32", [2, 3, 1]), data: Float32Array.of(1, 2, 3, 4, Number.NaN, 6) };
  const result = value("y", tensorType("f32", [1, 2, 2]));
  refuses("ir/param-range", /@w: element 4 is NaN/, {
    ...sound,
    stage: "float",
    inputs: [f],
    outputs: [result],
    nodes: [{ ...y, operands: [f, nan], result }],
  });
});

test("every proof was provoked", () => {
  assert.equal([...provoked].sort(), ["ir/accumulator", "ir/arithmetic", "ir/param-range"]);
});

test.run();
