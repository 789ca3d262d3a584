/** Which tile computed an element: for every element of many plans, and for faults seeded into one tile. */
import * as assert from "uvu/assert";
import type { TileKernel } from "../../../src/backends/pulp/contract.js";
import { checkFirmware } from "../../../src/backends/pulp/firmware/check.js";
import { computedTiles } from "../../../src/backends/pulp/firmware/computed-tiles.js";
import { firmwareSession, gap8simEngine } from "../../../src/backends/pulp/firmware/engine.js";
import { type FirmwareOptions, makeFirmware } from "../../../src/backends/pulp/firmware/project.js";
import { tileKernels } from "../../../src/backends/pulp/kernels/index.js";
import type { Engine } from "../../../src/ir/contracts.js";
import type { Graph } from "../../../src/ir/graph.js";
import { intEngine } from "../../../src/ir/interpreter.js";
import { elements } from "../../../src/ir/type.js";
import { compareEngines, compareValues, renderEngineReport, withTile } from "../../../src/verify/index.js";
import { suite } from "../../harness.js";
import { hasCrossCompiler, inputsOf, smallNetwork, vectorOf, wideNetwork } from "./tools.js";

const test = suite("pulp diverging tile");
const cross = hasCrossCompiler ? test : test.skip;

const long = smallNetwork({ length: 512, channels: 16 });

test("every element of every layer is from a tile whose box holds it", () => {
  const plans: readonly (readonly [Graph, FirmwareOptions])[] = [
    [smallNetwork(), {}],
    [smallNetwork(), { l1: 300 }],
    [long, { l1: 1500, spill: true }],
    [long, { l1: 1500, l2: 7000 }],
    [wideNetwork(2, 64), { l1: 1200 }],
  ];
  let sections = 0;
  for (const [graph, options] of plans) {
    const { program } = makeFirmware(graph, options).emission;
    for (const layer of program.layers) {
      const { name, type } = layer.nodes.at(-1)!.result;
      const computed = computedTiles(program, name)!;
      // Runs that add up sums over input channels have one result.
      assert.is(layer.tiles % computed.tiles.length, 0, name);
      const { w, c } = layer.result.strides!;
      for (let i = 0; i < elements(type); i++) {
        const tile = computed.tiles[computed.at(i)!]!;
        const at = { h: Math.floor(i / (w * c)), w: Math.floor(i / c) % w, c: i % c };
        for (const axis of ["h", "w", "c"] as const)
          assert.ok(tile[axis][0] <= at[axis] && at[axis] < tile[axis][1], `element ${i} of ${name}`);
      }
      if (computed.tiles.some((t) => t.section && t.section.of > 1)) sections++;
    }
  }
  assert.ok(sections > 0, "a layer streams");
});

/** The kernels with C of ours around them; `before` may change `u`, the tile that they get, and `run` counts from 1. */
const around = (before: string, behind = ""): readonly TileKernel[] =>
  tileKernels.map((kernel) => ({
    ...kernel,
    emit: (layer, layouts, name, tile) => `${kernel.emit(layer, layouts, `${name}_right`, tile)}
static void ${name}(const pulsec_tile *t, int core) {
  static int run;
  pulsec_tile u = *t;
  run++;
  ${before}
  ${name}_right(&u, core);
  ${behind}
}`,
  }));

/** The changed kernels for one layer, those of ours for the others. */
const onlyIn = (layer: string, changed: readonly TileKernel[]): readonly TileKernel[] =>
  changed.map((kernel, i) => ({
    ...kernel,
    emit: (...args) => (args[0].name === layer ? kernel : tileKernels[i]!).emit(...args),
  }));

const budgets = { l1: 1500, cores: 1 } as const;
const vectors = [1, 2].map((seed) => ({ name: `seed ${seed}`, inputs: inputsOf(long, seed) }));

async function firstOf(engine: Engine) {
  const report = await compareEngines(long, intEngine, [engine], vectors);
  const [first] = report.engines[0]!.differences;
  return { first, text: renderEngineReport(report) };
}

const tilesOf = (name: string, options: FirmwareOptions) =>
  computedTiles(makeFirmware(long, options).emission.program, name)!.tiles;

