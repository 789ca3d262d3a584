import assert from "node:assert/strict";
import { test } from "node:test";
import {
  floatEngine,
  GraphBuilder,
  opNamed,
  randomTensor,
  runPasses,
  tensorType,
  unwrap,
  verifyModule,
} from "pulsec";
import "pulsec/register";

const { lowRank } = await import("./low-rank.ts");
const { singularValues } = await import("./svd.ts");

/** Numbers in [-1, 1), the same every time. */
const noise = (count, seed) => randomTensor(tensorType("f32", [count]), seed).data;

/** rows x columns with singular values that fall by `fall` from each to the next. */
function falling(rows, columns, fall, seed) {
  const { u, v, sigma } = singularValues(noise(rows * columns, seed), rows, columns);
  return Float32Array.from({ length: rows * columns }, (_, i) =>
    sigma.reduce((sum, _, k) => sum + fall ** k * u[k][Math.floor(i / columns)] * v[k][i % columns], 0),
  );
}

/** conv 1x1 (stride 2, bias), relu, conv of kernel 3, linear layer. */
function network(fall) {
  const b = new GraphBuilder("net", "float");
  const x = b.input("x", tensorType("f32", ["N", 16, 48]));
  const param = (name, shape, data) => b.param(name, tensorType("f32", shape), data, { trainable: true });
  const [conv, relu, flatten, linear] = ["conv", "relu", "flatten", "linear"].map(opNamed);
  const bias = param("bias", [32], noise(32, 7));
  const w = param("w", [32, 1, 48], falling(32, 48, fall, 1));
  const point = b.add(conv, [x, w, bias], { stride: [2] }, { name: "point" });
  const v = param("v", [4, 3, 32], noise(4 * 3 * 32, 2));
  const wide = b.add(
    conv,
    [b.add(relu, [point], {}, { name: "act" }), v],
    { pads: [1, 1] },
    { name: "wide" },
  );
  const h = param("h", [24, 32], falling(24, 32, fall, 3));
  const flat = b.add(flatten, [wide], {}, { name: "flat" });
  return b.finish([point, b.add(linear, [flat, h], {}, { name: "head" })]);
}

const macs = ({ nodes }) =>
  nodes
    .filter((n) => ["conv", "linear"].includes(n.op.name))
    .reduce((sum, { operands: [, w], result }) => {
      const positions = result.type.shape.slice(1, -1).reduce((a, b) => a * b, 1);
      return sum + positions * w.data.length;
    }, 0);

async function apply(graph, tolerance) {
  const done = await runPasses({ graphs: [graph], meta: {} }, [{ pass: lowRank, options: { tolerance } }]);
  const module = unwrap(done);
  assert.deepEqual(verifyModule(module), []);
  return { graph: module.graphs[0], remarks: done.diagnostics };
}

async function run(graph, x) {
  const session = await floatEngine.prepare(graph);
  return session.run([x]);
}

test("singular values multiply back to the matrix, and their vectors are orthogonal", () => {
  const matrix = noise(12 * 7, 4);
  const { u, sigma, v } = singularValues(matrix, 12, 7);
  for (let i = 0; i < matrix.length; i++) {
    const sum = sigma.reduce((s, value, k) => s + value * u[k][Math.floor(i / 7)] * v[k][i % 7], 0);
    assert.ok(Math.abs(sum - matrix[i]) < 1e-9);
  }
  for (const vectors of [u, v])
    for (const [p, a] of vectors.entries())
      for (const [q, b] of vectors.entries())
        assert.ok(Math.abs(a.reduce((s, x, i) => s + x * b[i], 0) - (p === q ? 1 : 0)) < 1e-9);
});

test("what multiplies less becomes two layers; names, types and places of results stay", async () => {
  const before = network(0.7);
  const { graph, remarks } = await apply(before, 0.1);
  const names = graph.nodes.map((n) => n.result.name);
  assert.deepEqual(names, ["point.thin", "point", "act", "wide", "flat", "head.thin", "head"]);
  assert.deepEqual(
    graph.outputs.map((v) => [v.name, v.type]),
    before.outputs.map((v) => [v.name, v.type]),
  );
  assert.deepEqual(graph.nodes[0].operands[1].origin, { param: "w" });
  assert.ok(macs(graph) < 0.6 * macs(before), `${macs(graph)} of ${macs(before)}`);
  assert.deepEqual(
    remarks.map((d) => d.id),
    ["low-rank/replaced", "low-rank/replaced", "pass/changes-function"],
  );
});

test("a matrix of full rank stays as it is", async () => {
  const before = network(1);
  assert.equal((await apply(before, 0.1)).graph, before);
});

test("no output moves by more than the largest singular value left out, times the length of its input", async () => {
  const before = network(0.7);
  for (const tolerance of [0.02, 0.1, 0.3]) {
    const { graph, remarks } = await apply(before, tolerance);
    const bound = Number(/<= (\S+)/.exec(remarks[0].found)[1]);
    let nearest = 0;
    for (const seed of [1, 2, 3, 4, 5]) {
      const x = randomTensor(tensorType("f32", [1, 16, 48]), seed);
      const [a, b] = [await run(before, x), await run(graph, x)].map((r) => r.get("point").data);
      for (let p = 0; p < 8; p++) {
        const moved = Math.hypot(...a.slice(p * 32, p * 32 + 32).map((v, i) => v - b[p * 32 + i]));
        const length = Math.hypot(...x.data.slice(2 * p * 48, 2 * p * 48 + 48));
        assert.ok(moved <= bound * length * 1.01 + 1e-5, `${moved} of at most ${bound * length}`);
        nearest = Math.max(nearest, moved / (bound * length));
      }
    }
    assert.ok(nearest > 0.05, "the bound says something");
  }
});
