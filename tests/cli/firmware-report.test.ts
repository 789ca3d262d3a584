/** What compile --target gap8 says of costs: on the terminal, in report.json, as a page. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as assert from "uvu/assert";
import { writeContainer } from "../../src/frontends/container/index.js";
import { hasCrossCompiler, smallNetwork } from "../backends/pulp/tools.js";
import { suite } from "../harness.js";
import { callPulsec } from "./in-process.js";

const test = suite("pulsec compile --report");
const cross = hasCrossCompiler ? test : test.skip;
const dir = mkdtempSync(path.join(os.tmpdir(), "pulsec-report-test-"));
test.after(() => rmSync(dir, { recursive: true }));
const net = path.join(dir, "net.pmod");
writeFileSync(net, await writeContainer({ meta: {}, graphs: [smallNetwork({ name: "main" })] }));

const compile = (name: string, ...more: string[]) =>
  callPulsec("compile", net, "-t", "gap8", "-o", path.join(dir, name), ...more);
const reportOf = (name: string) => JSON.parse(readFileSync(path.join(dir, name, "report.json"), "utf8"));

test("estimates need no compiler: terminal, report.json and a page that opens anywhere", async () => {
  const page = path.join(dir, "net.html");
  const said = await compile("estimated", "--report", page, "--clock", "50MHz", "--power", "20mW");
  assert.is(said.code, 0, said.err);
  assert.match(said.err, /%y +[\d,]+ +[\d,]+ .* (compute|L2 DMA)\n/);
  assert.match(said.err, /cycles estimated: .* at 50 MHz and 20 mW/);
  assert.match(said.err, /bottleneck: compute; %\w+ takes \d+ % of the cycles: (compute|L2 DMA)\n/);
  assert.match(said.err, /L2: .* lower bound .* set by %\w+/);
  const html = readFileSync(page, "utf8");
  assert.not.match(html, /<script|https?:|@import|url\(/);
  assert.match(html, "prefers-color-scheme: dark");
  const { clock, watts, cycles, seconds, joules, layers, total, isSimulated } = reportOf("estimated");
  assert.equal([clock, watts, isSimulated], [50e6, 0.02, false]);
  assert.is(seconds, cycles / clock);
  assert.is(joules, seconds * watts);
  const sum = (of: string) => layers.reduce((n: number, l: Record<string, number>) => n + l[of]!, 0);
  assert.is(total.estimatedCycles, sum("estimatedCycles"));
  assert.is(total.macs, sum("macs"));
});

cross("--simulate puts cycles of the simulator beside the estimates", async () => {
  const page = path.join(dir, "simulated.html");
  const said = await compile("simulated", "--simulate", "--report", page, "--json");
  assert.is(said.code, 0, said.err);
  const { firmware } = JSON.parse(said.out);
  assert.equal(firmware.layers, reportOf("simulated").layers);
  assert.ok(firmware.layers.every((l: { simulated: { cycles: number } }) => l.simulated.cycles > 0));
  assert.is(firmware.clock, 100e6);
  assert.is(firmware.profile, "gvsoc");
  assert.match(readFileSync(page, "utf8"), "core 7");
});

cross("--profile chooses the timing of the simulator, of one or of both", async () => {
  const both = await compile("both", "--simulate", "--profile", "rtl,gvsoc");
  assert.is(both.code, 0, both.err);
  assert.match(both.err, /MACs +estimated +simulated +error +gvsoc/);
  assert.match(both.err, /cycles simulated \(profile rtl\)/);
  assert.match(both.err, /\n[\d,]+ cycles with profile gvsoc: /);
  const { profile, others, cycles, total } = reportOf("both");
  assert.equal([profile, others.map((o: { profile: string }) => o.profile)], ["rtl", ["gvsoc"]]);
  assert.ok(others[0].cycles > total.simulated.others.gvsoc && others[0].cycles !== cycles);
  assert.is(reportOf("simulated").cycles, others[0].cycles);
});

test("mistakes in the options are told before anything is made", async () => {
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [["--report", "page.txt"], "--report takes the name of an .html file"],
    [["--clock", "fast"], "--clock takes a number with its unit"],
    [["--power", "3"], "--power takes a number with its unit"],
    [["--simulate", "--profile", "rlt"], "profile"],
    [["--profile", "rtl"], "--profile belongs to --simulate"],
  ];
  for (const [options, text] of wrong) {
    const said = await compile("wrong", ...options);
    assert.is(said.code, 2, said.err);
    assert.match(said.err, text);
  }
  assert.not.ok(existsSync(path.join(dir, "wrong")));
  const said = await callPulsec("compile", net, "-t", "wasm", "-o", path.join(dir, "wasm"), "--simulate");
  assert.is(said.code, 2);
  assert.match(said.err, "--simulate belongs to --target gap8");
});

test.run();
