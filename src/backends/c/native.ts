/** Builds a project with a host compiler and runs the program once per inference. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Session } from "../../ir/contracts.js";
import { error, Refusal } from "../../ir/diagnostic.js";
import { requireInputs } from "../../ir/inputs.js";
import { bytesOf, type Tensor } from "../../ir/tensor.js";
import { type Compiler, commandWords, compilerFailed, execute } from "./compilers.js";
import type { Buffer as Place, Schedule } from "./host-schedule.js";
import { kernelSources, ownFiles } from "./kernel-files.js";
import { resultsOf, tensorFrom, valuesByName } from "./layout.js";
import type { Files } from "./project.js";

export interface NativeOptions {
  readonly compiler: Compiler;
  readonly flags: readonly string[];
  /** Folder to build in and to keep; without it a temporary one, removed on dispose. */
  readonly workDir: string | undefined;
  readonly all: boolean;
}

export async function writeProject(files: Files, folder: string): Promise<void> {
  for (const [name, content] of files) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

export async function temporaryFolder(prefix = "pulsec-c-"): Promise<string> {
  try {
    return await mkdtemp(path.join(tmpdir(), prefix));
  } catch (e) {
    const help = "set TMPDIR to a folder that can be written";
    throw new Refusal(
      error("c/no-temporary-folder", `no folder can be made in ${tmpdir()}`, {
        found: (e as Error).message.replace(/, mkdtemp .*/, ""),
        help,
      }),
    );
  }
}

/** A session over the files of a project with prefix `network`. */
export async function nativeSession(
  files: Files,
  schedule: Schedule,
  options: NativeOptions,
): Promise<Session> {
  const folder = options.workDir ?? (await temporaryFolder());
  const dispose = async () => {
    if (options.workDir === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    await writeProject(files, folder);
    await build(folder, files, options);
  } catch (e) {
    await dispose();
    throw e;
  }
  let runs = 0;
  return {
    dispose,
    async run(inputs) {
      requireInputs(schedule.graph, inputs);
      const stem = path.join(folder, `run${runs++}`);
      const bytes = await infer(folder, stem, inputs);
      const [results, returned] = split(bytes, [resultsOf(schedule), schedule.outputs]) as [
        Tensor[],
        Tensor[],
      ];
      return valuesByName(schedule, inputs, results, returned, options.all);
    },
  };
}

const sources = ["network.c", "network_weights.c", "test/main.c", "test/vectors.c"];
const program = process.platform === "win32" ? "network.exe" : "network";

async function build(folder: string, files: Files, { compiler, flags }: NativeOptions): Promise<void> {
  const [command, ...options] = commandWords(compiler.command);
  const all = [...sources, ...kernelSources(files.keys())];
  const args = [...options, "-std=c11", ...flags, "-DNETWORK_TRACE", "-o", program, ...all];
  try {
    await execute(command!, args, { cwd: folder, maxBuffer: 2 ** 26 });
  } catch (e) {
    const { stderr, message } = e as { stderr?: string; message: string };
    throw compilerFailed([command!, ...args], stderr || message, ownFiles(files));
  }
}

async function infer(folder: string, stem: string, inputs: readonly Tensor[]): Promise<Uint8Array> {
  const [from, to] = [`${stem}.in`, `${stem}.out`];
  await writeFile(from, joined(inputs));
  try {
    await execute(path.join(folder, program), ["run", from, to], { maxBuffer: 2 ** 26 });
    return await readFile(to);
  } catch (e) {
    const help = "does $CC build for this machine? pulsec doctor says which compiler is used";
    throw new Refusal(
      error("c/run", "the compiled network did not run to its end", { found: ending(e), help }),
    );
  } finally {
    await Promise.all([rm(from, { force: true }), rm(to, { force: true })]);
  }
}

/** How a program ended, without the name of the temporary folder that it lay in. */
function ending(e: unknown): string {
  const { stderr, signal, code } = e as { stderr?: string; signal?: string; code?: string | number };
  if (stderr?.trim()) return stderr.trim();
  if (signal) return `it was ended by ${signal}`;
  return typeof code === "number" ? `it exited with ${code}` : `it could not be started: ${code}`;
}

const joined = (tensors: readonly Tensor[]): Uint8Array => Buffer.concat(tensors.map((t) => bytesOf(t.data)));

/** Tensors of several lists of buffers from the bytes they fill one after the other. */
function split(bytes: Uint8Array, lists: readonly (readonly Place[])[]): Tensor[][] {
  let at = 0;
  return lists.map((list) =>
    list.map((b) => {
      at += b.bytes;
      return tensorFrom(b, bytes.subarray(at - b.bytes, at));
    }),
  );
}
