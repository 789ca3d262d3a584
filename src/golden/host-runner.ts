/** Runs kernels on this machine: compiled with address and undefined-behaviour sanitizers, buffers between guards. */
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chooseCompiler, commandWords, execute } from "../backends/c/compilers.js";
import { temporaryFolder } from "../backends/c/native.js";
import { error, Refusal } from "../ir/diagnostic.js";
import type { CallValue, CompiledCall } from "./calls.js";
import { faultsByCall } from "./faults.js";
import type { BuiltKernel, CallResult, KernelRunner, KernelSources, RunOptions } from "./runner.js";

/** `src/golden/runtime` of this package, wherever the compiled module lies. */
export function runtimeFolder(): string {
  let dir = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(dir, "package.json"))) dir = path.dirname(dir);
  return path.join(dir, "src", "golden", "runtime");
}

/** The folder of `pulsec_pulp_compat.h` and the headers that stand in for an SDK's. */
export const compatFolder = (): string => path.join(runtimeFolder(), "include");

/** Unaligned access and left shifts of negative numbers are defined on the target and by GNU C. */
const sanitizers = "-fsanitize=address,undefined -fno-sanitize=alignment,shift-base".split(" ");
const baseFlags =
  "-std=gnu11 -O1 -g -w -fno-strict-aliasing -fno-omit-frame-pointer -flax-vector-conversions".split(" ");
/** After so many calls that did not come back, the rest is not tried. */
const mostDeaths = 8;
/** In milliseconds: of the compiler, and of the kernel from one call to the next. */
const compilerPatience = 120_000;
const kernelPatience = 10_000;

export interface HostRunner extends KernelRunner {
  /** What a reader should know of the last build: sanitizers that the compiler lacks. */
  remark(): string | undefined;
}

/** A runner for the machine's own C compiler. Throws a `Refusal` where there is none. */
export async function hostRunner(): Promise<HostRunner> {
  const compiler = await chooseCompiler("cc");
  let remark: string | undefined;
  return {
    name: "host",
    remark: () => remark,
    async build(kernel) {
      const folder = await temporaryFolder("pulsec-golden-");
      const dispose = () => rm(folder, { recursive: true, force: true });
      try {
        remark = (await compile(compiler.command, kernel, folder)) ? undefined : withoutSanitizers;
      } catch (e) {
        await dispose();
        throw e;
      }
      return built(folder, kernel, dispose);
    },
  };
}

const withoutSanitizers =
  "this compiler has no sanitizers: reads outside buffers are not seen, writes only up to 1024 bytes away";

interface Ended {
  readonly stderr: string;
  readonly failed: boolean;
  readonly signal: string | undefined;
  readonly late: boolean;
}

/** Runs a program, and ends it when it has said nothing on stderr for `patience` milliseconds. */
async function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  patience: number,
): Promise<Ended> {
  const running = execute(command, [...args], { maxBuffer: 2 ** 26, env: { ...process.env, ...env } });
  let late = false;
  const timer = setTimeout(() => {
    late = running.child.kill("SIGKILL");
  }, patience);
  running.child.stderr?.on("data", () => timer.refresh());
  try {
    return { stderr: (await running).stderr, failed: false, signal: undefined, late };
  } catch (e) {
    const { stderr = "", signal, message } = e as { stderr?: string; signal?: string; message: string };
    return { stderr: stderr || message, failed: true, signal: signal ?? undefined, late };
  } finally {
    clearTimeout(timer);
  }
}

/** False where the sanitizers had to be left out. */
async function compile(command: string, kernel: KernelSources, folder: string): Promise<boolean> {
  await writeFile(path.join(folder, "pulsec_golden.h"), kernel.header);
  const runtime = runtimeFolder();
  const [program, ...options] = commandWords(command);
  const places = [...new Set(kernel.sources.map((s) => path.dirname(path.resolve(s))))];
  const rest = [
    ...kernel.flags,
    `-I${folder}`,
    ...places.map((p) => `-I${p}`),
    "-idirafter",
    path.join(runtime, "include"),
    "-o",
    path.join(folder, "kernel"),
    path.join(runtime, "main.c"),
    kernel.adapter,
    ...kernel.sources,
    "-pthread",
    "-lm",
  ];
  const attempt = (flags: readonly string[]) =>
    run(program!, [...options, ...baseFlags, ...flags, ...rest], { LC_ALL: "C" }, compilerPatience);
  const first = await attempt(sanitizers);
  if (!first.failed) return true;
  if (!(await attempt([])).failed) return false;
  throw refused(first.stderr, folder);
}

/** What a compiler said, without the folders that nobody knows. */
export function refused(complaint: string, folder: string): Refusal {
  const lines = complaint
    .replaceAll(`${folder}${path.sep}`, "")
    .replaceAll(`${process.cwd()}${path.sep}`, "")
    .replace(/\S*\/cc\w+\.o: /g, "")
    .trim()
    .split("\n");
  const shown = lines.length > 30 ? [...lines.slice(0, 30), `... ${lines.length - 30} more lines`] : lines;
  return new Refusal(
    error("golden/compiler", "the kernel, or its adapter, does not compile", {
      found: shown.join("\n"),
      help: "name further C files under sources and options under flags of the binding; the adapter is yours to edit",
    }),
  );
}

