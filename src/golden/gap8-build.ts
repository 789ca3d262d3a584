/** Kernels under test as programs for bare GAP8. */
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { commandWords, execute } from "../backends/c/compilers.js";
import { temporaryFolder } from "../backends/c/native.js";
import { compileFlags, linkFlags, requireCrossCompiler } from "../backends/pulp/firmware/toolchain.js";
import { runtimeFolder as platformFolder } from "../backends/pulp/runtime.js";
import { compatFolder, refused, runtimeFolder } from "./host-runner.js";
import type { KernelSources } from "./runner.js";

/** A program, and what knows its lines. */
export interface Gap8Program {
  readonly elf: Uint8Array;
  /** `kernel.c:31`, where the program's lines are known. */
  lineOf(address: number): Promise<string | undefined>;
  dispose(): Promise<void>;
}

/** Cores of the cluster that are switched on; a call may use fewer. */
export const mostCores = 8;

/** Users' sources are theirs: no warnings, and what PULP's compiler takes. */
const kernelFlags: readonly string[] = "-w -g -fno-strict-aliasing -flax-vector-conversions".split(" ");

/** Compiles as firmware is compiled. Throws a `Refusal` where there is no compiler, or it refuses the sources. */
export async function buildForGap8(kernel: KernelSources): Promise<Gap8Program> {
  const { command } = await requireCrossCompiler();
  const folder = await temporaryFolder("pulsec-golden-");
  const dispose = () => rm(folder, { recursive: true, force: true });
  const [program, ...own] = commandWords(command);
  try {
    await writeFile(path.join(folder, "pulsec_golden.h"), kernel.header);
    const file = path.join(folder, "kernel.elf");
    await compile(program!, [...own, ...argumentsFor(kernel, folder), "-o", file, "-lgcc"], folder);
    const elf = new Uint8Array(await readFile(file));
    return { elf, dispose, lineOf: (address) => lineOf(program!, file, address) };
  } catch (e) {
    await dispose();
    throw e;
  }
}

function argumentsFor(kernel: KernelSources, folder: string): readonly string[] {
  const platform = platformFolder();
  const places = [...new Set(kernel.sources.map((s) => path.dirname(path.resolve(s))))];
  return [
    ...compileFlags,
    ...kernelFlags,
    `-DPULSEC_CORES=${mostCores}`,
    "-DPULSEC_GAP8",
    ...kernel.flags,
    ...[folder, platform, ...places].map((p) => `-I${p}`),
    ...["-idirafter", compatFolder(), "-isystem", path.join(platform, "gap8", "include")],
    ...linkFlags,
    `-Wl,-T,${path.join(platform, "gap8", "link.ld")}`,
    path.join(platform, "gap8", "start.S"),
    path.join(platform, "gap8", "platform.c"),
    path.join(runtimeFolder(), "gap8", "main.c"),
    kernel.adapter,
    ...kernel.sources,
  ];
}

async function compile(program: string, args: readonly string[], folder: string): Promise<void> {
  try {
    const env = { ...process.env, LC_ALL: "C" };
    await execute(program, [...args], { maxBuffer: 2 ** 26, env });
  } catch (e) {
    const { stderr, message } = e as { stderr?: string; message: string };
    throw refused(stderr || message, folder);
  }
}

/** By addr2line, which comes with the compiler. */
async function lineOf(program: string, file: string, address: number): Promise<string | undefined> {
  const command = program.replace(/gcc(?=[^/]*$)/, "addr2line");
  if (command === program) return undefined;
  try {
    const { stdout } = await execute(command, ["-e", file, `0x${address.toString(16)}`]);
    const [, source, line] = /^(.+):(\d+)/.exec(stdout.trim()) ?? [];
    return source && !source.startsWith("?") ? `${path.basename(source)}:${line}` : undefined;
  } catch {
    return undefined;
  }
}
