/** docs/configuration.md is followed literally. */
import * as assert from "uvu/assert";
import { suite } from "../harness.js";
import { followInstalled, inEmptyFolder } from "./installed.js";

const test = suite("configuration of a project");

test("its commands work in an empty folder, and print what it shows", () =>
  inEmptyFolder((dir) => {
    assert.ok(followInstalled("configuration.md", dir).length >= 8);
  }));

test.run();
