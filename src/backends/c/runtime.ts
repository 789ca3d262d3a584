/** The C files that are the same in every project. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** `src/backends/c/runtime` of this package, wherever the compiled module lies. */
function runtimeFolder(): string {
  let dir = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(dir, "package.json"))) dir = path.dirname(dir);
  return path.join(dir, "src", "backends", "c", "runtime");
}

let headers: ReadonlySet<string> | undefined;
/** Names of the headers that kernels may include. */
export const runtimeHeaders = (): ReadonlySet<string> =>
  (headers ??= new Set(readdirSync(runtimeFolder()).filter((name) => name.endsWith(".h"))));

/** The text of a runtime file: `pulsec_conv.h`, `test/main.c`. */
export const runtimeFile = (name: string): string => readFileSync(path.join(runtimeFolder(), name), "utf8");
