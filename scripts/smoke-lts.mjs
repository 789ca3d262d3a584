// Runs the demo network through the built command line on the newest LTS of Node, taken from npm.
// (The npm package `node` only picks one of the per-platform packages that are installed here directly.)
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const cli = path.join(root, "dist", "src", "cli", "main.js");
const npmPackage = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

/** Even majors become LTS in the October of their year; `YYYY-MM` of today decides which has. */
function newestLts() {
  const versions = JSON.parse(
    execFileSync("npm", ["view", npmPackage, "versions", "--json"], { encoding: "utf8" }),
  );
  const today = new Date();
  const released = (major) => ({ year: 2013 + major / 2 }); // 20 -> 2023, 22 -> 2024, 26 -> 2026
  const isLts = (major) =>
    major % 2 === 0 && (today.getFullYear() > released(major).year || today.getMonth() >= 9);
  const majors = versions
    .map((v) => Number(v.split(".")[0]))
    .filter((m) => isLts(m) && released(m).year <= today.getFullYear());
  return Math.max(...majors);
}

function installNode(major) {
  const dir = path.join(tmpdir(), `pulsec-node-${major}`);
  const binary = path.join(dir, "node_modules", npmPackage, "bin", "node");
  if (!existsSync(binary)) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(path.join(dir, "package.json"), "{}");
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--prefix", dir, `${npmPackage}@${major}`], {
      stdio: "ignore",
    });
  }
  return binary;
}

const node = installNode(newestLts());
const run = (...args) => runIn(root, ...args);
const runIn = (cwd, ...args) => execFileSync(node, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
const out = mkdtempSync(path.join(tmpdir(), "pulsec-smoke-"));
try {
  run("--version");
  run(cli, "doctor");
  run(cli, "verify", "examples/biosignal/network.onnx", "--against", "examples/biosignal");
  run(
    cli,
    "compile",
    "examples/biosignal/network.onnx",
    "--target",
    "c,wasm",
    "-o",
    path.join(out, "network"),
  );
  // This Node loads TypeScript in another way than Node 20.
  const project = path.join(out, "project");
  run(cli, "init", project);
  runIn(project, cli, "pass", "new", "tidy");
  runIn(project, cli, "opt", "model.pulse", "--passes", "tidy", "-o", "tidy.pmod");
} finally {
  rmSync(out, { recursive: true, force: true });
}
console.log(`smoke test on ${node} passed`);
