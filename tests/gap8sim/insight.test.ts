/** Where cycles go: causes that add up, functions, regions, traces; and that two runs are one. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { loadElf } from "../../src/backends/gap8sim/elf.js";
import type { Profile } from "../../src/backends/gap8sim/insight/profile.js";
import { createTrace } from "../../src/backends/gap8sim/insight/trace.js";
import { createSimulation } from "../../src/backends/gap8sim/simulate.js";
import { exitWith, onTwoCores } from "../../src/explain/elf.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { sharedPath, suite } from "../harness.js";
import { code, l2, type TinySymbol, tinyElf } from "./tiny-elf.js";

const test = suite("insight");

const marker = (id: number): number => 0x00002013 | (id << 20);
/** t3 = n; then n times three instructions, of which the branch is taken n - 1 times. */
const loop = (n: number): readonly number[] => [0x00000e13 | (n << 20), 0xfffe0e13, 0x00000013, 0xfe0e1ce3];

const words = [
  marker(5),
  ...loop(100),
  marker(6),
  ...loop(10),
  marker(0),
  ...loop(7),
  marker(5),
  ...loop(50),
  marker(0),
];
const regions = tinyElf({ segments: [{ address: l2, data: code(...words, ...exitWith(0)) }] });

function simulate(bytes: Uint8Array, profile: "gvsoc" | "rtl" = "gvsoc") {
  const recorder = createTrace();
  const simulation = unwrap(createSimulation(unwrap(loadElf(bytes, "a.elf")), { profile, recorder }));
  const end = simulation.run(50_000_000);
  simulation.finish();
  const report = simulation.report();
  return { simulation, end, report, trace: recorder.toJson(simulation.spans()) };
}

const sum = (p: Profile): number => Object.values(p.byCause).reduce((a, b) => a + b, 0);

test("regions: runs, instructions and cycles of each, their causes adding up", () => {
  const { report, end } = simulate(regions);
  assert.equal(end, { kind: "exit", code: 0 });
  assert.equal(
    report.regions.map((r) => [r.id, r.core, r.runs]),
    [
      [5, 8, 2],
      [6, 8, 1],
    ],
  );
  const [five, six] = report.regions;
  // A marker counts to the region that it begins.
  assert.is(five!.instructions, 1 + 1 + 300 + (1 + 1 + 150));
  assert.is(six!.instructions, 1 + 1 + 30);
  for (const r of report.regions) assert.is(sum(r), r.cycles);
  assert.is(five!.byCause.branch, 2 * (99 + 49));
  assert.is(six!.byCause.branch, 2 * 9);
});

test("functions by symbol: what each executes itself", () => {
  const symbols: TinySymbol[] = [
    { name: "first", address: l2, size: 4 * 5 },
    { name: "second", address: l2 + 4 * 5, size: 4 * 100 },
  ];
  const { report } = simulate(
    tinyElf({ segments: [{ address: l2, data: code(...words, ...exitWith(0)) }], symbols }),
  );
  const of = (name: string) => report.functions.find((f) => f.name === name)!;
  assert.is(of("first").instructions, 1 + 1 + 300);
  assert.is(of("first").instructions + of("second").instructions, report.instructions);
  for (const f of report.functions) assert.is(sum(f), f.cycles, f.name);
});

test("cores that run, and cores that are off", () => {
  const { report } = simulate(
    tinyElf({ segments: [{ address: l2, data: code(...onTwoCores([0x0000006f])) }] }),
  );
  assert.equal(
    report.cores.map((c) => c.name),
    ["core 0", "core 1", "FC"],
  );
  for (const c of report.cores) assert.is(sum(c), c.cycles, c.name);
  assert.ok(report.cycles.cluster > 1000 && report.cycles.fabric > report.cycles.cluster / 2);
});

interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

test("a trace is JSON with a track per core and for regions, inside of the run", () => {
  const { trace, simulation } = simulate(regions);
  const events = (JSON.parse(trace) as { traceEvents: TraceEvent[] }).traceEvents;
  const tracks = events.filter((e) => e.name === "thread_name").map((e) => e.args!.name);
  assert.equal(tracks, ["FC", "FC regions"]);
  const slices = events.filter((e) => e.ph === "X");
  assert.equal(
    slices.filter((e) => e.name.startsWith("region")).map((e) => e.name),
    ["region 5", "region 6", "region 5"],
  );
  const end = simulation.time() / 1e6;
  assert.ok(slices.every((e) => e.ts! >= 0 && e.dur! > 0 && e.ts! + e.dur! <= end + 1e-9));
});

const elfs = sharedPath("gap8", "elf");
if (elfs === undefined) test.skip("programs of the oracle: ../shared/gap8 is absent");
else {
  const bytesOf = (name: string) => new Uint8Array(readFileSync(path.join(elfs, name)));
  for (const profile of ["gvsoc", "rtl"] as const)
    test(`every cycle of every core has a cause (${profile})`, () => {
      for (const name of readdirSync(elfs).filter((f) => /^(m_|f_hyper|c_add|c_dot)/.test(f))) {
        const { report, simulation, end } = simulate(bytesOf(name), profile);
        assert.is(end.kind, "exit", name);
        for (const core of report.cores) assert.is(sum(core), core.cycles, `${name} ${core.name}`);
        for (const core of report.cores)
          assert.is(core.byCause.issue, core.instructions, `${name} ${core.name}`);
        assert.ok(simulation.console().length > 0);
      }
    });
  test("two runs give the same console, cycles and trace", () => {
    for (const name of ["m_dma_overlap.elf", "m_tas.elf", "f_hyper.elf"]) {
      const [one, two] = [simulate(bytesOf(name)), simulate(bytesOf(name))];
      assert.is(one.simulation.console(), two.simulation.console());
      assert.equal(one.report, two.report);
      assert.ok(one.trace === two.trace, name);
      assert.match(one.trace, name.startsWith("f") ? /HyperRAM/ : /core 0/);
    }
  });
}

test.run();
