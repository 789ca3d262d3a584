/** A correct kernel passes; every seeded fault fails, and its cause is named. */
import * as assert from "uvu/assert";
import { inTemporaryFolder } from "../cli/pulsec.js";
import { matchesGolden, orphans } from "../golden.js";
import { suite } from "../harness.js";
import { copyKernels, hasGcc, testWith } from "./kernels.js";

const test = suite("seeded faults");

/** FAULT in conv.c, and what the report must call it. */
const faults: Readonly<Record<string, string>> = {
  ROUNDING: "rounding: the kernel rounds half up; the binding says floor",
  CLAMP: "missing clamp: the kernel does not clamp",
  CHANNEL_ORDER: "channel order: the kernel writes y as CHW; the binding says HWC",
  NIBBLE_ORDER: "nibble order: the kernel takes the first element of a byte of w from its highest bits",
  PAD_VALUE: "pad value: the kernel fills the border with 0",
  WRAP: "32-bit wrap: the kernel holds x * mul + add in 32 bits",
  BORDER: "off-by-one border: the kernel does not use the last row of x",
  SIGN: "unsigned read as signed: the kernel reads x as signed",
  OUT_OF_BOUNDS: "out of bounds: the kernel reads 1 byte",
  LEFTOVER: "leftover channels: the kernel sums only whole groups of 4 channels",
  UNWRITTEN: "off-by-one border: the kernel never writes the last column of y",
  BIAS: "constant left out: the kernel ignores b",
};
const fileOf = (fault: string): string => `${fault.toLowerCase().replaceAll("_", "-")}.txt`;

if (hasGcc) {
  test("the kernel without a fault equals int on every vector", async () => {
    await inTemporaryFolder(async (dir) => {
      copyKernels(dir);
      const { code, out } = await testWith(dir, "conv.c", "conv.golden.json", []);
      assert.is(code, 0, out);
      matchesGolden("golden-test/correct.txt", out);
    });
  });
  for (const [fault, cause] of Object.entries(faults))
    test(`${fault} fails, and is called by its name`, async () => {
      await inTemporaryFolder(async (dir) => {
        copyKernels(dir);
        const { code, out } = await testWith(dir, "conv.c", "conv.golden.json", [`-DFAULT=${fault}`]);
        assert.is(code, 3, out);
        assert.ok(out.includes(`likely cause: ${cause}`), out);
        matchesGolden(`golden-test/${fileOf(fault)}`, out);
      });
    });
} else test.skip("kernels with seeded faults: needs gcc");

test("every golden output has its test", () => {
  assert.equal(orphans("golden-test", ["correct.txt", ...Object.keys(faults).map(fileOf)]), []);
});

test.run();
