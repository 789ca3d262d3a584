/** What every test file starts from. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { suite as uvuSuite } from "uvu";

/** Of all property tests: the same cases on every machine, others with `SEED=2 npm test`. */
export const seed = Number(process.env.SEED ?? 1);

// uvu prints an error's message only: the counterexample and its cause belong into it.
fc.configureGlobal({ seed, includeErrorInReport: true });

/** The project's root: the nearest folder above that holds package.json. */
export const root = (() => {
  let dir = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(dir, "package.json"))) dir = path.dirname(dir);
  return dir;
})();

/** A path in the shared material beside the project, or nothing on machines without it. */
export function sharedPath(...parts: string[]): string | undefined {
  const found = path.join(root, "..", "shared", ...parts);
  return existsSync(found) ? found : undefined;
}

type Suite = ReturnType<typeof uvuSuite>;

/** A uvu suite whose skipped tests say their names. */
export function suite(name: string): Suite {
  const inner = uvuSuite(name);
  const skip = inner.skip;
  inner.skip = (test?: string, ...rest: unknown[]) => {
    console.log(`SKIP ${name}: ${test}`);
    (skip as (...args: unknown[]) => void)(test, ...rest);
  };
  return inner;
}
