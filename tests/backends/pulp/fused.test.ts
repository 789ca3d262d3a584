/** Depthwise and pointwise convolutions as one layer: when they are, when not, and that they give what the specification gives. */
import path from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { portableKernels } from "../../../src/backends/c/index.js";
import type { Files } from "../../../src/backends/c/project.js";
import type { TileKernel } from "../../../src/backends/pulp/contract.js";
import { macsOfLayer } from "../../../src/backends/pulp/firmware/network.js";
import { makeFirmware } from "../../../src/backends/pulp/firmware/project.js";
import { tileKernels } from "../../../src/backends/pulp/kernels/index.js";
import { type PlanOptions, planProgram } from "../../../src/backends/pulp/planner/plan.js";
import type { Program } from "../../../src/backends/schedule/program.js";
import { GraphBuilder } from "../../../src/ir/build.js";
import type { Graph, Value } from "../../../src/ir/graph.js";
import { tensorType } from "../../../src/ir/type.js";
import { seed, suite } from "../../harness.js";
import { shapeOf } from "../random-draw.js";
import { cases } from "../random-layers.js";
import { op } from "../random-sums.js";
import { budgets, firmwareOf, wrongOnGap8, wrongOnHost } from "./random-firmware.js";
import { separable, separableInput } from "./separable.js";
import {
  armCompiler,
  crossCompiler,
  crossFlags,
  hasArmCompiler,
  hasCrossCompiler,
  hasHostCompiler,
  here,
  run,
  vectorOf,
  within,
} from "./tools.js";

const test = suite("pulp: depthwise and pointwise as one");
const host = hasHostCompiler ? test : test.skip;
const cross = hasCrossCompiler ? test : test.skip;

const roomy = { l1: 44 * 1024, l2: 400 * 1024, l3: 8 * 2 ** 20 };
const lists = { tile: tileKernels, portable: portableKernels };
const plan = (graph: Graph, options: Partial<PlanOptions> = {}): Program =>
  planProgram(graph, { target: "gap8", cores: 8, kernels: lists, ...roomy, ...options });
const kernelsOf = ({ layers }: Program): readonly string[] => layers.map((l) => l.kernel);

/** Two pairs behind each other now and then. */
const separables = cases((d, b) => {
  const y = separable(d, b, separableInput(d, b));
  return [d.int(0, 2) === 0 ? separable(d, b, y) : y];
});
const few = { seed, endOnFailure: true };

host(
  "random pairs give what the specification gives, under sanitizers, with one to eight cores and little memory",
  async () => {
    let fused = 0;
    const agrees = async (c: Parameters<typeof firmwareOf>[0], b: Parameters<typeof firmwareOf>[1]) => {
      const project = await firmwareOf(c, b);
      if (!project) return;
      if (kernelsOf(project.emission.program).some((k) => k.includes("+"))) fused++;
      const wrong = await wrongOnHost(project);
      if (wrong) throw new Error(wrong);
    };
    await fc.assert(fc.asyncProperty(separables, budgets, agrees), { ...few, numRuns: 6 });
    assert.ok(fused >= 1, `${fused} were one`);
  },
);

cross("and on gap8sim", () => {
  const agrees = async (c: Parameters<typeof firmwareOf>[0], b: Parameters<typeof firmwareOf>[1]) => {
    const project = await firmwareOf(c, b);
    const wrong = project && (await wrongOnGap8(project));
    if (wrong) throw new Error(wrong);
  };
  return fc.assert(fc.asyncProperty(separables, budgets, agrees), { ...few, numRuns: 2 });
});

interface PairOptions {
  readonly length?: number;
  readonly channels?: number;
  readonly out?: number;
  readonly stride?: number;
  readonly pointStride?: number;
  /** Makes the weights differ. */
  readonly salt?: number;
}

/** u8 [1, length, channels] through a depthwise and a pointwise convolution; `ends` picks what is read besides. */
function pair(
  o: PairOptions = {},
  ends: (middle: Value, y: Value, b: GraphBuilder) => Value[] = (_, y) => [y],
) {
  const { length = 200, channels = 32, out = 32, stride = 1, pointStride = 1, salt = 0 } = o;
  const b = new GraphBuilder("pair", "integer");
  const given = b.input("x", tensorType("u8", [1, length, channels]));
  const x = b.add(op("maxpool"), [given], { kernel: [2], pads: [0, 1] }, { name: "before" });
  const layer = (x: Value, name: string, shape: readonly [number, number, number], attrs: object): Value => {
    const count = shape[0] * shape[1] * shape[2];
    const data = Int8Array.from({ length: count }, (_, i) => ((i * 37 + salt) % 15) - 7);
    const w = b.param(`${name}.w`, tensorType("i8", shape), data);
    const sum = b.add(op("conv"), [x, w], attrs as Record<string, never>, { name: `${name}.sum` });
    const mul = b.param(`${name}.mul`, tensorType("i32", [1]), new Int32Array([3]));
    const add = b.param(`${name}.add`, tensorType("i64", [1]), new BigInt64Array([7n]));
    const type = tensorType("u8", shapeOf(sum));
    return b.add(op("requant"), [sum, mul, add], { shift: [6] }, { name, type });
  };
  const middle = layer(x, "middle", [channels, 3, 1], { pads: [1, 1], stride: [stride], groups: channels });
  const y = layer(middle, "y", [out, 1, channels], { stride: [pointStride] });
  return b.finish(ends(middle, y, b));
}

