/** Two kernels as one: random tiles of depthwise and pointwise layers, on the host and on gap8sim. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { portableKernels } from "../../../../src/backends/c/index.js";
import { tileKernels } from "../../../../src/backends/pulp/kernels/index.js";
import { pairsOf } from "../../../../src/backends/pulp/planner/fusion.js";
import { unitsOf } from "../../../../src/backends/pulp/planner/units.js";
import { hasCrossCompiler, hasHostCompiler } from "../../../gap8sim/tools.js";
import { suite } from "../../../harness.js";
import { cases } from "../../random-layers.js";
import { separable, separableInput } from "../separable.js";
import { allRight, drawn, layoutName, tile } from "./checking.js";
import { fits, type KernelCase } from "./harness.js";

const test = suite("pulp kernels in sequence");
const run = hasCrossCompiler && hasHostCompiler ? test : test.skip;

const lists = { tile: tileKernels, portable: portableKernels };
const prelude = '#include "pulsec_cluster.h"';
const pairs = fc.tuple(
  cases((d, b) => [separable(d, b, separableInput(d, b))]),
  tile,
);
type Drawn = typeof pairs extends fc.Arbitrary<infer T> ? T : never;

/** One random tile; nothing where it does not fit L1. */
async function caseOf([{ graph }, t]: Drawn, i: number): Promise<readonly KernelCase[]> {
  const [pair] = pairsOf(graph, unitsOf(graph, lists, t.cores));
  if (!pair) return [];
  const { layer, kernel } = pair.fused;
  const all = kernel.layouts(layer);
  const layouts = all[t.layouts % all.length]!;
  const { h, w, c } = layer.out;
  const cut = (n: number) => {
    const from = Math.floor(n * t.from);
    return [from, Math.ceil((n - from) * t.length)] as const;
  };
  const [[y, high], [x, wide]] = [cut(h), cut(w)];
  const region = { y, x, c: 0, h: high, w: wide, channels: c };
  const name = `${i} ${layoutName(layouts)}`;
  const { cores, seed } = t;
  const found = { name, kernel, graph, layer, layouts, cores, seed, ...(t.whole ? {} : { region }) };
  return (await fits(found)) ? [found] : [];
}

run("random tiles equal the interpreter, with 1, 5 and 8 cores", async () => {
  const cases = (await Promise.all(drawn(pairs, 24).map(caseOf))).flat();
  assert.ok(cases.length > 12, `${cases.length} cases`);
  await allRight(cases, { profiles: ["gvsoc"], prelude });
});

test.run();
