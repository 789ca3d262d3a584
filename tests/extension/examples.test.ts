/** examples/extensions: each runs in an empty folder with the package installed, as a user would run it. */
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { inEmptyFolder, install } from "../docs/installed.js";
import { root, suite } from "../harness.js";

const test = suite("example extensions");
const folder = path.join(root, "examples", "extensions");
const names = readdirSync(folder, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? [e.name] : []));

test("there is one for a pass, an op and a kernel", () =>
  assert.equal(names, ["low-rank", "pointwise", "teager"]));

for (const name of names) {
  test(`${name}: strict tsc accepts it, and its test passes`, () =>
    inEmptyFolder((cwd) => {
      cpSync(path.join(folder, name), cwd, { recursive: true });
      install(cwd, "pulsec", "typescript");
      const sources = readdirSync(path.join(folder, name), { recursive: true, encoding: "utf8" }).filter(
        (f) => f.endsWith(".ts"),
      );
      const strict =
        "--noEmit --strict --target es2023 --module preserve --allowImportingTsExtensions --skipLibCheck";
      run(cwd, "node_modules/.bin/tsc", ...strict.split(" "), ...sources);
      run(cwd, process.execPath, "--test");
    }));
}

function run(cwd: string, command: string, ...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  assert.is(status, 0, `${command} ${args.join(" ")}\n${stdout}${stderr}`);
}

test.run();
