/**
 * Pages that are followed literally in an empty folder, as by a user who has installed the package. Of a page's fenced blocks
 * - `sh`: every line is run by a shell, in order, and exits 0; a line that ends in `# exits 3` exits 3;
 * - any other language, first line `// NAME`, `# NAME` or a C comment with NAME: the rest is written to the file NAME;
 * - no language, behind an `sh` block: what the lines of that block printed holds these lines, in this order, numbers aside;
 *   a line `...` stands for any others.
 * `npm install` is not run: it links what it names, this build of pulsec and the packages that its tests have. Nor is `npx`:
 * the command that it would find is. With `PULSEC_TARBALL=FILE` both are run, `npm install` with that file for pulsec.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { root } from "../harness.js";
import { type Block, blocksIn } from "./commands.js";

/** What holds `src` and `tests` as they run now: `dist`, or a build folder beside it. */
const build = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..");

export interface Ran {
  readonly line: string;
  readonly said: string;
  readonly milliseconds: number;
}

/** Makes `dir/node_modules/NAME` and its commands, as an installation would. */
export function install(dir: string, ...names: readonly string[]): void {
  const modules = path.join(dir, "node_modules");
  mkdirSync(path.join(modules, ".bin"), { recursive: true });
  for (const name of names) {
    const home = path.join(modules, name);
    if (name === "pulsec") linkThisBuild(home);
    else {
      mkdirSync(path.dirname(home), { recursive: true });
      symlinkSync(path.join(root, "node_modules", name), home);
    }
    const { bin = {} } = JSON.parse(readFileSync(path.join(home, "package.json"), "utf8"));
    const commands: [string, string][] = typeof bin === "string" ? [[name, bin]] : Object.entries(bin);
    for (const [command, file] of commands)
      writeFileSync(
        path.join(modules, ".bin", command),
        `#!/bin/sh\nexec "${process.execPath}" "${path.join(home, file)}" "$@"\n`,
        { mode: 0o755 },
      );
  }
}

/** The package as npm would unpack it, but for `dist`, which is the build that runs. */
function linkThisBuild(home: string): void {
  mkdirSync(home);
  writeFileSync(path.join(home, "package.json"), readFileSync(path.join(root, "package.json")));
  symlinkSync(build, path.join(home, "dist"));
  for (const name of ["src", "docs", "grammar", "golden"])
    symlinkSync(path.join(root, name), path.join(home, name));
}

const title = /^(?:\/\/|#|\/\*) ([\w./-]+\.\w+)(?: \*\/)?\n/;
const withoutNumbers = (line: string): string => line.replace(/\d+(?:\.\d+)?/g, "#").trimEnd();

/** Follows the page in `dir`, which is empty. Gives what was run, in order. */
export function followInstalled(page: string, dir: string): readonly Ran[] {
  const ran: Ran[] = [];
  let before: readonly Ran[] = [];
  for (const block of blocksIn(page)) {
    if (block.language === "sh")
      before = block.text
        .trim()
        .split("\n")
        .map((line) => runLine(line, dir));
    else if (block.language === "") holds(before, block.text);
    else writeTitled(block, dir);
    if (block.language === "sh") ran.push(...before);
  }
  return ran;
}

/** What the page writes to a file: the first time, where it does so more than once. */
export function titledIn(page: string, name: string): string | undefined {
  const block = blocksIn(page).find(({ text }) => title.exec(text)?.[1] === name);
  return block?.text.slice(block.text.indexOf("\n") + 1);
}

function writeTitled({ text }: Block, dir: string): void {
  const name = title.exec(text)?.[1];
  if (name === undefined) return;
  const file = path.join(dir, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text.slice(text.indexOf("\n") + 1));
}

const tarball = process.env.PULSEC_TARBALL;
const asRun = (line: string): string =>
  tarball === undefined
    ? line.replace(/^npx /, "node_modules/.bin/")
    : line.replace(/^npm install\b.*/, (all) => all.replace(/\bpulsec\b/, path.resolve(tarball)));

function runLine(line: string, dir: string): Ran {
  const start = performance.now();
  const installed = /^npm install((?: [\w@/.-]+)+)$/.exec(line)?.[1];
  if (installed && tarball === undefined) {
    install(dir, ...installed.split(" ").filter((word) => word && !word.startsWith("-")));
    return { line, said: "", milliseconds: performance.now() - start };
  }
  // Both streams in the order in which lines were written, as on a terminal.
  const command = `exec 2>&1\n${asRun(line)}`;
  const { status, stdout: said } = spawnSync("sh", ["-c", command], { cwd: dir, encoding: "utf8" });
  const expected = Number(/# exits (\d+)$/.exec(line)?.[1] ?? 0);
  assert.is(status, expected, `${line}\n${said}`);
  return { line, said, milliseconds: performance.now() - start };
}

function holds(before: readonly Ran[], shown: string): void {
  const said = before.map((r) => r.said).join("");
  const printed = said.split("\n").map(withoutNumbers);
  let at = 0;
  for (const line of shown.trimEnd().split("\n").map(withoutNumbers)) {
    if (line === "..." || line === "") continue;
    const found = printed.indexOf(line, at);
    assert.ok(found >= 0, `${line}\nis not, or not here, in\n${said}`);
    at = found + 1;
  }
}

/** Runs `body` in an empty folder outside the repository, and removes it. */
export async function inEmptyFolder(body: (dir: string) => void | Promise<void>): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), "pulsec-user-"));
  try {
    await body(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
