/** Correct kernels of many ops pass, with the bindings that `golden new` writes; kernels in the manner of PULP-NN, too. */
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { readTensorFile } from "../../src/data/tensor-files/index.js";
import { compatFolder } from "../../src/golden/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { callPulsec } from "../cli/in-process.js";
import { inTemporaryFolder } from "../cli/pulsec.js";
import { root, suite } from "../harness.js";
import { copyKernels, hasGcc, kernels } from "./kernels.js";

const test = suite("kernels");

const chains = `conv1d depthwise2d+requant conv_transpose1d linear matmul add+requant mul requant maxpool2d
  avgpool1d+requant concat upsample lut prelu`.split(/\s+/);

/** What a program that uses the compatibility header brings along. */
const oneCore = `_Thread_local int pulsec_core;
int pulsec_cores = 1;
void pulsec_barrier(void) {}
void pulsec_fork(int cores, void (*entry)(void *), void *argument) { if (cores == 1) entry(argument); }
`;

if (hasGcc) {
  for (const chain of chains)
    test(`${chain}: golden new, golden test`, async () => {
      await inTemporaryFolder(async (dir) => {
        copyKernels(dir);
        const kernel = chain.split("+")[0]!;
        const written = await callPulsec("golden", "new", chain, "--kernel", kernel, "-o", dir);
        assert.is(written.code, 0, written.err);
        const source = path.join(dir, "plain.c");
        const binding = path.join(dir, `${kernel}.golden.json`);
        const tested = await callPulsec("golden", "test", source, "--binding", binding, "--vectors", "12");
        assert.is(tested.code, 0, tested.out + tested.err);
      });
    });

  for (const binding of ["pulp_conv.golden.json", "pulp_linear.golden.json"])
    test(`${binding}: SIMD, packed bytes and several cores`, async () => {
      const file = path.join(kernels, binding);
      const { code, out, err } = await callPulsec(
        "golden",
        "test",
        path.join(kernels, "pulp.c"),
        "--binding",
        file,
      );
      assert.is(code, 0, out + err);
    });

  test("rows that no core computes are missed", async () => {
    await inTemporaryFolder(async (dir) => {
      copyKernels(dir);
      const source = readFileSync(path.join(dir, "pulp.c"), "utf8");
      // The first core begins where the second does.
      const wrong = source.replace(
        "const int start = min(chunk * core_id, dim_out_y)",
        "const int start = chunk",
      );
      assert.is.not(wrong, source);
      writeFileSync(path.join(dir, "pulp.c"), wrong);
      const file = path.join(dir, "pulp_conv.golden.json");
      const { code, out } = await callPulsec("golden", "test", path.join(dir, "pulp.c"), "--binding", file);
      assert.is(code, 3, out);
    });
  });

  test("the builtins of the compatibility header are those of Xpulpv2", async () => {
    await inTemporaryFolder((dir) => {
      const [rest, program] = [path.join(dir, "rest.c"), path.join(dir, "builtins")];
      writeFileSync(rest, oneCore);
      const flags = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", `-I${compatFolder()}`];
      execFileSync("gcc", [...flags, path.join(kernels, "builtins.c"), rest, "-o", program]);
      const { status, stdout } = spawnSync(program, { encoding: "utf8" });
      assert.is(status, 0, stdout);
    });
  });

  test("golden gen: a C header that firmware can loop over", async () => {
    await inTemporaryFolder(async (dir) => {
      const binding = path.join(kernels, "pulp_linear.golden.json");
      const out = path.join(dir, "vectors");
      assert.is(
        (await callPulsec("golden", "gen", binding, "--format", "c", "-o", out, "--vectors", "3")).code,
        0,
      );
      const main = `#include "pmsis.h"
#include "vectors/golden_vectors.h"
void pulp_linear_u4_u4_i4(const uint8_t *, const int8_t *, uint16_t, uint16_t, const int32_t *, const int32_t *, uint16_t, uint8_t *);
int main(void) {
  for (int i = 0; i < GOLDEN_VECTORS; i++) {
    const golden_vector *v = &golden_vectors[i];
    pulp_linear_u4_u4_i4(GOLDEN_ARGUMENTS(v));
    if (memcmp(v->result, v->expected, v->expected_bytes)) return 1;
  }
  return GOLDEN_VECTORS > 10 ? 0 : 2;
}
${oneCore}`;
      writeFileSync(path.join(dir, "main.c"), main);
      const program = path.join(dir, "main");
      const sources = [path.join(dir, "main.c"), path.join(kernels, "pulp.c")];
      execFileSync("gcc", [
        "-std=gnu11",
        "-w",
        "-flax-vector-conversions",
        `-I${compatFolder()}`,
        ...sources,
        "-o",
        program,
      ]);
      assert.is(spawnSync(program).status, 0);
    });
  });

  test("golden test --model adds the layers that the kernel is for", async () => {
    await inTemporaryFolder(async (dir) => {
      copyKernels(dir);
      const net = path.join(dir, "net.pir");
      writeFileSync(net, network);
      assert.is((await callPulsec("golden", "new", "requant", "--kernel", "requant", "-o", dir)).code, 0);
      const binding = path.join(dir, "requant.golden.json");
      const args = [path.join(dir, "plain.c"), "--binding", binding, "--model", net, "--vectors", "0"];
      const { code, err } = await callPulsec("golden", "test", ...args);
      assert.is(code, 0, err);
      assert.match(err, "1 of 2 layers");
    });
  });
} else test.skip("kernels of many ops: needs gcc");

