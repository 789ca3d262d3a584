/** Property: values that are joined, taken apart and turned come out as the interpreter has them, wherever they lie. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { portableKernels } from "../../../src/backends/c/index.js";
import { tileKernels } from "../../../src/backends/pulp/index.js";
import { type Unit, unitsOf } from "../../../src/backends/pulp/planner/units.js";
import { randomTensor } from "../../../src/data/random-tensor.js";
import { GraphBuilder } from "../../../src/ir/build.js";
import type { Graph, Value } from "../../../src/ir/graph.js";
import type { Attrs } from "../../../src/ir/op.js";
import { allocate } from "../../../src/ir/tensor.js";
import { elements, tensorType } from "../../../src/ir/type.js";
import { seed, suite } from "../../harness.js";
import { type Draw, shapeOf } from "../random-draw.js";
import { cases, type LayerCase } from "../random-layers.js";
import { op } from "../random-sums.js";
import { type Budgets, budgets, firmwareOf, wrongOnGap8, wrongOnHost } from "./random-firmware.js";
import { hasCrossCompiler, hasHostCompiler } from "./tools.js";

const test = suite("pulp: values in the bytes of others");
const run = hasCrossCompiler && hasHostCompiler ? test : test.skip;

type Maker = (d: Draw, b: GraphBuilder, all: readonly Value[]) => Value;

const any = (d: Draw, all: readonly Value[]): Value => d.pick(all);
const alikeBut = (x: Value, axis: number, all: readonly Value[]): readonly Value[] =>
  all.filter(
    (v) =>
      v.type.storage === x.type.storage &&
      v.type.shape.length === x.type.shape.length &&
      shapeOf(v).every((n, i) => i === axis || n === shapeOf(x)[i]),
  );

const makers: readonly Maker[] = [
  (d, b, all) => b.add(op("relu"), [any(d, all)]),
  (d, b, all) => b.add(op("relu"), [any(d, all)]),
  (d, b, all) => {
    const x = any(d, all);
    const axis = d.int(1, shapeOf(x).length - 1);
    const others = alikeBut(x, axis, all);
    const zeros = () => b.param("zeros", x.type, allocate(x.type.storage, elements(x.type)));
    const list = [
      x,
      ...Array.from({ length: d.int(0, 2) }, () => (d.int(0, 4) > 0 ? d.pick(others) : zeros())),
    ];
    return b.add(op("concat"), list, { axis });
  },
  (d, b, all) => {
    const x = any(d, all);
    const axis = d.int(1, shapeOf(x).length - 1);
    const begin = d.int(0, shapeOf(x)[axis]! - 1);
    const attrs = { axis, begin, end: d.int(begin + 1, shapeOf(x)[axis]!), step: d.pick([1, 1, 2]) };
    return b.add(op("slice"), [x], attrs);
  },
  (d, b, all) => {
    const x = any(d, all);
    const spatial = shapeOf(x).slice(1, -1);
    const begins = spatial.map((n) => d.int(0, n - 1));
    return b.add(op("crop"), [x], {
      edges: [...begins, ...spatial.map((n, i) => d.int(0, n - 1 - begins[i]!))],
    });
  },
  (d, b, all) => {
    const x = any(d, all);
    const axes = shapeOf(x)
      .map((_, i) => i)
      .slice(1);
    const left = [...axes];
    const perm = [0, ...axes.map(() => left.splice(d.int(0, left.length - 1), 1)[0]!)];
    return b.add(op("transpose"), [x], { perm });
  },
  (d, b, all) => {
    const x = any(d, all);
    const [n, ...rest] = shapeOf(x) as [number, ...number[]];
    return b.add(op("reshape"), [x], { shape: [n, ...rest.toReversed()] });
  },
  (d, b, all) => {
    const x = any(d, all);
    const ones = shapeOf(x)
      .slice(1, -1)
      .map(() => 1);
    return b.add(op("maxpool"), [x], { kernel: ones.map((_, i) => Math.min(2, shapeOf(x)[i + 1]!)) });
  },
];

function draw(d: Draw, b: GraphBuilder): readonly Value[] {
  const storage = d.pick(["i8", "u8", "i8", "i16"] as const);
  const c = d.int(1, 9);
  const shapes = d.bool()
    ? [
        [1, d.int(1, 9), c],
        [1, d.int(1, 9), c],
      ]
    : [
        [1, d.int(1, 5), d.int(1, 6), c],
        [1, d.int(1, 5), d.int(1, 6), c],
      ];
  const inputs = shapes.map((s, i) => b.input(`x${i}`, tensorType(storage, s)));
  const all: Value[] = [...inputs, ...inputs.map((x) => b.add(op("relu"), [x]))];
  for (let i = d.int(3, 12); i > 0; i--) {
    const made = d.pick(makers)(d, b, all.slice(-6));
    if (shapeOf(made).reduce((n, s) => n * s, 1) < 4000) all.push(made);
  }
  return [...new Set([all.at(-1)!, d.pick(all.slice(2))])];
}

async function agrees(c: LayerCase, b: Budgets): Promise<void> {
  const project = await firmwareOf(c, b);
  const wrong = project && ((await wrongOnHost(project)) ?? (await wrongOnGap8(project)));
  if (wrong) throw new Error(wrong);
}

run("random joins, slices, crops and transpositions", () =>
  fc.assert(fc.asyncProperty(cases(draw), budgets, agrees), {
    seed,
    endOnFailure: true,
    numRuns: Number(process.env.RUNS ?? 12),
  }),
);

/** Two joins of rows and columns, of which a crop and some channels are read. */
function crossing(): Graph {
  const b = new GraphBuilder("crossing", "integer");
  const make = (name: string, of: readonly Value[], attrs: Attrs = {}) => b.add(op(name), of, attrs as never);
  const relu = (...shape: number[]) => make("relu", [b.input("x", tensorType("i8", [1, ...shape]))]);
  const wide = make("concat", [relu(9, 10, 13), relu(9, 8, 13)], { axis: 2 });
  const all = make("concat", [wide, relu(5, 18, 13)], { axis: 1 });
  const crop = make("crop", [all], { edges: [2, 1, 1, 2] });
  const y = make("maxpool", [crop], { kernel: [3, 3], pads: [1, 1, 1, 1] });
  const z = make("relu", [make("slice", [all], { axis: 3, begin: 3, end: 10 })]);
  return b.finish([y, z]);
}

