/** Schedules as text: what is printed is read again, and what is wrong is said with its place. */
import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { portableKernels } from "../../../src/backends/c/index.js";
import { tileKernels } from "../../../src/backends/pulp/kernels/index.js";
import { planProgram } from "../../../src/backends/pulp/planner/plan.js";
import { scheduleOf } from "../../../src/backends/schedule/bare.js";
import {
  parseSchedule,
  printProgram,
  printSchedule,
  verifySchedule,
} from "../../../src/backends/schedule/index.js";
import type { Program } from "../../../src/backends/schedule/program.js";
import type { Schedule } from "../../../src/backends/schedule/schedule.js";
import { type Diagnostic, isSpan, positionOf, Refusal } from "../../../src/ir/diagnostic.js";
import type { Graph } from "../../../src/ir/graph.js";
import { matchesGolden } from "../../golden.js";
import { root, seed, suite } from "../../harness.js";
import { smallNetwork } from "../pulp/tools.js";
import { networkArbitrary } from "../random-layers.js";

const test = suite("schedule text");

const kernels = { tile: tileKernels, portable: portableKernels };
const plan = (graph: Graph, l1 = 44 * 1024, l2 = 400 * 1024): Program =>
  planProgram(graph, { target: "gap8", cores: 8, l1, l2, l3: 8 * 2 ** 20, kernels });

/** Absent where the network does not fit. */
function attempted(graph: Graph, l1: number, l2: number): Program | undefined {
  try {
    return plan(graph, l1, l2);
  } catch (e) {
    if (e instanceof Refusal) return undefined;
    throw e;
  }
}

const file = "net.schedule";
const places = (source: string, list: readonly Diagnostic[]): string[] =>
  list.map(({ id, place }) => {
    if (!place || !isSpan(place)) return id;
    const { line, column } = positionOf(source, place.start);
    return `${line}:${column} ${id}`;
  });

/** What is wrong with a text, by place and id. */
function wrong(source: string): string[] {
  const read = parseSchedule(source, { file });
  if (!read.ok) return places(source, read.diagnostics);
  const { schedule, places: where } = read.value;
  return places(
    source,
    verifySchedule(schedule, (item) => where.get(item)),
  );
}

function reread(text: string): Schedule {
  const read = parseSchedule(text, { file });
  if (!read.ok)
    throw new Error(`${places(text, read.diagnostics)} ${JSON.stringify(read.diagnostics)}\n${text}`);
  return read.value.schedule;
}

test("the schedules of random networks are printed, read and printed again, and stay sound", () => {
  let tried = 0;
  const budgets = fc.record({
    l1: fc.constantFrom(44 * 1024, 2048, 512),
    l2: fc.constantFrom(400 * 1024, 4096, 1024),
  });
  fc.assert(
    fc.property(networkArbitrary, budgets, ({ graph }, { l1, l2 }) => {
      const program = attempted(graph, l1, l2);
      if (!program) return;
      tried++;
      const text = printProgram(program);
      const schedule = reread(text);
      assert.is(printSchedule(schedule), text);
      assert.equal(verifySchedule(schedule), []);
      assert.is(schedule.layers.length, scheduleOf(program).layers.length);
      for (const line of text.split("\n")) assert.ok(line.length <= 160 || / holds /.test(line), line);
    }),
    { seed, numRuns: 25 },
  );
  assert.ok(tried > 10, `${tried} networks fitted`);
});

const small = printProgram(plan(smallNetwork()));
const streamed = printProgram(plan(smallNetwork({ length: 512 }), 600, 2500));

test("a small network's schedule is kept, with room and from L3", () => {
  matchesGolden("schedule/small.schedule", small);
  matchesGolden("schedule/small-from-l3.schedule", streamed);
});

