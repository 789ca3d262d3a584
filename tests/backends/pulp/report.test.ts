/** The report: traffic, memory, phases, totals that add up; what the simulator moved is what the program says. */
import * as assert from "uvu/assert";
import { makeFirmware } from "../../../src/backends/pulp/firmware/project.js";
import { farWaits } from "../../../src/backends/pulp/report/far-time.js";
import { firmwareReport, measureFirmware } from "../../../src/backends/pulp/report/index.js";
import { memoryUse, tightestLayer } from "../../../src/backends/pulp/report/memory.js";
import { phasesOf, segmentsOf } from "../../../src/backends/pulp/report/phases.js";
import type { Step } from "../../../src/backends/schedule/program.js";
import { trafficOf } from "../../../src/backends/schedule/traffic.js";
import { firmwarePage } from "../../../src/cli/firmware-page.js";
import { costSummary } from "../../../src/cli/firmware-report.js";
import { occupancy, tickStep, union } from "../../../src/cli/firmware-timeline.js";
import { matchesGolden } from "../../golden.js";
import { suite } from "../../harness.js";
import { handMade, handMeasured } from "./report-program.js";
import { hasCrossCompiler, inputsOf, smallNetwork, wideNetwork } from "./tools.js";

const test = suite("pulp report");
const cross = hasCrossCompiler ? test : test.skip;

test("bytes are counted as the loops and conditions of the program say", () => {
  // Layer a: 3 tiles of 2 x 5 x 8 bytes in, 10 bytes of weights with the first, 16 out; layer b fetches 64 from L3.
  assert.equal(trafficOf(handMade()), [
    { l2ToL1: 3 * 80 + 10, l1ToL2: 3 * 16, l3ToL2: 64, l2ToL3: 0, transfers: 8 },
    { l2ToL1: 32, l1ToL2: 0, l3ToL2: 0, l2ToL3: 24, transfers: 2 },
  ]);
});

test("memory is what lives while a layer runs; constants always do", () => {
  assert.equal(memoryUse(handMade()), [
    { l1: 192, l2: 16 + 48 + 64, l3: 64 },
    { l1: 32, l2: 16 + 48 + 64 + 32, l3: 64 },
  ]);
  assert.is(tightestLayer(handMade()), 1);
});

test("the layer that sets the lower bound of L2 has the bytes of that bound alive", () => {
  for (const graph of [smallNetwork(), wideNetwork(3, 64)]) {
    const { program } = makeFirmware(graph).emission;
    const bound = program.levels.find((l) => l.level === "l2")!.lowerBound;
    const tightest = tightestLayer(program);
    const constants = memoryUse(program).at(-1)!.l2;
    assert.is(tightest === undefined ? constants : memoryUse(program)[tightest]!.l2, bound);
  }
});

test("waits for L3 are foretold: one transfer at a time, started when core 0 queues or awaits one", () => {
  const timing = { start: 100, perByte: 2 };
  // Layer a queues 64 bytes and waits for nothing; y queues 24 behind them.
  assert.equal(farWaits(handMade(), timing), [0, 0]);
  const program = handMade();
  const [a, y] = program.layers;
  const wait: Step = { kind: "wait", channel: "c", slot: 0 };
  const waiting = {
    ...program,
    layers: [
      { ...a!, steps: [a!.steps[0]!, wait] },
      { ...y!, steps: [wait, y!.steps[1]!, wait] },
    ],
  };
  assert.equal(farWaits(waiting, timing), [100 + 2 * 64, 100 + 2 * 24]);
});

cross("what is foretold of L3 is what the simulator sees", async () => {
  const graph = wideNetwork(4, 96);
  const project = makeFirmware(graph, { l2: 14_000 });
  const measured = await measureFirmware(project, { inputs: inputsOf(graph, 1), others: ["rtl"] });
  const { total, others } = firmwareReport(project.emission.program, { measured });
  const seen = total.simulated!.phases.l3;
  assert.ok(seen > 10_000, `${seen} cycles`);
  assert.ok(Math.abs(total.estimatedL3 / seen - 1) < 0.1, `${total.estimatedL3} foretold, ${seen} seen`);
  assert.is(others[0]!.profile, "rtl");
  assert.ok(total.simulated!.others.rtl! < total.simulated!.cycles, "the HyperRAM's clock is faster there");
});

test("marks become segments of layers; what is outside of one is left out", () => {
  const marks = [
    [2045, 0],
    [1, 10],
    [2041, 12],
    [2040, 20],
    [0, 24],
    [2041, 30],
    [2, 40],
    [0, 50],
  ].map(([id, time]) => ({ core: 0, id: id!, time: time! }));
  assert.equal(
    segmentsOf(marks, new Set([1])).map((s) => [s.layer, s.phase, s.from, s.to]),
    [
      [0, "control", 10, 12],
      [0, "kernel", 12, 20],
      [0, "control", 20, 24],
      [1, "kernel", 40, 50],
    ],
  );
});