test("the value between lies in L1 only, and the layer has the work of both", () => {
  const { layers, blocks } = plan(pair());
  assert.equal(
    layers.map((l) => [l.name, l.kernel]),
    [
      ["before", "pool"],
      ["y", "depthwise+conv"],
    ],
  );
  assert.not.ok(blocks.some((b) => b.name.includes("middle") && !b.data));
  assert.is(macsOfLayer(layers[1]!), 200 * 32 * (3 + 32));
  assert.equal(
    layers[1]!.nodes.map((n) => n.result.name),
    ["middle.sum", "middle", "y.sum", "y"],
  );
});

test("where somebody else wants the value between, or positions are left out, they stay two", () => {
  const twice = pair({}, (middle, y, b) => [y, b.add(op("maxpool"), [middle], { kernel: [2] })]);
  for (const graph of [pair({}, (middle, y) => [middle, y]), twice, pair({ pointStride: 2 })])
    assert.equal(kernelsOf(plan(graph)).slice(1, 3), ["depthwise", "conv"]);
  assert.ok(kernelsOf(plan(pair(), { spill: true })).every((k) => !k.includes("+")));
});

test("where the weights of both do not fit L1 beside a tile, they stay two", () => {
  const graph = pair({ length: 40, channels: 64, out: 64 });
  assert.is(kernelsOf(plan(graph))[1], "depthwise+conv");
  assert.equal(kernelsOf(plan(graph, { l1: 5000 })).slice(1), ["depthwise", "conv"]);
});

test("where the estimate says that they are faster as two, they stay two", () => {
  const slow = (k: TileKernel): TileKernel =>
    k.name === "depthwise" ? { ...k, cycles: (_l, _at, { out }) => (out.w < 200 ? 1e6 : 100) } : k;
  const tile = tileKernels.map(slow);
  const graph = pair({ channels: 64, out: 64 });
  assert.is(kernelsOf(plan(graph))[1], "depthwise+conv");
  const slower = plan(graph, { kernels: { ...lists, tile }, l1: 36 * 1024 });
  assert.equal(kernelsOf(slower).slice(1), ["depthwise", "conv"]);
});

test("where the operand and the result do not fit L2 together, they stay two", () => {
  const graph = pair({ length: 300, channels: 32, out: 128, stride: 2 }, (_, y, b) => {
    const pooled = b.add(op("maxpool"), [y], { kernel: [4], stride: [4] }, { name: "pooled" });
    return [b.add(op("maxpool"), [pooled], { kernel: [2], stride: [2] })];
  });
  const bytesInL3 = ({ levels }: Program) => levels.find((l) => l.level === "l3")!.bytes;
  assert.ok(kernelsOf(plan(graph)).includes("depthwise+conv"));
  const needed = plan(graph).levels.find((l) => l.level === "l2")!.bytes;
  const tight = plan(graph, { l2: needed - 1 });
  assert.not.ok(kernelsOf(tight).includes("depthwise+conv"));
  assert.is(bytesInL3(tight), 0);
});

host("with values in L3 sections of both are computed", async () => {
  const graph = pair({ length: 2000, channels: 24, out: 20 }, (_, y, b) => [
    b.add(op("maxpool"), [y], { kernel: [2], stride: [2] }),
  ]);
  const vectors = [await vectorOf(graph, 1), await vectorOf(graph, 2)];
  const project = makeFirmware(graph, { vectors, l2: 16 * 1024, l1: 8 * 1024, prefix: "far" });
  const { levels, layers } = project.emission.program;
  assert.ok(levels.find((l) => l.level === "l3")!.bytes >= 40_000);
  assert.is(layers[1]!.kernel, "depthwise+conv");
  assert.is(await wrongOnHost(project), undefined);
});

/** network.c of a pair, with warnings as errors. */
async function compiles(compiler: string, flags: readonly string[]): Promise<void> {
  const { files } = makeFirmware(pair(), { prefix: "pair" });
  const strict = "-std=gnu11 -Wall -Wextra -Werror -O2 -isystem gap8/include -c network.c -o network.o".split(
    " ",
  );
  await within(files, (folder) => run(compiler, [...flags, ...strict], { cwd: folder }));
}

cross("it compiles for bare metal and the vendor's SDK", async () => {
  const stub = ["-isystem", path.join(here, "pmsis"), "-DPULSEC_PMSIS"];
  for (const flags of [[], stub]) await compiles(crossCompiler, [...crossFlags, ...flags]);
});

(hasArmCompiler ? test : test.skip)("it compiles for Cortex-M4", () =>
  compiles(armCompiler, ["-mcpu=cortex-m4", "-ffreestanding"]),
);

test("other weights change the files of constants only", () => {
  const [one, two] = [0, 1].map((salt) => makeFirmware(pair({ salt }), { prefix: "pair" }).files) as [
    Files,
    Files,
  ];
  const changed = [...one].filter(([name, text]) =>
    Buffer.compare(Buffer.from(text), Buffer.from(two.get(name)!)),
  );
  assert.equal(changed.map(([name]) => name).sort(), ["network_weights.bin", "network_weights.c"]);
});

test.run();
