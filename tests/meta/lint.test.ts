/** Formatter and linter have nothing to say. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import * as assert from "uvu/assert";
import { root, suite } from "../harness.js";

const test = suite("lint");

test("biome accepts the tree; `npm run format` mends what it can", () => {
  const biome = path.join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
  const { status, stdout, stderr } = spawnSync(process.execPath, [biome, "check", "."], {
    cwd: root,
    encoding: "utf8",
  });
  assert.is(status, 0, stdout + stderr);
});

test.run();
