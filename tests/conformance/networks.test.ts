/** Networks of every usual kind, and files of others, against onnxruntime; the tables of verdicts are golden. */
import { readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { formatPulse } from "../../src/frontends/dsl/index.js";
import { GraphBuilder } from "../../src/ir/build.js";
import type { Node, Param, Value } from "../../src/ir/graph.js";
import { relu } from "../../src/ir/ops/relu.js";
import { tensor } from "../../src/ir/tensor.js";
import { tensorType } from "../../src/ir/type.js";
import { matchesGolden } from "../golden.js";
import { root, sharedPath, suite } from "../harness.js";
import { caseFolders } from "./cases.js";
import {
  distance,
  drawNetwork,
  measureNetwork,
  networkCases,
  networkErrors,
  networkTolerance,
} from "./networks.js";
import { type Outcome, outcomeLine } from "./run.js";
import { runOnRuntime } from "./runtime.js";

const test = suite("networks against onnxruntime");

const cases = networkCases(path.join(root, "tests", "networks"));
/** `NETWORK_DRAWS=20` tries each network at more sizes, with other weights and inputs. */
const draws = Number(process.env.NETWORK_DRAWS ?? 2);

const table = (outcomes: readonly Outcome[]): string => {
  const count = (verdict: Outcome["verdict"]) => outcomes.filter((o) => o.verdict === verdict).length;
  const total = `${count("PASS")} passed, ${count("FAIL")} failed, ${count("UNSUPPORTED")} unsupported of ${outcomes.length}`;
  return [...outcomes.map(outcomeLine), "", total, ""].join("\n");
};

test("at least 20 networks of the DSL give what onnxruntime gives on their export, to 1e-4", async () => {
  const outcomes: Outcome[] = [];
  for (const c of cases) {
    const { verdict, kind, facts } = await measureNetwork(c, draws);
    outcomes.push({ name: c.name, verdict, kind, reason: facts });
  }
  const wrong = outcomes.filter((o) => o.verdict !== "PASS");
  assert.is(wrong.map(outcomeLine).join("\n"), "");
  assert.ok(outcomes.length >= 20, `${outcomes.length} networks`);
  if (draws === 2) matchesGolden("conformance/networks.txt", table(outcomes));
});

test("the networks are in canonical form", async () => {
  for (const { name, model } of cases) {
    const text = readFileSync(model, "utf8");
    const formatted = await formatPulse(text);
    assert.is(formatted.ok && formatted.value, text, name);
  }
});

for (const name of ["deeploy", "dory"]) {
  const dir = sharedPath("fixtures", name);
  if (dir === undefined) {
    test.skip(`${name} on onnxruntime: ../shared/fixtures/${name} is absent`);
    continue;
  }
  test(`files of ${name} that onnxruntime loads give what it gives`, async () => {
    const outcomes: Outcome[] = [];
    for (const c of caseFolders(dir)) outcomes.push(await runOnRuntime(c));
    assert.ok(outcomes.filter((o) => o.verdict === "PASS").length >= 5);
    matchesGolden(`conformance/${name}-onnxruntime.txt`, table(outcomes));
    assert.not.ok(outcomes.some((o) => o.verdict === "FAIL"));
  });
}

const source =
  "model net {\n  search n = choice(8, 9)\n  input x: [n, 2]\n  output x |> conv(out: 3, kernel: 3)\n}\n";

test("a weight that is off by a hundredth is found", async () => {
  const network = await drawNetwork(source, "net.pulse", 1);
  const { graph } = network;
  assert.ok((await networkErrors(network)).runtime < 1e-5);
  const [{ operands, ...node }] = graph.nodes as readonly [Node];
  const [x, w, b] = operands as readonly [Value, Param, Param];
  const data = Float32Array.from(w.data as Float32Array, (v, i) => (i === 0 ? v + 0.01 : v));
  const bent = { ...node, operands: [x, { ...w, data }, b] };
  const errors = await networkErrors(network, { ...graph, nodes: [bent] });
  assert.ok(errors.runtime > networkTolerance, `${errors.runtime}`);
});

test("the distance counts shapes, NaNs and the largest magnitude", () => {
  const of = (...values: number[]) => tensor(tensorType("f32", [values.length]), values);
  assert.is(distance(of(1, 2), of(1, 2)), 0);
  assert.is(distance(of(100, 1), of(100, 2)), 0.01);
  assert.is(distance(of(1), of(1, 2)), Infinity);
  assert.is(distance(of(Number.NaN), of(Number.NaN)), Infinity);
  assert.is(distance(of(0.5), of(0)), 0.5);
});

test("an output without any difference between its elements is no evidence", async () => {
  const b = new GraphBuilder("dead", "float");
  const x = b.input("x", tensorType("f32", ["N", 2]));
  const graph = b.finish([b.add(relu, [x], {}, { name: "y" })]);
  const errors = await networkErrors({ graph, inputs: [tensor(tensorType("f32", [1, 2]), [-1, -2])] });
  assert.equal(errors.constant, ["y"]);
});

test.run();
