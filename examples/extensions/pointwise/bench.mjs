// Time of one layer, 64 to 64 channels at 256 positions, with and without the kernel: node bench.mjs
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { emitProject, GraphBuilder, opNamed, portableKernels, randomTensor, tensorType } from "pulsec";
import "pulsec/register";

const { pointwise } = await import("./kernels/pointwise.ts");

const b = new GraphBuilder("net", "integer");
const x = b.input("x", tensorType("u8", [1, 256, 64], { scale: 0.5, zero: 3 }));
const type = tensorType("i8", [64, 1, 64]);
const w = b.param("w", type, randomTensor(type, 1).data);
const graph = b.finish([b.add(opNamed("conv"), [x, w], {}, { name: "y" })]);

const main = `#include <stdio.h>
#include <time.h>
#include "ours/network.h"
#include "own/network.h"
static uint8_t x[OURS_X_ELEMENTS];
static int32_t y[OURS_Y_ELEMENTS];
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e6 * t.tv_sec + 1e-3 * t.tv_nsec;
}
static double best(void (*run)(const uint8_t *, int32_t *)) {
  double least = 1e9;
  for (int i = 0; i < 300; i++) {
    const double start = now();
    run(x, y);
    const double took = now() - start;
    if (took < least) least = took;
  }
  return least;
}
int main(void) {
  const double ours = best(ours_run), own = best(own_run);
  printf("pulsec_conv %.0f us, pointwise %.0f us: %.2f times as fast\\n", ours, own, ours / own);
}
`;

const dir = mkdtempSync(path.join(tmpdir(), "pointwise-"));
try {
  for (const [prefix, kernels] of [
    ["ours", portableKernels],
    ["own", [pointwise, ...portableKernels]],
  ])
    for (const [name, content] of emitProject(graph, { prefix, kernels })) {
      mkdirSync(path.dirname(path.join(dir, prefix, name)), { recursive: true });
      writeFileSync(path.join(dir, prefix, name), content);
    }
  writeFileSync(path.join(dir, "main.c"), main);
  const sources = ["ours", "own"].flatMap((p) => [`${p}/network.c`, `${p}/network_weights.c`]);
  execFileSync("cc", ["-O2", "-o", "bench", "main.c", ...sources], { cwd: dir });
  process.stdout.write(execFileSync(path.join(dir, "bench"), { encoding: "utf8" }));
} finally {
  rmSync(dir, { recursive: true });
}
