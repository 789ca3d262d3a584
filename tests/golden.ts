/** Expected outputs that are kept as files under `golden/`. Rewritten only on request, never in CI. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { root } from "./harness.js";

const updating = process.env.UPDATE_GOLDEN === "1";
if (updating && process.env.CI) throw new Error("golden files are not rewritten in CI: unset UPDATE_GOLDEN");

const at = (name: string): string => path.join(root, "golden", name);

/** Compares with `golden/<name>`, or writes it when UPDATE_GOLDEN=1: look at the diff before you commit it. */
export function matchesGolden(name: string, actual: string): void {
  if (updating) {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), actual);
  }
  const hint = `golden/${name}; UPDATE_GOLDEN=1 rewrites it`;
  assert.ok(existsSync(at(name)), `there is no ${hint}`);
  assert.fixture(actual, readFileSync(at(name), "utf8"), hint);
}

/** Files of a golden folder that no test asks for any more. */
export const orphans = (folder: string, names: readonly string[]): readonly string[] =>
  readdirSync(at(folder)).filter((file) => !names.includes(file));
