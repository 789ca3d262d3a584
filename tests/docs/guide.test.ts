/** docs/guide.md is followed literally: every `pulsec` line of its sh blocks runs and exits 0. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { inTemporaryFolder } from "../cli/pulsec.js";
import { root, suite } from "../harness.js";
import { blocksIn, follow } from "./commands.js";

const cli = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "src", "cli", "main.js");
const blocks = blocksIn("guide.md");

const test = suite("guide");

test("its commands work in the order in which they stand", async () => {
  await inTemporaryFolder((dir) => {
    assert.ok(follow(blocks, dir, { pir: "tiny.pir" }).commands >= 10);
  });
});

test("the IR that it shows of the example is what import prints", () => {
  const shown = blocks.filter((b) => b.language === "" && b.text.startsWith("  %stem"))[0]!.text;
  const { stdout } = spawnSync(process.execPath, [cli, "import", "examples/biosignal/network.onnx"], {
    cwd: root,
    encoding: "utf8",
  });
  assert.ok(stdout.includes(shown));
});

test.run();
