/** A folder with a configuration, and the command line called in it without a process of its own. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { callPulsec, type Said } from "../cli/in-process.js";

export interface Project {
  readonly dir: string;
  write(files: Readonly<Record<string, string>>): void;
  /** What pulsec says, with the folder's own path as DIR. */
  call(...args: readonly string[]): Promise<Said>;
}

/** Runs `body` in a new folder with these files; it is gone afterwards. */
export async function inProject(
  files: Readonly<Record<string, string>>,
  body: (project: Project) => Promise<void>,
): Promise<void> {
  const dir = realpathSync(mkdtempSync(path.join(tmpdir(), "pulsec-project-")));
  const before = process.cwd();
  const write = (more: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
      writeFileSync(path.join(dir, name), text);
    }
  };
  const call = async (...args: readonly string[]): Promise<Said> => {
    const said = await callPulsec(...args);
    const shown = (text: string) =>
      text.replaceAll(dir, "DIR").replace(/\S*pulsec-reproducer-\w+/g, "REPRODUCER");
    return { code: said.code, out: shown(said.out), err: shown(said.err) };
  };
  try {
    write(files);
    process.chdir(dir);
    await body({ dir, write, call });
  } finally {
    process.chdir(before);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** relu, tanh, sigmoid on four values. */
export const net = `graph @net(%x: f32[Nx4x1]) -> (%y: f32[Nx4x1]) stage float {
  %a = relu %x : f32[Nx4x1]
  %b = tanh %a : f32[Nx4x1]
  %y = sigmoid %b : f32[Nx4x1]
}
`;
