/** Where the project lies, from wherever it was built to. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the build: holds `src` and `bench` as JavaScript. */
export const built = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** The project's folder. */
export const root = path.dirname(built);

/** A file of the shared material beside the project, or nothing on machines without it. */
export function shared(...parts: string[]): string | undefined {
  const found = path.join(root, "..", "shared", "fixtures", ...parts);
  return existsSync(found) ? found : undefined;
}
