/** docs/guide.md is followed literally: every `pulsec` line of its sh blocks runs and exits 0. */
import * as assert from "uvu/assert";
import { callPulsec } from "../cli/in-process.js";
import { inTemporaryFolder } from "../cli/pulsec.js";
import { suite } from "../harness.js";
import { blocksIn, follow } from "./commands.js";

const blocks = blocksIn("guide.md");

const test = suite("guide");

test("its commands work in the order in which they stand", async () => {
  await inTemporaryFolder(async (dir) => {
    assert.ok((await follow(blocks, dir, { pir: "tiny.pir" })).commands >= 10);
  });
});

test("the IR that it shows of the example is what import prints", async () => {
  const shown = blocks.filter((b) => b.language === "" && b.text.startsWith("  %stem"))[0]!.text;
  assert.ok((await callPulsec("import", "examples/biosignal/network.onnx")).out.includes(shown));
});

test.run();
