/** Bits of layers as text. */
import * as assert from "uvu/assert";
import { GraphBuilder } from "../../src/ir/build.js";
import { Refusal } from "../../src/ir/diagnostic.js";
import type { Graph } from "../../src/ir/graph.js";
import { opNamed } from "../../src/ir/ops/index.js";
import { tensorType } from "../../src/ir/type.js";
import { layerBits } from "../../src/passes/index.js";
import { suite } from "../harness.js";

const test = suite("bits by layer");

/** x -> conv a -> relu r -> linear b. */
function network(): Graph {
  const g = new GraphBuilder("net", "float");
  const w = (name: string, shape: number[]) =>
    g.param(name, tensorType("f32", shape), new Float32Array(shape.reduce((p, d) => p * d, 1)));
  const x = g.input("x", tensorType("f32", ["N", 4, 2]));
  const a = g.add(opNamed("conv")!, [x, w("wa", [3, 1, 2])], {}, { name: "a" });
  const r = g.add(opNamed("relu")!, [a], {}, { name: "r" });
  return g.finish([g.add(opNamed("linear")!, [r, w("wb", [5, 3])], {}, { name: "b" })]);
}
const bits = (layers: string | undefined, weights = 8, activations = 8) =>
  layerBits(network(), { layers, weights, activations });
const idOf = (body: () => unknown): string => {
  try {
    body();
  } catch (e) {
    if (e instanceof Refusal) return e.diagnostics[0]!.id;
    throw e;
  }
  return "none";
};

test("a layer is named by its sum or by its activation", () => {
  for (const name of ["a", "r"]) {
    const of = bits(`${name}=4`);
    assert.equal(of("r"), { weights: 4, activations: 8 });
    assert.equal(of("a"), of("r"));
    assert.equal(of("b"), { weights: 8, activations: 8 });
  }
});

test("behind the stroke stand activations; without one they are as the others", () => {
  assert.equal(bits("r=2/4")("r"), { weights: 2, activations: 4 });
  assert.equal(bits("r=2", 8, 4)("r"), { weights: 2, activations: 4 });
  assert.equal(bits("x=8/4")("x"), { weights: 8, activations: 4 });
});

test("the last entry counts, blanks and empty entries do not", () => {
  assert.equal(bits(" r = 4 ,, b=2, r=8/8 ,")("r"), { weights: 8, activations: 8 });
  assert.equal(bits(undefined, 4, 2)("b"), { weights: 4, activations: 2 });
});

test("widths and layers that do not exist are refused", () => {
  for (const text of ["r=3", "r=", "r", "r=4/5", "r=x"])
    assert.is(
      idOf(() => bits(text)),
      "quant/bits",
      text,
    );
  assert.is(
    idOf(() => bits(undefined, 6)),
    "quant/bits",
  );
  assert.is(
    idOf(() => bits("z=4")),
    "quant/unknown-layer",
  );
});

test.run();
