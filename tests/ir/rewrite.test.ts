/** The rewriting driver, on an algebra of two small ops. */
import * as assert from "uvu/assert";
import { GraphBuilder } from "../../src/ir/build.js";
import type { Graph, Module } from "../../src/ir/graph.js";
import { defineOp } from "../../src/ir/op.js";
import { printGraph } from "../../src/ir/print.js";
import { type Rule, removeDead, rewrite } from "../../src/ir/rewrite.js";
import { tensorType } from "../../src/ir/type.js";
import { verifyModule } from "../../src/ir/verify.js";
import { suite } from "../harness.js";

const test = suite("rewrite");

const shared = {
  summary: "",
  traits: [],
  examples: [],
  infer: ({ x }: { x: ReturnType<typeof tensorType> }) => x,
  operands: { x: { storage: ["f32"] } },
} as const;
const neg = defineOp({ ...shared, name: "neg", attrs: {} });
const shift = defineOp({ ...shared, name: "shift", attrs: { by: { kind: "int", default: 1 } } });
const type = tensorType("f32", [2]);
const at = (node: string) => [{ file: "net.onnx", node }];

const doubleNegation: Rule = {
  name: "double-negation",
  equation: "neg(neg(x)) = x",
  root: "neg",
  rewrite: (root, cx) => cx.producer(root.operands[0], neg)?.operands[0],
};
const joinShifts: Rule = {
  name: "join-shifts",
  equation: "shift(shift(x, a), b) = shift(x, a + b)",
  root: "shift",
  rewrite(root, cx) {
    const inner = cx.producer(root.operands[0], shift);
    if (!inner || !cx.onlyUse(inner.result)) return undefined;
    return cx.emit(shift, [inner.operands[0]!], {
      by: (inner.attrs.by as number) + (root.attrs.by as number),
    });
  },
};
/** shift(x, n) = shift(shift(x, n - 1), 1): emits two nodes. */
const splitShifts: Rule = {
  name: "split-shifts",
  equation: "shift(x, n) = shift(shift(x, n - 1), 1)",
  root: "shift",
  rewrite(root, cx) {
    const by = root.attrs.by as number;
    return by > 1
      ? cx.emit(shift, [cx.emit(shift, [root.operands[0]!], { by: by - 1 })], { by: 1 })
      : undefined;
  },
};

const body = (graph: Graph): string =>
  printGraph(graph)
    .split("\n")
    .slice(1, -2)
    .map((l) => l.trim().replace(" : f32[2]", ""))
    .join("; ");
const sound = (graph: Graph): void =>
  assert.equal(
    verifyModule({ meta: {}, graphs: [graph] } satisfies Module).map((d) => d.text),
    [],
  );
const run = (graph: Graph, ...rules: readonly Rule[]): Graph => {
  const done = rewrite(graph, rules);
  sound(done);
  return done;
};

/** x, then `ops` one after the other, named a, b, c, ... */
function chain(...steps: readonly ("neg" | number)[]): Graph {
  const b = new GraphBuilder("g", "float");
  let v = b.input("x", type);
  for (const [i, step] of steps.entries()) {
    const options = { name: "abcdefgh"[i]!, places: at("ABCDEFGH"[i]!) };
    v = step === "neg" ? b.add(neg, [v], {}, options) : b.add(shift, [v], { by: step }, options);
  }
  return b.finish([v]);
}

test("rules apply until none fires", () => {
  assert.is(body(run(chain(1, 2, 3, 4), joinShifts)), "%d = shift %x {by = 10}");
  assert.is(body(run(chain("neg", "neg", "neg", 5), doubleNegation)), "%c = neg %x; %d = shift %c {by = 5}");
});

test("a graph that no rule fits is returned itself", () => {
  const graph = chain("neg", 1, "neg");
  assert.is(rewrite(graph, [doubleNegation, joinShifts]), graph);
});

test("an output keeps its name", () => {
  const graph = chain("neg", "neg");
  assert.is(rewrite(graph, [doubleNegation]), graph, "%b would have to become %x");
  assert.is(body(run(chain(1, 1), joinShifts)), "%b = shift %x {by = 2}");
});

test("what replaces a match inherits all its places", () => {
  const [node] = run(chain(1, 2, 3), joinShifts).nodes;
  assert.equal(node!.result.places.map((p) => "node" in p && p.node).sort(), ["A", "B", "C"]);
});

test("a value that others read is not absorbed", () => {
  const b = new GraphBuilder("g", "float");
  const x = b.input("x", type);
  const inner = b.add(shift, [x], { by: 2 }, { name: "inner" });
  const outer = b.add(shift, [inner], { by: 3 }, { name: "outer" });
  const read = b.finish([outer, b.add(neg, [inner], {}, { name: "other" })]);
  assert.is(rewrite(read, [joinShifts]), read);
  const output = { ...read, outputs: [outer, inner], nodes: read.nodes.slice(0, 2) };
  assert.is(rewrite(output, [joinShifts]), output);
});

test("of several nodes the last takes over the name, the others get fresh ones", () => {
  assert.is(body(run(chain(2), splitShifts)), "%a.1 = shift %x; %a = shift %a.1");
  const long = run(chain(5), splitShifts);
  assert.is(long.nodes.length, 5);
  assert.is(long.outputs[0]!.name, "a");
});

test("fresh names avoid those that exist", () => {
  const b = new GraphBuilder("g", "float");
  const taken = b.add(neg, [b.input("x", type)], {}, { name: "a.1" });
  run(b.finish([b.add(shift, [taken], { by: 3 }, { name: "a" }), taken]), splitShifts);
});

test("rules that feed each other for ever are stopped", () => {
  assert.throws(
    () => rewrite(chain(2, 1), [splitShifts, joinShifts]),
    /rewriting @g does not end; rules: split-shifts, join-shifts/,
  );
});

test("dead nodes go", () => {
  const b = new GraphBuilder("g", "float");
  const x = b.input("x", type);
  const dead = b.add(neg, [b.add(neg, [x], {}, { name: "a" })], {}, { name: "b" });
  const graph = b.finish([b.add(shift, [x], {}, { name: "y" })]);
  assert.ok(graph.nodes.some((n) => n.result === dead));
  assert.is(body(removeDead(graph)), "%y = shift %x");
  const alive = removeDead(graph);
  assert.is(removeDead(alive), alive);
});

test.run();
