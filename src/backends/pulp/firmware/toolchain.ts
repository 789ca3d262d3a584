/** The cross compiler of bare-metal firmware, and firmware made with it. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Diagnostic, error, Refusal } from "../../../ir/diagnostic.js";
import { commandWords, execute } from "../../c/compilers.js";
import { writeProject } from "../../c/native.js";
import type { Files } from "../../c/project.js";

export interface CrossCompiler {
  /** As one would type it. */
  readonly command: string;
  readonly version: string;
}

/** What is passed to gcc; without `-misa-spec=2.2` there are either no CSR instructions or no libgcc. */
export const architectureFlags: readonly string[] = [
  "-march=rv32imc",
  "-mabi=ilp32",
  "-misa-spec=2.2",
  "-mno-relax",
  "-msmall-data-limit=0",
];
export const compileFlags: readonly string[] = [
  ...architectureFlags,
  "-std=gnu11",
  "-O2",
  "-Wall",
  "-Wextra",
  "-ffreestanding",
  "-fno-common",
  "-fno-tree-loop-distribute-patterns",
  "-flax-vector-conversions",
  "-ffunction-sections",
  "-fdata-sections",
];
export const linkFlags: readonly string[] = [
  "-nostdlib",
  "-nostartfiles",
  "-Wl,--gc-sections",
  "-Wl,--build-id=none",
  "-Wl,-z,max-page-size=4",
  "-Wl,--no-warn-rwx-segments",
];

const candidates = ["riscv64-unknown-elf-gcc", "riscv32-unknown-elf-gcc", "riscv-none-elf-gcc"];

async function answering(command: string): Promise<CrossCompiler | undefined> {
  const [program, ...options] = commandWords(command);
  if (!program) return undefined;
  try {
    const { stdout } = await execute(program, [...options, "--version"]);
    return { command, version: stdout.split("\n")[0]!.trim() };
  } catch {
    return undefined;
  }
}

/** `$RISCV_CC`, then the usual names of gcc for bare RISC-V; the first that answers. */
export async function findCrossCompiler(): Promise<CrossCompiler | undefined> {
  for (const command of [process.env.RISCV_CC ?? "", ...candidates]) {
    const found = await answering(command);
    if (found) return found;
  }
  return undefined;
}

/** Throws a `Refusal` that says how to get one. */
export async function requireCrossCompiler(): Promise<CrossCompiler> {
  const found = await findCrossCompiler();
  if (found) return found;
  throw new Refusal(
    error("pulp/no-cross-compiler", "no C compiler for bare RISC-V answers", {
      found: `tried $RISCV_CC, ${candidates.join(", ")}`,
      expected: "gcc for riscv64-unknown-elf, as Debian has it",
      help: "sudo apt-get install -y gcc-riscv64-unknown-elf, or set RISCV_CC; the project that compile writes needs it for make sim only",
    }),
  );
}

export interface BuildOptions {
  /** C and assembly files of the project that are compiled, by path. */
  readonly sources: readonly string[];
  readonly defines?: readonly string[];
  /** Folder to build in and to keep; without it a temporary one, removed at the end. */
  readonly workDir?: string | undefined;
}

/** The bytes of an ELF file. Throws a `Refusal` where there is no compiler, or the program does not fit L2. */
export async function buildFirmware(files: Files, options: BuildOptions): Promise<Uint8Array> {
  const compiler = await requireCrossCompiler();
  const folder = options.workDir ?? (await mkdtemp(path.join(tmpdir(), "pulsec-gap8-")));
  try {
    await writeProject(files, folder);
    await link(compiler, folder, options);
    return new Uint8Array(await readFile(path.join(folder, "network.elf")));
  } finally {
    if (options.workDir === undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function link(
  { command }: CrossCompiler,
  folder: string,
  { sources, defines = [] }: BuildOptions,
): Promise<void> {
  const [program, ...own] = commandWords(command);
  const args = [
    ...own,
    ...compileFlags,
    ...defines.map((d) => `-D${d}`),
    "-isystem",
    "gap8/include",
    ...linkFlags,
    "-Wl,-T,gap8/link.ld",
    "-o",
    "network.elf",
    ...sources,
    "-lgcc",
  ];
  try {
    await execute(program!, args, { cwd: folder, maxBuffer: 2 ** 26 });
  } catch (e) {
    const { stderr, message } = e as { stderr?: string; message?: string };
    throw buildFailed([program!, ...args], stderr || (message ?? ""));
  }
}

/** `region 'L2' overflowed by 1234 bytes`, as ld says it. */
const overflow = /region [`'](\w+)' overflowed by (\d+) bytes/;

export const programTooLarge = (bytes: number, found: string): Diagnostic =>
  error("pulp/program-too-large", `the program with its data is ${bytes} bytes too large for L2`, {
    found,
    expected:
      "at most 512 KiB of code, constants, values, arguments, golden vectors and what kernels of your own keep",
    help: "give the network less L2 (--l2, or l2 in the deploy section), so that more of it moves to L3",
  });

function buildFailed(command: readonly string[], complaint: string): Refusal {
  const tooLarge = overflow.exec(complaint);
  if (tooLarge) {
    const [, memory, bytes] = tooLarge;
    return new Refusal(programTooLarge(Number(bytes), `the linker's region ${memory}`));
  }
  const lines = [...new Set(complaint.trim().split("\n"))];
  const shown = lines.length > 30 ? [...lines.slice(0, 30), `... ${lines.length - 30} more lines`] : lines;
  const help =
    "generated code compiles with gcc 12 for riscv64-unknown-elf: if yours is newer than that or the same, please report this";
  return new Refusal(
    error("pulp/compiler", `${command.slice(0, 6).join(" ")} ... failed`, { found: shown.join("\n"), help }),
  );
}