cross("a kernel that is wrong in one tile", async () => {
  const broken = around("", "if (run == 3) ((uint8_t *)t->y)[1] ^= 4;");
  const { first, text } = await firstOf(gap8simEngine({ ...budgets, tileKernels: broken }));
  assert.is(first?.value, "a");
  const { differing, ...tile } = first!.tile!;
  assert.equal(tile, tilesOf("a", budgets)[2]);
  assert.is(differing, 1);
  assert.equal(first!.difference!.index, [0, tile.w[0], tile.c[0] + 1]);
  assert.match(text, /\n {2}tile 3 of \d+ \(h 0:1, w \d+:\d+, c \d+:\d+\); no other tile differs\n/);
});

cross("a kernel that reads beside its box in two tiles: the first of them", async () => {
  const broken = around("if (run == 2 || run == 4) u.x[0] = (const uint8_t *)u.x[0] + 1;");
  const { first, text } = await firstOf(gap8simEngine({ ...budgets, tileKernels: broken }));
  assert.is(first?.value, "a");
  assert.is(first?.tile?.number, 2);
  assert.match(text, /tile 2 of \d+ \(.*\); the first of 2 that differ/);
});

/** The engine with the C of the network changed before it is built. */
const edited = (options: FirmwareOptions, edit: (text: string) => string): Engine => ({
  ...gap8simEngine(),
  prepare(graph) {
    const project = makeFirmware(graph, { ...options, name: graph.name, prefix: "network" });
    const text = project.files.get("network.c") as string;
    assert.is.not(edit(text), text, "the fault is in the text");
    return firmwareSession(
      graph,
      { ...project, files: new Map(project.files).set("network.c", edit(text)) },
      {},
    );
  },
});

cross("a transfer that goes one byte too far for one tile", async () => {
  // The first store of the first layer.
  const wrong = (text: string) => text.replace(/(pulsec_box_out\([^,]+, )/, "$1(t == 3) + ");
  const { first } = await firstOf(edited(budgets, wrong));
  assert.is(first?.value, "a");
  assert.is(first?.tile?.number, 4);
});

cross("a tile of a section that streams from L3 is named with it", async () => {
  const options = { ...budgets, l2: 7000 };
  const { program } = makeFirmware(long, options).emission;
  const streams = ({ name }: { readonly name: string }) =>
    tilesOf(name, options).some((t) => (t.section?.of ?? 1) > 1);
  const { name } = program.layers.find(streams)!;
  const tiles = tilesOf(name, options);
  const number = Math.floor(tiles.length / 2);
  const broken = around("", `if (run == ${number + 1}) ((uint8_t *)t->y)[t->co - 1] ^= 1;`);
  const { first, text } = await firstOf(gap8simEngine({ ...options, tileKernels: onlyIn(name, broken) }));
  assert.is(first?.value, name);
  const { differing: _, ...tile } = first!.tile!;
  assert.equal(tile, tiles[number]);
  assert.match(text, `, in section ${tile.section!.number} of ${tile.section!.of}`);
});

cross("where a CRC differs, the check has what every layer left in memory", async () => {
  const golden = await Promise.all([1, 2].map((seed) => vectorOf(long, seed)));
  const options = { ...budgets, vectors: golden };
  assert.equal((await checkFirmware(makeFirmware(long, options))).values, []);
  // The second inference goes wrong.
  const broken = around("", `if (run == ${tilesOf("a", budgets).length + 2}) ((uint8_t *)t->y)[0] ^= 1;`);
  const { ok, console, values, tiles } = await checkFirmware(
    makeFirmware(long, { ...options, tileKernels: onlyIn("a", broken) }),
  );
  assert.not(ok);
  assert.match(console, /first divergence: vector 1, value a:/);
  const found = golden.map((g, i) =>
    withTile(compareValues(long, g.values, values[i]!), g.values, values[i]!, { tiles }),
  );
  assert.equal(found[0], []);
  assert.is(found[1]![0]!.value, "a");
  assert.is(found[1]![0]!.tile!.number, 2);
});

test.run();
