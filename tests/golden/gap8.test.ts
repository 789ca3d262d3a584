/** Kernels on the simulated cluster: judged as on the host, and linked into firmware. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { findCrossCompiler } from "../../src/backends/pulp/index.js";
import { randomTensor, tensorType, toRawArray, writeNpy } from "../../src/index.js";
import { callPulsec, type Said } from "../cli/in-process.js";
import { inTemporaryFolder } from "../cli/pulsec.js";
import { titledIn } from "../docs/installed.js";
import { suite } from "../harness.js";
import { copyKernels, hasGcc, testWith } from "./kernels.js";

const test = suite("kernels on gap8sim");
const cross = await findCrossCompiler();

const onGap8 = (
  dir: string,
  source: string,
  binding: string,
  flags: readonly string[],
  ...more: readonly string[]
): Promise<Said> => testWith(dir, source, binding, flags, "--target", "gap8", "--vectors", "2", ...more);

const network = `model net {
  input x: [64, 2]
  a = x |> conv(out: 4, kernel: 5, pad: same) |> relu
  b = a |> conv(out: 8, kernel: 3) |> relu
  output e = b |> conv(out: 3, kernel: 1)
}
`;

/** A quantised network, the kernel of the page, and its binding for that many cores. */
async function prepare(dir: string): Promise<{ readonly model: string; readonly kernel: string }> {
  const [source, model, kernel] = ["net.pulse", "net.pmod", "my_conv.c"].map((f) => path.join(dir, f));
  writeFileSync(source!, network);
  const noise = path.join(dir, "x.npy");
  writeFileSync(noise, writeNpy(toRawArray("x", randomTensor(tensorType("f32", [32, 64, 2]), 1))));
  const quantised = await callPulsec("quantize", source!, "--calibrate", noise, "-o", model!);
  assert.is(quantised.code, 0, quantised.err);
  writeFileSync(kernel!, titledIn("golden-testing.md", "my_conv.c")!);
  await callPulsec("golden", "new", "conv1d+requant", "--kernel", "my_conv", "-o", dir);
  return { model: model!, kernel: kernel! };
}

if (cross && hasGcc) {
  test("a correct kernel passes on 8 cores and on 1, and its cycles stand beside ours", async () => {
    await inTemporaryFolder(async (dir) => {
      copyKernels(dir);
      const said = await onGap8(dir, "pulp.c", "pulp_conv.golden.json", [], "--profile", "gvsoc,rtl");
      assert.is(said.code, 0, said.out + said.err);
      assert.match(said.out, /\d+ vectors, all equal to int/);
      for (const which of ["8 cores, gvsoc", "1 core, gvsoc", "8 cores, rtl", "1 core, rtl"]) {
        const line = said.out.split("\n").find((l) => l.includes(which))!;
        assert.match(line, /: \d+ cycles, [\d.]+ MAC\/cycle; ours \(\w+\) \d+ cycles, [\d.]+ MAC\/cycle$/);
      }
    });
  });

  for (const fault of ["ROUNDING", "OUT_OF_BOUNDS"])
    test(`${fault}: word for word what the host says`, async () => {
      await inTemporaryFolder(async (dir) => {
        copyKernels(dir);
        const flags = [`-DFAULT=${fault}`];
        const [there, here] = [
          await onGap8(dir, "conv.c", "conv.golden.json", flags),
          await testWith(dir, "conv.c", "conv.golden.json", flags, "--vectors", "2"),
        ];
        assert.is(there.code, 3, there.err);
        assert.is(there.out, here.out);
      });
    });

  for (const [odd, says] of [
    ["WRITES_ON", "out of bounds: the kernel writes 4 bytes, right behind the end of y (4 bytes) (odd.c:14)"],
    ["READS_ON", "out of bounds: the kernel reads 1 byte"],
    ["CRASHES", "out of bounds: the kernel uses memory that belongs to no argument"],
    ["INPUT_WRITTEN", "input changed: the kernel changes its input x"],
  ] as const)
    test(`${odd}: ${says}`, async () => {
      await inTemporaryFolder(async (dir) => {
        copyKernels(dir);
        const said = await onGap8(dir, "odd.c", "odd.golden.json", [`-DODD=${odd}`]);
        assert.is(said.code, 3, said.err);
        assert.match(said.out, `likely cause: ${says}`);
      });
    });

  test("--cores beyond the cluster's are refused", async () => {
    await inTemporaryFolder(async (dir) => {
      copyKernels(dir);
      const said = await onGap8(dir, "odd.c", "odd.golden.json", [], "--cores", "9");
      assert.is(said.code, 2);
      assert.match(said.err, "8 cores");
    });
  });

  test("compile --kernel links it into firmware, which gives the bytes of int", async () => {
    await inTemporaryFolder(async (dir) => {
      const { model, kernel } = await prepare(dir);
      const own = ["--target", "gap8", "--kernel", `conv=${kernel}`];
      const out = path.join(dir, "out");
      const compiled = await callPulsec("compile", model, ...own, "-o", out);
      assert.is(compiled.code, 0, compiled.err);
      assert.match(compiled.err, "my_conv.c computes %b");
      assert.match(
        readFileSync(path.join(out, "portable", "layers.c"), "utf8"),
        "my_conv_layer(places, numbers);",
      );
      const verified = await callPulsec("verify", model, ...own);
      assert.is(verified.code, 0, verified.out + verified.err);
      assert.match(verified.out, "bit for bit; gap8sim");
      assert.match(verified.out, "firmware as it ships: all");
    });
  });

  test("a linked kernel with a mistake is found by verify", async () => {
    await inTemporaryFolder(async (dir) => {
      const { model, kernel } = await prepare(dir);
      writeFileSync(kernel, readFileSync(kernel, "utf8").replace("sum = b[o]", "sum = b[o] + 64"));
      const said = await callPulsec("verify", model, "--target", "gap8", "--kernel", `b=${kernel}`);
      assert.is(said.code, 3, said.out + said.err);
      assert.match(said.out, "first divergence of gap8sim from int: %b");
    });
  });

  test("a kernel that fits no layer is refused with the reasons", async () => {
    await inTemporaryFolder(async (dir) => {
      const { model, kernel } = await prepare(dir);
      const said = await callPulsec("compile", model, "--target", "gap8", "--kernel", `a=${kernel}`);
      assert.is(said.code, 1);
      assert.match(said.err, "golden/no-layer");
      assert.match(said.err, "x is i8, not u8");
    });
  });
} else test.skip("kernels on gap8sim: needs gcc for this machine and for bare RISC-V");

test.run();
