/** docs/writing-an-op.md is followed literally, and its files are those of the examples. */
import { readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { findCompilers } from "../../src/backends/c/index.js";
import { root, suite } from "../harness.js";
import { followInstalled, inEmptyFolder, titledIn } from "./installed.js";

const test = suite("writing an op");
const page = "writing-an-op.md";
const withHost = (await findCompilers()).some((c) => c.kind === "cc") ? test : test.skip;

withHost("its commands work in an empty folder, and print what it shows", () =>
  inEmptyFolder((dir) => {
    assert.ok(followInstalled(page, dir).length >= 15);
  }),
);

test("its files are those of the examples", () => {
  const examples = path.join(root, "examples", "extensions");
  for (const [name, file] of [
    ["ops/teager.ts", "teager/ops/teager.ts"],
    ["kernels/teager.ts", "teager/kernels/teager.ts"],
    ["kernels/teager.h", "teager/kernels/teager.h"],
    ["kernels/pointwise.ts", "pointwise/kernels/pointwise.ts"],
    ["kernels/pointwise.h", "pointwise/kernels/pointwise.h"],
  ] as const)
    assert.is(titledIn(page, name), readFileSync(path.join(examples, file), "utf8"), name);
});

test.run();
