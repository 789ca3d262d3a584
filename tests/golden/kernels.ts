/** The kernels of this folder, tested as a user would. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { findCompilers } from "../../src/backends/c/index.js";
import { callPulsec, type Said } from "../cli/in-process.js";
import { root } from "../harness.js";

export const kernels = path.join(root, "tests", "golden", "kernels");

/** Kernels run where gcc is: what it says of undefined behaviour is part of the golden outputs. */
export const hasGcc = (await findCompilers()).some(
  (c) => c.kind === "cc" && /gcc|free software/i.test(c.version),
);

/** A folder with all kernels in it. */
export function copyKernels(dir: string): void {
  mkdirSync(dir, { recursive: true });
  cpSync(kernels, dir, { recursive: true });
}

/** `golden test` of a kernel with options of the compiler. */
export function testWith(
  dir: string,
  source: string,
  binding: string,
  flags: readonly string[],
  ...more: readonly string[]
): Promise<Said> {
  const file = path.join(dir, `flagged_${binding}`);
  const json = JSON.parse(readFileSync(path.join(dir, binding), "utf8"));
  writeFileSync(file, JSON.stringify({ ...json, flags }));
  return callPulsec("golden", "test", path.join(dir, source), "--binding", file, ...more);
}
