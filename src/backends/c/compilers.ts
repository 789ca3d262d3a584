/** C compilers on this machine. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { error, Refusal } from "../../ir/diagnostic.js";

export const execute = promisify(execFile);

export type CompilerKind = "cc" | "yowasp";
export interface Compiler {
  /** `cc`: a host compiler with gcc's options; `yowasp`: clang as WebAssembly, from npm. */
  readonly kind: CompilerKind;
  /** As one would type it. */
  readonly command: string;
  readonly version: string;
}

/** `$CC` may hold options. */
export const commandWords = (command: string): readonly string[] => command.split(/\s+/).filter(Boolean);

async function hostCompiler(command: string): Promise<Compiler | undefined> {
  const [program, ...options] = commandWords(command);
  if (!program) return undefined;
  try {
    const { stdout } = await execute(program, [...options, "--version"]);
    return { kind: "cc", command, version: stdout.split("\n")[0]!.trim() };
  } catch {
    return undefined;
  }
}

async function yowasp(): Promise<Compiler | undefined> {
  try {
    const entry = fileURLToPath(import.meta.resolve("@yowasp/clang"));
    const about = await readFile(path.join(path.dirname(entry), "..", "package.json"), "utf8");
    return { kind: "yowasp", command: "@yowasp/clang", version: JSON.parse(about).version };
  } catch {
    return undefined;
  }
}

/** `$CC`, cc, gcc, clang and `@yowasp/clang`, those that answer, in the order in which they are preferred. */
export async function findCompilers(): Promise<readonly Compiler[]> {
  const commands = [...new Set([process.env.CC ?? "", "cc", "gcc", "clang"])];
  const found = await Promise.all([...commands.map(hostCompiler), yowasp()]);
  return found.filter((c) => c !== undefined);
}

/** The first compiler, of this kind if one is named. Throws a `Refusal` that says how to get one. */
export async function chooseCompiler(kind?: CompilerKind): Promise<Compiler> {
  const all = await findCompilers();
  const chosen = all.find((c) => kind === undefined || c.kind === kind);
  if (chosen) return chosen;
  const what =
    kind === "yowasp"
      ? "@yowasp/clang is not installed"
      : "no C compiler answers (tried $CC, cc, gcc, clang)";
  const help = "sudo apt-get install -y gcc libc6-dev, or without a host compiler: npm install @yowasp/clang";
  throw new Refusal(error("c/no-compiler", what, { help }));
}

/** What a compiler complained of, cut to what a person reads. `own`: files that the user's kernels brought. */
export function compilerFailed(
  command: readonly string[],
  complaint: string,
  own: readonly string[],
): Refusal {
  const lines = [...new Set(complaint.trim().split("\n"))];
  const shown = lines.length > 30 ? [...lines.slice(0, 30), `... ${lines.length - 30} more lines`] : lines;
  const guilty = own.filter((name) => complaint.includes(name));
  const help =
    guilty.length > 0
      ? `it complains of ${guilty.join(", ")}, which a kernel of your own brings`
      : "generated code should always compile: if the compiler speaks C11, please report this";
  return new Refusal(error("c/compiler", `${command.join(" ")} failed`, { found: shown.join("\n"), help }));
}
