/** `npm run demo`: the main job on a network of our own, with the commands that a user would type. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const built = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const root = path.dirname(built);
const cli = path.join(built, "src", "cli", "main.js");
const out = path.join("out", "demo");

/** Says the command, runs it, and stops at the first that fails. */
function step(words: readonly string[], run: () => number | null): void {
  console.log(`\n$ ${words.join(" ")}`);
  const status = run();
  if (status === 0) return;
  console.error(`the demo stopped: this command ended with ${status}`);
  process.exit(status ?? 1);
}

const pulsec = (...args: string[]) =>
  step(
    ["pulsec", ...args],
    () => spawnSync(process.execPath, [cli, ...args], { cwd: root, stdio: "inherit" }).status,
  );

const hasMake = spawnSync("make", ["--version"]).status === 0 && spawnSync("cc", ["--version"]).status === 0;

const model = "examples/biosignal/network.onnx";
pulsec("verify", model, "--against", "examples/biosignal", "--list");
pulsec("compile", model, "--input", "examples/biosignal/input.npy", "--name", "biosignal", "-o", out);
if (hasMake)
  step(
    ["make", "-C", out, "check"],
    () => spawnSync("make", ["-s", "-C", out, "check"], { cwd: root, stdio: "inherit" }).status,
  );
else
  console.log("\n(no make and C compiler here: the C was compiled and compared through @yowasp/clang above)");

interface Layer {
  readonly value: string;
  readonly op: string;
  readonly macs: number;
  readonly bytes: number;
}

const report = JSON.parse(readFileSync(path.join(root, out, "report.json"), "utf8")) as {
  layers: readonly Layer[];
  macs: number;
};
const text = execFileSync(process.execPath, [cli, "fmt", path.join(out, "model.pir")], {
  cwd: root,
  encoding: "utf8",
});
const typeOf = (value: string) =>
  new RegExp(`%${value.replaceAll(".", "\\.")} = .* : (.*)$`, "m").exec(text)?.[1] ?? "";

const rows = [
  ["layer", "op", "type", "MACs"],
  ...report.layers.map((l) => [l.value, l.op, typeOf(l.value), String(l.macs)]),
  ["total", `${report.layers.length} layers, equal on int, wasm and c`, "", String(report.macs)],
];
const widths = [0, 1, 2, 3].map((i) => Math.max(...rows.slice(0, -1).map((r) => r[i]!.length)));
console.log("");
for (const r of rows)
  console.log(r.map((cell, i) => (i === 3 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join("  "));
console.log(`\nC project and network.wasm: ${path.join(root, out)}`);
