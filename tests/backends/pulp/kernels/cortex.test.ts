/** The portable C of tile kernels, for a core that is no RISC-V one. */
import { convKernel } from "../../../../src/backends/pulp/kernels/conv.js";
import { elementwise } from "../../../../src/backends/pulp/kernels/elementwise.js";
import { pool } from "../../../../src/backends/pulp/kernels/pool.js";
import { upsample } from "../../../../src/backends/pulp/kernels/upsample.js";
import { suite } from "../../../harness.js";
import { armCompiler, hasArmCompiler, run, runtime, within } from "../tools.js";
import { casesOf } from "./checking.js";
import { convCase } from "./conv-cases.js";
import { graphOf, requant } from "./element-cases.js";
import type { KernelCase } from "./harness.js";

const test = suite("pulp kernels for Cortex-M4");
const flags = "-mcpu=cortex-m4 -mthumb -O2 -std=gnu11 -ffreestanding -Wall -Wextra -Werror".split(" ");
const image = [1, 8, 12, 6];

function cases(): readonly KernelCase[] {
  const max = graphOf((w) => w.op("maxpool", [w.input("i8", image)], { kernel: [2, 2], stride: [2, 2] }));
  const linear = { mode: "linear", size: [16, 24], align: "half_pixel" };
  const larger = graphOf((w) => w.op("upsample", [w.input("i8", image)], linear));
  const scaled = graphOf((w) => requant(w, w.input("i8", image), [3257], [7], 1, "i32"));
  const k3 = { size: [20], ci: 16, co: 8, kernel: [3], kernelOf: convKernel };
  return [
    convCase("k3", k3),
    convCase("wide", { ...k3, finish: "wide" }),
    convCase("4-bit", { ...k3, w: "i4" }),
    ...casesOf("max", pool, max),
    ...casesOf("upsample", upsample, larger),
    ...casesOf("requant", elementwise, scaled),
  ];
}

function sourceOf(all: readonly KernelCase[]): string {
  const headers = ["pulsec_tile.h", ...new Set(all.flatMap((c) => c.kernel.headers))];
  const bodies = all.map((c, i) => c.kernel.emit(c.layer, c.layouts, `kernel_${i}`, c.layer.out));
  const table = `void (*const kernels[])(const pulsec_tile *, int) = {${all.map((_, i) => `kernel_${i}`).join(", ")}};`;
  const lines = [
    ...headers.map((h) => `#include "${h}"`),
    ...bodies,
    "extern void (*const kernels[])(const pulsec_tile *, int);",
  ];
  return `${[...lines, table].join("\n")}\n`;
}

(hasArmCompiler ? test : test.skip)("kernels compile without a warning", () =>
  within(new Map([["kernels.c", sourceOf(cases())]]), async (folder) => {
    const include = [`-I${runtime}`, "-isystem", `${runtime}/gap8/include`, "-DPULSEC_CORES=1"];
    await run(armCompiler, [...flags, ...include, "-c", "kernels.c", "-o", "kernels.o"], { cwd: folder });
  }),
);

test.run();
