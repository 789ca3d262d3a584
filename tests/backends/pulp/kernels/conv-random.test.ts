import fc from "fast-check";
import * as assert from "uvu/assert";
import { convKernel } from "../../../../src/backends/pulp/kernels/conv.js";
import { convPlain } from "../../../../src/backends/pulp/kernels/conv-plain.js";
import type { IntStorage } from "../../../../src/ir/storage.js";
import { hasCrossCompiler, hasHostCompiler } from "../../../gap8sim/tools.js";
import { seed, suite } from "../../../harness.js";
import { type ConvOptions, convCase, convGraph } from "./conv-cases.js";
import { fits, type KernelCase, layerOf, runCases } from "./harness.js";

const test = suite("pulp conv kernels, random layers");
const runs = Number(process.env.RUNS ?? 16);

const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const size = (most: number) => fc.integer({ min: 1, max: most });

/** What two lists of one length per spatial dimension are drawn from. */
const axis = fc.record({
  length: size(14),
  kernel: size(5),
  stride: size(3),
  dilation: size(3),
  before: fc.integer({ min: 0, max: 3 }),
  behind: fc.integer({ min: 0, max: 3 }),
});

const options = fc
  .record({
    op: pick("conv", "conv", "conv", "conv_transpose", "linear"),
    axes: fc.oneof(
      axis.map((a) => [{ ...a, length: a.length * 3 }]),
      fc.tuple(axis, axis),
    ),
    groups: pick(1, 1, 1, 2, 3, 5),
    thin: fc.boolean(),
    ci: size(20),
    co: size(22),
    x: pick("u8", "i8", "u8", "u4", "i2", "i16"),
    w: pick("i8", "i8", "i4", "i2", "i16"),
    y: pick("i8", "u8", "u4", "i16"),
    zero: fc.integer({ min: 0, max: 3 }),
    bias: fc.boolean(),
    finish: pick("narrow", "clamped", "wide", "sum"),
    shifts: fc.boolean(),
    clamp: fc.option(pick([-5, 90] as const, [0, 100] as const, [0, 127] as const)),
    layout: fc.nat(100),
    cores: pick(1, 3, 8, 8),
    corner: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    whole: fc.boolean(),
    plain: pick(false, false, false, true),
    seed: fc.nat(1000),
  })
  .map((r) => ({ ...r, text: JSON.stringify(r) }));
type Drawn = typeof options extends fc.Arbitrary<infer T> ? T : never;

/** The drawn layer with kernels that fit, pads that are legal, groups that divide. */
function legal(d: Drawn): ConvOptions {
  const axes = d.axes;
  const list = (of: (a: (typeof axes)[number]) => number) => axes.map(of);
  const transposed = d.op === "conv_transpose";
  const kernel = axes.map((a) => {
    const room = a.length + (transposed ? 100 : a.before + a.behind);
    return Math.max(1, Math.min(a.kernel, Math.floor((room - 1) / a.dilation) + 1));
  });
  const pads = transposed ? axes.map(() => 0) : list((a) => a.before);
  const after = transposed ? axes.map(() => 0) : list((a) => a.behind);
  const clamp = d.clamp && (d.y === "i8" || (d.y === "u8" && d.clamp[0] >= 0)) ? { clamp: d.clamp } : {};
  const common = {
    ci: (d.thin ? 1 + (d.ci % 3) : d.ci) * d.groups,
    co: (d.thin ? 1 + (d.co % 6) : d.co) * d.groups,
    x: d.x as IntStorage,
    w: d.w as IntStorage,
    y: d.y as IntStorage,
    bias: d.bias,
    finish: d.finish as Exclude<ConvOptions["finish"], undefined>,
    shifts: d.shifts,
    seed: d.seed,
    ...clamp,
  } as const;
  if (d.op === "linear") return { ...common, op: "linear", size: d.seed % 2 === 0 ? [] : [axes[0]!.length] };
  return {
    ...common,
    op: d.op as "conv" | "conv_transpose",
    size: list((a) => a.length),
    kernel,
    stride: list((a) => a.stride),
    dilation: list((a) => a.dilation),
    pads: [...pads, ...after],
    groups: d.groups,
    ...(d.zero === 0 ? {} : { zero: Math.min(d.zero, d.x === "i2" ? 1 : 3) }),
  };
}

/** A part of the output that begins at a multiple of four channels. */
function regionOf(d: Drawn, out: { h: number; w: number; c: number }) {
  const cut = (n: number, to: number) => {
    const from = Math.min(n - 1, Math.floor(n * d.corner[0] * 0.6));
    const begin = from - (from % to);
    return [begin, Math.max(1, Math.ceil((n - begin) * d.corner[1]))] as const;
  };
  const [[y, h], [x, w], [c, channels]] = [cut(out.h, 1), cut(out.w, 1), cut(out.c, 4)];
  const end = Math.min(out.c, c + Math.ceil(channels / 4) * 4);
  return { y, x, c, h, w, channels: end - c };
}

/** Nothing where the packed kernel does not take the layer and the plain one was not asked for. */
function caseOf(d: Drawn): KernelCase | undefined {
  const o = legal(d);
  const layer = layerOf(convGraph(o));
  const cx = { bounds: new Map(), cores: d.cores };
  const kernelOf = !d.plain && convKernel.refuses(layer, cx) === undefined ? convKernel : convPlain;
  if (kernelOf.refuses(layer, cx) !== undefined) return undefined;
  const all = kernelOf.layouts(layer);
  return convCase(`${kernelOf.name} ${JSON.stringify(o)}`, {
    ...o,
    kernelOf,
    layouts: all[d.layout % all.length]!,
    cores: d.cores,
    ...(d.whole ? {} : { region: regionOf(d, layer.out) }),
  });
}

async function drawn(): Promise<readonly KernelCase[]> {
  const cases: KernelCase[] = [];
  for (const d of fc.sample(options, { seed, numRuns: runs })) {
    const c = caseOf(d);
    if (c && (await fits(c))) cases.push(c);
  }
  return cases;
}

(hasCrossCompiler && hasHostCompiler ? test : test.skip)(
  `${runs} layers on the host and on gap8sim equal the interpreter`,
  async () => {
    const cases = await drawn();
    assert.ok(cases.some((c) => c.kernel === convKernel));
    const outcomes = await runCases(cases, { profiles: ["gvsoc"] });
    const wrong = outcomes.filter((o) => o.wrong.length > 0);
    const text = wrong.map(
      (o) => `${o.case.name} ${JSON.stringify([o.case.layouts, o.case.region])}: ${o.wrong.join("; ")}`,
    );
    assert.equal(text, [], `seed ${seed}`);
  },
);

test.run();
