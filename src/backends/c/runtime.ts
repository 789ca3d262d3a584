/** The C files that are the same in every project. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** `src/backends/c/runtime` of this package, wherever the compiled module lies. */
function runtimeFolder(): string {
  let dir = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(dir, "package.json"))) dir = path.dirname(dir);
  return path.join(dir, "src", "backends", "c", "runtime");
}

/** The text of a runtime file: `pulsec_conv.h`, `test/main.c`. */
export const runtimeFile = (name: string): string => readFileSync(path.join(runtimeFolder(), name), "utf8");
