/** The judge of the GAP8 suite: what counts as a failed case. */
import * as assert from "uvu/assert";
import { suite } from "../harness.js";
import { judgeConsole, meanErrors } from "./gap8.js";
import { classOf, readProbes, wrongWith } from "./gap8-gates.js";

const test = suite("judging GAP8 programs");

const line = (name: string, cycles: number, instr = 10, check = "ok") =>
  `${name} cycles=${cycles} instr=${instr} check=${check}\n`;
const judged = (console: string, expected: string, code = 0, end = "exit") =>
  judgeConsole("p", { console, code, end }, expected).map((o) => `${o.verdict} ${o.name} ${o.kind}`);

test("what is printed alike passes; cycles within their class's gate, too", () => {
  const expected = line("alu.add", 1000) + line("dma1d.in.4", 41) + line("c.add.c8", 7000);
  const found = line("alu.add", 1003) + line("dma1d.in.4", 51) + line("c.add.c8", 7600);
  assert.equal(judged(found, expected), [
    "PASS p/alu.add pass",
    "PASS p/dma1d.in.4 pass",
    "PASS p/c.add.c8 pass",
  ]);
});

const failures: readonly (readonly [what: string, found: string, expected: string, says: string])[] = [
  ["cycles off by four", line("alu.add", 1004), line("alu.add", 1000), "FAIL p/alu.add cycles"],
  ["another hash", line("a", 5, 1, "0123abcd"), line("a", 5, 1, "0123abce"), "FAIL p/a check"],
  ["BAD", line("a", 5, 1, "BAD"), line("a", 5, 1), "FAIL p/a check"],
  ["another count of instructions", line("bar.x", 50, 11), line("bar.x", 50, 10), "FAIL p/bar.x instr"],
  ["a line that is missing", "", line("a", 5), "FAIL p/a missing"],
  [
    "a second probe of the name that is missing",
    line("a", 5),
    line("a", 5) + line("a", 5),
    "FAIL p/a#2 missing",
  ],
];
for (const [what, found, expected, says] of failures)
  test(`${what} fails`, () => {
    assert.ok(judged(found, expected).includes(says), judged(found, expected).join("\n"));
  });

test("anything else that is printed, another order, a trap and an exit code fail", () => {
  const [a, b] = [line("a", 5), line("b", 5)];
  assert.equal(judged(`${a}note\n`, a), ["PASS p/a pass", "FAIL p printed"]);
  assert.equal(judged(`${a}${b}`, a), ["PASS p/a pass", "FAIL p printed"]);
  assert.equal(judged(`${b}${a}`, `${a}${b}`).at(-1), "FAIL p printed");
  assert.equal(judged(a, a, 1), ["PASS p/a pass", "FAIL p exit code"]);
  assert.equal(judged(a, a, 0, "trap: x").at(-1), "FAIL p no exit");
});

test("classes follow the names of probes; polling ones count no instructions", () => {
  assert.is(classOf("ic.16.cold"), "cache");
  assert.is(classOf("fc.lw.l2"), "memory");
  assert.is(classOf("fc.lw.tcdm"), "core");
  assert.is(classOf("c.tiled_conv.c8"), "beside-dma");
  assert.is(classOf("hw.body2"), "core");
  const [found, expected] = readProbes(line("tas.c2", 100, 7) + line("tas.c2", 100, 9)).probes;
  assert.is(wrongWith(found!, expected!), undefined);
});

test("mean errors are of timed probes, by class", () => {
  const outcomes = judgeConsole(
    "p",
    { console: line("alu.a", 102) + line("l2.lw", 90) + line("csr.x", 0), code: 0, end: "exit" },
    line("alu.a", 100) + line("l2.lw", 100) + line("csr.x", 0),
  );
  assert.equal(meanErrors(outcomes), {
    mean_abs_error_pct: 6,
    mean_abs_error_pct_by_class: { core: 2, memory: 10 },
  });
});

test.run();