run("parts of values in L3", async () => {
  const graph = crossing();
  const inputs = (k: number) => graph.inputs.map((v, i) => randomTensor(v.type, 10 * k + i));
  const options = { cores: 8, l1: 6000, share: 0.7, safeDma: false, spill: false };
  const project = await firmwareOf({ graph, inputs: inputs(1), again: inputs(2) }, options);
  const far = project!.emission.program.levels.find((l) => l.level === "l3")!;
  assert.ok(far.bytes > 0);
  assert.is((await wrongOnHost(project!)) ?? (await wrongOnGap8(project!)), undefined);
});

const unitsFor = (
  build: (make: (name: string, of: readonly Value[], attrs?: Attrs) => Value, b: GraphBuilder) => Value,
) => {
  const b = new GraphBuilder("net", "integer");
  const y = build((name, of, attrs = {}) => b.add(op(name), of, attrs as never), b);
  const graph: Graph = b.finish([y]);
  return unitsOf(graph, { tile: tileKernels, portable: portableKernels }, 8);
};
const kindsOf = (units: readonly Unit[]): string =>
  units.map((u) => (u.kind === "tiled" ? u.kernel.name : u.kind)).join(" ");

test("joins of what layers make, and slices and crops that layers read, cost nothing", () => {
  const kinds = unitsFor((make, b) => {
    const x = b.input("x", tensorType("i8", [1, 9, 13]));
    const y = make("concat", [make("relu", [x]), make("relu", [x])], { axis: 2 });
    const z = make("slice", [y], { axis: 2, begin: 3, end: 20 });
    return make("relu", [make("crop", [z], { edges: [2, 1] })]);
  });
  assert.is(kindsOf(kinds), "elementwise elementwise alias alias alias elementwise");
});

test("a value in two joins, or an input, is copied", () => {
  const kinds = unitsFor((make, b) => {
    const x = b.input("x", tensorType("i8", [1, 9, 13]));
    const r = make("relu", [x]);
    return make("relu", [make("concat", [x, r, r], { axis: 1 })]);
  });
  assert.is(kindsOf(kinds), "elementwise copy copy alias elementwise");
});

test("turned axes are one copy", () => {
  const kinds = unitsFor((make, b) => {
    const x = b.input("x", tensorType("i8", [1, 4, 6, 5]));
    return make("transpose", [make("transpose", [x], { perm: [0, 2, 3, 1] })], { perm: [0, 3, 1, 2] });
  });
  assert.is(kindsOf(kinds), "alias copy alias copy alias");
});

test.run();
