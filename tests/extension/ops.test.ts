/** Ops that pulsec does not bring: on every engine, through quantisation, and what happens when they fail. */
import path from "node:path";
import * as assert from "uvu/assert";
import { cEngine, findCompilers, portableKernels } from "../../src/backends/c/index.js";
import { floatEngine } from "../../src/backends/float/index.js";
import { wasmEngine } from "../../src/backends/wasm/index.js";
import { randomTensor, testInputs } from "../../src/data/random-tensor.js";
import { GraphBuilder } from "../../src/ir/build.js";
import type { Engine, PrepareOptions } from "../../src/ir/contracts.js";
import { type Diagnostic, Refusal, unwrap } from "../../src/ir/diagnostic.js";
import type { Graph } from "../../src/ir/graph.js";
import { intEngine, interpret } from "../../src/ir/interpreter.js";
import type { OpDef } from "../../src/ir/op.js";
import { conv } from "../../src/ir/ops/conv.js";
import { relu } from "../../src/ir/ops/relu.js";
import { requant } from "../../src/ir/ops/requant.js";
import { type TensorType, tensorType } from "../../src/ir/type.js";
import { allPasses } from "../../src/passes/index.js";
import { compareEngines } from "../../src/verify/index.js";
import { root, suite } from "../harness.js";
import { runOn } from "../passes/run-on.js";
import { delta, deltaKernel, flip, hardswish, weigh } from "./ops.js";

const test = suite("ops of users");
const withHost = (await findCompilers()).some((c) => c.kind === "cc") ? test : test.skip;
const kernels = [deltaKernel, ...portableKernels];

/** A layer, delta, a layer: so that the op stands between compiled code. */
function around(): Graph {
  const b = new GraphBuilder("net", "integer");
  const x = b.input("x", tensorType("u8", [1, 9, 3], { scale: 0.5, zero: 7 }));
  const up = b.add(relu, [x], {}, { name: "up" });
  const d = b.add(delta, [up], {}, { name: "d" });
  const mul = b.param("mul", tensorType("i32", [1]), new Int32Array([3]));
  const add = b.param("add", tensorType("i64", [1]), new BigInt64Array([4n]));
  const y = b.add(
    requant,
    [d, mul, add],
    { shift: [3] },
    { name: "y", type: tensorType("i8", [1, 8, 3], { scale: 1, zero: 0 }) },
  );
  return b.finish([y]);
}

const shipped: Engine = {
  ...wasmEngine,
  prepare: (graph: Graph, _?: PrepareOptions) => wasmEngine.prepare(graph, { expose: "outputs" }),
};

withHost("int, wasm with and without reused memory, and C agree to the bit", async () => {
  const graph = around();
  const vectors = testInputs([graph.inputs[0]!.type], 5, 1);
  const report = await compareEngines(graph, intEngine, [wasmEngine, shipped, cEngine({ kernels })], vectors);
  assert.equal(
    report.engines.map((e) => [e.refusals, e.differences, e.compared > 0]),
    report.engines.map(() => [[], [], true]),
  );
});

test("clang from npm compiles a kernel's own sources too", async () => {
  if (!(await findCompilers()).some((c) => c.kind === "yowasp")) return;
  const graph = around();
  const engine = cEngine({ kernels, compiler: "yowasp" });
  const report = await compareEngines(graph, intEngine, [engine], testInputs([graph.inputs[0]!.type], 2, 1));
  assert.ok(report.ok);
});

test("engine wasm names the nodes that it does not compile", () => {
  const remarks = wasmEngine.remarks!(around());
  assert.equal(
    remarks.map((d) => [d.id, d.severity, d.text]),
    [
      [
        "wasm/no-kernel",
        "note",
        "%d: delta has no WebAssembly kernel, its integer meaning runs in its place",
      ],
    ],
  );
});

test("engine c says what is missing, and where to put it", () => {
  assert.equal(cEngine().refuses(around()), [
    "%d: there is no kernel for delta; rewrite the graph without it, or give it one: `kernels` in pulsec.config.ts, or in the options of emitProject",
  ]);
  assert.equal(cEngine({ kernels }).refuses(around()), []);
});

/** A float graph: conv, the op, and what `more` adds. */
function floats(
  op: OpDef,
  after: (b: GraphBuilder, y: ReturnType<GraphBuilder["add"]>) => typeof y = (_, y) => y,
) {
  const b = new GraphBuilder("net", "float");
  const x = b.input("x", tensorType("f32", ["N", 8, 2]));
  const w = b.param("w", tensorType("f32", [2, 1, 2]), new Float32Array([1, 0.5, -0.5, 1]));
  const c = b.add(conv, [x, w], {}, { name: "c" });
  return b.finish([after(b, b.add(op, [c], {}, { name: "y" }))]);
}

const samples = [1, 2, 3, 4].map((seed) => [randomTensor(tensorType("f32", [1, 8, 2]), seed)]);
const named = (name: string) => allPasses([]).find((p) => p.name === name)!;
const quantised = (graph: Graph) =>
  runOn(graph, [named("calibrate"), named("to-integer")], { samples, engine: async () => floatEngine });

