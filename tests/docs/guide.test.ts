/** docs/guide.md is followed literally: every `pulsec` line of its sh blocks runs and exits 0. */
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { inTemporaryFolder } from "../cli/pulsec.js";
import { root, suite } from "../harness.js";

const cli = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "src", "cli", "main.js");
const guide = readFileSync(path.join(root, "docs", "guide.md"), "utf8");
const blocks = [...guide.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, text]) => ({
  language,
  text: text!,
}));

const test = suite("guide");

test("its commands work in the order in which they stand", async () => {
  await inTemporaryFolder((dir) => {
    cpSync(path.join(root, "examples"), path.join(dir, "examples"), { recursive: true });
    let commands = 0;
    for (const { language, text } of blocks) {
      if (language === "pir") writeFileSync(path.join(dir, "tiny.pir"), text);
      if (language !== "sh") continue;
      for (const line of text.trim().split("\n")) {
        assert.match(line, /^pulsec /);
        const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...line.split(" ").slice(1)], {
          cwd: dir,
          encoding: "utf8",
        });
        assert.is(status, 0, `${line}\n${stdout}${stderr}`);
        commands++;
      }
    }
    assert.ok(commands >= 10);
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
