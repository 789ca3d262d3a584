/** The bench compares like with like: one network on both sides, integers on both sides. No times are asserted. */
import * as assert from "uvu/assert";
import { replaceSection } from "../../bench/page.js";
import { median, short } from "../../bench/table.js";
import { agreement, namedInputs } from "../../bench/wasm/agreement.js";
import { chart } from "../../bench/wasm/chart.js";
import type { Timed } from "../../bench/wasm/compare.js";
import { quick } from "../../bench/wasm/measure.js";
import { channelsLast, inputsOf, integerNetwork, qdqFile } from "../../bench/wasm/network.js";
import { floatKernels, kernelsOf } from "../../bench/wasm/peers.js";
import { netRatio, pageReport, summary, terminalReport } from "../../bench/wasm/report.js";
import { keywordSpotting, rows, tcnT } from "../../bench/wasm/rows.js";
import { makeParam } from "../../src/ir/build.js";
import { isParam, type Value } from "../../src/ir/graph.js";
import { suite } from "../harness.js";

const test = suite("bench");

const named = (name: string) => rows().find((r) => `${r.kind}: ${r.name}` === name)!;

for (const row of [
  named("conv 1-D: 512x16 -> 32, kernel 9, dilation 4"),
  named("depthwise: 16x16x128 kernel 3x3"),
  named("linear: 256 -> 64"),
  tcnT,
])
  test(`${row.kind}: ${row.name}: both builds of onnxruntime are within one level of us at every requant, on integer kernels`, async () => {
    const graph = await integerNetwork(row);
    const inputs = inputsOf(graph);
    for (const peer of ["web", "node"] as const)
      assert.ok((await agreement(peer, graph, inputs)).perRequant <= 1, peer);
    const file = channelsLast(graph);
    const kernels = await kernelsOf(await qdqFile(file), namedInputs(file, inputs));
    assert.is(floatKernels(kernels), 0, [...kernels.keys()].join(" "));
    const layers = (kernels.get("QLinearConv") ?? 0) + (kernels.get("QGemm") ?? 0);
    assert.is(layers, graph.nodes.filter((n) => n.op.name === "conv" || n.op.name === "linear").length);
  });

test("a network with other weights is told apart", async () => {
  const row = named("linear: 256 -> 64");
  const graph = await integerNetwork(row);
  const moved = (v: Value): Value => {
    if (!isParam(v) || v.type.storage !== "i8") return v;
    return makeParam(v.name, v.type, v.data.toReversed() as Int8Array);
  };
  const nodes = graph.nodes.map((n) => ({ ...n, operands: n.operands.map(moved) }));
  assert.ok((await agreement("web", graph, inputsOf(graph), { ...graph, nodes })).perRequant > 1);
});

test("the networks in published shapes have the layers of those", async () => {
  const counts = async (row: typeof tcnT) => {
    const { nodes } = await integerNetwork(row);
    return ["conv", "linear"].map((op) => nodes.filter((n) => n.op.name === op).length);
  };
  assert.equal(await counts(tcnT), [8, 1]);
  assert.equal(await counts(keywordSpotting), [9, 1]);
});

const row = (name: string, ours: number, web: number, inFloats = 0): Timed => ({
  kind: "linear",
  name,
  macs: 2e6,
  ours,
  web,
  node: ours / 2,
  agreement: { perRequant: 1, outputs: 1 },
  kernels: {},
  inFloats,
});

const result = {
  peerVersion: "1.30.0",
  method: quick,
  call: row("8 -> 8", 0.01, 0.05),
  rows: [
    row("a", 1, 2),
    row("b", 1, 0.5, 1),
    row("c", 1, 1.5),
    { kind: "linear", name: "d", error: "broken" },
  ],
  throughputs: [{ network: "N", ours: 1000 }],
} as const;

test("reports hold median, worst, failures and layers in floats", () => {
  assert.equal(summary(result.rows.slice(0, 3) as Timed[], "web"), { median: 1.5, worst: 0.5 });
  assert.is(netRatio(row("", 1.01, 2.05), result.call)!.toFixed(6), "2.000000");
  assert.is(netRatio(row("", 0.02, 0.06), result.call), undefined);
  for (const text of [terminalReport(result), pageReport(result)]) {
    assert.match(text, "ERROR linear: d: broken");
    assert.match(text, "ran layers of b in floats");
    assert.match(text, /times onnxruntime-web[ |]+1\.50[ |]+0\.50/);
  }
  const picture = chart(result);
  assert.is(picture.match(/<rect class=/g)!.length, 3);
  assert.is(picture.match(/class="below"/g)!.length, 1);
});

test("a bench replaces its own section of the page", () => {
  const page = replaceSection(replaceSection("# Title\n", "a", "one"), "b", "two");
  assert.is(replaceSection(page, "a", "three"), page.replace("one", "three"));
  assert.is(
    page,
    "# Title\n\n<!-- bench a -->\none\n<!-- end a -->\n\n<!-- bench b -->\ntwo\n<!-- end b -->\n",
  );
});

test("figures keep three digits", () => {
  assert.equal([1234.5, 12.345, 0.012345, 0].map(short), ["1235", "12.3", "0.012", "0.00"]);
  assert.is(median([4, 1, 3, 2]), 2.5);
});

test.run();