test("docs/schedule.md shows schedules that are sound", () => {
  const docs = readFileSync(path.join(root, "docs", "schedule.md"), "utf8");
  const shown = [...docs.matchAll(/```\n(schedule @[^`]*)```/g)].map((m) => m[1]!);
  assert.equal(shown, [small]);
});

const changed = (from: string | RegExp, to: string, text = small): string => {
  const other = text.replace(from, to);
  assert.is.not(other, text, `${from} is not there`);
  return other;
};

test("mistakes of form are shown at their place", () => {
  assert.equal(wrong(""), ["1:1 schedule/syntax"]);
  assert.equal(wrong("schedule"), ["1:9 schedule/syntax"]);
  assert.equal(wrong(changed(" for gap8", "")), ["1:16 schedule/syntax"]);
  assert.equal(wrong(`${small}}`), [`${small.split("\n").length}:1 schedule/syntax`]);
  assert.equal(wrong(changed("memory l1", "memory l9")), ["2:10 schedule/syntax"]);
  assert.equal(wrong(changed("640 of", "99999999999999999999 of")), ["2:15 schedule/syntax"]);
  assert.equal(
    wrong(changed("layer 1 ", "layer 2 ")).map((w) => w.split(" ")[1]),
    ["schedule/syntax"],
  );
  assert.equal(
    wrong(changed("ho = 1, wo", "wo")).map((w) => w.split(" ")[1]),
    ["schedule/syntax"],
  );
});

test("mistakes of meaning are shown at the step or block that makes them", () => {
  const lineOf = (part: string): number => small.split("\n").findIndex((l) => l.includes(part)) + 1;
  const start = lineOf("start x0[0] in a.x0");
  assert.equal(wrong(changed("<- %x : 64", "<- %z : 64"))[0], `${start}:5 schedule/unknown-block`);
  assert.equal(wrong(changed("<- %x : 64", "<- %x : 65"))[0], `${start}:5 schedule/out-of-block`);
  assert.equal(wrong(changed("<- %x : 64", "<- %x + t : 64"))[0], `${start}:37 schedule/unknown-index`);
  assert.equal(wrong(changed("<- %x : 64", "<- %x : 64 / 0"))[0], `${start}:5 schedule/arithmetic`);
  assert.equal(wrong(changed("<- %x : 64", "<- %x : 1 - 2"))[0], `${start}:5 schedule/shape`);
  assert.equal(wrong(changed("start x0[0]", "start x0[1]"))[0], `${start}:5 schedule/unknown-channel`);
  assert.equal(wrong(changed("640 of 45056", "640 of 600"))[0], "2:3 schedule/budget");
  assert.equal(wrong(changed("640 of", "632 of"))[0], `${lineOf("block p.y")}:5 schedule/budget`);
  const turned = changed("start y[0] out %a <- a.y", "start y[0] in %a <- a.y");
  assert.equal(wrong(turned)[0], `${lineOf("start y[0] out %a")}:5 schedule/shape`, "from L1 to L2 is out");
  const block = lineOf("block a.w");
  assert.equal(wrong(changed("a.w at l1 + 80", "a.w at l1 + 64"))[0], `${block}:5 schedule/overlap`);
  assert.equal(wrong(changed("block a.w at", "block a.x0 at"))[0], `${block}:5 schedule/duplicate-name`);
  const tile = lineOf("tile tile_a");
  assert.equal(wrong(changed("    wait w[0]\n", ""))[0], `${tile - 1}:5 schedule/unwaited`);
});

test("what would take for ever is refused", () => {
  const around = (loops: number, body: string): string =>
    changed(
      "    start x0[0] in a.x0",
      `${Array.from({ length: loops }, (_, i) => `loop i${i} < 1000000 {`).join("\n")}
${body}${"}".repeat(loops)}
    start x0[0] in a.x0`,
    );
  const begun = Date.now();
  const ends = (text: string, id: string) =>
    assert.ok(
      wrong(text).some((w) => w.endsWith(id)),
      id,
    );
  ends(around(10, ""), "schedule/too-large");
  ends(around(3, "wait y[0]\n"), "schedule/too-large");
  ends(changed("<- %x : 64", "<- %x : 1, x 9000000000000 every 0 to 0"), "schedule/race");
  ends(changed(/memory l1 : 640 of \d+/, "memory l1 : 640 of 9000000000000"), "schedule/too-large");
  ends(around(21, ""), "schedule/syntax");
  ends(changed("<- %x : 64", `<- %x : ${"(".repeat(10000)}`), "schedule/syntax");
  ends(changed("<- %x : 64", `<- %x : ${"1 + ".repeat(10000)}1`), "schedule/syntax");
  ends("x".repeat(5 * 2 ** 20), "schedule/too-large");
  assert.ok(Date.now() - begun < 60_000, `${Date.now() - begun} ms`);
});

test("texts with pieces lost, doubled or exchanged never break the reader or the verifier", () => {
  const pieces = streamed.split(/(?<=[\s,()[\]{}])/);
  const other = fc.constantFrom(...pieces, "-1", "9007199254740991", '"', "\0", "%", "\u{1f600}");
  fc.assert(
    fc.property(fc.nat(pieces.length - 1), fc.nat(3), other, (at, drop, by) => {
      const text = pieces.toSpliced(at, drop, by).join("");
      for (const w of wrong(text)) assert.match(w, /^\d+:\d+ schedule\/|^schedule\//);
    }),
    { seed, numRuns: 120 },
  );
});

test("names that are no words stand in quotes", () => {
  const schedule = reread(changed("= pool,", '= "my \\"kernel\\" }",'));
  assert.is(schedule.layers[1]!.kernel, 'my "kernel" }');
  assert.is(reread(printSchedule(schedule)).layers[1]!.kernel, 'my "kernel" }');
});

test.run();
