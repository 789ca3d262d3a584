/** The package as `npm publish` would upload it, but for `dist`, which is the build that runs. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { root } from "../harness.js";

/** What holds `src` and `tests` as they run now: `dist`, or a build folder beside it. */
const build = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..");

export interface Tarball {
  readonly file: string;
  /** Packed, in bytes. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** Every module below a folder of sources, as the package has it, without its ending. */
export const modulesIn = (folder: string): readonly string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((f) => f.endsWith(".ts"))
    .map((f) => `dist/${folder}/${f.replaceAll(path.sep, "/").replace(/\.ts$/, "")}`);

/** Packs the package into `dir`. A build may hold what is left of older sources; `npm publish` builds anew. */
export function makeTarball(dir: string): Tarball {
  const stage = path.join(dir, "stage");
  mkdirSync(stage);
  for (const name of readdirSync(root).filter((n) => /^(README|LICENSE|CHANGELOG|package\.json)/.test(n)))
    cpSync(path.join(root, name), path.join(stage, name));
  for (const name of ["src", "docs", "golden", "grammar"])
    cpSync(path.join(root, name), path.join(stage, name), { recursive: true });
  for (const module of ["src", "grammar"].flatMap(modulesIn))
    for (const ending of [".js", ".d.ts"]) {
      mkdirSync(path.dirname(path.join(stage, module)), { recursive: true });
      cpSync(path.join(build, `${module.slice("dist/".length)}${ending}`), path.join(stage, module + ending));
    }
  cpSync(path.join(build, "tests"), path.join(stage, "dist", "tests"), { recursive: true });
  const options = { cwd: stage, encoding: "utf8" } as const;
  const packed = spawnSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", dir], options);
  assert.is(packed.status, 0, packed.stderr);
  const [{ filename, ...rest }] = JSON.parse(packed.stdout);
  return { ...rest, file: path.join(dir, filename) };
}

/** Unpacks the tarball as `dir/node_modules/pulsec`, with the packages that it depends on and no others beside it. */
export function installTarball({ file }: Tarball, dir: string, ...others: readonly string[]): void {
  const modules = path.join(dir, "node_modules");
  const home = path.join(modules, "pulsec");
  mkdirSync(home, { recursive: true });
  const unpacked = spawnSync("tar", ["xzf", file, "--strip-components=1", "-C", home], { encoding: "utf8" });
  assert.is(unpacked.status, 0, unpacked.stderr);
  const { dependencies } = JSON.parse(readFileSync(path.join(home, "package.json"), "utf8"));
  for (const name of [...Object.keys(dependencies), ...others]) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.join(root, "node_modules", name), path.join(modules, name));
  }
}