test("phases add up to the cycles of the layer, whatever the marks cost", () => {
  const segments = [
    { core: 0, layer: 0, phase: "kernel", from: 0, to: 7 },
    { core: 0, layer: 0, phase: "dma", from: 7, to: 9.5 },
    { core: 1, layer: 0, phase: "barrier", from: 0, to: 100 },
  ] as const;
  const { kernel, dma, ...rest } = phasesOf(segments, 0, 8);
  assert.equal([kernel, dma], [6, 2]);
  assert.equal(rest, { l3: 0, border: 0, barrier: 0, control: 0 });
  assert.is(phasesOf(segments, 1, 8).control, 8);
});

test("columns of a timeline show shares", () => {
  assert.equal([...occupancy([{ from: 5, to: 25 }], 40, 4)], [0.5, 1, 0.5, 0]);
  const joined = union([
    { from: 4, to: 6 },
    { from: 0, to: 3 },
    { from: 2, to: 5 },
  ]);
  assert.equal(joined, [{ from: 0, to: 6 }]);
  assert.equal(
    [tickStep(100, 8), tickStep(0.0042, 8)].map((n) => Number(n.toPrecision(3))),
    [20, 0.001],
  );
});

/** The golden page holds what the report says; how it looks may change freely. */
const unstyled = (html: string): string => html.replace(/<style>.*<\/style>/s, "<style></style>");

test("the text for the terminal and the page, estimated and simulated", async () => {
  const [program, measured] = [handMade(), handMeasured];
  const estimated = { report: firmwareReport(program), measured: undefined };
  const simulated = { report: firmwareReport(program, { measured, hertz: 50e6, watts: 0.02 }), measured };
  matchesGolden("report/estimated.txt", `${await costSummary(estimated)}\n`);
  matchesGolden("report/simulated.txt", `${await costSummary(simulated)}\n`);
  matchesGolden("report/simulated.html", unstyled(firmwarePage("hand", simulated, program)));
});

test("totals are the sums of the layers", () => {
  const { total, layers, cycles, callCycles, seconds, joules } = firmwareReport(handMade(), {
    measured: handMeasured,
    hertz: 50e6,
    watts: 0.02,
  });
  const sum = (of: (l: (typeof layers)[number]) => number) => layers.reduce((n, l) => n + of(l), 0);
  assert.is(
    total.estimatedCycles,
    sum((l) => l.estimatedCycles),
  );
  assert.is(
    total.macs,
    sum((l) => l.macs),
  );
  assert.is(
    total.simulated!.cycles,
    sum((l) => l.simulated!.cycles),
  );
  assert.is(
    total.dma.l2ToL1,
    sum((l) => l.dma.l2ToL1),
  );
  assert.is(cycles, total.simulated!.cycles + callCycles!);
  assert.is(seconds, cycles / 50e6);
  assert.is(joules, seconds * 0.02);
});

cross("what the DMA moved on the simulator is what the program says, and cycles have causes", async () => {
  const graph = wideNetwork(3, 64);
  const project = makeFirmware(graph, { l2: 9000, l1: 4096, cores: 4 });
  const measured = await measureFirmware(project, { inputs: inputsOf(graph, 1) });
  const report = firmwareReport(project.emission.program, { measured });
  const moved = (link: string) =>
    measured.timeline.transfers.filter((t) => t.link === link).reduce((n, t) => n + t.bytes, 0);
  const { dma } = report.total;
  assert.ok(dma.l3ToL2 > 0, "constants come from L3");
  assert.equal(["L2 to L1", "L1 to L2", "L3 to L2", "L2 to L3"].map(moved), [
    dma.l2ToL1,
    dma.l1ToL2,
    dma.l3ToL2,
    dma.l2ToL3,
  ]);
  for (const { simulated, value } of report.layers) {
    const { cycles, phases, causes } = simulated!;
    assert.is(
      Object.values(phases).reduce((a, b) => a + b, 0),
      cycles,
      value,
    );
    const all = Object.values(causes).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(all - 4 * cycles) < 0.1 * all + 200, `${all} and ${cycles} of ${value}`);
  }
  assert.ok(report.callCycles! > 0);
  const marked = measured.timeline.cycles / report.total.simulated!.cycles;
  assert.ok(marked > 0.95 && marked < 1.1, `marks cost ${marked}`);
});

test.run();
