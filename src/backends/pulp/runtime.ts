/** The C files that are the same in every firmware project. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** `src/backends/pulp/runtime` of this package, wherever the compiled module lies. */
export function runtimeFolder(): string {
  let dir = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(dir, "package.json"))) dir = path.dirname(dir);
  return path.join(dir, "src", "backends", "pulp", "runtime");
}

/** The text of a runtime file: `pulsec_cluster.h`, `gap8/start.S`. */
export const runtimeFile = (name: string): string => readFileSync(path.join(runtimeFolder(), name), "utf8");
