/** docs/golden-testing.md is followed literally, from an empty folder; the time that it states is measured. */
import * as assert from "uvu/assert";
import { hasCrossCompiler } from "../backends/pulp/tools.js";
import { hasGcc } from "../golden/kernels.js";
import { suite } from "../harness.js";
import { followInstalled, inEmptyFolder } from "./installed.js";

const test = suite("golden-testing.md");

if (hasGcc && hasCrossCompiler)
  test("its commands do what it says", async () => {
    await inEmptyFolder((dir) => {
      const ran = followInstalled("golden-testing.md", dir);
      assert.ok(ran.length >= 8);
      const first = ran.findIndex(({ line }) => line.includes("golden test"));
      const took = ran.slice(0, first + 1).reduce((sum, r) => sum + r.milliseconds, 0);
      console.log(`from an empty folder to the first passing golden test: ${(took / 1000).toFixed(1)} s`);
    });
  });
else test.skip("the page: needs gcc, for this machine and for bare RISC-V");

test.run();