/** A rescaling that stands alone, and one that belongs to the sums before it. */
const network = `param @add : i64[1] = [2]
param @mul : i32[1] = [3]
param @w : i8[2x2] = [1, -2, 3, 4]

graph @net(%x: i32[1x1x1x2], %z: u8[1x2]) -> (%y: u8[1x1x1x2], %v: u8[1x2]) stage integer {
  %y = requant %x, @mul, @add {shift = 8} : u8[1x1x1x2]
  %s = linear %z, @w : i32[1x2]
  %v = requant %s, @mul, @add {shift = 4} : u8[1x2]
}
`;

test("stock gcc for RISC-V without a C library compiles kernels in the manner of PULP-NN", async () => {
  const compiler = "riscv64-unknown-elf-gcc";
  if (spawnSync(compiler, ["--version"]).status !== 0) return test.skip(`${compiler} is not installed`);
  await inTemporaryFolder((dir) => {
    const flags = [
      "-ffreestanding",
      "-flax-vector-conversions",
      "-march=rv32imc",
      "-mabi=ilp32",
      "-O2",
      "-c",
      `-I${compatFolder()}`,
    ];
    execFileSync(compiler, [...flags, path.join(kernels, "pulp.c"), "-o", path.join(dir, "pulp.o")]);
  });
});

test("golden gen of a model: every layer as npz and as DORY's text, equal to what run gives", async () => {
  await inTemporaryFolder(async (dir) => {
    const out = path.join(dir, "layers");
    const model = path.join(root, "examples", "biosignal", "network.onnx");
    const { code } = await callPulsec("golden", "gen", model, "--format", "npz,dory", "-o", out);
    assert.is(code, 0);
    const names = readdirSync(out);
    const layers = names.filter((n) => n.endsWith(".npz")).sort();
    assert.is(layers.length, names.filter((n) => n.startsWith("out_layer")).length);
    const read = (name: string) => unwrap(readTensorFile(name, readFileSync(path.join(out, name))));
    for (const [i, name] of layers.entries()) {
      const y = read(name).find((a) => a.name === "y")!;
      assert.equal([...read(`out_layer${i}.txt`)[0]!.data].map(Number), [...y.data].map(Number), name);
    }
  });
});

test.run();
