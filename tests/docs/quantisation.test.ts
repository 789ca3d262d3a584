/** docs/quantisation.md is followed literally, and what it shows is printed, numbers aside. */
import * as assert from "uvu/assert";
import { inTemporaryFolder } from "../cli/pulsec.js";
import { suite } from "../harness.js";
import { blocksIn, follow } from "./commands.js";

const test = suite("page on quantisation");

const blocks = blocksIn("quantisation.md");
/** Floats differ between machines in their last bits, and with them what is measured. */
const withoutNumbers = (text: string): string => text.replace(/\d+(?:\.\d+)?/g, "#");

test("its commands work in the order in which they stand, and print what it shows", async () => {
  await inTemporaryFolder(async (dir) => {
    const { commands, said } = await follow(blocks, dir, { json: "bits.json" });
    assert.ok(commands >= 8);
    const shown = blocks.filter((b) => b.language === "" && !b.text.startsWith("deploy"));
    const lines = shown.flatMap((b) => b.text.trim().split("\n"));
    assert.is(lines.length, 4);
    const printed = new Set(said.split("\n").map((line) => withoutNumbers(line).replace(/for .*/, "for")));
    for (const line of lines) {
      const expected = withoutNumbers(line).replace(/for .*/, "for");
      assert.ok(printed.has(expected), `${line}\nis not in\n${said}`);
    }
  });
});

test.run();