const environment = {
  ASAN_OPTIONS: "detect_leaks=0:halt_on_error=1:detect_stack_use_after_return=0:abort_on_error=0",
  UBSAN_OPTIONS: "print_stacktrace=0:halt_on_error=0",
};

/** Older sanitizers do not find room for their shadow memory at every start, where addresses are chosen at random. */
async function started(program: string, args: readonly string[]): Promise<Ended> {
  const start = () => run(program, args, environment, kernelPatience);
  let ended = await start();
  for (let again = 0; again < 4 && ended.failed && !ended.stderr.includes("@@ "); again++)
    ended = await start();
  return ended;
}

function built(folder: string, kernel: KernelSources, dispose: () => Promise<void>): BuiltKernel {
  let runs = 0;
  const batch = async (calls: readonly CompiledCall[]): Promise<CallResult[]> => {
    const stem = path.join(folder, `run${runs++}`);
    await writeFile(`${stem}.calls`, callsBytes(calls));
    const results: CallResult[] = [];
    for (let deaths = 0; results.length < calls.length && deaths < mostDeaths; deaths++) {
      results.push(...(await from(results.length, calls, stem)));
      // Who waited once need not wait eight times.
      if (results.at(-1)?.faults.some((f) => f.kind === "timeout")) break;
    }
    await Promise.all([rm(`${stem}.calls`), rm(`${stem}.results`, { force: true })]);
    while (results.length < calls.length) results.push({ faults: [] });
    return results;
  };
  /** The results of calls `first` and on, up to the end or to the call that did not come back. */
  const from = async (first: number, calls: readonly CompiledCall[], stem: string): Promise<CallResult[]> => {
    const args = [`${stem}.calls`, `${stem}.results`, String(first), String(calls.length)];
    const ended = await started(path.join(folder, "kernel"), args);
    const bytes = new Uint8Array(await readFile(`${stem}.results`).catch(() => new Uint8Array()));
    return split(first, calls, bytes, ended, kernel);
  };
  return {
    dispose,
    async run(calls, { apart = false }: RunOptions = {}) {
      if (!apart) return batch(calls);
      const results: CallResult[] = [];
      for (const call of calls) results.push(...(await batch([call])));
      return results;
    },
  };
}

function split(
  first: number,
  calls: readonly CompiledCall[],
  bytes: Uint8Array,
  ended: Ended,
  kernel: KernelSources,
): CallResult[] {
  const faults = faultsByCall(ended.stderr, kernel.argumentNames);
  const completed = /^@@ end$/m.test(ended.stderr);
  const results: CallResult[] = [];
  let at = 0;
  for (let i = first; i < calls.length; i++) {
    const size = outputBytes(calls[i]!);
    const own = faults.get(i) ?? [];
    if (!completed && !faults.has(i + 1)) {
      results.push({ faults: own.some((f) => f.kind === "access") ? own : [...own, death(ended)] });
      return results;
    }
    results.push({ bytes: [bytes.slice(at, at + size), bytes.slice(at + size, at + 2 * size)], faults: own });
    at += 2 * size;
  }
  return results;
}

function death({ late, signal, stderr }: Ended): CallResult["faults"][number] {
  if (late)
    return { kind: "timeout", text: `the kernel did not come back within ${kernelPatience / 1000} seconds` };
  const broken = /^@@ broken: (.*)$/m.exec(stderr)?.[1];
  const how = signal ? `it was ended by ${signal}` : (broken ?? "it ended the program");
  return { kind: "crash", text: `the kernel did not come back: ${how}` };
}

const outputBytes = ({ values }: CompiledCall): number =>
  values.reduce((sum, v) => sum + (v.kind === "output" ? v.size : 0), 0);

const kinds = { number: 0, input: 1, output: 2, scratch: 3, mutable: 4 } as const;

/** The file that main.c reads. */
function callsBytes(calls: readonly CompiledCall[]): Uint8Array {
  return Buffer.concat(
    calls.flatMap(({ cores, values }) => [words(cores, values.length), ...values.flatMap(valueBytes)]),
  );
}

function valueBytes(v: CallValue): Buffer[] {
  if (v.kind === "number") return [words(kinds.number, 0), wide(v.value)];
  const size = "bytes" in v ? v.bytes.length : v.size;
  const head = [words(kinds[v.kind], v.slack), wide(BigInt(size))];
  return "bytes" in v ? [...head, padded(v.bytes)] : head;
}

function words(a: number, b: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeUInt32LE(a, 0);
  out.writeUInt32LE(b, 4);
  return out;
}

function wide(v: bigint): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigInt64LE(v);
  return out;
}

const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 7)]);