/** Mean square of what quantisation adds, as a part of the mean square of the output. */
async function noise(float: Graph, integer: Graph): Promise<number> {
  const [scale, zero] = [integer.outputs[0]!.type.quant!.scale, integer.outputs[0]!.type.quant!.zero];
  const input = integer.inputs[0]!.type.quant!;
  let [signal, error] = [0, 0];
  const session = await floatEngine.prepare(float);
  for (const [x] of samples) {
    const real = (await session.run([x!])).get("y")!.data as Float32Array;
    const stored = Int8Array.from(x!.data as Float32Array, (v) =>
      Math.max(-128, Math.min(127, Math.floor(v / input.scale + 0.5))),
    );
    const got = (await interpret(integer).run([{ type: integer.inputs[0]!.type, data: stored }])).get("y")!;
    for (const [i, v] of real.entries()) {
      signal += v * v;
      error += (v - (Number(got.data[i]) - zero) * scale) ** 2;
    }
  }
  return error / signal;
}

for (const [op, made] of [
  [delta, ["conv", "requant", "delta", "requant"]],
  [flip, ["conv", "requant", "flip"]],
  [hardswish, ["conv", "requant", "lut"]],
] as const) {
  test(`${op.name} becomes integers as its record says`, async () => {
    const float = floats(op);
    const done = await quantised(float);
    assert.ok(done.ok, JSON.stringify(done.diagnostics));
    const integer = (done as { value: Graph }).value;
    assert.equal(
      integer.nodes.map((n) => n.op.name),
      made,
    );
    const found = await noise(float, integer);
    assert.ok(found < 1e-3, `noise is ${found} of the signal`);
  });
}

test("a param of such a sum becomes integers with it", async () => {
  const b = new GraphBuilder("net", "float");
  const x = b.input("x", tensorType("f32", ["N", 8, 2]));
  const w = b.param("w", tensorType("f32", [2]), new Float32Array([1, -0.25]), { trainable: true });
  const float = b.finish([b.add(weigh, [x, w], {}, { name: "y" })]);
  const integer = unwrap(await quantised(float));
  const [made] = integer.nodes;
  assert.equal([made!.op, made!.operands[1]!.type.storage], [weigh, "i8"]);
  const found = await noise(float, integer);
  assert.ok(found < 1e-3, `noise is ${found} of the signal`);
});

const refusalOf = async (body: () => unknown): Promise<readonly Diagnostic[]> => {
  try {
    await body();
  } catch (e) {
    if (e instanceof Refusal) return e.diagnostics;
    throw e;
  }
  assert.unreachable("nothing was refused");
  return [];
};

test("without a rule to-integer refuses, with what to write", async () => {
  const { quantise: _, ...without } = delta;
  const { diagnostics } = await quantised(floats(without));
  assert.equal(
    diagnostics.map((d) => d.id),
    ["pass/refused", "quant/rule"],
  );
  assert.match(diagnostics[1]!.help!, /quantise/);
});

test("an op that calls itself a sum and is none is refused by type", async () => {
  const { diagnostics } = await quantised(floats({ ...flip, quantise: "sum" }));
  assert.equal(diagnostics[1]!.id, "quant/rule");
  assert.match(diagnostics[1]!.found!, /^i8\[/);
});

/** One node of `op` on i4, run by engine int. */
function runOne(op: OpDef, type: TensorType = tensorType("i4", [1, 4, 1])) {
  const b = new GraphBuilder("net", "integer");
  const graph = b.finish([b.add(op, [b.input("x", type)], {}, { name: "y" })]);
  return interpret(graph).run([randomTensor(type, 1)]);
}

const here = path.join(root, "").slice(0, -1);

test("what throws inside an op is named with its file and line", async () => {
  const int = (): never => {
    throw new RangeError("no such row");
  };
  const [found] = await refusalOf(() => runOne({ ...flip, int }));
  assert.is(found!.id, "extension/failed");
  assert.is(found!.text, "%y: the integer meaning of flip failed");
  assert.match(found!.found!, /^no such row, thrown at .*ops\.test\.(js|ts):\d+:\d+$/);
  assert.ok(found!.found!.includes(here));
  const infer = (): never => {
    throw new TypeError("shape is undefined");
  };
  const [inferred] = await refusalOf(() => runOne({ ...flip, infer }));
  assert.is(inferred!.id, "ir/operands");
  assert.match(inferred!.text, /infer of flip failed: shape is undefined, thrown at .*ops\.test/);
  const [noError] = await refusalOf(() =>
    runOne({
      ...flip,
      int: () => {
        throw "nothing";
      },
    }),
  );
  assert.is(noError!.found, "it threw nothing, which is no Error");
});

test("what throws in the float meaning is named as well", async () => {
  const float = (): never => {
    throw new Error("no floats here");
  };
  const [found] = await refusalOf(async () =>
    (await floatEngine.prepare(floats({ ...flip, float }))).run(samples[0]!),
  );
  assert.is(found!.text, "%y: the float meaning of flip failed");
});

test("an integer meaning that gives something else than its type is refused", async () => {
  const gives = async (data: unknown) => {
    const [found] = await refusalOf(() => runOne({ ...flip, int: () => data as Int8Array }));
    return [found!.id, found!.found, found!.expected];
  };
  const id = "extension/result";
  assert.equal(await gives(new Int8Array(5)), [id, "Int8Array of 5 elements", "Int8Array of 4 elements"]);
  assert.equal(await gives(new Int32Array(4)), [id, "Int32Array of 4 elements", "Int8Array of 4 elements"]);
  assert.equal(await gives([1, 2, 3, 4]), [id, "an array, no typed array", "Int8Array of 4 elements"]);
  assert.equal(await gives(undefined), [id, "undefined", "Int8Array of 4 elements"]);
  assert.equal(await gives(Int8Array.of(0, 1, 8, 0)), [id, "8 at element 2", "[-8, 7]"]);
});

test.run();
