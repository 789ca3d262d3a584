import * as assert from "uvu/assert";
import { convKernel } from "../../../../src/backends/pulp/kernels/conv.js";
import { convPlain } from "../../../../src/backends/pulp/kernels/conv-plain.js";
import { hasCrossCompiler, hasHostCompiler } from "../../../gap8sim/tools.js";
import { suite } from "../../../harness.js";
import { type CaseOptions, type ConvOptions, convCase } from "./conv-cases.js";
import { runCases } from "./harness.js";

const test = suite("pulp conv kernels");
const options: readonly (readonly [string, Omit<CaseOptions, "kernelOf">])[] = [
  ["pointwise 64 to 64", { size: [64], ci: 64, co: 64 }],
  ["pointwise 32 to 32, signed", { size: [50], ci: 32, co: 32, x: "i8" }],
  ["k3 64 to 64", { size: [40], ci: 64, co: 64, kernel: [3], pads: [1, 1] }],
  ["k3, 13 to 13 channels", { size: [41], ci: 13, co: 13, kernel: [3], pads: [1, 1] }],
  ["dilated, shifts", { size: [30], ci: 16, co: 16, kernel: [3], dilation: [4], pads: [4, 4], shifts: true }],
  ["2-D k3", { size: [9, 9], ci: 8, co: 12, kernel: [3, 3], pads: [1, 1, 1, 1] }],
  ["wide", { size: [20], ci: 16, co: 8, finish: "wide" }],
  ["wide, shifts", { size: [20], ci: 16, co: 8, finish: "wide", shifts: true }],
  ["clamped", { size: [20], ci: 16, co: 8, finish: "clamped" }],
  ["clamped, unsigned, shifts", { size: [20], ci: 16, co: 8, finish: "clamped", shifts: true, y: "u8" }],
  ["sums", { size: [20], ci: 16, co: 9, finish: "sum" }],
  ["linear", { op: "linear", size: [], ci: 100, co: 10 }],
  ["4-bit", { size: [24], ci: 16, co: 8, kernel: [3], w: "i4" }],
  ["2-bit", { size: [24], ci: 16, co: 8, kernel: [3], w: "i2" }],
  ["4-bit, positions further apart than immediates reach", { size: [9], ci: 701, co: 8, w: "i4" }],
  ["2-bit, the same with rows", { size: [5, 9], ci: 350, co: 5, kernel: [2, 1], stride: [1, 2], w: "i2" }],
  ["transposed", { op: "conv_transpose", size: [24], ci: 16, co: 8, kernel: [5], stride: [2], pads: [2, 2] }],
  [
    "16-bit inputs and weights",
    { size: [24], ci: 5, co: 6, kernel: [3], x: "i16", w: "i16", finish: "wide" },
  ],
  [
    "16-bit inputs, bytes of weights",
    { size: [9, 9], ci: 16, co: 8, kernel: [3, 3], x: "i16", finish: "sum" },
  ],
  ["groups", { size: [24], ci: 16, co: 16, kernel: [3], groups: 2 }],
  ["five groups of three", { size: [24], ci: 10, co: 15, kernel: [3], groups: 5, pads: [1, 1] }],
  ["two outputs for every channel", { size: [9, 9], ci: 7, co: 14, kernel: [3, 3], groups: 7, w: "i4" }],
  [
    "transposed, zero point",
    { op: "conv_transpose", size: [9], ci: 8, co: 6, kernel: [4], stride: [3], pads: [1, 0], zero: 3 },
  ],
];

const withCompiler = hasCrossCompiler && hasHostCompiler ? test : test.skip;

withCompiler("fixed cases give the bytes of the interpreter", async () => {
  const cases = options.map(([name, o]) => convCase(name, { ...o, kernelOf: convKernel }));
  for (const o of await runCases(cases)) assert.equal(o.wrong, [], o.case.name);
});

/** MAC per cycle on eight cores that bytes reach at least; 4- and 2-bit weights reach 0.85 of what bytes do. */
const speeds: readonly (readonly [ConvOptions, number])[] = [
  [{ size: [64], ci: 64, co: 64, kernel: [3], pads: [1, 1] }, 18],
  [{ size: [128], ci: 64, co: 64 }, 15.5],
  [{ size: [256], ci: 32, co: 32 }, 13],
];

withCompiler("blocks are as fast as they should be, and as their model says", async () => {
  const widths = ["i8", "i4", "i2"] as const;
  const cases = speeds.flatMap(([o]) => widths.map((w) => convCase(w, { ...o, w, kernelOf: convKernel })));
  const outcomes = await runCases(cases, { profiles: ["gvsoc"], host: false });
  for (const [i, { out, cycles, case: c }] of outcomes.entries()) {
    const [o, target] = speeds[Math.floor(i / widths.length)]!;
    const measured = cycles.gvsoc!.warm;
    const bytes = outcomes[i - (i % widths.length)]!.cycles.gvsoc!.warm;
    const macs = out.h * out.w * out.c * o.ci * (o.kernel?.[0] ?? 1);
    assert.ok(
      c.name !== "i8" || macs / measured >= target,
      `${macs / measured} MAC per cycle, not ${target}`,
    );
    assert.ok(bytes / measured >= 0.85, `${c.name}: ${bytes / measured} of the speed of bytes`);
    const model = convKernel.cycles(c.layer, c.layouts, { out, inputs: [] }, 8);
    assert.ok(
      Math.abs(model / measured - 1) < 0.05,
      `${c.name}: ${measured} cycles, the model says ${model}`,
    );
  }
});

const plainOptions: readonly (readonly [string, Omit<CaseOptions, "kernelOf">])[] = [
  [
    "16-bit weights and inputs",
    { size: [20], ci: 5, co: 6, kernel: [3], x: "i16", w: "i16", y: "i16", finish: "wide" },
  ],
  ["16-bit result", { size: [20], ci: 5, co: 6, kernel: [3], y: "i16", finish: "wide" }],
  ["groups of two", { size: [20], ci: 6, co: 6, kernel: [3], groups: 3, pads: [1, 1] }],
  [
    "transposed",
    { op: "conv_transpose", size: [3, 4], ci: 3, co: 6, kernel: [3, 4], stride: [2, 3], pads: [1, 0, 1, 2] },
  ],
  ["linear", { op: "linear", size: [], ci: 50, co: 10, finish: "sum" }],
  ["depthwise, 16-bit inputs", { size: [20], ci: 6, co: 6, kernel: [3], groups: 6, x: "i16" }],
  [
    "depthwise, transposed",
    { op: "conv_transpose", size: [7], ci: 6, co: 6, kernel: [3], stride: [2], groups: 6, zero: 2 },
  ],
];

withCompiler("plain kernels give the bytes of the interpreter in any layout", async () => {
  const cases = plainOptions.flatMap(([name, o]) => {
    const one = convCase(name, { ...o, kernelOf: convPlain });
    return one.kernel
      .layouts(one.layer)
      .filter((_, i) => i % 3 === 0)
      .map((layouts) => ({ ...one, layouts }));
  });
  for (const o of await runCases(cases, { profiles: ["gvsoc"] })) {
    assert.equal(o.wrong, [], o.case.name);
  }
});

test.run();
