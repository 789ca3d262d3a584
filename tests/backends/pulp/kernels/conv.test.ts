import * as assert from "uvu/assert";
import { convKernel } from "../../../../src/backends/pulp/kernels/conv.js";
import { convPlain } from "../../../../src/backends/pulp/kernels/conv-plain.js";
import { suite } from "../../../harness.js";
import { type CaseOptions, convCase } from "./conv-cases.js";
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
];

test("fixed cases give the bytes of the interpreter", async () => {
  const outcomes = await runCases(
    options.map(([name, o]) => convCase(name, { ...o, kernelOf: convKernel })),
    process.env.KEEP ? { folder: process.env.KEEP } : {},
  );
  for (const o of outcomes) {
    if (process.env.SHOW) console.log(o.case.name, JSON.stringify(o.cycles), o.wrong.join("; "));
  }
  for (const o of outcomes) assert.equal(o.wrong, [], o.case.name);
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
];

test("plain kernels give the bytes of the interpreter in any layout", async () => {
  const cases = plainOptions.flatMap(([name, o]) => {
    const one = convCase(name, { ...o, kernelOf: convPlain });
    return one.kernel
      .layouts(one.layer)
      .filter((_, i) => i % 3 === 0)
      .map((layouts) => ({ ...one, layouts }));
  });
  for (const o of await runCases(cases, { profiles: ["gvsoc"] })) {
    if (process.env.SHOW) console.log(o.case.name, JSON.stringify(o.cycles), o.wrong.join("; "));
    assert.equal(o.wrong, [], o.case.name);
  }
});

test.run();
