/** Process start to C and WASM written, measured from outside, for TCN_T or (without the shared material) the demo network. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { built, root, shared } from "./root.js";
import { median } from "./table.js";

export interface StartToCompiled {
  readonly network: string;
  readonly runs: number;
  readonly median: number;
  readonly worst: number;
  readonly phases: Readonly<Record<string, number>>;
}

export function startToCompiled(runs = 7): StartToCompiled {
  const model =
    shared("dory", "TCN_T", "TCN.onnx") ?? path.join(root, "examples", "biosignal", "network.onnx");
  const dir = mkdtempSync(path.join(tmpdir(), "pulsec-bench-"));
  try {
    const samples = Array.from({ length: runs }, () => once(model, path.join(dir, "out")));
    const names = Object.keys(samples[0]!.phases);
    const phases = Object.fromEntries(
      names.map((name) => [name, median(samples.map((s) => s.phases[name]!))]),
    );
    const walls = samples.map((s) => s.wall);
    return { network: path.basename(model), runs, median: median(walls), worst: Math.max(...walls), phases };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function once(model: string, out: string): { wall: number; phases: Record<string, number> } {
  const began = performance.now();
  const args = [
    path.join(built, "src", "cli", "main.js"),
    "compile",
    model,
    "--target",
    "c,wasm",
    "-o",
    out,
    "--json",
  ];
  const output = execFileSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return { wall: performance.now() - began, phases: JSON.parse(output).milliseconds };
}
