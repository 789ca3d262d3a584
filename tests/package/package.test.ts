/** The package: what is in it, and that it works in an empty folder. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as assert from "uvu/assert";
import { matchesGolden } from "../golden.js";
import { suite } from "../harness.js";
import { installTarball, makeTarball, modulesIn } from "./tarball.js";

const test = suite("package");

/** Packed bytes. More is allowed only on purpose. */
const limit = 1_500_000;

const dir = mkdtempSync(path.join(tmpdir(), "pulsec-package-"));
test.after(() => rmSync(dir, { recursive: true, force: true }));
const tarball = makeTarball(dir);

test("every module is in it with its types, no test is, and of other files these", () => {
  const { files, size, unpackedSize } = tarball;
  const all = files.map((f) => f.path);
  const wanted = [...modulesIn("src"), ...modulesIn("grammar")].flatMap((f) => [`${f}.d.ts`, `${f}.js`]);
  const modules = all.filter((f) => f.startsWith("dist/"));
  assert.equal(
    wanted.filter((f) => !modules.includes(f)),
    [],
    "missing",
  );
  assert.equal(
    modules.filter((f) => !wanted.includes(f)),
    [],
    "nothing else",
  );
  const others = all.filter((f) => !f.startsWith("dist/"));
  matchesGolden("package/files.txt", `${others.sort().join("\n")}\n`);
  assert.ok(size <= limit, `${size} bytes packed (${unpackedSize} unpacked); at most ${limit}`);
});

test("installed in an empty folder, a project with a pass and an op of its own comes to life", () => {
  const project = path.join(dir, "project");
  mkdirSync(project);
  installTarball(tarball, project, "typescript");
  const run = (program: string, ...args: readonly string[]): string => {
    const options = { cwd: project, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options);
    assert.is(status, 0, `${program} ${args.join(" ")}\n${stdout}${stderr}`);
    return stdout + stderr;
  };
  const pulsec = (...args: readonly string[]) => run("node_modules/pulsec/dist/src/cli/main.js", ...args);
  // As npm leaves it in a folder that had none.
  writeFileSync(path.join(project, "package.json"), '{ "dependencies": { "pulsec": "^0.1.0" } }\n');
  assert.match(pulsec("init"), "package.json stays as it is");
  pulsec("pass", "new", "mine");
  pulsec("op", "new", "envelope");
  assert.match(run("--test"), /# pass 3\n# fail 0\n/);
  const said = pulsec("opt", "model.pulse", "--passes", "mine", "--print-after-all", "-o", "m.pir");
  assert.match(said, /\/\/ after mine\n.*%a = relu %a\.1/s);
  assert.match(pulsec("opt", "m.pir", "--passes", "mine", "--print-after-all"), "// after mine");
  run("node_modules/typescript/bin/tsc", "-p", ".");
  pulsec("compile", "model.pulse", "-o", "out");
  assert.match(pulsec("verify", "out", "--engine", "wasm"), "int = wasm: ");
  assert.match(pulsec("explain", "config/clash"), "Put right:");
});

test.run();
